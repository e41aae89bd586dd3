/** Footprints of the instructions that run register code over an iteration space: `map` and `reduce`. */
import { MAX_INPUTS, MAX_OUTPUTS, MAX_REGISTERS } from "../control.ts";
import { type ExpressionOp, expressionOps, reductionBytes, registerBytes } from "../expression.ts";
import type { Operands } from "../instructions.ts";
import {
  type Access,
  type Axis,
  count,
  type Footprint,
  readBox,
  refuse,
  requireBetween,
  requirePositive,
  requireWork,
  writeDense,
} from "./access.ts";

/** Six extents, and as many strides: the axes of a box. */
export function axesOf(extents: readonly number[], strides: readonly number[]): Axis[] {
  return extents.map((extent, i) => ({ extent, stride: strides[i] }));
}

/** The six extents of an iteration space, outermost first. @throws VerifyError if one of them is not positive. */
export function dimsOf(o: Readonly<Record<`d${0 | 1 | 2 | 3 | 4 | 5}`, number>>): number[] {
  requirePositive(o, ["d0", "d1", "d2", "d3", "d4", "d5"]);
  return [o.d0, o.d1, o.d2, o.d3, o.d4, o.d5];
}

/** The six strides of an operand, outermost axis first, in elements. */
export function stridesOf(o: Readonly<Record<`s${0 | 1 | 2 | 3 | 4 | 5}`, number>>): number[] {
  return [o.s0, o.s1, o.s2, o.s3, o.s4, o.s5];
}

/** Registers that each operation reads; `load` and `constant` read none. */
const arity: Readonly<Record<ExpressionOp, 0 | 1 | 2 | 3>> = {
  load: 0,
  constant: 0,
  neg: 1,
  abs: 1,
  sign: 1,
  floor: 1,
  exp: 1,
  log: 1,
  log1p: 1,
  expm1: 1,
  sqrt: 1,
  tanh: 1,
  sigmoid: 1,
  softplus: 1,
  erf: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  min: 2,
  max: 2,
  pow: 2,
  less: 2,
  lessEqual: 2,
  equal: 2,
  select: 3,
  multiplyAdd: 3,
  selectPositive: 3,
};

const arityByCode: ReadonlyMap<number, number> = new Map(
  Object.entries(expressionOps).map(([name, code]) => [code, arity[name as ExpressionOp]]),
);

type Expression = Pick<
  Operands<"map">,
  "inputs" | "code" | "registers" | "inputCount" | "codeCount" | "outputCount" | "scratch" | "scratchStride"
>;

/** Demands that the code is a straight line over known operations, inputs and registers that hold something. */
function requireCode(o: Expression, outputs: readonly { register: number }[]): void {
  requirePositive(o, ["codeCount"]);
  requireBetween(o, ["inputCount"], 0, MAX_INPUTS);
  requireBetween(o, ["outputCount"], 1, MAX_OUTPUTS);
  requireBetween(o, ["registers"], 1, MAX_REGISTERS);
  const written = new Set<number>();
  const requireWritten = (register: number, where: string) => {
    if (!written.has(register)) refuse(`${where} reads register ${register}, which nothing wrote before`);
  };
  o.code.forEach((step, i) => {
    const where = `code[${i}]`;
    const registers = arityByCode.get(step.op);
    if (registers === undefined) refuse(`${where} has the unknown operation ${step.op}`);
    if (step.op === expressionOps.load && !(step.a >= 0 && step.a < o.inputCount)) {
      refuse(`${where} loads input ${step.a}, there are ${o.inputCount}`);
    }
    [step.a, step.b, step.c].slice(0, registers).forEach((register) => requireWritten(register, where));
    if (!(step.target >= 0 && step.target < o.registers)) {
      refuse(`${where} writes register ${step.target}, there are ${o.registers}`);
    }
    written.add(step.target);
  });
  outputs.forEach(({ register }, i) => requireWritten(register, `outputs[${i}]`));
}

function readInputs(o: Expression, extents: readonly number[]): Access[] {
  return o.inputs.map((input, i) => {
    const strides = stridesOf(input);
    let dense = 1;
    const elementwise = extents.reduceRight((all, extent, axis) => {
      const fits = extent === 1 || strides[axis] === dense;
      dense *= extent;
      return all && fits;
    }, true);
    return readBox(`inputs[${i}]`, input.pointer, axesOf(extents, strides), elementwise);
  });
}

function footprintOf(
  o: Expression,
  extents: readonly number[],
  elements: number,
  writes: Access[],
  scratchBytes: number,
): Footprint {
  requireWork(elements, o.codeCount);
  return {
    reads: readInputs(o, extents),
    writes,
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: scratchBytes },
  };
}

/**
 * `map`: inputs strided over d0 × … × d5 → dense outputs of as many elements. An input that lies as densely as the
 * outputs is read element for element, and may share their place. @throws VerifyError
 */
export function map(o: Operands<"map">): Footprint {
  const extents = dimsOf(o);
  const elements = count("d0·…·d5", ...extents);
  requireCode(o, o.outputs);
  const writes = o.outputs.map((output, i) => writeDense(`outputs[${i}]`, output.pointer, elements));
  return footprintOf(o, extents, elements, writes, registerBytes(o.registers));
}

/**
 * `reduce`: inputs strided over d0 × … × d5 → outputs [outer][⌈reduced / chunk⌉][inner], the axes before, in and behind
 * [firstReduced, endReduced). @throws VerifyError
 */
export function reduce(o: Operands<"reduce">): Footprint {
  const extents = dimsOf(o);
  const elements = count("d0·…·d5", ...extents);
  requireBetween(o, ["firstReduced"], 0, extents.length);
  requireBetween(o, ["endReduced"], o.firstReduced, extents.length);
  requirePositive(o, ["chunk"]);
  requireCode(o, o.outputs);
  const reduced = count("reduced", ...extents.slice(o.firstReduced, o.endReduced));
  const results = elements / reduced * Math.ceil(reduced / o.chunk);
  const writes = o.outputs.map((output, i) => {
    if (output.kind !== 0 && output.kind !== 1) refuse(`outputs[${i}] has the unknown kind ${output.kind}`);
    return writeDense(`outputs[${i}]`, output.pointer, results);
  });
  const { reads, scratch } = footprintOf(
    o,
    extents,
    elements,
    writes,
    reductionBytes(o.registers, o.outputCount),
  );
  // A sum is read many times and written elsewhere: nothing of a reduction is elementwise.
  return { reads: reads.map((read) => ({ ...read, elementwise: false })), writes, ...(scratch && { scratch }) };
}
