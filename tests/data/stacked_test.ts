import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadDataset } from "../../src/data/dataset.ts";
import { stack, STACKS } from "../../src/data/stacked.ts";
import type { Dataset } from "../../src/data/types.ts";
import { noise } from "./support.ts";

const mnist = fileURLToPath(new URL("../../../shared/data/mnist", import.meta.url));
const ignore = !existsSync(mnist);
if (ignore) console.warn("the tests with real MNIST are left out: the folder ../shared/data/mnist is missing");

const classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** 200 different grey images of noise; the class of each is its number modulo 10. */
function digits(size: number): Dataset {
  return {
    ...{ name: "digits", count: 200, size, channels: 1, pixels: noise(200 * size * size) },
    labels: [{ name: "digit", classes, indices: Uint16Array.from({ length: 200 }, (_, i) => i % 10) }],
  };
}

/** One channel of one image, as a key. */
function channelOf({ size, channels, pixels }: Dataset, image: number, channel: number): string {
  const area = size * size;
  return Uint8Array.from({ length: area }, (_, i) => pixels[(image * area + i) * channels + channel]).toHex();
}

/** The class of each image of a grey set, by its pixels. Of equal images, the classes are all kept. */
function classesByPixels(set: Dataset): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (let image = 0; image < set.count; image++) {
    const key = channelOf(set, image, 0);
    found.set(key, (found.get(key) ?? new Set()).add(set.labels[0].indices[image]));
  }
  return found;
}

function assertStacked(set: Dataset, source: Dataset, images: Iterable<number>): void {
  const known = classesByPixels(source);
  assert.deepEqual(set.labels.map(({ name }) => name), ["red", "green", "blue"]);
  for (const image of images) {
    set.labels.forEach(({ name, indices }, channel) => {
      const found = known.get(channelOf(set, image, channel));
      assert.ok(found?.has(indices[image]), `image ${image}, ${name}: labelled ${indices[image]}, is ${found}`);
    });
  }
}

Deno.test("each channel of a stack is a digit of the set, and labelled as that digit is", () => {
  const source = digits(9);
  const set = stack(source, 500, "train");
  assert.deepEqual([set.name, set.count, set.size, set.channels], ["stacked-mnist", 500, 9, 3]);
  assertStacked(set, source, Array(500).keys());
});

Deno.test("stacks are the same each time, differ between splits, and more of them begin with the same ones", () => {
  const source = digits(8);
  const set = stack(source, 300, "train");
  assert.deepEqual(stack(source, 300, "train"), set);
  assert.deepEqual(stack(source, 100, "train").pixels, set.pixels.subarray(0, 100 * 192));
  assert.notDeepEqual(stack(source, 300, "test").pixels, set.pixels);
});

Deno.test("channels are drawn independently: every mode is as frequent as it should be", () => {
  const { labels } = stack(digits(1), 128_000, "train");
  const counts = new Float64Array(1000);
  for (let image = 0; image < 128_000; image++) {
    counts[labels[0].indices[image] * 100 + labels[1].indices[image] * 10 + labels[2].indices[image]]++;
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - 128) ** 2 / 128, 0);
  // 999 degrees of freedom: mean 999, deviation √(2·999) ≈ 45; four of these.
  assert.ok(Math.abs(chiSquare - 999) < 180, `χ² = ${chiSquare}`);
});

Deno.test({ name: "stacked MNIST has 1000 modes of real digits, zero padded, in both splits", ignore }, async () => {
  for (const [split, size] of [["train", 28], ["test", 32]] as const) {
    const options = { size, split, dataDir: mnist, cacheDir: "/nowhere" };
    const set = await loadDataset({ name: "stacked-mnist", ...options });
    assert.deepEqual([set.count, set.size, set.channels], [STACKS[split], size, 3]);
    assert.deepEqual(set.labels[2].classes, classes);
    const source = await loadDataset({ name: "mnist", ...options });
    assertStacked(set, source, [0, 1, 2, 1000, 12_345, set.count - 1]);
    const [red, green, blue] = set.labels.map(({ indices }) => indices);
    assert.equal(new Set(red.map((digit, image) => digit * 100 + green[image] * 10 + blue[image])).size, 1000);
  }
});
