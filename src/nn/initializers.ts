/**
 * What slots start with. Each initialiser is a pure function of the Store's seed and the slot's name.
 *
 * Fan-in and fan-out count as in PyTorch, from the shape alone: weights are [out, …taps, in], so fan-in is the size of
 * one row and fan-out the number of rows times the taps. (For transposed filters [in, …taps, out] this is PyTorch's
 * own convention too, odd as it is.)
 */
import { UsageError } from "../core/errors.ts";
import { fillNormals, fillUniforms } from "../core/random.ts";
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
  return (values) => void values.fill(value);
}

export const zeros: Initializer = constant(0);
export const ones: Initializer = constant(1);

/** A copy of given values. */
export function copyOf(source: Float32Array): Initializer {
  return (values) => values.set(source);
}

/** Normal numbers. */
export function normal(mean = 0, deviation = 1): Initializer {
  return (values, _, { seed, stream }) => fillNormals(values, seed, stream, 0, (x) => mean + deviation * x);
}

/** A random direction: normal numbers, divided by their length. */
export const unitVector: Initializer = (values, shape, random) => {
  normal()(values, shape, random);
  const length = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  values.forEach((value, i) => values[i] = value / length);
};

/** Uniform numbers between −bound and bound. */
export function uniform(bound: number): Initializer {
  return (values, _, { seed, stream }) => fillUniforms(values, seed, stream, 0, (x) => bound * (2 * x - 1));
}

/** Uniform with the variance 2·gain² / (fan-in + fan-out) (Glorot & Bengio 2010, equation 16). */
export function xavierUniform(gain = 1): Initializer {
  return (values, shape, random) =>
    uniform(gain * Math.sqrt(6 / (fanIn(shape) + fanOut(shape))))(values, shape, random);
}

/** Normal with the variance gain² / fan-in; gain √2 is meant for ReLU (He et al. 2015, equation 10). */
export function kaimingNormal(gain = Math.SQRT2): Initializer {
  return (values, shape, random) => normal(0, gain / Math.sqrt(fanIn(shape)))(values, shape, random);
}

/** Uniform in ±1/√fan-in: what PyTorch's Linear and Conv2d start with (`kaiming_uniform_` with a = √5). */
export const fanInUniform: Initializer = (values, shape, random) =>
  uniform(1 / Math.sqrt(fanIn(shape)))(values, shape, random);

/**
 * Rows (or, where there are more rows than a row has values, columns) that are orthogonal and of length `gain`
 * (Saxe et al. 2014), by Gram–Schmidt over normal numbers, twice, in double precision.
 */
export function orthogonal(gain = 1): Initializer {
  return (result, shape, random) => {
    if (shape.length < 2) throw new UsageError(`orthogonal weights need two axes or more, not ${showShape(shape)}`);
    const rows = shape[0];
    const columns = fanIn(shape);
    normal()(result, shape, random);
    const values = Float64Array.from(result);
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
    result.set(values.map((value) => gain * value));
  };
}
