/** Sets of points: vectors of one length. */
import { UsageError } from "../core/errors.ts";

/** `count` vectors of one length, one behind the other. */
export interface Points {
  readonly count: number;
  readonly length: number;
  readonly values: Float32Array | Float64Array;
}

/** Vectors as a set of points. @throws UsageError if `values` is no whole number of them. */
export function pointsOf(values: Float32Array | Float64Array, length: number): Points {
  if (values.length % length !== 0) {
    throw new UsageError(`${values.length} values are no whole number of vectors of ${length}; expected a multiple`);
  }
  return { count: values.length / length, length, values };
}

/** The points with these indices, in this order. */
export function pick({ length, values }: Points, indices: ArrayLike<number>): Points {
  const picked = new Float64Array(indices.length * length);
  for (let i = 0; i < indices.length; i++) {
    picked.set(values.subarray(indices[i] * length, (indices[i] + 1) * length), i * length);
  }
  return { count: indices.length, length, values: picked };
}
