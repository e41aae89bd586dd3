/**
 * Packs a block of A whose rows are patches of an image tensor. The matrix of patches exists only inside this packer.
 *
 * Computes: panel[p][k, r] = patch row (6·p + r), column k; zero where the window leaves the image and beyond the last row.
 * Shapes: row (image, oy, ox) of the grid, column (ky, kx, channel); `rows` × `depth` elements.
 * Layout: pixel (oy·strideY − padTop + ky·dilationY, ox·strideX − padLeft + kx·dilationX) of an NHWC tensor with
 *   pixelStride elements a pixel; a panel is [k][6].
 * Requires: `zeros`: depth zero floats, `staging`: 6 × depthBlock floats, `table`: 3 words a row.
 * Writes: table (locateRows), staging and panels (packPatchRows).
 * Error: none, copies.
 * Chosen because: columns that are adjacent in memory form runs: a whole window row where taps touch, else the channels
 *   of one tap. For each run, a row of the panel has one source: the image, zeros, or (where the window's row crosses
 *   the image's edge) a staged copy; so padding costs nothing inside the transposition.
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
  CONTRACT_WIDTH,
  TILE_ROWS,
} from "../abi.gen";
import { clearFloats, copyFloats } from "../gemm/floats";
import { interleave } from "../gemm/pack_rows";
import { loadWord, signedWord, storeWord } from "../simd";

/** An entry of the table: address of the window's first pixel (which may lie outside the image), its y, its x. */
// @ts-ignore: decorator
@inline const ENTRY: usize = 12;

/** Taps of a run: all of a window's row where they are adjacent in memory, else one. */
export function runTaps(instruction: usize): i32 {
  const adjacent = signedWord(instruction, CONTRACT_DILATION_X) == 1 &&
    signedWord(instruction, CONTRACT_CHANNELS) == signedWord(instruction, CONTRACT_PIXEL_STRIDE);
  return adjacent ? signedWord(instruction, CONTRACT_KERNEL_WIDTH) : 1;
}

/** Fills `table` for the rows [row, row + rows) of the patch matrix over `images`. */
export function locateRows(instruction: usize, images: usize, row: i32, rows: i32, table: usize): void {
  const gridWidth = signedWord(instruction, CONTRACT_GRID_WIDTH);
  const gridHeight = signedWord(instruction, CONTRACT_GRID_HEIGHT);
  const height = signedWord(instruction, CONTRACT_HEIGHT), width = signedWord(instruction, CONTRACT_WIDTH);
  const pixelStride = signedWord(instruction, CONTRACT_PIXEL_STRIDE);
  const strideY = signedWord(instruction, CONTRACT_STRIDE_Y), strideX = signedWord(instruction, CONTRACT_STRIDE_X);
  const padTop = signedWord(instruction, CONTRACT_PAD_TOP), padLeft = signedWord(instruction, CONTRACT_PAD_LEFT);
  let ox = row % gridWidth, oy = row / gridWidth % gridHeight, image = row / gridWidth / gridHeight;
  for (; rows > 0; rows--) {
    const y = oy * strideY - padTop, x = ox * strideX - padLeft;
    storeWord(table, <i32>images + ((((image * height + y) * width + x) * pixelStride) << 2));
    storeWord(table, y, 4);
    storeWord(table, x, 8);
    table += ENTRY;
    if (++ox == gridWidth) {
      ox = 0;
      if (++oy == gridHeight) {
        oy = 0;
        image++;
      }
    }
  }
}

/** Columns [column, column + depth) of the located rows. */
export function packPatchRows(
  instruction: usize,
  table: usize,
  rows: i32,
  column: i32,
  depth: i32,
  zeros: usize,
  staging: usize,
  panels: usize,
): void {
  const channels = signedWord(instruction, CONTRACT_CHANNELS);
  const taps = runTaps(instruction), run = taps * channels;
  const runsInRow = signedWord(instruction, CONTRACT_KERNEL_WIDTH) / taps;
  const dilationY = signedWord(instruction, CONTRACT_DILATION_Y);
  const dilationX = signedWord(instruction, CONTRACT_DILATION_X);
  const rowElements = signedWord(instruction, CONTRACT_WIDTH) * signedWord(instruction, CONTRACT_PIXEL_STRIDE);
  const pixelStride = signedWord(instruction, CONTRACT_PIXEL_STRIDE);
  const stagingStep = <usize>depth << 2;

  for (let row: i32 = 0; row < rows; row += TILE_ROWS) {
    const inPanel = rows - row;
    let index = column / run, begin = column % run;
    for (let k: i32 = 0; k < depth;) {
      const end = min(run, begin + depth - k);
      const dy = index / runsInRow * dilationY, dx = index % runsInRow * dilationX;
      const distance = (dy * rowElements + dx * pixelStride) << 2;
      interleave(
        source(instruction, table, taps, dy, dx, distance, begin, end, zeros, staging),
        inPanel > 1
          ? source(instruction, table + ENTRY, taps, dy, dx, distance, begin, end, zeros, staging + stagingStep)
          : zeros,
        inPanel > 2
          ? source(instruction, table + ENTRY * 2, taps, dy, dx, distance, begin, end, zeros, staging + stagingStep * 2)
          : zeros,
        inPanel > 3
          ? source(instruction, table + ENTRY * 3, taps, dy, dx, distance, begin, end, zeros, staging + stagingStep * 3)
          : zeros,
        inPanel > 4
          ? source(instruction, table + ENTRY * 4, taps, dy, dx, distance, begin, end, zeros, staging + stagingStep * 4)
          : zeros,
        inPanel > 5
          ? source(instruction, table + ENTRY * 5, taps, dy, dx, distance, begin, end, zeros, staging + stagingStep * 5)
          : zeros,
        end - begin,
        panels,
      );
      panels += <usize>(end - begin) * 24;
      k += end - begin;
      begin = 0;
      index++;
    }
    table += ENTRY * 6;
  }
}

/** Where elements [begin, end) of the run that starts (dy, dx) from the row's first pixel can be read. */
function source(
  instruction: usize,
  entry: usize,
  taps: i32,
  dy: i32,
  dx: i32,
  distance: i32,
  begin: i32,
  end: i32,
  zeros: usize,
  staging: usize,
): usize {
  const y = loadWord(entry, 4) + dy, x = loadWord(entry, 8) + dx;
  // As unsigned numbers, negative ones are too large as well.
  if (<u32>y >= <u32>signedWord(instruction, CONTRACT_HEIGHT)) return zeros;
  const channels = signedWord(instruction, CONTRACT_CHANNELS), width = signedWord(instruction, CONTRACT_WIDTH);
  const inside = max(0, -x) * channels, outside = min(taps, width - x) * channels;
  const pixel = <usize>(loadWord(entry) + distance);
  if (begin >= inside && end <= outside) return pixel + (<usize>begin << 2);
  const from = max(begin, inside), to = min(end, outside);
  if (from >= to) return zeros;
  clearFloats(staging, from - begin);
  copyFloats(pixel + (<usize>from << 2), to - from, staging + (<usize>(from - begin) << 2));
  clearFloats(staging + (<usize>(to - begin) << 2), end - to);
  return staging;
}
