/**
 * Inner products of points in double precision, for metrics: a module of its own with a memory of its own.
 *
 * Computes     block[i, j] = Σₖ x[i, k] · y[j, k]
 * Shapes       x [rows][length], y [columns / 4][length][4], block [rows][stride], of which `columns` are written
 * Layout       x: rows one behind the other; y: panels of 4 columns, value by value; doubles all
 * Requires     rows and columns are multiples of 4, columns ≤ stride; block overlaps no input
 * Writes       each product once; reads no output
 * Error        one sum in the order of k, rounded after each multiplication and each addition: the bits of a plain loop
 * Chosen because a tile of 4 × 4 sums fills eight registers of two doubles, and each value that is loaded is used four
 *   times. A fused multiply-add would save an instruction, but not be the same on all machines.
 */
import { load4, loadDoubleSplat, store4 } from "./simd";

/** First byte that the module does not use itself. */
export function start(): usize {
  return __heap_base;
}

/** sum + a · b. */
// @ts-ignore: decorator
@inline function accumulate(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

/** All products of rows and columns; `x`, `y` and `block` are byte addresses. */
export function multiply(
  x: usize,
  rows: i32,
  y: usize,
  columns: i32,
  length: i32,
  block: usize,
  stride: i32,
): void {
  const row = <usize> length << 3, panel = <usize> length << 5, out = <usize> stride << 3;
  for (let i = 0; i < rows; i += 4, x += row << 2, block += out << 2) {
    let columnOf = y, at = block;
    for (let j = 0; j < columns; j += 4, columnOf += panel, at += 32) {
      let sum00 = f64x2.splat(0), sum02 = sum00, sum10 = sum00, sum12 = sum00;
      let sum20 = sum00, sum22 = sum00, sum30 = sum00, sum32 = sum00;
      let x0 = x, x1 = x0 + row, x2 = x1 + row, x3 = x2 + row;
      for (let b = columnOf, end = columnOf + panel; b < end; b += 32) {
        const b0 = load4(b), b2 = load4(b, 16);
        const a0 = loadDoubleSplat(x0), a1 = loadDoubleSplat(x1);
        const a2 = loadDoubleSplat(x2), a3 = loadDoubleSplat(x3);
        sum00 = accumulate(sum00, a0, b0);
        sum02 = accumulate(sum02, a0, b2);
        sum10 = accumulate(sum10, a1, b0);
        sum12 = accumulate(sum12, a1, b2);
        sum20 = accumulate(sum20, a2, b0);
        sum22 = accumulate(sum22, a2, b2);
        sum30 = accumulate(sum30, a3, b0);
        sum32 = accumulate(sum32, a3, b2);
        x0 += 8;
        x1 += 8;
        x2 += 8;
        x3 += 8;
      }
      store4(at, sum00);
      store4(at, sum02, 16);
      store4(at + out, sum10);
      store4(at + out, sum12, 16);
      store4(at + 2 * out, sum20);
      store4(at + 2 * out, sum22, 16);
      store4(at + 3 * out, sum30);
      store4(at + 3 * out, sum32, 16);
    }
  }
}
