import assert from "node:assert/strict";
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

const sizeOf = (extents: readonly number[]) => extents.reduce((product, extent) => product * extent, 1);

/** An input: its values, its strides over the space, and the element its pointer stands at. */
interface Input {
  readonly values: Float32Array;
  readonly steps: readonly number[];
  readonly start?: number;
}

function mapOf(
  build: (typeof builds)[number],
  extents: readonly number[],
  inputs: readonly Input[],
  code: readonly Code[],
  outputRegisters: readonly number[],
): Float32Array[] {
  return runKernel(
    build,
    inputs.map((input) => input.values),
    outputRegisters.map(() => sizeOf(extents)),
    (at) =>
      instructionOf("map", {
        ...dims(extents),
        inputCount: inputs.length,
        codeCount: code.length,
        outputCount: outputRegisters.length,
        registers: 8,
        ...at.scratch,
        inputs: inputs.map(({ steps, start = 0 }, i) => ({ pointer: at.inputs[i] + 4 * start, ...strides(steps) })),
        code: codeList(code),
        outputs: outputRegisters.map((register, i) => ({ pointer: at.outputs[i], register })),
      }),
  ).outputs;
}

const reference: Partial<Record<Code[0], (a: number, b: number, c: number, value: number) => number>> = {
  constant: (_a, _b, _c, value) => value,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  select: (a, b, c) => (a !== 0 ? b : c),
  selectPositive: (a, b, c) => (a > 0 ? b : c),
  multiplyAdd: (a, b, c) => a * b + c,
  neg: (a) => -a,
  exp: (a) => Math.exp(a),
};

/** The same in plain float64 loops. */
function expected(
  extents: readonly number[],
  inputs: readonly Input[],
  code: readonly Code[],
  outputRegisters: readonly number[],
): number[][] {
  const outputs: number[][] = outputRegisters.map(() => []);
  for (const index of indices(extents)) {
    const r: number[] = [];
    for (const [op, target, a = 0, b = 0, c = 0, value = 0] of code) {
      const input = inputs[a];
      r[target] = op === "load"
        ? input.values[(input.start ?? 0) + offsetOf(index, input.steps)]
        : reference[op]!(r[a], r[b], r[c], value);
    }
    outputRegisters.forEach((register, i) => outputs[i].push(r[register]));
  }
  return outputs;
}

function check(
  extents: readonly number[],
  inputs: readonly Input[],
  code: readonly Code[],
  outputRegisters: readonly number[],
): void {
  const wanted = expected(extents, inputs, code, outputRegisters);
  for (const build of builds) {
    mapOf(build, extents, inputs, code, outputRegisters).forEach((output, i) => {
      assertNear(output, wanted[i], `output ${i} of a map over ${extents} (${build})`);
    });
  }
}

const mixed: readonly Code[] = [
  ["load", 0, 0],
  ["load", 1, 1],
  ["constant", 2, 0, 0, 0, 0.25],
  ["multiplyAdd", 3, 0, 1, 2],
  ["exp", 1, 3],
  ["sub", 4, 1, 0],
];

for (const count of [1, 3, 4, 5, 15, 16, 17, 31, 1023, 1024, 1025, 2048, 3073]) {
  Deno.test(`map computes a fused expression over ${count} contiguous elements`, () => {
    const inputs = [1, 2].map((seed) => ({ values: randomFloats(count, seed), steps: [1] }));
    check([count], inputs, mixed, [4]);
    check([count], inputs, mixed, [0, 4, 3, 4]);
  });
}

const pointwise: readonly Code[0][] = [
  "add",
  "sub",
  "mul",
  "div",
  "min",
  "max",
  "less",
  "lessEqual",
  "equal",
  "select",
  "multiplyAdd",
  "selectPositive",
];
Deno.test("map runs every operation of two and three operands, special values included", () => {
  const special = [0, -0, 1, -1, NaN, Infinity, -Infinity, 2.5, 2.5];
  const a = Float32Array.from(special.flatMap((x) => special.map(() => x)));
  const b = Float32Array.from(special.flatMap(() => special));
  const inputs = [a, b, randomFloats(a.length, 3)].map((values) => ({ values, steps: [1] }));
  for (const op of pointwise) {
    check([a.length], inputs, [["load", 0, 0], ["load", 1, 1], ["load", 2, 2], [op, 3, 0, 1, 2]], [3]);
  }
});

const broadcasts: readonly (readonly [string, readonly number[], readonly number[], number?])[] = [
  ["a scalar", [7, 100], [0, 0]],
  ["a row of 3 repeated", [400, 3], [0, 1]],
  ["a row of 64 repeated", [30, 64], [0, 1]],
  ["a row of 100 repeated", [30, 100], [0, 1]],
  ["a row of 768 repeated", [5, 768], [0, 1]],
  ["a row of 1024 repeated", [5, 1024], [0, 1]],
  ["a row of 1100 repeated", [5, 1100], [0, 1]],
  ["a backward row repeated", [40, 30], [0, -1], 29],
  ["one number a row", [37, 41], [1, 0]],
  ["one number a row of one element", [600, 1], [1, 0]],
  ["a transposed matrix", [37, 41], [1, 37]],
  ["every other row", [20, 33], [66, 1]],
  ["a row vector for each image", [3, 50, 17], [17, 0, 1]],
  ["a column in the middle axis", [3, 50, 17], [0, 1, 0]],
  ["a backward axis", [50, 13], [-13, 1], 49 * 13],
  ["six axes", [2, 3, 2, 5, 2, 7], [210, 0, 105, 1, 0, 15]],
  ["a scalar of rank 0", [], []],
];
for (const [name, extents, steps, start = 0] of broadcasts) {
  Deno.test(`map reads ${name}`, () => {
    const reach = start + extents.reduce((sum, extent, axis) => sum + Math.max(0, (extent - 1) * steps[axis]), 0) + 1;
    const dense = extents.map((_, axis) => sizeOf(extents.slice(axis + 1)));
    const inputs = [{ values: randomFloats(reach, 4), steps, start }, {
      values: randomFloats(sizeOf(extents), 5),
      steps: dense,
    }];
    check(extents, inputs, [["load", 0, 0], ["load", 1, 1], ["add", 2, 0, 1]], [2, 0]);
    check(extents, inputs.slice(0, 1), [["load", 0, 0]], [0]);
    // with room behind the register, for a table of all places a block may begin at
    check(extents, inputs, [["load", 0, 0], ["load", 2, 1], ["sub", 3, 2, 0], ["mul", 3, 3, 0]], [3]);
    // a register that is used again loses what it held
    check(extents, inputs, [
      ["load", 0, 0],
      ["load", 1, 1],
      ["mul", 0, 0, 1],
      ["constant", 1, 0, 0, 0, 3],
      ["add", 0, 0, 1],
    ], [0]);
  });
}

for (const count of [1, 5, 1024, 3000]) {
  Deno.test(`numbers at the beginning of the code are the same in all blocks of ${count} elements`, () => {
    const inputs = [{ values: randomFloats(count, 7), steps: [1] }, { values: randomFloats(1, 8), steps: [0] }];
    const numbers: Code[] = [["constant", 1, 0, 0, 0, 0.75], ["load", 2, 1]];
    check([count], inputs, [...numbers, ["load", 0, 0], ["mul", 3, 0, 1], ["add", 3, 3, 2]], [3]);
    check([count], inputs, [...numbers, ["load", 0, 0], ["mul", 3, 1, 2], ["add", 4, 3, 0]], [4, 1, 2, 3]);
  });

  Deno.test(`a number selects all of ${count} elements, whatever registers they are in`, () => {
    for (const condition of [1, 0, -0, NaN, -2]) {
      const values = [randomFloats(count, 7), randomFloats(count, 8), Float32Array.of(condition)];
      const inputs = values.map((values, i) => ({ values, steps: [i < 2 ? 1 : 0] }));
      const loads: Code[] = [["load", 0, 0], ["load", 1, 1], ["load", 2, 2], ["add", 3, 0, 1]];
      for (const target of [0, 1, 3, 4]) {
        check([count], inputs, [...loads, ["select", target, 2, 3, 1], ["neg", 5, target]], [target, 5]);
        check([count], inputs, [...loads, ["select", target, 2, 1, 3]], [target]);
      }
      check([count], inputs, [...loads, ["select", 4, 2, 2, 3]], [4]);
    }
  });
}

Deno.test("an output may lie over an input of the same range, also when another output is that input's old value", () => {
  for (const count of [5, 1024, 1500, 3072]) {
    const values = randomFloats(count, 6);
    for (const build of builds) {
      const [copy, packed] = runKernel(build, [], [count, count], (at) => {
        const [old, place] = at.outputs;
        return instructionOf("map", {
          ...dims([count]),
          inputCount: 1,
          codeCount: 3,
          outputCount: 2,
          registers: 3,
          ...at.scratch,
          inputs: [{ pointer: place, ...strides([1]) }],
          code: codeList([["load", 0, 0], ["constant", 1, 0, 0, 0, 2], ["mul", 2, 0, 1]]),
          outputs: [{ pointer: place, register: 2 }, { pointer: old, register: 0 }],
        });
      }, { prepare: (outputs) => outputs[1].set(values) }).outputs;
      assert.deepEqual(copy, values);
      assert.deepEqual(packed, values.map((x) => 2 * x));
    }
  }
});
