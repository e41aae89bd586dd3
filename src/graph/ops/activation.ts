/** Activations, and the functions that turn scores into probabilities. */
import type { Tensor } from "../tensor.ts";
import { add, detach, erf, exp, expm1, less, log, min, mul, select, sigmoid, sub } from "./pointwise.ts";
import { maxOver, sum } from "./reduction.ts";

/** x where x > 0, else 0; the gradient at 0 is 0 */
export function relu(x: Tensor): Tensor {
  return select(less(0, x), x, 0);
}

/** x where x > 0, else slope · x */
export function leakyRelu(x: Tensor, slope = 0.2): Tensor {
  return select(less(0, x), x, mul(x, slope));
}

/** x where x > 0, else α·(eˣ − 1) */
export function elu(x: Tensor, alpha = 1): Tensor {
  return select(less(0, x), x, mul(expm1(min(x, 0)), alpha));
}

/** x · sigmoid(x), also called swish */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

/** x · Φ(x) with the normal distribution function Φ: the exact form, not the tanh one */
export function gelu(x: Tensor): Tensor {
  return mul(x, add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5));
}

/** log Σ exp(x) along an axis, kept with extent 1; the maximum is taken out first. */
export function logSumExp(x: Tensor, axis: number): Tensor {
  const largest = detach(maxOver(x, [axis], { keep: true }));
  return add(log(sum(exp(sub(x, largest)), [axis], { keep: true })), largest);
}

/** exp(x) / Σ exp(x) along an axis */
export function softmax(x: Tensor, axis: number): Tensor {
  return exp(sub(x, logSumExp(x, axis)));
}
