import assert from "node:assert/strict";
import { decodePack, encodePack } from "../../src/data/pack.ts";
import { noiseDataset } from "./support.ts";

Deno.test("a pack gives back its data set, and only for its key", () => {
  const dataset = noiseDataset(5, 6, 3);
  const pack = encodePack(dataset, "key");
  assert.deepEqual(decodePack(pack, "key"), dataset);
  assert.equal(decodePack(pack, "another key"), "other");
  const unlabelled = { ...dataset, labels: [] };
  assert.deepEqual(decodePack(encodePack(unlabelled, "key"), "key"), unlabelled);
});

Deno.test("a pack inside of a larger buffer is read from its own start", () => {
  const dataset = noiseDataset(3, 4, 1);
  const pack = encodePack(dataset, "key");
  const buffer = new Uint8Array(pack.length + 3);
  buffer.set(pack, 3);
  assert.deepEqual(decodePack(buffer.subarray(3), "key"), dataset);
});

Deno.test("every flipped bit and every missing or added byte of a pack is noticed", () => {
  const dataset = noiseDataset(2, 3, 1);
  const pack = encodePack(dataset, "key");
  for (let position = 0; position < pack.length; position++) {
    const damaged = pack.slice();
    damaged[position] ^= 1 << (position % 8);
    const result = decodePack(damaged, "key");
    // Names in the header are not under the digest: a flipped letter there gives the same pixels and classes.
    if (typeof result !== "string") {
      assert.deepEqual(result.pixels, dataset.pixels);
      assert.deepEqual(result.labels[0].indices, dataset.labels[0].indices);
    }
    assert.notEqual(typeof decodePack(pack.subarray(0, position), "key"), "object");
  }
  assert.equal(decodePack(Uint8Array.of(...pack, 0), "key"), "damaged");
});
