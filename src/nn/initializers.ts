/**
 * What slots start with. Each initialiser is a pure function of the Store's seed and the slot's name.
 *
 * Fan-in and fan-out count as in PyTorch, from the shape alone: weights are [out, …taps, in], so fan-in is the size of
 * one row and fan-out the number of rows times the taps. (For transposed filters [in, …taps, out] this is PyTorch's
 * own convention too, odd as it is.)
 */
import { UsageError } from "../core/errors.ts";
import { normals, uniforms } from "../core/random.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";
import type { Initializer } from "../graph/store.ts";

/** Values that one output sums over: the size of a row. */
export function fanIn(shape: Shape): number {
  return sizeOf(shape.slice(1));
}

/** Values that one input reaches: rows times taps. */
export function fanOut(shape: Shape): number {
  return sizeOf(shape.slice(0, -1));
}

/** Every value the same. */
export function constant(value: number): Initializer {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

export const zeros: Initializer = constant(0);
export const ones: Initializer = constant(1);

/** A copy of given values. */
export function copyOf(values: Float32Array): Initializer {
  return () => values.slice();
}

/** 4-byte floats of `values`, scaled and moved. */
function affine(values: Float64Array, scale: number, offset: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = offset + scale * values[i];
  return result;
}

/** Normal numbers. */
export function normal(mean = 0, deviation = 1): Initializer {
  return (shape, { seed, stream }) => affine(normals(sizeOf(shape), seed, stream, 0), deviation, mean);
}

/** Uniform numbers between −bound and bound. */
export function uniform(bound: number): Initializer {
  return (shape, { seed, stream }) =>
    affine(uniforms(sizeOf(shape), seed, stream, 0).map((value) => 2 * value - 1), bound, 0);
}

/** Uniform with the variance 2·gain² / (fan-in + fan-out) (Glorot & Bengio 2010, equation 16). */
export function xavierUniform(gain = 1): Initializer {
  return (shape, random) => uniform(gain * Math.sqrt(6 / (fanIn(shape) + fanOut(shape))))(shape, random);
}

/** Normal with the variance gain² / fan-in; gain √2 is meant for ReLU (He et al. 2015, equation 10). */
export function kaimingNormal(gain = Math.SQRT2): Initializer {
  return (shape, random) => normal(0, gain / Math.sqrt(fanIn(shape)))(shape, random);
}

/** Uniform in ±1/√fan-in: what PyTorch's Linear and Conv2d start with (`kaiming_uniform_` with a = √5). */
export const fanInUniform: Initializer = (shape, random) => uniform(1 / Math.sqrt(fanIn(shape)))(shape, random);

/**
 * Rows (or, where there are more rows than a row has values, columns) that are orthogonal and of length `gain`
 * (Saxe et al. 2014), by Gram–Schmidt over normal numbers, twice, in double precision.
 */
export function orthogonal(gain = 1): Initializer {
  return (shape, random) => {
    if (shape.length < 2) throw new UsageError(`orthogonal weights need two axes or more, not ${showShape(shape)}`);
    const rows = shape[0];
    const columns = fanIn(shape);
    const values = Float64Array.from(normal()(shape, random));
    const byRow = rows <= columns;
    const [count, length] = byRow ? [rows, columns] : [columns, rows];
    const at = (vector: number, i: number) => byRow ? vector * columns + i : i * columns + vector;
    const dot = (a: number, b: number) => {
      let total = 0;
      for (let i = 0; i < length; i++) total += values[at(a, i)] * values[at(b, i)];
      return total;
    };
    for (let vector = 0; vector < count; vector++) {
      for (let pass = 0; pass < 2; pass++) {
        for (let earlier = 0; earlier < vector; earlier++) {
          const projection = dot(vector, earlier);
          for (let i = 0; i < length; i++) values[at(vector, i)] -= projection * values[at(earlier, i)];
        }
      }
      const norm = Math.sqrt(dot(vector, vector));
      for (let i = 0; i < length; i++) values[at(vector, i)] /= norm;
    }
    return Float32Array.from(values, (value) => gain * value);
  };
}
