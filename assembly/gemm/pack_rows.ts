/**
 * Packs a block of A, a strided matrix, into panels of six rows.
 *
 * Computes: panel[p][k, r] = a[6·p + r, k]; rows beyond the last are zero.
 * Shapes: `rows` × `depth` elements of A, into ⌈rows / 6⌉ panels.
 * Layout: element (r, k) is at a + 4·(r·rowStride + k·columnStride); a panel is [k][6], panels follow each other.
 * Requires: rows, depth ≥ 1; `zeros` points to `depth` zero floats.
 * Writes: the panels, whole.
 * Error: none, copies.
 * Chosen because: the two strides that occur in training are fast: adjacent columns (A as it lies in memory) by
 *   transposing 6 × 4 elements in registers, adjacent rows (Aᵀ) by copying six floats at a time. Missing rows are read
 *   from `zeros`, so the inner loops know only whole panels.
 */

import { load2, load4, loadFloat, store2, store4, storeFloat } from "../simd";
import { TILE_ROWS } from "../abi.gen";

/**
 * Transposed panels are made in stretches of this many columns of A, one stretch of all panels after the other: the
 * lines that neighbouring panels share (32 × 1 KiB for 256 rows) stay in a 32 KiB level-1 cache.
 */
// @ts-ignore: decorator
@inline const STRETCH: i32 = 32;

/** panel[k, r] = source r [k], for `length` adjacent floats of each of the six sources. */
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

/** Six adjacent rows of A: panel[k, 0 … 6) = a[k·columnStep bytes …]. */
function copySixes(a: usize, columnStep: usize, length: i32, panel: usize): void {
  for (; length > 0; length--) {
    store4(panel, load4(a));
    store2(panel, load2(a, 16), 16);
    a += columnStep;
    panel += 24;
  }
}

/** Any strides, `rows` < 6 allowed. */
function copyScattered(a: usize, rowStep: usize, columnStep: usize, rows: i32, length: i32, panel: usize): void {
  for (; length > 0; length--) {
    let from = a;
    for (let r: i32 = 0; r < TILE_ROWS; r++) {
      storeFloat(panel + (<usize>r << 2), r < rows ? loadFloat(from) : 0);
      from += rowStep;
    }
    a += columnStep;
    panel += 24;
  }
}

export function packRows(
  a: usize,
  rowStride: i32,
  columnStride: i32,
  rows: i32,
  depth: i32,
  zeros: usize,
  panels: usize,
): void {
  const rowStep = <usize>rowStride << 2, columnStep = <usize>columnStride << 2;
  const panelStep = <usize>depth * 24;
  if (columnStride == 1) {
    for (let row: i32 = 0; row < rows; row += TILE_ROWS) {
      interleave(
        a,
        row + 1 < rows ? a + rowStep : zeros,
        row + 2 < rows ? a + rowStep * 2 : zeros,
        row + 3 < rows ? a + rowStep * 3 : zeros,
        row + 4 < rows ? a + rowStep * 4 : zeros,
        row + 5 < rows ? a + rowStep * 5 : zeros,
        depth,
        panels,
      );
      a += rowStep * 6;
      panels += panelStep;
    }
    return;
  }
  for (let k: i32 = 0; k < depth; k += STRETCH) {
    const length = min(STRETCH, depth - k);
    let from = a + <usize>k * columnStep, panel = panels + <usize>k * 24;
    for (let row: i32 = 0; row < rows; row += TILE_ROWS) {
      const inPanel = min(TILE_ROWS, rows - row);
      if (rowStride == 1 && inPanel == TILE_ROWS) copySixes(from, columnStep, length, panel);
      else copyScattered(from, rowStep, columnStep, inPanel, length, panel);
      from += rowStep * 6;
      panel += panelStep;
    }
  }
}
