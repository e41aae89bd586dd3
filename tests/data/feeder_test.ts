import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/core/errors.ts";
import { BatchFeeder } from "../../src/data/feeder.ts";
import { permutation } from "../../src/data/permutation.ts";
import { noiseDataset, oneLine } from "./support.ts";

Deno.test("a keyed permutation visits every index once, whatever the count, seed and epoch", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), fc.nat(10_000), (count, seed, epoch) => {
      const order = permutation(count, seed, epoch);
      const seen = new Set(Array.from({ length: count }, (_, index) => order(index)));
      assert.equal(seen.size, count);
      assert.ok(Math.max(...seen) === count - 1 && Math.min(...seen) === 0);
    }),
    { seed: 11, numRuns: 200 },
  );
});

Deno.test("all 24 orders of four images are about equally likely", () => {
  const counts = new Map<string, number>();
  const trials = 4800;
  for (let epoch = 0; epoch < trials; epoch++) {
    const name = [0, 1, 2, 3].map(permutation(4, 3, epoch)).join("");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  const expected = trials / 24;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 49.7, `chi-square ${chiSquare} with 23 degrees of freedom; 49.7 is its 0.1 % quantile`);
});

Deno.test("where an image comes, and which one follows another, does not depend on it", () => {
  const count = 60;
  const epochs = 2000;
  const positions = new Float64Array(count * count);
  let neighbours = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = Array.from({ length: count }, (_, index) => index).map(permutation(count, 9, epoch));
    order.forEach((image, index) => positions[image * count + index]++);
    for (let i = 1; i < count; i++) if (order[i] === order[i - 1] + 1) neighbours++;
  }
  const expected = epochs / count;
  const chiSquare = positions.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
  const freedom = (count - 1) ** 2;
  assert.ok(Math.abs(chiSquare - freedom) < 5 * Math.sqrt(2 * freedom), `chi-square ${chiSquare}, expected ${freedom}`);
  const expectedNeighbours = epochs * (count - 1) / count; // each of the count − 1 pairs, with probability 1/count
  assert.ok(Math.abs(neighbours - expectedNeighbours) < 5 * Math.sqrt(expectedNeighbours), `${neighbours} neighbours`);
});

Deno.test("an epoch holds each image once, also where batches span two epochs", () => {
  const dataset = noiseDataset(50, 4, 1);
  const feeder = new BatchFeeder(dataset, { batch: 16, seed: 1, flip: false });
  const sequence = Array.from({ length: 25 }, (_, draw) => [...feeder.indices(draw)]).flat(); // 400 = 8 epochs
  for (let epoch = 0; epoch < 8; epoch++) {
    const images = sequence.slice(50 * epoch, 50 * epoch + 50);
    assert.equal(new Set(images).size, 50);
  }
  assert.notDeepEqual(sequence.slice(0, 50), sequence.slice(50, 100));
  const large = new BatchFeeder(dataset, { batch: 120, seed: 1, flip: false });
  assert.deepEqual([...large.indices(1)], sequence.slice(120, 240));
});

Deno.test("a batch is a function of seed and number alone: any order of asking gives the same", () => {
  const dataset = noiseDataset(33, 6, 3);
  const options = { batch: 7, seed: 5, flip: true };
  const inOrder = new BatchFeeder(dataset, options);
  const batches = Array.from({ length: 30 }, (_, draw) => {
    const target = new Float32Array(7 * 108);
    inOrder.fill(draw, target);
    return target;
  });
  for (const draw of [29, 3, 17, 0, 29, 4]) {
    const target = new Float32Array(7 * 108).fill(NaN);
    new BatchFeeder(dataset, options).fill(draw, target);
    assert.deepEqual(target, batches[draw]);
    inOrder.fill(draw, target.fill(NaN));
    assert.deepEqual(target, batches[draw]);
  }
  const other = new BatchFeeder(dataset, { ...options, seed: 6 });
  assert.notDeepEqual(other.indices(0), inOrder.indices(0));
});

Deno.test("bytes become byte/127.5 − 1, and half of the images are mirrored left to right", () => {
  const dataset = noiseDataset(40, 5, 3);
  const feeder = new BatchFeeder(dataset, { batch: 40, seed: 2, flip: true });
  const target = new Float32Array(40 * 75);
  let mirrored = 0;
  for (let draw = 0; draw < 25; draw++) {
    feeder.fill(draw, target);
    feeder.indices(draw).forEach((image, element) => {
      const value = (y: number, x: number, c: number) =>
        Math.fround(dataset.pixels[image * 75 + (y * 5 + x) * 3 + c] / 127.5 - 1);
      const found = target[element * 75];
      const isMirrored = found !== value(0, 0, 0);
      if (isMirrored) mirrored++;
      for (let y = 0; y < 5; y++) {
        for (let x = 0; x < 5; x++) {
          for (let c = 0; c < 3; c++) {
            assert.equal(target[element * 75 + (y * 5 + x) * 3 + c], value(y, isMirrored ? 4 - x : x, c));
          }
        }
      }
    });
  }
  assert.ok(Math.abs(mirrored - 500) < 80, `${mirrored} of 1000`); // five deviations of √(1000/4)
  const upright = new BatchFeeder(dataset, { batch: 40, seed: 2, flip: false });
  upright.fill(0, target);
  upright.indices(0).forEach((image, element) =>
    assert.equal(target[element * 75 + 3], Math.fround(dataset.pixels[image * 75 + 3] / 127.5 - 1))
  );
});

Deno.test("the ends of the range are exact: byte 0 is −1 and byte 255 is 1", () => {
  const dataset = { ...noiseDataset(16, 2, 1), pixels: Uint8Array.from({ length: 64 }, (_, i) => (i % 2) * 255) };
  const target = new Float32Array(4);
  new BatchFeeder(dataset, { batch: 1, seed: 0, flip: false }).fill(0, target);
  assert.deepEqual([...target], [-1, 1, -1, 1]);
});

Deno.test("the labels of a batch are those of its images", () => {
  const dataset = noiseDataset(20, 2, 1);
  const feeder = new BatchFeeder(dataset, { batch: 8, seed: 0, flip: true });
  const [thirds] = dataset.labels;
  const halves = { name: "half", classes: ["0", "1"], indices: thirds.indices.map((_, image) => image % 2) };
  const target = new Float32Array(16);
  feeder.fillLabels(4, [thirds, halves], target);
  assert.deepEqual([...target], [...feeder.indices(4)].flatMap((image) => [image % 3, image % 2]));
});

Deno.test("an absurd batch is a usage error", () => {
  for (const batch of [0, -1, 2.5, NaN]) {
    const make = () => new BatchFeeder(noiseDataset(16, 2, 1), { batch, seed: 0, flip: false });
    assert.throws(make, oneLine(UsageError, /expected an integer of at least 1/));
  }
});
