import {
  assertNear,
  builds,
  type Code,
  codeList,
  dims,
  indices,
  instructionOf,
  offsetOf,
  randomFloats,
  runKernel,
  strides,
} from "./harness.ts";
import assert from "node:assert/strict";

const sizeOf = (extents: readonly number[]) => extents.reduce((product, extent) => product * extent, 1);
const denseSteps = (extents: readonly number[]) => extents.map((_, axis) => sizeOf(extents.slice(axis + 1)));

/** Sum of x·y, and largest x, over the axes [first, end), in chunks. */
function check(
  extents: readonly number[],
  [first, end]: readonly [number, number],
  chunk: number,
  ySteps = denseSteps(extents),
): void {
  const pad = 6 - extents.length;
  const outer = sizeOf(extents.slice(0, first));
  const reduced = sizeOf(extents.slice(first, end));
  const inner = sizeOf(extents.slice(end));
  const chunks = Math.ceil(reduced / chunk);
  const count = outer * chunks * inner;
  const x = randomFloats(sizeOf(extents), 7);
  const y = randomFloats(ySteps.reduce((sum, step, axis) => sum + step * (extents[axis] - 1), 1), 8);

  const sums = new Array<number>(count).fill(0);
  const maxima = new Array<number>(count).fill(-Infinity);
  let flat = 0;
  for (const index of indices(extents)) {
    const place =
      (Math.floor(flat / inner / reduced) * chunks + Math.floor(Math.floor(flat / inner) % reduced / chunk)) *
        inner + flat % inner;
    sums[place] += x[flat] * y[offsetOf(index, ySteps)];
    maxima[place] = Math.max(maxima[place], x[flat]);
    flat++;
  }

  const code: readonly Code[] = [["load", 0, 0], ["load", 1, 1], ["mul", 2, 0, 1]];
  for (const build of builds) {
    const { outputs } = runKernel(build, [x, y], [count, count], (at) =>
      instructionOf("reduce", {
        ...dims(extents),
        firstReduced: pad + first,
        endReduced: pad + end,
        chunk,
        inputCount: 2,
        codeCount: 3,
        outputCount: 2,
        registers: 3,
        ...at.scratch,
        inputs: [
          { pointer: at.inputs[0], ...strides(denseSteps(extents)) },
          { pointer: at.inputs[1], ...strides(ySteps) },
        ],
        code: codeList(code),
        outputs: [
          { pointer: at.outputs[0], register: 2, kind: 0 },
          { pointer: at.outputs[1], register: 0, kind: 1 },
        ],
      }));
    const what = `over ${extents}, axes ${first} to ${end}, chunks of ${chunk} (${build})`;
    assertNear(outputs[0], sums, `sum ${what}`, { relative: 2e-6, absolute: 2e-7 * reduced + 1e-6 });
    assertNear(outputs[1], maxima, `max ${what}`, { relative: 0, absolute: 0 });
  }
}

for (const length of [1, 3, 4, 5, 15, 16, 63, 64, 65, 1023, 1024, 1025, 3000]) {
  Deno.test(`reduce folds rows of ${length}, whole or in chunks`, () => {
    check([length], [0, 1], length);
    check([37, length], [1, 2], length);
    check([3, length], [1, 2], 600);
    check([2, length], [1, 2], 7);
  });
}

for (const width of [2, 3, 4, 5, 8, 13, 64, 100, 256, 512, 1023, 1024, 1025, 2100]) {
  Deno.test(`reduce folds columns of rows ${width} wide, whole or in chunks`, () => {
    check([29, width], [0, 1], 29);
    check([29, width], [0, 1], 10);
    check([2, 9, width], [1, 2], 100);
    check([2, 9, width], [1, 2], 4);
  });
}

Deno.test("reduce folds several axes in the middle of six, with broadcast prologue inputs", () => {
  check([2, 3, 4, 5, 3, 2], [2, 4], 20);
  check([2, 3, 4, 5, 3, 2], [2, 4], 6, [0, 2, 0, 6, 0, 1]);
  check([2, 3, 4, 5, 3, 2], [0, 6], 720, [0, 0, 0, 0, 0, 0]);
  check([2, 3, 4, 5, 3, 2], [0, 6], 64, [0, 0, 0, 0, 0, 1]);
  check([40, 17], [1, 2], 17, [1, 0]);
  check([40, 17], [0, 1], 40, [0, 1]);
});

Deno.test("sums and maxima of rows with a NaN are NaN", () => {
  for (const [extents, first] of [[[3, 100], 1], [[3, 10], 1], [[10, 3], 0], [[10, 20], 0]] as const) {
    const [rows, columns] = extents;
    const x = randomFloats(rows * columns, 9);
    x[1 * columns + 2] = NaN;
    const count = first === 1 ? rows : columns;
    const place = first === 1 ? 1 : 2;
    for (const build of builds) {
      const { outputs } = runKernel(build, [x], [count, count], (at) =>
        instructionOf("reduce", {
          ...dims(extents),
          firstReduced: 4 + first,
          endReduced: 5 + first,
          chunk: 1000,
          inputCount: 1,
          codeCount: 1,
          outputCount: 2,
          registers: 1,
          ...at.scratch,
          inputs: [{ pointer: at.inputs[0], ...strides([columns, 1]) }],
          code: codeList([["load", 0, 0]]),
          outputs: [0, 1].map((kind) => ({ pointer: at.outputs[kind], register: 0, kind })),
        }));
      for (const output of outputs) {
        assert.deepEqual([...output].map(Number.isNaN), Array.from({ length: count }, (_, i) => i === place));
      }
    }
  }
});
