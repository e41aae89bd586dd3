/** Functions that fold whole axes. */
import { normalAxis } from "../../core/shape.ts";
import { make, type Tensor } from "../tensor.ts";
import { squeeze } from "./movement.ts";
import { mul } from "./pointwise.ts";

/** Axes to reduce: some, or all when left out. */
function axesOf(x: Tensor, axes?: readonly number[]): number[] {
  return axes ? axes.map((axis) => normalAxis(axis, x.rank)) : x.shape.map((_, axis) => axis);
}

interface ReduceOptions {
  /** Keep reduced axes with extent 1. */
  readonly keep?: boolean;
}

/** Sum over `axes` (all when left out). */
export function sum(x: Tensor, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Tensor {
  const reduced = axesOf(x, axes);
  const total = make("sum", { axes: reduced }, [x]);
  return keep ? total : squeeze(total, reduced);
}

/** Mean over `axes` (all when left out). */
export function mean(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  const count = axesOf(x, axes).reduce((product, axis) => product * x.shape[axis], 1);
  return mul(sum(x, axes, options), 1 / count);
}

/** Largest value over `axes`; equal values share the gradient equally. */
export function maxOver(x: Tensor, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Tensor {
  const reduced = axesOf(x, axes);
  const largest = make("maxOver", { axes: reduced }, [x]);
  return keep ? largest : squeeze(largest, reduced);
}

/** Index of the largest value along an axis (the first of equals), without that axis. */
export function argmax(x: Tensor, axis: number): Tensor {
  return squeeze(make("argmax", { axis: normalAxis(axis, x.rank) }, [x]), [axis]);
}

/** Running sums along an axis, from its end if `reverse`. */
export function cumulativeSum(x: Tensor, axis: number, reverse = false): Tensor {
  return make("cumulativeSum", { axis: normalAxis(axis, x.rank), reverse }, [x]);
}
