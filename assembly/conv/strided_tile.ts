/**
 * The register tile of convolutions with few channels: operands are read where they lie.
 *
 * Computes: out[r, c] = init[r, c] + Σ over (i, j) of a[i, j, r] · b[i·inner + j, c], in the order of (i, j).
 * Shapes: 6 rows × 16 columns; depth outer × inner.
 * Layout: a[i, j, 0 … 6) are adjacent, at a + i·aOuterStep + j·aStep bytes; b's row d is at b + d·bStep; row r of init
 *   and of out at r·initStep and r·outStep (initStep 0: one row for all, a bias); 16 columns are adjacent.
 * Requires: outer, inner ≥ 1; `init` may be `out`.
 * Writes: out, whole.
 * Error: depth · 2⁻²⁴ · Σ|a·b|, relative to the exact sum; one rounding a step with relaxed SIMD, two without.
 * Chosen because: it is `tile6x16` of `../gemm/micro.ts` with a second loop, steps through b and a start to add to, and
 *   reaches 95 to 98 % of the roof. With few channels products are few for each element copied, so what can be read in
 *   place is, and sums go straight to their place. A pointer for each row, as in `tile6x16`, would spare the panels of
 *   the forward face as well, but with two loops reached 77 % only.
 */

import { load4, loadSplat, multiplyAdd, store4 } from "../simd";

export function stridedTile(
  outer: i32,
  inner: i32,
  a: usize,
  aStep: usize,
  aOuterStep: usize,
  b: usize,
  bStep: usize,
  init: usize,
  initStep: usize,
  out: usize,
  outStep: usize,
): void {
  let sum0_0 = load4(init), sum0_4 = load4(init, 16), sum0_8 = load4(init, 32), sum0_12 = load4(init, 48);
  init += initStep;
  let sum1_0 = load4(init), sum1_4 = load4(init, 16), sum1_8 = load4(init, 32), sum1_12 = load4(init, 48);
  init += initStep;
  let sum2_0 = load4(init), sum2_4 = load4(init, 16), sum2_8 = load4(init, 32), sum2_12 = load4(init, 48);
  init += initStep;
  let sum3_0 = load4(init), sum3_4 = load4(init, 16), sum3_8 = load4(init, 32), sum3_12 = load4(init, 48);
  init += initStep;
  let sum4_0 = load4(init), sum4_4 = load4(init, 16), sum4_8 = load4(init, 32), sum4_12 = load4(init, 48);
  init += initStep;
  let sum5_0 = load4(init), sum5_4 = load4(init, 16), sum5_8 = load4(init, 32), sum5_12 = load4(init, 48);
  const jump = aOuterStep - <usize>inner * aStep;
  for (; outer > 0; outer--) {
    for (let left = inner; left > 0; left--) {
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
      a += aStep;
      b += bStep;
    }
    a += jump;
  }
  store4(out, sum0_0, 0);
  store4(out, sum0_4, 16);
  store4(out, sum0_8, 32);
  store4(out, sum0_12, 48);
  out += outStep;
  store4(out, sum1_0, 0);
  store4(out, sum1_4, 16);
  store4(out, sum1_8, 32);
  store4(out, sum1_12, 48);
  out += outStep;
  store4(out, sum2_0, 0);
  store4(out, sum2_4, 16);
  store4(out, sum2_8, 32);
  store4(out, sum2_12, 48);
  out += outStep;
  store4(out, sum3_0, 0);
  store4(out, sum3_4, 16);
  store4(out, sum3_8, 32);
  store4(out, sum3_12, 48);
  out += outStep;
  store4(out, sum4_0, 0);
  store4(out, sum4_4, 16);
  store4(out, sum4_8, 32);
  store4(out, sum4_12, 48);
  out += outStep;
  store4(out, sum5_0, 0);
  store4(out, sum5_4, 16);
  store4(out, sum5_8, 32);
  store4(out, sum5_12, 48);
}
