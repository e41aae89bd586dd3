/** Where elements lie: the one helper behind broadcasting, movement and reductions. */
import { sameShape, type Shape, stridesOf } from "../../core/shape.ts";
import type { Ref } from "./rule.ts";

/** start + Σ indexₐ·strideₐ for every index of `shape`, in row-major order. */
export function offsetsOf(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let offsets = Int32Array.of(start);
  shape.forEach((extent, axis) => {
    const longer = new Int32Array(offsets.length * extent);
    for (let i = 0; i < offsets.length; i++) {
      for (let j = 0; j < extent; j++) longer[i * extent + j] = offsets[i] + j * strides[axis];
    }
    offsets = longer;
  });
  return offsets;
}

/** Strides that make an operand of shape `from` look like one of shape `to`: 0 along each repeated axis. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => axis < missing || from[axis - missing] === 1 ? 0 : strides[axis - missing]);
}

/** The elements of `values` at `offsets`, in their order. */
export function pick(values: Float64Array, offsets: Int32Array): Float64Array {
  const out = new Float64Array(offsets.length);
  for (let i = 0; i < out.length; i++) out[i] = values[offsets[i]];
  return out;
}

/** The elements of an operand, repeated to fill `shape`. */
export function expand({ shape: from, values }: Ref, shape: Shape): Float64Array {
  return sameShape(from, shape) ? values : pick(values, offsetsOf(shape, broadcastStrides(from, shape)));
}
