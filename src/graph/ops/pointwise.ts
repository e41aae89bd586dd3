/**
 * Functions that compute each element from the same element of their operands, which broadcast and may be numbers.
 * @throws ShapeError (each of them) if the operands' shapes do not broadcast.
 */
import type { BinaryOp, UnaryOp } from "../primitives.ts";
import { make, type Tensor } from "../tensor.ts";
import { constant } from "./leaves.ts";

/** What pointwise functions take: a tensor, or a number that stands for a scalar. */
export type Operand = Tensor | number;

function tensor(operand: Operand): Tensor {
  return typeof operand === "number" ? constant(operand) : operand;
}

const unary = (op: UnaryOp) => (x: Operand): Tensor => make(op, {}, [tensor(x)]);
const binary = (op: BinaryOp) => (a: Operand, b: Operand): Tensor => make(op, {}, [tensor(a), tensor(b)]);

/** −x */
export const neg = unary("neg");
/** |x| */
export const abs = unary("abs");
/** −1, 0 or 1; its gradient is 0 */
export const sign = unary("sign");
/** The largest whole number that is not above x; its gradient is 0 */
export const floor = unary("floor");
/** eˣ */
export const exp = unary("exp");
/** Natural logarithm */
export const log = unary("log");
/** log(1 + x), exact near 0 */
export const log1p = unary("log1p");
/** eˣ − 1, exact near 0 */
export const expm1 = unary("expm1");
/** Square root */
export const sqrt = unary("sqrt");
/** Hyperbolic tangent */
export const tanh = unary("tanh");
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = unary("sigmoid");
/** log(1 + eˣ), exact for large |x| */
export const softplus = unary("softplus");
/** The error function */
export const erf = unary("erf");

/** a + b, broadcasting; so the following */
export const add = binary("add");
/** a − b */
export const sub = binary("sub");
/** a · b */
export const mul = binary("mul");
/** a / b */
export const div = binary("div");
/** The smaller of both; equal values share the gradient equally */
export const min = binary("min");
/** The larger of both; equal values share the gradient equally */
export const max = binary("max");
/** aᵇ for a > 0, or b a whole number */
export const pow = binary("pow");
/** 1 where a < b, else 0 */
export const less = binary("less");
/** 1 where a ≤ b, else 0 */
export const lessEqual = binary("lessEqual");
/** 1 where a = b, else 0 */
export const equal = binary("equal");

/** a where condition ≠ 0, else b */
export function select(condition: Operand, a: Operand, b: Operand): Tensor {
  return make("select", {}, [tensor(condition), tensor(a), tensor(b)]);
}

/** x² */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** x, through which no gradient flows */
export function detach(x: Tensor): Tensor {
  return make("detach", {}, [x]);
}
