import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { InternalError } from "../../src/core/errors.ts";
import { compileResvg, loadFaces } from "../../src/data/faces.ts";
import { FACE_ATTRIBUTES, faceAt } from "../../src/data/faces_parts.ts";
import { svgsIndex } from "facesjs";
import { oneLine, withFolder } from "./support.ts";

Deno.test("face i is a function of the seed and i: not of the count, the threads, or the cache", async () => {
  await withFolder(async (cacheDir) => {
    const progress: number[] = [];
    const onProgress = (done: number) => void progress.push(done);
    const many = await loadFaces({ size: 32, cacheDir, count: 130, threads: 3, onProgress });
    assert.deepEqual([many.count, many.size, many.channels, many.pixels.length], [130, 32, 3, 130 * 3072]);
    assert.deepEqual([progress[0], progress.at(-1)], [0, 130]);
    const few = await loadFaces({ size: 32, cacheDir, count: 70, threads: 1 });
    assert.deepEqual(few.pixels, many.pixels.subarray(0, 70 * 3072));
    for (const [attribute, { indices }] of few.labels.entries()) {
      assert.deepEqual(indices, many.labels[attribute].indices.subarray(0, 70));
    }
    const never = () => assert.fail("drawn again");
    assert.deepEqual(await loadFaces({ size: 32, cacheDir, count: 130, onProgress: never }), many);
    const other = await loadFaces({ size: 32, cacheDir, count: 16, seed: 1 });
    assert.notDeepEqual(other.pixels, many.pixels.subarray(0, 16 * 3072));
  });
});

Deno.test("the faces are those of their version; if they change on purpose, raise FACES_VERSION", async () => {
  await withFolder(async (cacheDir) => {
    const { pixels } = await loadFaces({ size: 32, cacheDir, count: 16 });
    const digest = createHash("sha256").update(pixels).digest("hex");
    assert.equal(digest, "c93a7914cd593c321b3e0d5f9013df87413e0ee47942e288c9450b74400e4bba");
  });
});

Deno.test("a damaged pack is drawn again with a notice, and a cache that can't be written costs a notice", async () => {
  await withFolder(async (cacheDir) => {
    const notices: string[] = [];
    const options = { size: 16, count: 16, onNotice: (text: string) => void notices.push(text) };
    const faces = await loadFaces({ ...options, cacheDir });
    assert.deepEqual(notices, []);
    const [pack] = Array.from(Deno.readDirSync(cacheDir), ({ name }) => join(cacheDir, name));
    const bytes = await Deno.readFile(pack);
    bytes[bytes.length - 100] ^= 1;
    await Deno.writeFile(pack, bytes);
    assert.deepEqual(await loadFaces({ ...options, cacheDir }), faces);
    assert.match(notices.join(), /damaged; making it again/);
    notices.length = 0;
    assert.deepEqual(await loadFaces({ ...options, cacheDir: join(pack, "below a file") }), faces);
    assert.match(notices.join(), /not kept for the next time/);
  });
});

Deno.test("the pixels show what the labels say", async () => {
  await withFolder(async (cacheDir) => {
    const size = 32;
    const { pixels, labels, count } = await loadFaces({ size, cacheDir, count: 256 });
    const attribute = (name: string) => labels.find((label) => label.name === name) ?? assert.fail(name);
    const classOf = (name: string, face: number) => attribute(name).classes[attribute(name).indices[face]];
    /** Mean colour of a box of the picture. */
    const mean = (face: number, left: number, top: number, width: number, height: number) => {
      const sum = [0, 0, 0];
      for (let y = top; y < top + height; y++) {
        for (let x = left; x < left + width; x++) {
          for (let c = 0; c < 3; c++) sum[c] += pixels[((face * size + y) * size + x) * 3 + c] / (width * height);
        }
      }
      return sum;
    };
    for (let face = 0; face < count; face++) {
      // The crown of the head has the colour of the hair, whatever the style.
      const [red, green, blue] = mean(face, 14, 3, 4, 3);
      const hair = classOf("hair", face);
      if (hair === "blue") assert.ok(blue > red + 30 && blue > green + 20, `${face}: ${[red, green, blue]}`);
      if (hair === "green") assert.ok(green > red + 30 && green > blue + 20, `${face}: ${[red, green, blue]}`);
      if (hair === "red") assert.ok(red > green + 60 && red > blue + 60, `${face}: ${[red, green, blue]}`);
      if (hair === "pink") assert.ok(red > green + 50 && blue > green + 20, `${face}: ${[red, green, blue]}`);
      if (hair === "blond") assert.ok(red > blue + 60 && green > blue + 40, `${face}: ${[red, green, blue]}`);
      if (hair === "black") assert.ok(red + green + blue < 3 * 90, `${face}: ${[red, green, blue]}`);
    }
    /** Mean brightness of a box over all faces of a class. */
    const brightness = (name: string, wanted: string, left: number, top: number, width: number, height: number) => {
      const faces = Array.from({ length: count }, (_, face) => face).filter((face) => classOf(name, face) === wanted);
      assert.ok(faces.length >= 8, `only ${faces.length} faces with ${name} ${wanted}`);
      return faces.reduce((sum, face) => sum + mean(face, left, top, width, height)[1], 0) / faces.length;
    };
    const skins = attribute("skin").classes.map((tone) => brightness("skin", tone, 14, 18, 4, 6));
    for (let tone = 1; tone < skins.length; tone++) assert.ok(skins[tone] < skins[tone - 1] - 20, skins.join(" "));
    assert.ok(brightness("glasses", "dark", 8, 15, 16, 4) < brightness("glasses", "none", 8, 15, 16, 4) - 30);
  });
});

Deno.test("every part that is chosen exists, and every class is chosen", () => {
  const seen = FACE_ATTRIBUTES.map(() => new Set<number>());
  for (let i = 0; i < 3000; i++) {
    const { config, classes } = faceAt(5, i);
    for (
      const part of [
        "hair",
        "hairBg",
        "head",
        "eye",
        "eyebrow",
        "mouth",
        "nose",
        "ear",
        "glasses",
        "facialHair",
      ] as const
    ) {
      const parts: readonly string[] = svgsIndex[part];
      assert.ok(parts.includes(config[part].id), `${part} ${config[part].id}`);
    }
    classes.forEach((index, attribute) => seen[attribute].add(index));
  }
  assert.deepEqual(seen.map((set) => set.size), FACE_ATTRIBUTES.map(({ classes }) => classes.length));
});

Deno.test("no other WebAssembly module than resvg's is compiled", async () => {
  const { resvgGzip } = await import("../../src/data/workers.gen.ts");
  assert.ok(await compileResvg(resvgGzip) instanceof WebAssembly.Module);
  const empty = "H4sIAAAAAAAAAwMAAAAAAAAAAAA="; // gzip of nothing
  await assert.rejects(compileResvg(empty), oneLine(InternalError, /SHA-256 e3b0c442/));
});
