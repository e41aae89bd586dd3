/**
 * Inner products in double precision, for metrics: a module of its own with a memory of its own. Each product is one sum
 * from the first value of its vectors to the last, rounded after each multiplication and each addition, so that it has
 * the same bits as a plain loop. A vector holds two doubles.
 */
import { load4, loadDoubleSplat, store4 } from "./simd";

/** First byte that the module does not use itself. */
export function start(): usize {
  return __heap_base;
}

/** sum + a · b. */
// @ts-ignore: decorator
@inline function add(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

/**
 * block[i, j] = Σₖ x[i, k] · y[j, k]. Pointers are byte addresses; rows and columns are multiples of 4.
 * @param x rows one behind the other, [rows, length]
 * @param y panels of 4 columns, value by value, [columns / 4, length, 4]
 * @param block rows of `stride` doubles each
 */
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
        sum00 = add(sum00, a0, b0);
        sum02 = add(sum02, a0, b2);
        sum10 = add(sum10, a1, b0);
        sum12 = add(sum12, a1, b2);
        sum20 = add(sum20, a2, b0);
        sum22 = add(sum22, a2, b2);
        sum30 = add(sum30, a3, b0);
        sum32 = add(sum32, a3, b2);
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
