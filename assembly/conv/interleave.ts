/**
 * Six runs of floats into the panel that the register tile reads.
 *
 * Computes: panel[k, r] = source r [k].
 * Shapes: `length` adjacent floats of each of the six sources.
 * Layout: panel is [k][6].
 * Requires: length ≥ 1.
 * Writes: the panel, 6 × length floats.
 * Error: none, copies.
 * Chosen because: 6 × 4 elements are transposed in registers, with the fewest shuffles.
 */

import { load4, loadFloat, store4, storeFloat } from "../simd";

export function interleave(
  source0: usize,
  source1: usize,
  source2: usize,
  source3: usize,
  source4: usize,
  source5: usize,
  length: i32,
  panel: usize,
): void {
  let k: i32 = 0;
  for (; k + 4 <= length; k += 4) {
    const row0 = load4(source0), row1 = load4(source1), row2 = load4(source2);
    const row3 = load4(source3), row4 = load4(source4), row5 = load4(source5);
    // Names tell the rows (r) and columns (k) that a vector holds, in the order of its lanes.
    const r02k01 = v128.shuffle<f32>(row0, row2, 0, 4, 1, 5);
    const r02k23 = v128.shuffle<f32>(row0, row2, 2, 6, 3, 7);
    const r13k01 = v128.shuffle<f32>(row1, row3, 0, 4, 1, 5);
    const r13k23 = v128.shuffle<f32>(row1, row3, 2, 6, 3, 7);
    const r45k01 = v128.shuffle<f32>(row4, row5, 0, 4, 1, 5);
    const r45k23 = v128.shuffle<f32>(row4, row5, 2, 6, 3, 7);
    const r0123k0 = v128.shuffle<f32>(r02k01, r13k01, 0, 4, 1, 5);
    const r0123k1 = v128.shuffle<f32>(r02k01, r13k01, 2, 6, 3, 7);
    const r0123k2 = v128.shuffle<f32>(r02k23, r13k23, 0, 4, 1, 5);
    const r0123k3 = v128.shuffle<f32>(r02k23, r13k23, 2, 6, 3, 7);
    store4(panel, r0123k0);
    store4(panel, v128.shuffle<i64>(r45k01, r0123k1, 0, 2), 16);
    store4(panel, v128.shuffle<i64>(r0123k1, r45k01, 1, 3), 32);
    store4(panel, r0123k2, 48);
    store4(panel, v128.shuffle<i64>(r45k23, r0123k3, 0, 2), 64);
    store4(panel, v128.shuffle<i64>(r0123k3, r45k23, 1, 3), 80);
    source0 += 16;
    source1 += 16;
    source2 += 16;
    source3 += 16;
    source4 += 16;
    source5 += 16;
    panel += 96;
  }
  for (; k < length; k++) {
    storeFloat(panel, loadFloat(source0));
    storeFloat(panel, loadFloat(source1), 4);
    storeFloat(panel, loadFloat(source2), 8);
    storeFloat(panel, loadFloat(source3), 12);
    storeFloat(panel, loadFloat(source4), 16);
    storeFloat(panel, loadFloat(source5), 20);
    source0 += 4;
    source1 += 4;
    source2 += 4;
    source3 += 4;
    source4 += 4;
    source5 += 4;
    panel += 24;
  }
}
