import assert from "node:assert/strict";
import fc from "fast-check";
import { coverSquare, fitStack, resampler } from "../../src/data/resample.ts";
import { noise } from "./support.ts";

Deno.test("halving averages squares of four, doubling interpolates between centres", () => {
  const shrink = resampler({ width: 4, height: 2, channels: 1 }, 2, 1);
  assert.deepEqual([...shrink(Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 71))], [25, 45]); // (20+30+60+71)/4 = 45.25
  const grow = resampler({ width: 2, height: 1, channels: 1 }, 4, 1);
  assert.deepEqual([...grow(Uint8Array.of(0, 100))], [0, 25, 75, 100]);
});

Deno.test("areas that cut pixels count them by the part that is covered", () => {
  const shrink = resampler({ width: 3, height: 1, channels: 1 }, 2, 1);
  // 1.5 pixels each: (a + b/2) / 1.5 and (b/2 + c) / 1.5
  assert.deepEqual([...shrink(Uint8Array.of(30, 60, 240))], [40, 180]);
});

Deno.test("channels do not mix", () => {
  const picture = { width: 2, height: 2, channels: 3 };
  const shrink = resampler(picture, 1, 1);
  assert.deepEqual([...shrink(Uint8Array.of(0, 100, 255, 0, 200, 255, 4, 100, 255, 4, 200, 255))], [2, 150, 255]);
});

Deno.test("one colour stays that colour, and the range is kept, for any two sizes", () => {
  const extent = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(extent, extent, extent, extent, fc.nat(255), (width, height, toWidth, toHeight, value) => {
      const resize = resampler({ width, height, channels: 1 }, toWidth, toHeight);
      const flat = resize(new Uint8Array(width * height).fill(value));
      assert.ok(flat.length === toWidth * toHeight && flat.every((byte) => byte === value));
      const data = noise(width * height, value + 1);
      const [low, high] = [Math.min(...data), Math.max(...data)];
      assert.ok(resize(data).every((byte) => byte >= low && byte <= high));
    }),
    { seed: 7, numRuns: 300 },
  );
});

Deno.test("the middle of the longer side is kept", () => {
  // Six columns of two rows: column c has the value 10·c; the middle two are 20 and 30.
  const data = Uint8Array.from({ length: 12 }, (_, i) => 10 * (i % 6));
  const wide = coverSquare({ width: 6, height: 2, channels: 1, data }, 2);
  assert.deepEqual([...wide.data], [20, 30, 20, 30]);
  const column = Uint8Array.from({ length: 12 }, (_, i) => 10 * (i >> 1));
  assert.deepEqual([...coverSquare({ width: 2, height: 6, channels: 1, data: column }, 2).data], [20, 20, 30, 30]);
});

Deno.test("a picture of one row or one pixel covers a square", () => {
  const line = coverSquare({ width: 300, height: 1, channels: 1, data: new Uint8Array(300).fill(9) }, 8);
  assert.deepEqual([...line.data], new Array(64).fill(9));
  const point = coverSquare({ width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) }, 8);
  assert.deepEqual([...point.data.subarray(189)], [1, 2, 3]);
});

Deno.test("a stack is padded with zeros where that reaches the size, and resampled beyond", () => {
  const stack = Uint8Array.from({ length: 2 * 28 * 28 }, (_, i) => (i < 784 ? 255 : 100));
  const from = { width: 28, height: 28, channels: 1 };
  assert.deepEqual(fitStack(stack, 2, from, 28), stack);
  const padded = fitStack(stack, 2, from, 30);
  assert.equal(padded.reduce((sum, byte) => sum + byte, 0), 784 * 355);
  assert.equal(padded[0], 0);
  assert.equal(padded[31], 255);
  const half = fitStack(stack, 2, from, 16); // 28 → 32 → 16: the border of two becomes a border of one
  assert.deepEqual([half[16 + 1], half[0], half[256 + 8 * 16 + 8]], [255, 0, 100]);
  const double = fitStack(stack, 2, from, 64);
  assert.deepEqual([double[32 * 64 + 32], double[4096 + 32 * 64 + 32], double[64 + 1]], [255, 100, 0]);
});

Deno.test("pictures that are not square are padded in the middle", () => {
  const from = { width: 4, height: 2, channels: 1 };
  const square = fitStack(new Uint8Array(8).fill(5), 1, from, 4);
  assert.deepEqual([...square], [0, 0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0]);
});
