import assert from "node:assert/strict";
import {
  assertSameBits,
  builds,
  dims,
  indices,
  instructionOf,
  offsetOf,
  randomFloats,
  runKernel,
  strides,
} from "./harness.ts";

const reach = (extents: readonly number[], steps: readonly number[]) =>
  1 + extents.reduce((sum, extent, axis) => sum + (extent - 1) * Math.max(steps[axis], 0), 0);

/** Copies between strided places; what lies between the target's elements must stay. */
function check(
  extents: readonly number[],
  sourceSteps: readonly number[],
  targetSteps: readonly number[],
  sourceStart = 0,
): void {
  const source = randomFloats(sourceStart + reach(extents, sourceSteps), 11);
  const expected = new Float32Array(reach(extents, targetSteps)).fill(-7);
  for (const index of indices(extents)) {
    expected[offsetOf(index, targetSteps)] = source[sourceStart + offsetOf(index, sourceSteps)];
  }
  const { s0, s1, s2, s3, s4, s5 } = strides(targetSteps);
  for (const build of builds) {
    const { outputs } = runKernel(build, [source], [expected.length], (at) =>
      instructionOf("move", {
        ...dims(extents),
        source: at.inputs[0] + 4 * sourceStart,
        ...strides(sourceSteps),
        target: at.outputs[0],
        ...{ t0: s0, t1: s1, t2: s2, t3: s3, t4: s4, t5: s5 },
      }), { prepare: ([output]) => output.fill(-7) });
    assertSameBits(outputs[0], expected, `move over ${extents} from ${sourceSteps} to ${targetSteps} (${build})`);
  }
}

for (const count of [1, 3, 4, 5, 7, 8, 9, 511, 512, 513, 4096, 4097, 9000]) {
  Deno.test(`move copies, spreads, gathers and repeats ${count} elements`, () => {
    check([count], [1], [1]);
    check([count], [0], [1]);
    check([count], [3], [1]);
    check([count], [1], [2]);
    check([count], [-1], [1], count - 1);
  });
}

for (const [rows, columns] of [[1, 5], [3, 3], [4, 4], [5, 7], [16, 16], [17, 33], [64, 3], [3, 64], [100, 37]]) {
  Deno.test(`move transposes ${rows} × ${columns}, alone, in a batch and within larger rows`, () => {
    check([columns, rows], [1, columns], [rows, 1]);
    check([rows, columns], [columns, 1], [1, rows]);
    check([3, columns, rows], [rows * columns, 1, columns], [rows * columns, rows, 1]);
    check([columns, rows], [1, columns + 3], [rows + 2, 1]);
    check([2, rows, 3, columns], [rows * 3 * columns, 3 * columns, columns, 1], [
      rows * 3 * columns,
      1,
      columns * rows,
      rows,
    ]);
  });
}

Deno.test("move handles six axes at once: slices, flips and permutations", () => {
  check([2, 3, 2, 5, 2, 7], [420, 140, 70, 14, 7, 1], [1, 2, 6, 12, 60, 120]);
  check([2, 3, 2, 5, 2, 7], [-420, 140, 70, -14, 7, 1], [420, 140, 70, 14, 7, 1], 420 + 4 * 14);
  check([2, 2, 3, 2, 4, 3], [1000, 300, 90, 40, 8, 2], [500, 160, 50, 20, 5, 1]);
});

Deno.test("fill writes its elements and nothing else", () => {
  for (const count of [1, 3, 15, 16, 17, 511, 512, 513]) {
    for (const build of builds) {
      const { outputs } = runKernel(
        build,
        [],
        [count],
        (at) => instructionOf("fill", { out: at.outputs[0], count, value: -1.5 }),
      );
      assert(outputs[0].every((x) => x === -1.5));
    }
  }
});
