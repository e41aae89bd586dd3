import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { tensorsOf } from "../../src/checkpoint/layout.ts";
import { encodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { initialValues, Store } from "../../src/graph/store.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { type Channels, Extractor } from "../../src/metrics/extractor.ts";
import { classifier, FEATURES } from "../../src/models/classifier.ts";
import { between, randomOf } from "../support/random.ts";

const SIZE = 8;
const attributes = [{ name: "hue", classes: ["red", "green", "blue"] }, { name: "tilt", classes: ["left", "right"] }];

/** A file of weights as an untrained classifier has them. */
function weights(channels: number, metadata: Record<string, string> = {}): Uint8Array {
  const store = new Store(7);
  const network = classifier({ size: SIZE, channels, attributes });
  trace(store, "weights", () => ({ y: network(input("x", [1, SIZE, SIZE, channels]), "evaluate").features }));
  return encodeSafetensors(tensorsOf(store.slots(), initialValues), {
    ...{ name: "test", size: `${SIZE}`, channels: `${channels}`, attributes: JSON.stringify(attributes) },
    ...metadata,
  });
}

async function extracting(bytes: Uint8Array, channels?: Channels) {
  const extractor = new Extractor(bytes, channels);
  const engine = await compileReference(extractor.store, extractor.programs);
  return { extractor, extract: (images: Float32Array) => extractor.extract(engine, images) };
}

const noise = (count: number, channels: number) => between(-1, 1)(randomOf("images"), count * SIZE * SIZE * channels);

Deno.test("an image's features and classes are the same in any set", async () => {
  const { extractor, extract } = await extracting(weights(1));
  const images = noise(130, 1); // two batches of 128, the second one padded
  const all = await extract(images);
  assert.deepEqual([all.count, all.features.length], [130, 130 * FEATURES]);
  assert.deepEqual(all.classes.map((classes) => classes.length), [130, 130]);
  const last = await extract(images.subarray(129 * SIZE * SIZE));
  assert.deepEqual(last.features, all.features.slice(129 * FEATURES));
  assert.deepEqual(last.classes.map(([found]) => found), all.classes.map((classes) => classes[129]));
  assert.notDeepEqual(all.features.slice(0, FEATURES), last.features);
  assert.deepEqual(extractor.attributes, attributes);
  assert.equal((await extract(new Float32Array())).count, 0);
});

Deno.test("channels apart are grey images of their own, joined again", async () => {
  const grey = await extracting(weights(1));
  const apart = await extracting(weights(1), "apart");
  assert.deepEqual([apart.extractor.name, apart.extractor.channels], ["testx3", 3]);
  const names = apart.extractor.attributes.map(({ name }) => name);
  assert.deepEqual(names, ["red hue", "red tilt", "green hue", "green tilt", "blue hue", "blue tilt"]);
  const images = noise(5, 3);
  const found = await apart.extract(images);
  for (let channel = 0; channel < 3; channel++) {
    const alone = await grey.extract(images.filter((_, i) => i % 3 === channel));
    assert.deepEqual(found.classes.slice(2 * channel, 2 * channel + 2), [...alone.classes]);
    for (let image = 0; image < 5; image++) {
      const at = (image * 3 + channel) * FEATURES;
      const expected = alone.features.slice(image * FEATURES, (image + 1) * FEATURES);
      assert.deepEqual(found.features.slice(at, at + FEATURES), expected);
    }
  }
});

Deno.test("a file that is no classifier, or another one, is refused in one line", () => {
  const refused = (bytes: Uint8Array, pattern: RegExp) =>
    assert.throws(() => new Extractor(bytes), (error: unknown) => {
      assert.ok(error instanceof DataError);
      return pattern.test(error.message) && !error.message.includes("\n");
    });
  refused(encodeSafetensors(new Map(), {}), /no classifier of duel/);
  refused(weights(1, { size: "08" }), /no classifier of duel/);
  refused(weights(1, { size: "1e1" }), /no classifier of duel/);
  refused(weights(1, { attributes: "{" }), /no classifier of duel/);
  refused(weights(1, { attributes: "[]" }), /no classifier of duel/);
  refused(weights(1, { size: "16" }), /weight has shape .* it belongs to another model/);
  refused(weights(1, { channels: "3" }), /C\.0\.weight has shape/);
  const damaged = weights(1);
  damaged[damaged.length - 1] ^= 1;
  refused(damaged, /damaged/);
});

Deno.test("images of another size and colours apart are refused", async () => {
  const { extract } = await extracting(weights(3));
  await assert.rejects(extract(new Float32Array(SIZE * SIZE)), UsageError);
  assert.throws(() => new Extractor(weights(3), "apart"), UsageError);
});
