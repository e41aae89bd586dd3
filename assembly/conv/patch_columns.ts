/**
 * Packs a block of B whose rows are patches of an image tensor: the right-hand matrix of a filter gradient.
 *
 * Computes: out[panel][k, column] = patch row (row + k), column; zero where the window leaves the image and beyond the
 *   last column.
 * Shapes: row (image, oy, ox) of the grid, column (ky, kx, channel); `depth` rows × `columns` columns.
 * Layout: as in `patch_rows.ts`; a panel is [k][tileColumns].
 * Requires: the first column is the first of a panel.
 * Writes: the panels, whole.
 * Error: none, copies.
 * Chosen because: the columns of a panel fall into a few runs that are adjacent in memory. For one run, the rows of one
 *   grid row whose windows lie inside the image are an interval: its copies need no test, only their borders do.
 */

import {
  CONTRACT_CHANNELS,
  CONTRACT_DILATION_X,
  CONTRACT_DILATION_Y,
  CONTRACT_GRID_HEIGHT,
  CONTRACT_GRID_WIDTH,
  CONTRACT_HEIGHT,
  CONTRACT_KERNEL_WIDTH,
  CONTRACT_PAD_LEFT,
  CONTRACT_PAD_TOP,
  CONTRACT_PIXEL_STRIDE,
  CONTRACT_STRIDE_X,
  CONTRACT_STRIDE_Y,
  CONTRACT_TILE_COLUMNS,
  CONTRACT_WIDTH,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats, copyFloats } from "../gemm/floats";
import { load4, signedWord, store4 } from "../simd";
import { runTaps } from "./patch_rows";

export function packPatchColumns(
  instruction: usize,
  images: usize,
  row: i32,
  depth: i32,
  column: i32,
  columns: i32,
  out: usize,
): void {
  const tileColumns = signedWord(instruction, CONTRACT_TILE_COLUMNS);
  const run = runTaps(instruction) * signedWord(instruction, CONTRACT_CHANNELS);
  for (; columns > 0; columns -= tileColumns) {
    const inPanel = min(tileColumns, columns);
    if (inPanel < tileColumns) clearFloats(out, depth * tileColumns);
    for (let done: i32 = 0; done < inPanel;) {
      const begin = (column + done) % run, end = min(run, begin + inPanel - done);
      packRun(instruction, images, row, depth, (column + done) / run, begin, end, out + (<usize>done << 2));
      done += end - begin;
    }
    column += tileColumns;
    out += <usize>(depth * tileColumns) << 2;
  }
}

/** Elements [begin, end) of one run, for all rows. */
function packRun(
  instruction: usize,
  images: usize,
  row: i32,
  depth: i32,
  index: i32,
  begin: i32,
  end: i32,
  out: usize,
): void {
  const gridWidth = signedWord(instruction, CONTRACT_GRID_WIDTH);
  const gridHeight = signedWord(instruction, CONTRACT_GRID_HEIGHT);
  const height = signedWord(instruction, CONTRACT_HEIGHT), width = signedWord(instruction, CONTRACT_WIDTH);
  const channels = signedWord(instruction, CONTRACT_CHANNELS);
  const pixelStride = signedWord(instruction, CONTRACT_PIXEL_STRIDE);
  const strideY = signedWord(instruction, CONTRACT_STRIDE_Y), strideX = signedWord(instruction, CONTRACT_STRIDE_X);
  const outStep = <usize>signedWord(instruction, CONTRACT_TILE_COLUMNS) << 2;
  const taps = runTaps(instruction);
  const runsInRow = signedWord(instruction, CONTRACT_KERNEL_WIDTH) / taps;
  // Position of the run's first tap in the window of (oy, ox) = (0, 0).
  const firstY = index / runsInRow * signedWord(instruction, CONTRACT_DILATION_Y) -
    signedWord(instruction, CONTRACT_PAD_TOP);
  const firstX = index % runsInRow * signedWord(instruction, CONTRACT_DILATION_X) -
    signedWord(instruction, CONTRACT_PAD_LEFT);
  // Grid columns [insideBegin, insideEnd) see all taps of [begin, end) inside the image.
  const firstTap = begin / channels, lastTap = (end - 1) / channels;
  const insideBegin = ceilDivide(max(0, -firstX - firstTap), strideX);
  const insideEnd = ceilDivide(max(0, width - firstX - lastTap), strideX);

  let ox = row % gridWidth, oy = row / gridWidth % gridHeight, image = row / gridWidth / gridHeight;
  while (depth > 0) {
    const oxEnd = min(gridWidth, ox + depth);
    depth -= oxEnd - ox;
    const y = oy * strideY + firstY;
    if (<u32>y >= <u32>height) {
      for (; ox < oxEnd; ox++) {
        clearFloats(out, end - begin);
        out += outStep;
      }
    } else {
      const line = images + (<usize>((image * height + y) * width * pixelStride) << 2);
      while (ox < oxEnd) {
        const x = ox * strideX + firstX;
        const from = line + (<usize>(x * pixelStride) << 2);
        if (ox >= insideBegin && ox < insideEnd) {
          const count = min(oxEnd, insideEnd) - ox;
          copyColumns(from + (<usize>begin << 2), <usize>(strideX * pixelStride) << 2, count, end - begin, outStep, out);
          ox += count;
          out += <usize>count * outStep;
        } else {
          copyClipped(from, begin, end, -x * channels, (width - x) * channels, out);
          ox++;
          out += outStep;
        }
      }
    }
    ox = 0;
    if (++oy == gridHeight) {
      oy = 0;
      image++;
    }
  }
}

/** `count` rows of `length` adjacent floats. */
function copyColumns(from: usize, fromStep: usize, count: i32, length: i32, outStep: usize, out: usize): void {
  if (length == 16) {
    for (; count > 0; count--) {
      const c0 = load4(from), c4 = load4(from, 16), c8 = load4(from, 32), c12 = load4(from, 48);
      store4(out, c0);
      store4(out, c4, 16);
      store4(out, c8, 32);
      store4(out, c12, 48);
      from += fromStep;
      out += outStep;
    }
    return;
  }
  for (; count > 0; count--) {
    copyFloats(from, length, out);
    from += fromStep;
    out += outStep;
  }
}

/** Elements [begin, end) of a run of which only [inside, outside) lies in the image. */
function copyClipped(from: usize, begin: i32, end: i32, inside: i32, outside: i32, out: usize): void {
  const first = min(end, max(begin, inside)), last = max(first, min(end, outside));
  clearFloats(out, first - begin);
  copyFloats(from + (<usize>first << 2), last - first, out + (<usize>(first - begin) << 2));
  clearFloats(out + (<usize>(last - begin) << 2), end - last);
}
