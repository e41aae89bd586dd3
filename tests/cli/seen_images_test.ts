/** What a classifier sees in real images is kept: the numbers are those of looking anew, to the last bit. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Engine } from "../../src/backend/backend.ts";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { tensorsOf } from "../../src/checkpoint/layout.ts";
import { encodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import { seenImages } from "../../src/cli/seen_images.ts";
import { uniforms } from "../../src/core/random.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { imageValues } from "../../src/data/feeder.ts";
import { initialValues, Store } from "../../src/graph/store.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { Extractor } from "../../src/metrics/extractor.ts";
import { classifier } from "../../src/models/classifier.ts";
import { inFolder } from "./support/duel.ts";

const SIZE = 8;
const attributes = [{ name: "hue", classes: ["red", "green", "blue"] }];

/** A classifier as it is before training. */
function untrained(seed: number): Extractor {
  const store = new Store(seed);
  const network = classifier({ size: SIZE, channels: 1, attributes });
  trace(store, "weights", () => ({ y: network(input("x", [1, SIZE, SIZE, 1]), "evaluate").features }));
  const metadata = { name: "test", size: `${SIZE}`, channels: "1", attributes: JSON.stringify(attributes) };
  return new Extractor(encodeSafetensors(tensorsOf(store.slots(), initialValues), metadata));
}

/** Grey noise, each image with a label. */
function noise(count: number, seed: number): Dataset {
  const pixels = Uint8Array.from(uniforms(count * SIZE * SIZE, seed, "pixels", 0), (value) => 256 * value);
  const indices = Uint16Array.from({ length: count }, (_, i) => i % 3);
  return { name: "noise", count, size: SIZE, channels: 1, pixels, labels: [{ ...attributes[0], indices }] };
}

/** Its engine, which counts the batches that it looks at, and may round otherwise. */
async function engineOf({ store, programs }: Extractor, round = (value: number) => value) {
  const engine = await compileReference(store, programs);
  let runs = 0;
  const counted: Pick<Engine, "run"> = {
    async run(...args) {
      runs++;
      const found = await engine.run(...args);
      return { ...found, features: found.features.map(round) };
    },
  };
  const runsOf = async <T>(body: () => Promise<T>): Promise<[T, number]> => {
    const before = runs;
    return [await body(), runs - before];
  };
  return { engine: counted as Engine, runsOf };
}

Deno.test(
  "images are looked at once; a damaged file, other images, weights and roundings are looked at anew",
  inFolder(async (folder) => {
    const [extractor, data] = [untrained(7), noise(300, 1)];
    const { engine, runsOf } = await engineOf(extractor);
    const see = (set = data, most = Infinity) => runsOf(() => seenImages(extractor, engine, set, most, folder));
    const fresh = await extractor.extract(engine, imageValues(data, 0, 300));
    const expected = {
      ...fresh,
      images: imageValues(data, 0, 300),
      labels: new Map([["hue", data.labels[0].indices]]),
    };

    // A batch has 128 images; the first is to know how the engine rounds.
    assert.deepEqual(await see(), [expected, 1 + 3]);
    assert.deepEqual(await see(), [expected, 1]);

    // A choice of 200: images of all parts of the set, each with its own label, class and pixels.
    const [some, runs] = await see(data, 200);
    assert.deepEqual([some.count, runs], [200, 1 + 2]);
    const area = SIZE * SIZE;
    const chosen = Array.from({ length: 200 }, (_, i) => {
      const image = some.images.slice(i * area, (i + 1) * area);
      return Array.from({ length: 300 }, (_, j) => j).find((j) =>
        image.every((x, k) => x === expected.images[j * area + k])
      )!;
    });
    assert.equal(new Set(chosen).size, 200);
    assert.ok(chosen.filter((i) => i >= 150).length > 75);
    const { features: length } = extractor;
    const featuresOf = (image: number) => fresh.features.slice(image * length, (image + 1) * length);
    chosen.forEach((image, i) =>
      assert.deepEqual(some.features.slice(i * length, (i + 1) * length), featuresOf(image))
    );
    assert.deepEqual([...some.labels!.get("hue") as Uint16Array], chosen.map((image) => image % 3));
    assert.deepEqual([...some.classes[0]], chosen.map((image) => fresh.classes[0][image]));
    const other = { ...data, pixels: data.pixels.with(299 * SIZE * SIZE, data.pixels[299 * SIZE * SIZE] ^ 1) };
    const [moved, again] = await see(other);
    assert.equal(again, 1 + 3);
    assert.notDeepEqual(moved.features, expected.features);

    const second = untrained(8);
    const weights = await engineOf(second);
    const [bySecond, looks] = await weights.runsOf(() => seenImages(second, weights.engine, data, Infinity, folder));
    assert.equal(looks, 1 + 3);
    assert.notDeepEqual(bySecond.features, expected.features);
    const coarse = await engineOf(extractor, (value) => Math.fround(value * (1 + 2 ** -22)));
    const [rounded, anew] = await coarse.runsOf(() => seenImages(extractor, coarse.engine, data, Infinity, folder));
    assert.equal(anew, 1 + 3);
    assert.notDeepEqual(rounded.features, expected.features);

    for (const { name } of [...Deno.readDirSync(folder)]) {
      const bytes = Deno.readFileSync(join(folder, name));
      bytes[bytes.length - 5] ^= 1;
      Deno.writeFileSync(join(folder, name), bytes);
    }
    assert.deepEqual(await see(), [expected, 1 + 3]);
    assert.deepEqual(await see(), [expected, 1]);
  }),
);

Deno.test(
  "a folder that can't be written costs time, no more",
  inFolder(async (folder) => {
    const file = join(folder, "file");
    Deno.writeTextFileSync(file, "");
    const [extractor, data] = [untrained(7), noise(20, 2)];
    const { engine, runsOf } = await engineOf(extractor);
    const [seen, runs] = await runsOf(() => seenImages(extractor, engine, data, Infinity, file));
    const fresh = await extractor.extract(engine, imageValues(data, 0, 20));
    assert.deepEqual([seen.features, seen.classes, runs], [fresh.features, fresh.classes, 2]);
    assert.equal(Deno.readTextFileSync(file), "");
  }),
);
