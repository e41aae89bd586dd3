/** Small matrices, for the transforms of fast convolution forms. */
import { type Matrix, transposed } from "../../src/plan/fast_forms.ts";

/** How the result of a single operation is rounded. */
export type Round = (x: number) => number;

/** What float64 gives by itself. */
export const toDouble: Round = (x) => x;

/** A square of zeros. */
export function zeros(size: number): Matrix {
  return Array.from({ length: size }, () => new Array<number>(size).fill(0));
}

/** L · X, the terms added one after the other. */
export function product(l: Matrix, x: Matrix, round = toDouble): Matrix {
  return l.map((row) =>
    x[0].map((_, column) => row.reduce((sum, factor, i) => round(sum + round(round(factor) * x[i][column])), 0))
  );
}

/** L · X · Lᵀ. */
export function transform(l: Matrix, x: Matrix, round = toDouble): Matrix {
  return transposed(product(l, transposed(product(l, x, round)), round));
}

/** of(aᵢⱼ, bᵢⱼ) for all i and j. */
export function elementwise(a: Matrix, b: Matrix, of: (a: number, b: number) => number): Matrix {
  return a.map((row, i) => row.map((value, j) => of(value, b[i][j])));
}
