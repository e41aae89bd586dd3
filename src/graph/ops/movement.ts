/** Functions that give elements other places, without computing anything. */
import { normalAxis, sameShape, type Shape, sizeOf } from "../../core/shape.ts";
import { make, type Tensor } from "../tensor.ts";

/** The same elements in another shape; one extent may be −1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, extent) => extent === -1 ? product : product * extent, 1);
  const full = shape.map((extent) => extent === -1 ? sizeOf(x.shape) / known : extent);
  return make("reshape", { shape: full }, [x]);
}

/** Drops axes of extent 1. */
export function squeeze(x: Tensor, axes: readonly number[]): Tensor {
  const dropped = new Set(axes.map((axis) => normalAxis(axis, x.rank)));
  return reshape(x, x.shape.filter((_, axis) => !dropped.has(axis)));
}

/** Axis i of the result is axis permutation[i] of x. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return make("transpose", { permutation }, [x]);
}

/** `sizes` elements of each axis from `starts` on. */
export function slice(x: Tensor, starts: readonly number[], sizes: readonly number[]): Tensor {
  return make("slice", { starts, sizes }, [x]);
}

/** Zeros before and after each axis. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  return make("pad", { before, after }, [x]);
}

/** Tensors one behind the other along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return make("concat", { axis: tensors[0] ? normalAxis(axis, tensors[0].rank) : axis }, tensors);
}

/** x repeated along missing axes and those of extent 1. */
export function broadcast(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : make("broadcast", { shape }, [x]);
}

/** The order of elements turned round along the axes. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  return make("flip", { axes: axes.map((axis) => normalAxis(axis, x.rank)) }, [x]);
}

/** Rows of a table: table [rows, …rest] at indices → [...indices, …rest]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return make("gather", {}, [table, indices]);
}

/** Adds updates [...indices, …rest] into rows of zeros [rows, …rest]; the adjoint of `gather`. */
export function scatterAdd(indices: Tensor, updates: Tensor, rows: number): Tensor {
  return make("scatterAdd", { rows }, [indices, updates]);
}

/** indices → [...indices, depth], 1 at the index, else 0 */
export function oneHot(indices: Tensor, depth: number): Tensor {
  return make("oneHot", { depth }, [indices]);
}

/** Image elements in PyTorch's order: [N, H, W, C] → [N, C·H·W]. */
export function flatten(x: Tensor): Tensor {
  const [images, height, width, channels] = x.shape;
  const spatial = height * width === 1 || channels === 1;
  const ordered = spatial ? x : transpose(x, [0, 3, 1, 2]);
  return reshape(ordered, [images, channels * height * width]);
}

/** The inverse of `flatten`: [N, C·H·W] → [N, H, W, C]. */
export function unflatten(x: Tensor, height: number, width: number): Tensor {
  const images = x.shape[0];
  const channels = x.shape[1] / (height * width);
  if (height * width === 1 || channels === 1) return reshape(x, [images, height, width, channels]);
  return transpose(reshape(x, [images, channels, height, width]), [0, 2, 3, 1]);
}
