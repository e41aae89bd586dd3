/** Pointwise primitives: element i of the result from element i of the operands, broadcast to one shape. */
import type { Attributes, BinaryOp, UnaryOp } from "../../graph/primitives.ts";
import type { Shape } from "../../core/shape.ts";
import { expand } from "./offsets.ts";
import type { Ref, Rules } from "./rule.ts";
import { erf, sigmoid, softplus } from "../../core/special.ts";

type Pointwise = (attributes: Attributes[UnaryOp | BinaryOp], inputs: readonly Ref[], output: Shape) => Float64Array;

const unary = (f: (x: number) => number): Pointwise => (_, [x]) => x.values.map(f);

const binary = (f: (a: number, b: number) => number): Pointwise => (_, [left, right], output) => {
  const b = expand(right, output);
  return expand(left, output).map((a, i) => f(a, b[i]));
};

export const pointwiseRules: Rules<UnaryOp | BinaryOp | "select" | "detach"> = {
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  floor: unary(Math.floor),
  exp: unary(Math.exp),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  expm1: unary(Math.expm1),
  sqrt: unary(Math.sqrt),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  erf: unary(erf),

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  min: binary(Math.min),
  max: binary(Math.max),
  pow: binary(Math.pow),
  less: binary((a, b) => a < b ? 1 : 0),
  lessEqual: binary((a, b) => a <= b ? 1 : 0),
  equal: binary((a, b) => a === b ? 1 : 0),

  select(_, inputs, output) {
    const [condition, a, b] = inputs.map((input) => expand(input, output));
    return condition.map((c, i) => c !== 0 ? a[i] : b[i]);
  },
  detach: (_, [x]) => x.values,
};
