/**
 * A band of an image, staged in scratch with its padding, as the forward face and the filter's gradient of a
 * convolution with few channels read it.
 *
 * Computes: line l of the band = row (gridRow·strideY − padTop + l) of the image from column −padLeft on, zero outside.
 * Shapes: (rows − 1)·strideY + kernelHeight lines of `lineFloats` = (gridWidth − 1)·strideX·channels + kernelWidth·channels
 *   floats.
 * Layout: lines follow each other; behind the last come `BAND_SLACK` zeros, for tiles that read beyond a window's row.
 * Requires: 1 ≤ rows ≤ bandRows.
 * Writes: the band, whole.
 * Error: none, copies.
 * Chosen because: all windows then lie inside of the band, at distances that are the same for each band: no test of
 *   borders is left for the loops that follow, and a band stays in level-1 cache while all filters pass over it.
 */

import {
  NARROW_CONV_BAND_ROWS,
  NARROW_CONV_CHANNELS,
  NARROW_CONV_GRID_HEIGHT,
  NARROW_CONV_GRID_WIDTH,
  NARROW_CONV_HEIGHT,
  NARROW_CONV_KERNEL_HEIGHT,
  NARROW_CONV_KERNEL_WIDTH,
  NARROW_CONV_PAD_LEFT,
  NARROW_CONV_PAD_TOP,
  NARROW_CONV_STRIDE_X,
  NARROW_CONV_STRIDE_Y,
  NARROW_CONV_WIDTH,
  NARROW_CONV_X,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats, copyFloats } from "../gemm/floats";
import { signedWord, word } from "../simd";

/** Zeros behind a band. `src/plan/narrow_scratch.ts` has the same number. */
// @ts-ignore: decorator
@inline const BAND_SLACK: i32 = 8;

/** Bands of an image. */
export function bandsOf(instruction: usize): i32 {
  return ceilDivide(signedWord(instruction, NARROW_CONV_GRID_HEIGHT), signedWord(instruction, NARROW_CONV_BAND_ROWS));
}

/** Rows of y in the band that starts at `gridRow`. */
export function rowsOfBand(instruction: usize, gridRow: i32): i32 {
  const left = signedWord(instruction, NARROW_CONV_GRID_HEIGHT) - gridRow;
  return min(signedWord(instruction, NARROW_CONV_BAND_ROWS), left);
}

/** Adjacent elements of a window's row: its taps are adjacent pixels. */
export function runFloats(instruction: usize): i32 {
  return signedWord(instruction, NARROW_CONV_KERNEL_WIDTH) * signedWord(instruction, NARROW_CONV_CHANNELS);
}

/** Elements from the window of one pixel of y to that of the next. */
export function pixelStep(instruction: usize): i32 {
  return signedWord(instruction, NARROW_CONV_STRIDE_X) * signedWord(instruction, NARROW_CONV_CHANNELS);
}

/** Length of a line of the band. */
export function lineFloats(instruction: usize): i32 {
  return (signedWord(instruction, NARROW_CONV_GRID_WIDTH) - 1) * pixelStep(instruction) + runFloats(instruction);
}

export function stageBand(instruction: usize, image: i32, gridRow: i32, rows: i32, band: usize): void {
  const height = signedWord(instruction, NARROW_CONV_HEIGHT);
  const channels = signedWord(instruction, NARROW_CONV_CHANNELS);
  const rowFloats = signedWord(instruction, NARROW_CONV_WIDTH) * channels;
  const strideY = signedWord(instruction, NARROW_CONV_STRIDE_Y);
  const lines = (rows - 1) * strideY + signedWord(instruction, NARROW_CONV_KERNEL_HEIGHT);
  const length = lineFloats(instruction);
  const left = signedWord(instruction, NARROW_CONV_PAD_LEFT) * channels;
  // Elements [begin, end) of a line lie inside of the image.
  const begin = min(length, max(0, left)), end = max(begin, min(length, left + rowFloats));
  const source = <usize>word(instruction, NARROW_CONV_X);
  let y = gridRow * strideY - signedWord(instruction, NARROW_CONV_PAD_TOP);
  for (const last = y + lines; y < last; y++) {
    if (<u32>y >= <u32>height) clearFloats(band, length);
    else {
      const from = source + (<usize>((image * height + y) * rowFloats + begin - left) << 2);
      clearFloats(band, begin);
      copyFloats(from, end - begin, band + (<usize>begin << 2));
      clearFloats(band + (<usize>end << 2), length - end);
    }
    band += <usize>length << 2;
  }
  clearFloats(band, BAND_SLACK);
}
