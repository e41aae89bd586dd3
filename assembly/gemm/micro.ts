/**
 * The register tiles: everything else in this folder exists to feed them.
 *
 * Computes: C[r, c] = Σ over k of a[k, r] · b[k, c], from zero, in the order of k; with `accumulate`, C += that sum.
 * Shapes: 6 rows × 16 (or 8) columns × `depth`.
 * Layout: a[k, r] is at a + r·aRowStep + k·aStep, so A may be packed ([k][6]), lie in rows or in columns; b is [k][16] (or
 *   [k][8]) without gaps; row r of C is at c + r·cRowStep. Steps in bytes.
 * Requires: depth ≥ 1.
 * Writes: C, whole; without `accumulate` it is not read.
 * Error: depth · 2⁻²⁴ · Σ|a·b|, relative to the exact sum; one rounding a step with relaxed SIMD, two without. Both
 *   tiles give the same bits for the same column.
 * Chosen because: with V8's revectoriser and without bounds checks, 6×16 becomes 12 accumulators of 256 bits + 2 for b
 *   + 1 for a, which fills the sixteen registers (V8 keeps one); 6×24 spills. Accumulators are local variables named
 *   by position (row_column), b is read as neighbours, a is splat from memory and C is stored in neighbouring pairs
 *   with constant distances from one base: what the revectoriser needs to pair them. Six pointers into A cost nothing
 *   beside the multiplications: it is as fast in rows as in panels [k][6], as long as the rows do not share cache sets.
 *   Without the revectoriser, 6×8 fits the sixteen registers of 128 bits and 6×16 spills, but is hardly slower; see
 *   `tileColumns` in `src/plan/blocks.ts`.
 */

import { load4, loadSplat, multiplyAdd, store4 } from "../simd";

/** Rows of a tile and of a packed panel of A. */
// @ts-ignore: decorator
@inline export const TILE_ROWS: i32 = 6;

export function tile6x16(
  depth: i32,
  a: usize,
  aRowStep: usize,
  aStep: usize,
  b: usize,
  c: usize,
  cRowStep: usize,
  accumulate: bool,
): void {
  let a0 = a, a1 = a0 + aRowStep, a2 = a1 + aRowStep, a3 = a2 + aRowStep, a4 = a3 + aRowStep, a5 = a4 + aRowStep;
  let sum0_0 = f32x4.splat(0), sum0_4 = f32x4.splat(0), sum0_8 = f32x4.splat(0), sum0_12 = f32x4.splat(0);
  let sum1_0 = f32x4.splat(0), sum1_4 = f32x4.splat(0), sum1_8 = f32x4.splat(0), sum1_12 = f32x4.splat(0);
  let sum2_0 = f32x4.splat(0), sum2_4 = f32x4.splat(0), sum2_8 = f32x4.splat(0), sum2_12 = f32x4.splat(0);
  let sum3_0 = f32x4.splat(0), sum3_4 = f32x4.splat(0), sum3_8 = f32x4.splat(0), sum3_12 = f32x4.splat(0);
  let sum4_0 = f32x4.splat(0), sum4_4 = f32x4.splat(0), sum4_8 = f32x4.splat(0), sum4_12 = f32x4.splat(0);
  let sum5_0 = f32x4.splat(0), sum5_4 = f32x4.splat(0), sum5_8 = f32x4.splat(0), sum5_12 = f32x4.splat(0);
  for (; depth > 0; depth--) {
    const b0 = load4(b, 0);
    const b4 = load4(b, 16);
    const b8 = load4(b, 32);
    const b12 = load4(b, 48);
    const x0 = loadSplat(a0);
    const x1 = loadSplat(a1);
    const x2 = loadSplat(a2);
    const x3 = loadSplat(a3);
    const x4 = loadSplat(a4);
    const x5 = loadSplat(a5);
    sum0_0 = multiplyAdd(x0, b0, sum0_0);
    sum0_4 = multiplyAdd(x0, b4, sum0_4);
    sum0_8 = multiplyAdd(x0, b8, sum0_8);
    sum0_12 = multiplyAdd(x0, b12, sum0_12);
    sum1_0 = multiplyAdd(x1, b0, sum1_0);
    sum1_4 = multiplyAdd(x1, b4, sum1_4);
    sum1_8 = multiplyAdd(x1, b8, sum1_8);
    sum1_12 = multiplyAdd(x1, b12, sum1_12);
    sum2_0 = multiplyAdd(x2, b0, sum2_0);
    sum2_4 = multiplyAdd(x2, b4, sum2_4);
    sum2_8 = multiplyAdd(x2, b8, sum2_8);
    sum2_12 = multiplyAdd(x2, b12, sum2_12);
    sum3_0 = multiplyAdd(x3, b0, sum3_0);
    sum3_4 = multiplyAdd(x3, b4, sum3_4);
    sum3_8 = multiplyAdd(x3, b8, sum3_8);
    sum3_12 = multiplyAdd(x3, b12, sum3_12);
    sum4_0 = multiplyAdd(x4, b0, sum4_0);
    sum4_4 = multiplyAdd(x4, b4, sum4_4);
    sum4_8 = multiplyAdd(x4, b8, sum4_8);
    sum4_12 = multiplyAdd(x4, b12, sum4_12);
    sum5_0 = multiplyAdd(x5, b0, sum5_0);
    sum5_4 = multiplyAdd(x5, b4, sum5_4);
    sum5_8 = multiplyAdd(x5, b8, sum5_8);
    sum5_12 = multiplyAdd(x5, b12, sum5_12);
    a0 += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    a4 += aStep;
    a5 += aStep;
    b += 64;
  }
  if (accumulate) {
    const old0_0 = load4(c, 0), old0_4 = load4(c, 16), old0_8 = load4(c, 32), old0_12 = load4(c, 48);
    store4(c, f32x4.add(sum0_0, old0_0), 0);
    store4(c, f32x4.add(sum0_4, old0_4), 16);
    store4(c, f32x4.add(sum0_8, old0_8), 32);
    store4(c, f32x4.add(sum0_12, old0_12), 48);
    c += cRowStep;
    const old1_0 = load4(c, 0), old1_4 = load4(c, 16), old1_8 = load4(c, 32), old1_12 = load4(c, 48);
    store4(c, f32x4.add(sum1_0, old1_0), 0);
    store4(c, f32x4.add(sum1_4, old1_4), 16);
    store4(c, f32x4.add(sum1_8, old1_8), 32);
    store4(c, f32x4.add(sum1_12, old1_12), 48);
    c += cRowStep;
    const old2_0 = load4(c, 0), old2_4 = load4(c, 16), old2_8 = load4(c, 32), old2_12 = load4(c, 48);
    store4(c, f32x4.add(sum2_0, old2_0), 0);
    store4(c, f32x4.add(sum2_4, old2_4), 16);
    store4(c, f32x4.add(sum2_8, old2_8), 32);
    store4(c, f32x4.add(sum2_12, old2_12), 48);
    c += cRowStep;
    const old3_0 = load4(c, 0), old3_4 = load4(c, 16), old3_8 = load4(c, 32), old3_12 = load4(c, 48);
    store4(c, f32x4.add(sum3_0, old3_0), 0);
    store4(c, f32x4.add(sum3_4, old3_4), 16);
    store4(c, f32x4.add(sum3_8, old3_8), 32);
    store4(c, f32x4.add(sum3_12, old3_12), 48);
    c += cRowStep;
    const old4_0 = load4(c, 0), old4_4 = load4(c, 16), old4_8 = load4(c, 32), old4_12 = load4(c, 48);
    store4(c, f32x4.add(sum4_0, old4_0), 0);
    store4(c, f32x4.add(sum4_4, old4_4), 16);
    store4(c, f32x4.add(sum4_8, old4_8), 32);
    store4(c, f32x4.add(sum4_12, old4_12), 48);
    c += cRowStep;
    const old5_0 = load4(c, 0), old5_4 = load4(c, 16), old5_8 = load4(c, 32), old5_12 = load4(c, 48);
    store4(c, f32x4.add(sum5_0, old5_0), 0);
    store4(c, f32x4.add(sum5_4, old5_4), 16);
    store4(c, f32x4.add(sum5_8, old5_8), 32);
    store4(c, f32x4.add(sum5_12, old5_12), 48);
    return;
  }
  store4(c, sum0_0, 0);
  store4(c, sum0_4, 16);
  store4(c, sum0_8, 32);
  store4(c, sum0_12, 48);
  c += cRowStep;
  store4(c, sum1_0, 0);
  store4(c, sum1_4, 16);
  store4(c, sum1_8, 32);
  store4(c, sum1_12, 48);
  c += cRowStep;
  store4(c, sum2_0, 0);
  store4(c, sum2_4, 16);
  store4(c, sum2_8, 32);
  store4(c, sum2_12, 48);
  c += cRowStep;
  store4(c, sum3_0, 0);
  store4(c, sum3_4, 16);
  store4(c, sum3_8, 32);
  store4(c, sum3_12, 48);
  c += cRowStep;
  store4(c, sum4_0, 0);
  store4(c, sum4_4, 16);
  store4(c, sum4_8, 32);
  store4(c, sum4_12, 48);
  c += cRowStep;
  store4(c, sum5_0, 0);
  store4(c, sum5_4, 16);
  store4(c, sum5_8, 32);
  store4(c, sum5_12, 48);
}

export function tile6x8(
  depth: i32,
  a: usize,
  aRowStep: usize,
  aStep: usize,
  b: usize,
  c: usize,
  cRowStep: usize,
  accumulate: bool,
): void {
  let a0 = a, a1 = a0 + aRowStep, a2 = a1 + aRowStep, a3 = a2 + aRowStep, a4 = a3 + aRowStep, a5 = a4 + aRowStep;
  let sum0_0 = f32x4.splat(0), sum0_4 = f32x4.splat(0);
  let sum1_0 = f32x4.splat(0), sum1_4 = f32x4.splat(0);
  let sum2_0 = f32x4.splat(0), sum2_4 = f32x4.splat(0);
  let sum3_0 = f32x4.splat(0), sum3_4 = f32x4.splat(0);
  let sum4_0 = f32x4.splat(0), sum4_4 = f32x4.splat(0);
  let sum5_0 = f32x4.splat(0), sum5_4 = f32x4.splat(0);
  for (; depth > 0; depth--) {
    const b0 = load4(b, 0);
    const b4 = load4(b, 16);
    const x0 = loadSplat(a0);
    const x1 = loadSplat(a1);
    const x2 = loadSplat(a2);
    const x3 = loadSplat(a3);
    const x4 = loadSplat(a4);
    const x5 = loadSplat(a5);
    sum0_0 = multiplyAdd(x0, b0, sum0_0);
    sum0_4 = multiplyAdd(x0, b4, sum0_4);
    sum1_0 = multiplyAdd(x1, b0, sum1_0);
    sum1_4 = multiplyAdd(x1, b4, sum1_4);
    sum2_0 = multiplyAdd(x2, b0, sum2_0);
    sum2_4 = multiplyAdd(x2, b4, sum2_4);
    sum3_0 = multiplyAdd(x3, b0, sum3_0);
    sum3_4 = multiplyAdd(x3, b4, sum3_4);
    sum4_0 = multiplyAdd(x4, b0, sum4_0);
    sum4_4 = multiplyAdd(x4, b4, sum4_4);
    sum5_0 = multiplyAdd(x5, b0, sum5_0);
    sum5_4 = multiplyAdd(x5, b4, sum5_4);
    a0 += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    a4 += aStep;
    a5 += aStep;
    b += 32;
  }
  if (accumulate) {
    const old0_0 = load4(c, 0), old0_4 = load4(c, 16);
    store4(c, f32x4.add(sum0_0, old0_0), 0);
    store4(c, f32x4.add(sum0_4, old0_4), 16);
    c += cRowStep;
    const old1_0 = load4(c, 0), old1_4 = load4(c, 16);
    store4(c, f32x4.add(sum1_0, old1_0), 0);
    store4(c, f32x4.add(sum1_4, old1_4), 16);
    c += cRowStep;
    const old2_0 = load4(c, 0), old2_4 = load4(c, 16);
    store4(c, f32x4.add(sum2_0, old2_0), 0);
    store4(c, f32x4.add(sum2_4, old2_4), 16);
    c += cRowStep;
    const old3_0 = load4(c, 0), old3_4 = load4(c, 16);
    store4(c, f32x4.add(sum3_0, old3_0), 0);
    store4(c, f32x4.add(sum3_4, old3_4), 16);
    c += cRowStep;
    const old4_0 = load4(c, 0), old4_4 = load4(c, 16);
    store4(c, f32x4.add(sum4_0, old4_0), 0);
    store4(c, f32x4.add(sum4_4, old4_4), 16);
    c += cRowStep;
    const old5_0 = load4(c, 0), old5_4 = load4(c, 16);
    store4(c, f32x4.add(sum5_0, old5_0), 0);
    store4(c, f32x4.add(sum5_4, old5_4), 16);
    return;
  }
  store4(c, sum0_0, 0);
  store4(c, sum0_4, 16);
  c += cRowStep;
  store4(c, sum1_0, 0);
  store4(c, sum1_4, 16);
  c += cRowStep;
  store4(c, sum2_0, 0);
  store4(c, sum2_4, 16);
  c += cRowStep;
  store4(c, sum3_0, 0);
  store4(c, sum3_4, 16);
  c += cRowStep;
  store4(c, sum4_0, 0);
  store4(c, sum4_4, 16);
  c += cRowStep;
  store4(c, sum5_0, 0);
  store4(c, sum5_4, 16);
}
