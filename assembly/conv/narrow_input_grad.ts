/**
 * The instruction `narrowInputGrad`: the input gradient of a convolution with few channels, or a transposed convolution
 * to few channels.
 *
 * Computes: dx = act(conv2dInputGrad(dy, w) + bias).
 * Shapes: dy [images, gridHeight, gridWidth, outChannels], dx [images, height, width, channels], w as outChannels × K.
 * Layout: w in panels of `pack`: [⌈K / 16⌉][outChannels][16]; see `src/plan/instructions.ts`. Scratch: see
 *   `src/plan/narrow_scratch.ts`.
 * Requires: kernelWidth a multiple of strideX, gridWidth ≥ 6, padTop, padLeft ≥ 0; dx apart from all else.
 * Writes: each element of dx once, by one thread.
 * Error: that of the tile over outChannels products, then one addition for each tap, then bias and activation.
 * Chosen because: as one product for each phase of the stride (`lowerInputGrad`), `channels` columns would fill a small
 *   part of a tile. Here dy meets all K elements of the filters in one product, whole panels of it; then each pixel of dx
 *   gathers what reaches it. Products of a band stay in level-2 cache in between; those of the rows that two bands need
 *   are computed for both. The order of additions does not depend on the bands.
 */

import {
  NARROW_INPUT_GRAD_ACTIVATION,
  NARROW_INPUT_GRAD_BAND_ROWS,
  NARROW_INPUT_GRAD_BIAS,
  NARROW_INPUT_GRAD_CHANNELS,
  NARROW_INPUT_GRAD_DY,
  NARROW_INPUT_GRAD_FILTERS,
  NARROW_INPUT_GRAD_GRID_HEIGHT,
  NARROW_INPUT_GRAD_GRID_WIDTH,
  NARROW_INPUT_GRAD_HEIGHT,
  NARROW_INPUT_GRAD_IMAGES,
  NARROW_INPUT_GRAD_KERNEL_HEIGHT,
  NARROW_INPUT_GRAD_KERNEL_WIDTH,
  NARROW_INPUT_GRAD_OUT,
  NARROW_INPUT_GRAD_OUT_CHANNELS,
  NARROW_INPUT_GRAD_PAD_LEFT,
  NARROW_INPUT_GRAD_PAD_TOP,
  NARROW_INPUT_GRAD_SCRATCH,
  NARROW_INPUT_GRAD_SCRATCH_STRIDE,
  NARROW_INPUT_GRAD_SLOPE,
  NARROW_INPUT_GRAD_STRIDE_X,
  NARROW_INPUT_GRAD_STRIDE_Y,
  NARROW_INPUT_GRAD_WIDTH,
  TILE_ROWS,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats, copyFloats } from "../gemm/floats";
import { whole } from "../gemm/scratch";
import { finishFloats } from "../gemm/store";
import { tileOfRows } from "../gemm/tiles.gen";
import { floatWord, signedWord, storeWord, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import { gatherLine } from "./gather_line";
import { bandsOf, pixelStep, rowsOfBand, runFloats } from "./narrow_band";

export function narrowInputGrad(instruction: usize, thread: i32, threads: i32): void {
  const gridHeight = signedWord(instruction, NARROW_INPUT_GRAD_GRID_HEIGHT);
  const bandRows = signedWord(instruction, NARROW_INPUT_GRAD_BAND_ROWS);
  const height = signedWord(instruction, NARROW_INPUT_GRAD_HEIGHT);
  const strideY = signedWord(instruction, NARROW_INPUT_GRAD_STRIDE_Y);
  const padTop = signedWord(instruction, NARROW_INPUT_GRAD_PAD_TOP);
  const above = ceilDivide(signedWord(instruction, NARROW_INPUT_GRAD_KERNEL_HEIGHT), strideY) - 1;
  const scratch = <usize>word(instruction, NARROW_INPUT_GRAD_SCRATCH) +
    <usize>thread * <usize>word(instruction, NARROW_INPUT_GRAD_SCRATCH_STRIDE);
  fillBiasLine(instruction, biasLineOf(instruction, scratch));
  const products = productsOf(instruction, scratch);

  const bands = bandsOf(instruction);
  const units = signedWord(instruction, NARROW_INPUT_GRAD_IMAGES) * bands;
  const end = <i32>shareEnd(units, thread, threads);
  for (let unit = <i32>shareBegin(units, thread, threads); unit < end; unit++) {
    const image = unit / bands, gridRow = unit % bands * bandRows;
    const gridEnd = gridRow + rowsOfBand(instruction, gridRow);
    // What the last rows of the band before give to the first lines of this one is computed again.
    const firstRow = max(0, gridRow - above);
    multiplyRows(instruction, image, firstRow, gridEnd - firstRow, products);
    // Lines count from the first one that a window covers.
    const lineEnd = gridEnd == gridHeight ? height + padTop : min(height + padTop, gridEnd * strideY);
    for (let line = max(padTop, gridRow * strideY); line < lineEnd; line++) {
      writeLine(instruction, image, line, firstRow, gridEnd, scratch, products);
    }
  }
}

// Pieces of the scratch; it begins with the table of a line's terms.

/** Floats of a row of products: all elements of a filter, in whole panels. */
function productFloats(instruction: usize): i32 {
  const k = signedWord(instruction, NARROW_INPUT_GRAD_KERNEL_HEIGHT) * runFloats(instruction);
  return ceilDivide(k, 16) * 16;
}

function biasLineOf(instruction: usize, scratch: usize): usize {
  const taps = signedWord(instruction, NARROW_INPUT_GRAD_KERNEL_HEIGHT) *
    signedWord(instruction, NARROW_INPUT_GRAD_KERNEL_WIDTH);
  return scratch + whole(<usize>taps << 2);
}

/** Floats of a row of dx, in whole pairs of vectors. */
function outFloats(instruction: usize): i32 {
  const floats = signedWord(instruction, NARROW_INPUT_GRAD_WIDTH) *
    signedWord(instruction, NARROW_INPUT_GRAD_CHANNELS);
  return (floats + 7) & ~7;
}

function lineOf(instruction: usize, scratch: usize): usize {
  return biasLineOf(instruction, scratch) + whole(<usize>outFloats(instruction) << 2);
}

/** Pixels of y's row that a line of dx spreads over, those beyond its ends included. */
function steps(instruction: usize): i32 {
  const covered = signedWord(instruction, NARROW_INPUT_GRAD_PAD_LEFT) + signedWord(instruction, NARROW_INPUT_GRAD_WIDTH);
  return ceilDivide(covered, signedWord(instruction, NARROW_INPUT_GRAD_STRIDE_X));
}

function productsOf(instruction: usize, scratch: usize): usize {
  const floats = steps(instruction) * pixelStep(instruction) + 8;
  return lineOf(instruction, scratch) + whole(<usize>floats << 2);
}

/** The bias of each element of a row of dx, if there is one. */
function fillBiasLine(instruction: usize, line: usize): void {
  const bias = <usize>word(instruction, NARROW_INPUT_GRAD_BIAS);
  const channels = signedWord(instruction, NARROW_INPUT_GRAD_CHANNELS);
  if (bias == 0) return;
  clearFloats(line, outFloats(instruction));
  for (let x = signedWord(instruction, NARROW_INPUT_GRAD_WIDTH); x > 0; x--) {
    copyFloats(bias, channels, line);
    line += <usize>channels << 2;
  }
}

/** Products of all pixels of `rows` rows of dy with all elements of the filters. */
function multiplyRows(
  instruction: usize,
  image: i32,
  firstRow: i32,
  rows: i32,
  products: usize,
): void {
  const gridWidth = signedWord(instruction, NARROW_INPUT_GRAD_GRID_WIDTH);
  const depth = signedWord(instruction, NARROW_INPUT_GRAD_OUT_CHANNELS);
  const aStep = <usize>depth << 2, filterStep = <usize>depth << 6;
  const outStep = <usize>productFloats(instruction) << 2;
  const dy = <usize>word(instruction, NARROW_INPUT_GRAD_DY) +
    <usize>((image * signedWord(instruction, NARROW_INPUT_GRAD_GRID_HEIGHT) + firstRow) * gridWidth) * aStep;
  const pixels = rows * gridWidth;
  for (let pixel: i32 = 0; pixel < pixels; pixel += TILE_ROWS) {
    const first = min(pixel, pixels - TILE_ROWS);
    const a = dy + <usize>first * aStep, out = products + <usize>first * outStep;
    let filters = <usize>word(instruction, NARROW_INPUT_GRAD_FILTERS);
    for (let column: usize = 0; column < outStep; column += 64) {
      tileOfRows(depth, a, aStep, filters, out + column, outStep);
      filters += filterStep;
    }
  }
}

/** Gathers a line of dx from the products of the rows [firstRow, gridEnd) of dy, and finishes it. */
function writeLine(
  instruction: usize,
  image: i32,
  line: i32,
  firstRow: i32,
  gridEnd: i32,
  scratch: usize,
  products: usize,
): void {
  const gridWidth = signedWord(instruction, NARROW_INPUT_GRAD_GRID_WIDTH);
  const strideX = signedWord(instruction, NARROW_INPUT_GRAD_STRIDE_X);
  const strideY = signedWord(instruction, NARROW_INPUT_GRAD_STRIDE_Y);
  const kernelHeight = signedWord(instruction, NARROW_INPUT_GRAD_KERNEL_HEIGHT);
  const channels = signedWord(instruction, NARROW_INPUT_GRAD_CHANNELS);
  const step = pixelStep(instruction), run = runFloats(instruction);
  const shifts = signedWord(instruction, NARROW_INPUT_GRAD_KERNEL_WIDTH) / strideX;
  const productStep = productFloats(instruction);
  const table = scratch, sums = lineOf(instruction, scratch);

  // Rows of dy whose windows reach the line.
  const first = max(firstRow, line - kernelHeight < 0 ? 0 : (line - kernelHeight) / strideY + 1);
  const last = min(gridEnd - 1, line / strideY);
  let entry = table;
  for (let shift: i32 = 0; shift < shifts; shift++) {
    for (let row = first; row <= last; row++) {
      const element = (row - firstRow) * gridWidth * productStep + (line - row * strideY) * run +
        shift * (step - productStep);
      storeWord(entry, <i32>products + (element << 2));
      entry += 4;
    }
  }
  gatherLine(table, shifts, max(0, last - first + 1), gridWidth, steps(instruction), productStep, step, sums);
  const width = signedWord(instruction, NARROW_INPUT_GRAD_WIDTH);
  const y = line - signedWord(instruction, NARROW_INPUT_GRAD_PAD_TOP);
  const row = image * signedWord(instruction, NARROW_INPUT_GRAD_HEIGHT) + y;
  finishLine(
    instruction,
    sums + (<usize>(signedWord(instruction, NARROW_INPUT_GRAD_PAD_LEFT) * channels) << 2),
    biasLineOf(instruction, scratch),
    width * channels,
    <usize>word(instruction, NARROW_INPUT_GRAD_OUT) + (<usize>(row * width * channels) << 2),
  );
}

/** out = act(sums + bias); sums and bias are whole pairs of vectors. */
function finishLine(instruction: usize, sums: usize, biases: usize, floats: i32, out: usize): void {
  const bias = word(instruction, NARROW_INPUT_GRAD_BIAS) == 0 ? 0 : biases;
  const activation = word(instruction, NARROW_INPUT_GRAD_ACTIVATION);
  const slope = floatWord(instruction, NARROW_INPUT_GRAD_SLOPE);
  const pairs = floats & ~7, distance = <usize>pairs << 2;
  finishFloats(sums, bias, pairs, activation, slope, out);
  if (pairs == floats) return;
  const rest = sums + distance;
  finishFloats(rest, bias == 0 ? 0 : bias + distance, 8, activation, slope, rest);
  copyFloats(rest, floats - pairs, out + distance);
}
