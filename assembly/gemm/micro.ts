/**
 * The register tiles: everything else in this folder exists to feed them.
 *
 * Computes: sums[r, c] = Σ over k of a[k, r] · b[k, c], from zero, in the order of k.
 * Shapes: 6 rows × 16 (or 8) columns × `depth`.
 * Layout: a is [k][6], b is [k][16] (or [k][8]), sums is [6][16] (or [6][8]); all without gaps.
 * Requires: depth ≥ 1.
 * Writes: sums, whole; never reads it.
 * Error: depth · 2⁻²⁴ · Σ|a·b|, relative to the exact sum; one rounding a step with relaxed SIMD, two without. Both
 *   tiles give the same bits for the same column.
 * Chosen because: with V8's revectoriser and without bounds checks, 6×16 becomes 12 accumulators of 256 bits + 2 for b
 *   + 1 for a, which fills the sixteen registers (V8 keeps one); 6×24 spills. Accumulators are local variables named
 *   by position (row_column), b is read as neighbours, a is splat from memory and sums are stored in neighbouring
 *   pairs with constant distances from one base: what the revectoriser needs to pair them. Without it, 6×8 fits the
 *   sixteen registers of 128 bits and 6×16 spills, but is hardly slower; see `tileColumns` in `src/plan/blocks.ts`.
 */

import { load4, loadSplat, multiplyAdd, store4 } from "../simd";

/** Rows of a tile and of a packed panel of A. */
// @ts-ignore: decorator
@inline export const TILE_ROWS: i32 = 6;

export function tile6x16(depth: i32, a: usize, b: usize, sums: usize): void {
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
    const a0 = loadSplat(a, 0);
    const a1 = loadSplat(a, 4);
    const a2 = loadSplat(a, 8);
    const a3 = loadSplat(a, 12);
    const a4 = loadSplat(a, 16);
    const a5 = loadSplat(a, 20);
    sum0_0 = multiplyAdd(a0, b0, sum0_0);
    sum0_4 = multiplyAdd(a0, b4, sum0_4);
    sum0_8 = multiplyAdd(a0, b8, sum0_8);
    sum0_12 = multiplyAdd(a0, b12, sum0_12);
    sum1_0 = multiplyAdd(a1, b0, sum1_0);
    sum1_4 = multiplyAdd(a1, b4, sum1_4);
    sum1_8 = multiplyAdd(a1, b8, sum1_8);
    sum1_12 = multiplyAdd(a1, b12, sum1_12);
    sum2_0 = multiplyAdd(a2, b0, sum2_0);
    sum2_4 = multiplyAdd(a2, b4, sum2_4);
    sum2_8 = multiplyAdd(a2, b8, sum2_8);
    sum2_12 = multiplyAdd(a2, b12, sum2_12);
    sum3_0 = multiplyAdd(a3, b0, sum3_0);
    sum3_4 = multiplyAdd(a3, b4, sum3_4);
    sum3_8 = multiplyAdd(a3, b8, sum3_8);
    sum3_12 = multiplyAdd(a3, b12, sum3_12);
    sum4_0 = multiplyAdd(a4, b0, sum4_0);
    sum4_4 = multiplyAdd(a4, b4, sum4_4);
    sum4_8 = multiplyAdd(a4, b8, sum4_8);
    sum4_12 = multiplyAdd(a4, b12, sum4_12);
    sum5_0 = multiplyAdd(a5, b0, sum5_0);
    sum5_4 = multiplyAdd(a5, b4, sum5_4);
    sum5_8 = multiplyAdd(a5, b8, sum5_8);
    sum5_12 = multiplyAdd(a5, b12, sum5_12);
    a += 24;
    b += 64;
  }
  store4(sums, sum0_0, 0);
  store4(sums, sum0_4, 16);
  store4(sums, sum0_8, 32);
  store4(sums, sum0_12, 48);
  store4(sums, sum1_0, 64);
  store4(sums, sum1_4, 80);
  store4(sums, sum1_8, 96);
  store4(sums, sum1_12, 112);
  store4(sums, sum2_0, 128);
  store4(sums, sum2_4, 144);
  store4(sums, sum2_8, 160);
  store4(sums, sum2_12, 176);
  store4(sums, sum3_0, 192);
  store4(sums, sum3_4, 208);
  store4(sums, sum3_8, 224);
  store4(sums, sum3_12, 240);
  store4(sums, sum4_0, 256);
  store4(sums, sum4_4, 272);
  store4(sums, sum4_8, 288);
  store4(sums, sum4_12, 304);
  store4(sums, sum5_0, 320);
  store4(sums, sum5_4, 336);
  store4(sums, sum5_8, 352);
  store4(sums, sum5_12, 368);
}

export function tile6x8(depth: i32, a: usize, b: usize, sums: usize): void {
  let sum0_0 = f32x4.splat(0), sum0_4 = f32x4.splat(0);
  let sum1_0 = f32x4.splat(0), sum1_4 = f32x4.splat(0);
  let sum2_0 = f32x4.splat(0), sum2_4 = f32x4.splat(0);
  let sum3_0 = f32x4.splat(0), sum3_4 = f32x4.splat(0);
  let sum4_0 = f32x4.splat(0), sum4_4 = f32x4.splat(0);
  let sum5_0 = f32x4.splat(0), sum5_4 = f32x4.splat(0);
  for (; depth > 0; depth--) {
    const b0 = load4(b, 0);
    const b4 = load4(b, 16);
    const a0 = loadSplat(a, 0);
    const a1 = loadSplat(a, 4);
    const a2 = loadSplat(a, 8);
    const a3 = loadSplat(a, 12);
    const a4 = loadSplat(a, 16);
    const a5 = loadSplat(a, 20);
    sum0_0 = multiplyAdd(a0, b0, sum0_0);
    sum0_4 = multiplyAdd(a0, b4, sum0_4);
    sum1_0 = multiplyAdd(a1, b0, sum1_0);
    sum1_4 = multiplyAdd(a1, b4, sum1_4);
    sum2_0 = multiplyAdd(a2, b0, sum2_0);
    sum2_4 = multiplyAdd(a2, b4, sum2_4);
    sum3_0 = multiplyAdd(a3, b0, sum3_0);
    sum3_4 = multiplyAdd(a3, b4, sum3_4);
    sum4_0 = multiplyAdd(a4, b0, sum4_0);
    sum4_4 = multiplyAdd(a4, b4, sum4_4);
    sum5_0 = multiplyAdd(a5, b0, sum5_0);
    sum5_4 = multiplyAdd(a5, b4, sum5_4);
    a += 24;
    b += 32;
  }
  store4(sums, sum0_0, 0);
  store4(sums, sum0_4, 16);
  store4(sums, sum1_0, 32);
  store4(sums, sum1_4, 48);
  store4(sums, sum2_0, 64);
  store4(sums, sum2_4, 80);
  store4(sums, sum3_0, 96);
  store4(sums, sum3_4, 112);
  store4(sums, sum4_0, 128);
  store4(sums, sum4_4, 144);
  store4(sums, sum5_0, 160);
  store4(sums, sum5_4, 176);
}
