/**
 * Convolutions by fewer multiplications: the forms, as matrices.
 *
 * A form F(m, r) makes m neighbouring outputs of a filter with r taps from n = m + r − 1 products (Winograd 1980; Lavin &
 * Gray, "Fast algorithms for convolutional neural networks", 2015). With Bᵀ (n × n), G (n × r) and Aᵀ (m × n):
 *
 *     y = Aᵀ [(G g) ⊙ (Bᵀ d)]         y[i] = Σₐ d[i + a] · g[a]
 *
 * and on images with each matrix from both sides, n² products for m² outputs of r² taps. The product is trilinear, so the
 * same matrices, transposed, give the gradient of the filter:
 *
 *     dg = Gᵀ [(A dy) ⊙ (Bᵀ d)]
 */
import { PANEL_COLUMNS, TILE_ROWS } from "./tiles.ts";

/** Rows of numbers. */
export type Matrix = readonly (readonly number[])[];

/** F(outputs, taps), for squares of outputs and taps. */
export interface FastForm {
  /** The field `form` of instructions, and the form's place in `fastForms`. */
  readonly code: number;
  /** m: outputs along an axis of a tile. */
  readonly outputs: number;
  /** r: taps of the filter along an axis. */
  readonly taps: number;
  /** n: what a window, a transformed filter and a tile of products measure along an axis. */
  readonly size: number;
  /** Bᵀ: window → products. */
  readonly input: Matrix;
  /** G: filter → products. */
  readonly filter: Matrix;
  /** Aᵀ: products → outputs. */
  readonly output: Matrix;
}

/** Coefficients, lowest power first, of Π (x − root). */
function polynomial(roots: readonly number[]): number[] {
  return roots.reduce<number[]>((p, root) => [0, ...p].map((c, i) => c - root * (p[i] ?? 0)), [1]);
}

/**
 * The form of Toom and Cook: polynomials are multiplied by their values at n − 1 points and at infinity. Small points
 * keep the matrices' entries, and with them the rounding error, small.
 */
function toomCook(code: number, outputs: number, taps: number, points: readonly number[]): FastForm {
  const size = outputs + taps - 1;
  const others = (point: number) => points.filter((other) => other !== point);
  const powers = (x: number, count: number) => Array.from({ length: count }, (_, power) => x ** power);
  const padded = (values: readonly number[]) => [...values, ...new Array<number>(size - values.length).fill(0)];
  const last = (count: number) => powers(0, count).reverse();
  return {
    code,
    outputs,
    taps,
    size,
    input: [...points.map((point) => padded(polynomial(others(point)))), polynomial(points)],
    filter: [
      ...points.map((point) => {
        const scale = others(point).reduce((product, other) => product * (point - other), 1);
        return powers(point, taps).map((power) => power / scale);
      }),
      last(taps),
    ],
    output: transposed([...points.map((point) => powers(point, outputs)), last(outputs)]),
  };
}

/** Rows become columns. */
export function transposed(matrix: Matrix): Matrix {
  return matrix[0].map((_, column) => matrix.map((row) => row[column]));
}

/**
 * F(4, 2), 25 products instead of 64: what a 4×4 filter of stride 2 is made of. F(4, 3), 36 instead of 144: 3×3 filters
 * of stride 1. Errors with normal numbers and 256 channels, in units of a plain sum's: 3 and 3.5; of the filter's gradient,
 * with 256 tiles: 1.5 and 2.5. The fewer terms there are, the more the transforms' own errors show: 5 and 6 with 8
 * channels, 3 and 4.5 with 8 tiles (`fast_forms_test.ts`).
 */
export const fastForms: readonly FastForm[] = [
  toomCook(0, 4, 2, [0, 1, -1, 2]),
  toomCook(1, 4, 3, [0, 1, -1, 2, -2]),
];

/**
 * Which convolutions take fast forms: those that are estimated to be cheaper (`costs.ts`), all that can, or none, so that
 * every product is made.
 */
export type Forms = "cheaper" | "all" | "none";

/** Floats behind each transformed matrix: without them, powers of two would put all into the same cache sets. */
export const FAST_GAP = 16;
/** Channels that a transform takes at a time. */
export const FAST_CHUNK = 8;

/** Floats of a filter transformed by `fastFilter`. */
export function fastFilterSize({ size }: FastForm, depth: number, n: number): number {
  return size * size * (Math.ceil(n / PANEL_COLUMNS) * PANEL_COLUMNS * depth + FAST_GAP);
}

/** Floats of a gradient transformed by `fastGradient`. */
export function fastGradientSize({ size }: FastForm, tiles: number, n: number): number {
  return size * size * (tiles * Math.ceil(n / TILE_ROWS) * TILE_ROWS + FAST_GAP);
}

/** Tiles of a grid of outputs. */
export function fastTiles({ outputs }: FastForm, images: number, gridHeight: number, gridWidth: number): number {
  return images * Math.ceil(gridHeight / outputs) * Math.ceil(gridWidth / outputs);
}
