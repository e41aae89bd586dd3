/** Points in a space of codes: grids, middles, neighbours, and codes like others. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";

/** Code number `i` of a list. */
const at = (codes: Float32Array, length: number, i: number) => codes.subarray(i * length, (i + 1) * length);

/**
 * Codes of two numbers on a rectangle, row by row from the top left: `side`² of them.
 * @param box an interval for each number.
 */
export function codeGrid(side: number, box: readonly [readonly number[], readonly number[]]): Float32Array {
  const place = ([low, high]: readonly number[], step: number) => low + (high - low) * step / (side - 1);
  return Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const [column, row] = [(i >> 1) % side, Math.floor((i >> 1) / side)];
    return i % 2 === 0 ? place(box[0], column) : place(box[1], side - 1 - row);
  });
}

/** For each number of codes the interval that all but a share of them are in. */
export function extent(codes: Float32Array, length: number, without = 0.05): [number, number][] {
  const count = codes.length / length;
  return Array.from({ length }, (_, k) => {
    const sorted = Float32Array.from({ length: count }, (_, i) => codes[i * length + k]).sort();
    return [sorted[Math.floor(without / 2 * count)], sorted[Math.ceil((1 - without / 2) * count) - 1]];
  });
}

/** Codes halfway between those of neighbours in the list: the first and second, the third and fourth … */
export function midpoints(codes: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length: Math.floor(codes.length / length / 2) * length }, (_, i) => {
    const [pair, k] = [Math.floor(i / length), i % length];
    return (at(codes, length, 2 * pair)[k] + at(codes, length, 2 * pair + 1)[k]) / 2;
  });
}

/** For each code the index of the nearest other one. */
export function neighbours(codes: Float32Array, length: number): Uint32Array {
  const count = codes.length / length;
  return Uint32Array.from({ length: count }, (_, a) => {
    let [least, found] = [Infinity, a];
    for (let b = 0; b < count; b++) {
      let square = 0;
      for (let k = 0; k < length; k++) square += (codes[a * length + k] - codes[b * length + k]) ** 2;
      if (b !== a && square < least) [least, found] = [square, b];
    }
    return found;
  });
}

/** For each code the one halfway to the nearest other one. */
export function halfwayToNeighbours(codes: Float32Array, length: number, nearest: Uint32Array): Float32Array {
  return codes.map((value, i) => (value + at(codes, length, nearest[Math.floor(i / length)])[i % length]) / 2);
}

/**
 * Draws codes like others: each number by itself, from a normal distribution with the mean and the variance that it has
 * in `codes` [count, length]. They are computed once, here; what is returned makes so many codes.
 */
export function likeness(stage: Stage, codes: Float32Array, length: number): (count: number) => Float32Array {
  const n = codes.length / length;
  const center = new Float64Array(length);
  codes.forEach((value, i) => center[i % length] += value / n);
  const variance = new Float64Array(length);
  codes.forEach((value, i) => variance[i % length] += (value - center[i % length]) ** 2 / n);
  const sd = variance.map(Math.sqrt);
  return (count) =>
    Float32Array.from(
      duel.random.normals(count * length, stage.seed, "codes", 0),
      (value, i) => center[i % length] + sd[i % length] * value,
    );
}
