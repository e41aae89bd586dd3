/** Random register code over random spaces. */
import fc from "fast-check";
import { type ExpressionOp, expressionOps } from "../../../src/plan/expression.ts";
import type { Operands } from "../../../src/plan/instructions.ts";
import { caseOf, dims, extents, lay, type Memory, product, sourceLayout, sourceStrides, upTo } from "./case.ts";

const opNames = Object.keys(expressionOps) as ExpressionOp[];

/** Code that loads all inputs and computes with what it has; every register up to its length is written. */
const expressions = fc.record({
  inputs: fc.array(sourceLayout, { maxLength: 4 }),
  steps: fc.array(
    fc.record({ op: fc.constantFrom(...opNames), a: fc.nat(), b: fc.nat(), c: fc.nat(), value: fc.float() }),
    { minLength: 1, maxLength: 8 },
  ),
  outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
});
type Expression = typeof expressions extends fc.Arbitrary<infer T> ? T : never;

function codeOf({ inputs, steps }: Expression): Operands<"map">["code"] {
  const code = inputs.map((_, i) => ({ op: expressionOps.load as number, target: i, a: i, b: 0, c: 0, value: 0 }));
  for (const step of steps) {
    const target = code.length;
    const op = target === 0 || step.op === "load" && inputs.length === 0 ? "constant" : step.op;
    const bound = op === "load" ? inputs.length : Math.max(1, target);
    code.push({
      op: expressionOps[op],
      target,
      a: step.a % bound,
      b: step.b % bound,
      c: step.c % bound,
      value: step.value,
    });
  }
  return code;
}

function inputsOf({ inputs }: Expression, extents: readonly number[], memory: Memory): Operands<"map">["inputs"] {
  return inputs.map((layout) => {
    const { strides, origin, size } = lay(extents, layout);
    return { pointer: memory.input(size) + 4 * origin, ...sourceStrides(strides) };
  });
}

const rowMajor = { order: [5, 4, 3, 2, 1, 0], gap: [0, 0, 0, 0, 0, 0], step: [1, 1, 1, 1, 1, 1] } as const;
const mapSizes = fc.record({ extents, expression: expressions, inPlace: fc.boolean() });

export const map = caseOf("map", mapSizes, ({ extents, expression, inPlace }, memory) => {
  const code = codeOf(expression);
  const inputs = inputsOf(expression, extents, memory);
  // The first result may be written over the first operand, which then is as dense as that.
  const shared = inPlace && inputs.length > 0 ? memory.update(product(extents)) : undefined;
  if (shared !== undefined) inputs[0] = { pointer: shared, ...sourceStrides(lay(extents, rowMajor).strides) };
  const outputs = expression.outputs.map((register, i) => ({
    pointer: i === 0 && shared !== undefined ? shared : memory.output(product(extents)),
    register: register % code.length,
  }));
  return {
    ...dims(extents),
    inputCount: expression.inputs.length,
    codeCount: code.length,
    outputCount: outputs.length,
    registers: code.length,
    scratch: memory.scratch,
    scratchStride: memory.scratchStride,
    inputs,
    code,
    outputs,
  };
});

const reduceSizes = fc.record({
  extents,
  expression: expressions,
  bounds: fc.tuple(fc.nat(6), fc.nat(6)),
  chunk: fc.oneof(upTo(8), upTo(600), fc.constantFrom(512, 1024, 4096)),
  kinds: fc.array(fc.nat(1), { minLength: 3, maxLength: 3 }),
});

export const reduce = caseOf("reduce", reduceSizes, ({ extents, expression, bounds, chunk, kinds }, memory) => {
  const code = codeOf(expression);
  const [firstReduced, endReduced] = bounds.toSorted((a, b) => a - b);
  const reduced = product(extents.slice(firstReduced, endReduced));
  const results = product(extents) / reduced * Math.ceil(reduced / chunk);
  const outputs = expression.outputs.map((register, i) => ({
    pointer: memory.output(results),
    register: register % code.length,
    kind: kinds[i],
  }));
  return {
    ...dims(extents),
    firstReduced,
    endReduced,
    chunk,
    inputCount: expression.inputs.length,
    codeCount: code.length,
    outputCount: outputs.length,
    registers: code.length,
    scratch: memory.scratch,
    scratchStride: memory.scratchStride,
    inputs: inputsOf(expression, extents, memory),
    code,
    outputs,
  };
});
