/**
 * The instruction `pack`: a right-hand matrix into the column panels that `contract` reads.
 *
 * Computes: out[depth block][panel][row][column] = b[k, n], columns beyond n zero.
 * Shapes: b is (tapsY·tapsX·channels) × n, `batch` of them; panels have `tileColumns` (16 or 8) columns.
 * Layout: b[(ty, tx, channel), n] is at source + 4·(ty·strideTapY + tx·strideTapX + channel·strideChannel +
 *   n·strideColumn); depth block d starts at row d·depthBlock, its panels are adjacent and as deep as the block.
 * Requires: all sizes ≥ 1.
 * Writes: batch × K × ⌈n / tileColumns⌉·tileColumns floats; each panel by one thread.
 * Error: none, copies.
 * Chosen because: the two layouts that training meets are fast: adjacent columns (a matrix, or filters seen from their
 *   gradient of the input) are row copies, a few panels at a time so that neighbouring cache lines are read together;
 *   adjacent channels (filters OHWI, transposed matrices) are 4 × 4 transpositions.
 */

import {
  PACK_BATCH,
  PACK_CHANNELS,
  PACK_DEPTH_BLOCK,
  PACK_N,
  PACK_OUT,
  PACK_OUT_BATCH_STRIDE,
  PACK_SOURCE,
  PACK_SOURCE_BATCH_STRIDE,
  PACK_STRIDE_CHANNEL,
  PACK_STRIDE_COLUMN,
  PACK_STRIDE_TAP_X,
  PACK_STRIDE_TAP_Y,
  PACK_TAPS_X,
  PACK_TAPS_Y,
  PACK_TILE_COLUMNS,
} from "../abi.gen";
import { load4, loadFloat, signedWord, store4, storeFloat, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import { ceilDivide } from "./divide";
import { clearFloats, copyFloats } from "./floats";
import { storeTransposed } from "./transpose";

/** Panels that are filled together where columns are adjacent: rows of 256 bytes, from four lines into four panels. */
// @ts-ignore: decorator
@inline const TOGETHER: i32 = 4;

export function pack(instruction: usize, thread: i32, threads: i32): void {
  const n = signedWord(instruction, PACK_N);
  const rows = signedWord(instruction, PACK_TAPS_Y) * signedWord(instruction, PACK_TAPS_X) *
    signedWord(instruction, PACK_CHANNELS);
  const depthBlock = signedWord(instruction, PACK_DEPTH_BLOCK);
  const tileColumns = signedWord(instruction, PACK_TILE_COLUMNS);
  const source = <usize>word(instruction, PACK_SOURCE);
  const sourceStep = <usize>signedWord(instruction, PACK_SOURCE_BATCH_STRIDE) << 2;
  const columnStep = <usize>signedWord(instruction, PACK_STRIDE_COLUMN) << 2;
  const out = <usize>word(instruction, PACK_OUT);
  const outStep = <usize>word(instruction, PACK_OUT_BATCH_STRIDE) << 2;

  const panels = ceilDivide(n, tileColumns);
  const inMatrix = panels * ceilDivide(rows, depthBlock);
  const units = signedWord(instruction, PACK_BATCH) * inMatrix;
  const end = <i32>shareEnd(units, thread, threads);
  const together = signedWord(instruction, PACK_STRIDE_COLUMN) == 1 ? TOGETHER : 1;
  for (let unit = <i32>shareBegin(units, thread, threads), count: i32 = 0; unit < end; unit += count) {
    const matrix = unit / inMatrix, block = unit % inMatrix / panels, panel = unit % panels;
    const row = block * depthBlock, column = panel * tileColumns;
    const depth = min(depthBlock, rows - row);
    count = min(min(together, panels - panel), end - unit);
    packPanels(
      instruction,
      source + <usize>matrix * sourceStep + <usize>column * columnStep,
      row,
      depth,
      min(count * tileColumns, n - column),
      out + <usize>matrix * outStep + (<usize>(row * panels + panel * depth) * <usize>tileColumns << 2),
    );
  }
}

/** Neighbouring panels of `columns` columns in all, `depth` rows from `row`; `source` is the first column. */
function packPanels(instruction: usize, source: usize, row: i32, depth: i32, columns: i32, out: usize): void {
  const strideTapX = signedWord(instruction, PACK_STRIDE_TAP_X);
  const strideTapY = signedWord(instruction, PACK_STRIDE_TAP_Y);
  const strideChannel = signedWord(instruction, PACK_STRIDE_CHANNEL);
  const strideColumn = signedWord(instruction, PACK_STRIDE_COLUMN);
  const tileColumns = signedWord(instruction, PACK_TILE_COLUMNS);
  // Taps that follow each other like channels are channels: runs become as long as the memory allows.
  let channels = signedWord(instruction, PACK_CHANNELS);
  let tapsX = signedWord(instruction, PACK_TAPS_X);
  if (strideTapX == strideChannel * channels) {
    channels *= tapsX;
    tapsX = 1;
    if (strideTapY == strideChannel * channels) channels *= signedWord(instruction, PACK_TAPS_Y);
  }
  const panelSize = depth * tileColumns;
  if (columns % tileColumns != 0) clearFloats(out + (<usize>(columns / tileColumns * panelSize) << 2), panelSize);

  let tap = row / channels, channel = row % channels;
  while (depth > 0) {
    const length = min(depth, channels - channel);
    const from = source +
      (<usize>(tap / tapsX * strideTapY + tap % tapsX * strideTapX + channel * strideChannel) << 2);
    if (strideColumn == 1) copyRows(from, strideChannel, length, columns, tileColumns, panelSize, out);
    else transposeColumns(from, strideChannel, strideColumn, length, columns, tileColumns, out);
    out += <usize>(length * tileColumns) << 2;
    depth -= length;
    channel = 0;
    tap++;
  }
}

/** Adjacent columns, of one panel or several. */
export function copyRows(
  from: usize,
  rowStride: i32,
  length: i32,
  columns: i32,
  tileColumns: i32,
  panelSize: i32,
  out: usize,
): void {
  const rowStep = <usize>rowStride << 2, outStep = <usize>tileColumns << 2, panelStep = <usize>panelSize << 2;
  for (; length > 0; length--) {
    let at = from, to = out;
    for (let left = columns; left > 0; left -= tileColumns) {
      if (left >= 16 && tileColumns == 16) {
        const c0 = load4(at), c4 = load4(at, 16), c8 = load4(at, 32), c12 = load4(at, 48);
        store4(to, c0);
        store4(to, c4, 16);
        store4(to, c8, 32);
        store4(to, c12, 48);
      } else copyFloats(at, min(left, tileColumns), to);
      at += outStep;
      to += panelStep;
    }
    from += rowStep;
    out += outStep;
  }
}

/** Four columns at a time where rows are adjacent, else element by element. */
function transposeColumns(
  from: usize,
  rowStride: i32,
  columnStride: i32,
  length: i32,
  columns: i32,
  tileColumns: i32,
  out: usize,
): void {
  const columnStep = <usize>columnStride << 2, outStep = <usize>tileColumns << 2, rowStep = <usize>rowStride << 2;
  const quadRows = rowStride == 1 ? length & ~3 : 0;
  let column: i32 = 0;
  for (; column + 4 <= columns; column += 4) {
    let from0 = from, from1 = from + columnStep, from2 = from + columnStep * 2, from3 = from + columnStep * 3;
    let to = out;
    for (let k: i32 = 0; k < quadRows; k += 4) {
      storeTransposed(load4(from0), load4(from1), load4(from2), load4(from3), to, outStep);
      from0 += 16;
      from1 += 16;
      from2 += 16;
      from3 += 16;
      to += outStep * 4;
    }
    for (let k = quadRows; k < length; k++) {
      storeFloat(to, loadFloat(from0));
      storeFloat(to, loadFloat(from1), 4);
      storeFloat(to, loadFloat(from2), 8);
      storeFloat(to, loadFloat(from3), 12);
      from0 += rowStep;
      from1 += rowStep;
      from2 += rowStep;
      from3 += rowStep;
      to += outStep;
    }
    from += columnStep * 4;
    out += 16;
  }
  for (; column < columns; column++) {
    let one = from, to = out;
    for (let k: i32 = 0; k < length; k++) {
      storeFloat(to, loadFloat(one));
      one += rowStep;
      to += outStep;
    }
    from += columnStep;
    out += 4;
  }
}
