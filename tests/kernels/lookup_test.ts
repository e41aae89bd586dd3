import assert from "node:assert/strict";
import { errorCodes } from "../../src/plan/control.ts";
import { assertNear, assertSameBits, builds, instructionOf, randomFloats, runKernel } from "./harness.ts";

const NO_ERROR = 0xffff_ffff_ffff_ffffn;
const badIndexAt = (position: number) => (BigInt(errorCodes.badIndex) << 32n) | BigInt(position);
const widths = [1, 3, 4, 5, 64, 131];
const rows = 9;
const indices = Float32Array.from([3, 0, 8, 3, 5, 1, 8, 0, 3, 7, 2]);
const count = indices.length;

for (const build of builds) {
  Deno.test(`gather copies rows, scatterAdd adds them back, oneHot marks them (${build})`, () => {
    for (const width of widths) {
      const table = randomFloats(rows * width, 21);
      const gathered = runKernel(
        build,
        [table, indices],
        [count * width],
        ({ inputs, outputs }) =>
          instructionOf("gather", { table: inputs[0], rows, width, indices: inputs[1], count, out: outputs[0] }),
      );
      const expected = new Float32Array(count * width).map((_, i) =>
        table[indices[Math.floor(i / width)] * width + i % width]
      );
      assertSameBits(gathered.outputs[0], expected, "gather");
      assert.equal(gathered.error, NO_ERROR);

      const updates = randomFloats(count * width, 22);
      const scattered = runKernel(
        build,
        [indices, updates],
        [rows * width],
        ({ inputs, outputs }) =>
          instructionOf("scatterAdd", { indices: inputs[0], count, updates: inputs[1], width, out: outputs[0], rows }),
      );
      const sums = new Float32Array(rows * width);
      updates.forEach((x, i) => sums[indices[Math.floor(i / width)] * width + i % width] += x);
      assertNear(scattered.outputs[0], sums, "scatterAdd");

      const hot = runKernel(
        build,
        [indices],
        [count * rows],
        ({ inputs, outputs }) => instructionOf("oneHot", { indices: inputs[0], count, depth: rows, out: outputs[0] }),
      );
      const marks = Float32Array.from(
        { length: count * rows },
        (_, i) => indices[Math.floor(i / rows)] === i % rows ? 1 : 0,
      );
      assertSameBits(hot.outputs[0], marks, "oneHot");
    }
  });

  for (const bad of [-1, 9, 1.5, NaN, Infinity, -Infinity, 4294967296, 2147483648, -0.5, 1e30]) {
    Deno.test(`an index of ${bad} is reported with its first position and yields zeros (${build})`, () => {
      const wrong = indices.slice();
      wrong[6] = bad;
      wrong[9] = bad;
      const width = 6;
      const table = randomFloats(rows * width, 23);
      const gathered = runKernel(
        build,
        [table, wrong],
        [count * width],
        ({ inputs, outputs }) =>
          instructionOf("gather", { table: inputs[0], rows, width, indices: inputs[1], count, out: outputs[0] }),
      );
      assert.equal(gathered.error, badIndexAt(6));
      assert.deepEqual([...gathered.outputs[0].subarray(6 * width, 7 * width)], new Array(width).fill(0));
      assertSameBits(gathered.outputs[0].slice(0, width), table.slice(3 * width, 4 * width), "row 0");

      const updates = new Float32Array(count * width).fill(1);
      const scattered = runKernel(
        build,
        [wrong, updates],
        [rows * width],
        ({ inputs, outputs }) =>
          instructionOf("scatterAdd", { indices: inputs[0], count, updates: inputs[1], width, out: outputs[0], rows }),
      );
      assert.equal(scattered.error, badIndexAt(6));
      assert.equal(scattered.outputs[0].reduce((sum, x) => sum + x), (count - 2) * width);

      const hot = runKernel(
        build,
        [wrong],
        [count * rows],
        ({ inputs, outputs }) => instructionOf("oneHot", { indices: inputs[0], count, depth: rows, out: outputs[0] }),
      );
      assert.equal(hot.error, badIndexAt(6));
      assert.equal(hot.outputs[0].reduce((sum, x) => sum + x), count - 2);
    });
  }
}
