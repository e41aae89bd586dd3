/**
 * The instruction `narrowConv`: a convolution of images with few channels.
 *
 * Computes: y = act(conv2d(x, w) + bias).
 * Shapes: x [images, height, width, channels], y [images, gridHeight, gridWidth, outChannels], w as K × outChannels.
 * Layout: w in panels of `pack`: [outChannels / 16][K][16]; see `src/plan/instructions.ts`. Scratch: the places of all
 *   windows of a band, a panel of six windows [K][6], the band.
 * Requires: outChannels a multiple of 16, gridWidth ≥ 6; y apart from all else.
 * Writes: each element of y once or twice, with the same value, by one thread.
 * Error: that of the tile over K products, one addition, then the activation's.
 * Chosen because: `contract` finds the pixels of each window anew, cuts its rows and moves each sum twice. Here windows
 *   lie in a staged band, six of them become one panel without a test, and the tile writes where y lies. The last tile
 *   of a band steps back over pixels that are done, so that all tiles are whole.
 */

import {
  NARROW_CONV_ACTIVATION,
  NARROW_CONV_BAND_ROWS,
  NARROW_CONV_BIAS,
  NARROW_CONV_FILTERS,
  NARROW_CONV_GRID_HEIGHT,
  NARROW_CONV_GRID_WIDTH,
  NARROW_CONV_IMAGES,
  NARROW_CONV_KERNEL_HEIGHT,
  NARROW_CONV_OUT,
  NARROW_CONV_OUT_CHANNELS,
  NARROW_CONV_SCRATCH,
  NARROW_CONV_SCRATCH_STRIDE,
  NARROW_CONV_SLOPE,
  NARROW_CONV_STRIDE_Y,
  PANEL_COLUMNS,
  TILE_ROWS,
} from "../abi.gen";
import { interleave } from "../gemm/pack_rows";
import { whole } from "../gemm/scratch";
import { finish } from "../gemm/store";
import { tileOfPanel } from "../gemm/tiles.gen";
import { floatWord, loadWord, signedWord, storeWord, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import { bandsOf, lineFloats, pixelStep, rowsOfBand, runFloats, stageBand } from "./narrow_band";

export function narrowConv(instruction: usize, thread: i32, threads: i32): void {
  const outChannels = signedWord(instruction, NARROW_CONV_OUT_CHANNELS);
  const gridHeight = signedWord(instruction, NARROW_CONV_GRID_HEIGHT);
  const gridWidth = signedWord(instruction, NARROW_CONV_GRID_WIDTH);
  const bandRows = signedWord(instruction, NARROW_CONV_BAND_ROWS);
  const depth = signedWord(instruction, NARROW_CONV_KERNEL_HEIGHT) * runFloats(instruction);
  const windows = <usize>word(instruction, NARROW_CONV_SCRATCH) +
    <usize>thread * <usize>word(instruction, NARROW_CONV_SCRATCH_STRIDE);
  const panel = windows + whole(<usize>(bandRows * gridWidth) << 2);
  const band = panel + whole(<usize>(TILE_ROWS * depth) << 2);
  locateWindows(instruction, bandRows, windows);

  const bands = bandsOf(instruction);
  const units = signedWord(instruction, NARROW_CONV_IMAGES) * bands;
  const end = <i32>shareEnd(units, thread, threads);
  for (let unit = <i32>shareBegin(units, thread, threads); unit < end; unit++) {
    const image = unit / bands, gridRow = unit % bands * bandRows, rows = rowsOfBand(instruction, gridRow);
    const pixel = (image * gridHeight + gridRow) * gridWidth;
    stageBand(instruction, image, gridRow, rows, band);
    const y = <usize>word(instruction, NARROW_CONV_OUT) + (<usize>(pixel * outChannels) << 2);
    multiplyBand(instruction, rows * gridWidth, depth, band, windows, panel, y);
  }
}

/** Fills `windows` with the byte offset in a band of each window of `rows` rows. */
function locateWindows(instruction: usize, rows: i32, windows: usize): void {
  const gridWidth = signedWord(instruction, NARROW_CONV_GRID_WIDTH);
  const rowStep = lineFloats(instruction) * signedWord(instruction, NARROW_CONV_STRIDE_Y);
  const step = pixelStep(instruction);
  for (let row: i32 = 0; row < rows; row++) {
    for (let x: i32 = 0; x < gridWidth; x++) {
      storeWord(windows, (row * rowStep + x * step) << 2);
      windows += 4;
    }
  }
}

/** All filters on the `pixels` windows of a band. */
function multiplyBand(
  instruction: usize,
  pixels: i32,
  depth: i32,
  band: usize,
  windows: usize,
  panel: usize,
  y: usize,
): void {
  const outChannels = signedWord(instruction, NARROW_CONV_OUT_CHANNELS);
  const activation = word(instruction, NARROW_CONV_ACTIVATION);
  const slope = floatWord(instruction, NARROW_CONV_SLOPE);
  const biases = <usize>word(instruction, NARROW_CONV_BIAS);
  const filterStep = <usize>depth << 6, outStep = <usize>outChannels << 2;
  for (let pixel: i32 = 0; pixel < pixels; pixel += TILE_ROWS) {
    const first = min(pixel, pixels - TILE_ROWS);
    packWindows(instruction, band, windows + (<usize>first << 2), panel);
    const out = y + <usize>first * outStep;
    let filters = <usize>word(instruction, NARROW_CONV_FILTERS), bias = biases;
    for (let column: usize = 0; column < outStep; column += 64) {
      tileOfPanel(depth, panel, filters, out + column, outStep, false);
      if (bias != 0 || activation != 0) {
        finish(out + column, outStep, PANEL_COLUMNS, bias, PANEL_COLUMNS, activation, slope);
      }
      filters += filterStep;
      if (bias != 0) bias += 64;
    }
  }
}

/** Six windows into a panel. */
function packWindows(instruction: usize, band: usize, windows: usize, panel: usize): void {
  const run = runFloats(instruction);
  const lineStep = <usize>lineFloats(instruction) << 2, panelStep = <usize>run * 24;
  let window0 = band + <usize>loadWord(windows), window1 = band + <usize>loadWord(windows, 4);
  let window2 = band + <usize>loadWord(windows, 8), window3 = band + <usize>loadWord(windows, 12);
  let window4 = band + <usize>loadWord(windows, 16), window5 = band + <usize>loadWord(windows, 20);
  for (let row = signedWord(instruction, NARROW_CONV_KERNEL_HEIGHT); row > 0; row--) {
    interleave(window0, window1, window2, window3, window4, window5, run, panel);
    panel += panelStep;
    window0 += lineStep;
    window1 += lineStep;
    window2 += lineStep;
    window3 += lineStep;
    window4 += lineStep;
    window5 += lineStep;
  }
}
