/**
 * Sets of points, and the products and distances of all pairs: block by block in double precision, so that memory
 * stays small, and in one fixed order, so that results are the same bit for bit wherever they are computed.
 */
import { UsageError } from "../core/errors.ts";

/** `count` vectors of one length, one behind the other. */
export interface Points {
  readonly count: number;
  readonly length: number;
  readonly values: Float32Array | Float64Array;
}

/** Rows and columns of the register tile; counts are padded to them with zeros. */
const TILE_ROWS = 4;
const TILE_COLUMNS = 2;
/** Rows and columns of a block: with 64 values a point, each side and the result fit the second-level cache. */
const BLOCK_ROWS = 64;
const BLOCK_COLUMNS = 256;

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

/** The values of `count` points from `first` on, in double precision, up to a whole number of tiles. */
function padded({ length, values }: Points, first: number, count: number, tile: number): Float64Array {
  const result = new Float64Array(Math.ceil(count / tile) * tile * length);
  result.set(values.subarray(first * length, (first + count) * length));
  return result;
}

/** Tells a visitor `products[j − first]` = xᵢ·yⱼ for one row i and a stretch of columns j. */
export type Visit = (row: number, first: number, products: Float64Array) => void;

/**
 * Inner products of all pairs, [x.count, y.count], in stretches of rows. With `triangle` (x and y the same points)
 * only stretches that hold some j > i are computed.
 * @throws UsageError if the vectors differ in length.
 */
export function forEachProduct(x: Points, y: Points, visit: Visit, { triangle = false } = {}): void {
  if (x.length !== y.length) {
    throw new UsageError(`vectors of ${x.length} and ${y.length} values cannot be compared; expected equal lengths`);
  }
  const columns = padded(y, 0, y.count, TILE_COLUMNS);
  const block = new Float64Array(BLOCK_ROWS * BLOCK_COLUMNS);
  for (let row = 0; row < x.count; row += BLOCK_ROWS) {
    const rowEnd = Math.min(row + BLOCK_ROWS, x.count);
    const rows = padded(x, row, rowEnd - row, TILE_ROWS);
    for (let column = 0; column < y.count; column += BLOCK_COLUMNS) {
      const columnEnd = Math.min(column + BLOCK_COLUMNS, y.count);
      if (triangle && columnEnd <= row + 1) continue;
      multiply(rows, rowEnd - row, columns, column, columnEnd, x.length, block);
      for (let i = row; i < rowEnd; i++) {
        const at = (i - row) * BLOCK_COLUMNS;
        visit(i, column, block.subarray(at, at + columnEnd - column));
      }
    }
  }
}

/** Products of `rows` points x with points y. Each is one sum from the first value of its vectors to the last. */
function multiply(
  x: Float64Array,
  rows: number,
  y: Float64Array,
  column: number,
  columnEnd: number,
  length: number,
  block: Float64Array,
): void {
  for (let i = 0; i < rows; i += TILE_ROWS) {
    const x0 = i * length, x1 = x0 + length, x2 = x1 + length, x3 = x2 + length;
    for (let j = column; j < columnEnd; j += TILE_COLUMNS) {
      const y0 = j * length, y1 = y0 + length;
      let p00 = 0, p01 = 0, p10 = 0, p11 = 0, p20 = 0, p21 = 0, p30 = 0, p31 = 0;
      for (let k = 0; k < length; k++) {
        const b0 = y[y0 + k], b1 = y[y1 + k];
        const a0 = x[x0 + k], a1 = x[x1 + k], a2 = x[x2 + k], a3 = x[x3 + k];
        p00 += a0 * b0;
        p01 += a0 * b1;
        p10 += a1 * b0;
        p11 += a1 * b1;
        p20 += a2 * b0;
        p21 += a2 * b1;
        p30 += a3 * b0;
        p31 += a3 * b1;
      }
      const at = i * BLOCK_COLUMNS + j - column;
      block[at] = p00;
      block[at + 1] = p01;
      block[at + BLOCK_COLUMNS] = p10;
      block[at + BLOCK_COLUMNS + 1] = p11;
      block[at + 2 * BLOCK_COLUMNS] = p20;
      block[at + 2 * BLOCK_COLUMNS + 1] = p21;
      block[at + 3 * BLOCK_COLUMNS] = p30;
      block[at + 3 * BLOCK_COLUMNS + 1] = p31;
    }
  }
}

/** |x|² of each point. */
function squaredNorms({ count, length, values }: Points): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = i * length; k < (i + 1) * length; k++) sum += values[k] * values[k];
    return sum;
  });
}

/** As `forEachProduct`, with the squared Euclidean distances |xᵢ|² + |yⱼ|² − 2 xᵢ·yⱼ, which are never below 0. */
export function forEachSquaredDistance(x: Points, y: Points, visit: Visit, options?: { triangle?: boolean }): void {
  const ofX = squaredNorms(x), ofY = x === y ? ofX : squaredNorms(y);
  forEachProduct(x, y, (row, first, products) => {
    for (let j = 0; j < products.length; j++) {
      products[j] = Math.max(ofX[row] + ofY[first + j] - 2 * products[j], 0);
    }
    visit(row, first, products);
  }, options);
}

/** The squared distance of each point of x to its nearest of y. */
export function nearestSquares(x: Points, y: Points): Float64Array {
  const nearest = new Float64Array(x.count).fill(Infinity);
  forEachSquaredDistance(x, y, (row, _, squares) => {
    let least = nearest[row];
    for (let j = 0; j < squares.length; j++) if (squares[j] < least) least = squares[j];
    nearest[row] = least;
  });
  return nearest;
}

/**
 * The squared distance of each point to its k-th nearest other one.
 * @throws UsageError if there are not more than k points.
 */
export function neighbourSquares(points: Points, k: number): Float64Array {
  const { count } = points;
  if (count <= k) throw new UsageError(`${count} points have no ${k} neighbours each; expected more than ${k}`);
  /** The k nearest of each point so far, ascending. */
  const nearest = new Float64Array(count * k).fill(Infinity);
  const note = (point: number, square: number) => {
    let at = point * k + k - 1;
    if (!(square < nearest[at])) return;
    for (; at > point * k && nearest[at - 1] > square; at--) nearest[at] = nearest[at - 1];
    nearest[at] = square;
  };
  forEachSquaredDistance(points, points, (row, first, squares) => {
    for (let j = Math.max(row + 1 - first, 0); j < squares.length; j++) {
      note(row, squares[j]);
      note(first + j, squares[j]);
    }
  }, { triangle: true });
  return Float64Array.from({ length: count }, (_, i) => nearest[i * k + k - 1]);
}
