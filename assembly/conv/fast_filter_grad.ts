/**
 * The instructions `fastGradient` and `fastFilterGrad`: the gradient of a filter by fewer multiplications.
 *
 * Computes: dw = Gᵀ [Σ over tiles of (A dy Aᵀ) ⊙ (Bᵀ d B)] G for each column, phase and channel, `batch` times.
 * Shapes: x [images, height, width, channels], dy [images, gridHeight, gridWidth, n] → n × phases × taps × taps × channels.
 * Layout: Z = A dy Aᵀ, which `fastGradient` writes, is [size²][⌈n / 6⌉][tile][6], GAP floats between the matrices; dw by its
 *   distances, see `src/plan/instructions.ts`. Scratch: V [size²][panel][tile][16] the transformed windows, M [size²][n]
 *   [channelBlock] the sums, for `channelBlock` channels of a phase; V for `tileBlock` tiles.
 * Requires: channels and n multiples of 8, channelBlock of 16.
 * Writes: each element of Z (zero in gaps and beyond n), and of dw, once, by one thread.
 * Error: a few times that of the plain sum, see `fast_forms.ts`.
 * Chosen because: the products are Zᵀ·V, and both are written as the panels that the register tile wants. A block of
 *   channels keeps its sums in cache over all tiles, so they are transformed back once; all blocks share Z, which is the
 *   smaller operand. Groups of channels are a batch, or the one block of a few channels would leave all but one thread
 *   without work. Left as [tile][n], Z cost twice the time: 24 bytes from a line of their own at each step.
 */

import {
  FAST_FILTER_GRAD_BATCH,
  FAST_FILTER_GRAD_CHANNEL_BLOCK,
  FAST_FILTER_GRAD_CHANNELS,
  FAST_FILTER_GRAD_FORM,
  FAST_FILTER_GRAD_GRADIENT,
  FAST_FILTER_GRAD_GRADIENT_BATCH_STRIDE,
  FAST_FILTER_GRAD_N,
  FAST_FILTER_GRAD_OUT,
  FAST_FILTER_GRAD_OUT_BATCH_STRIDE,
  FAST_FILTER_GRAD_PHASES_X,
  FAST_FILTER_GRAD_PHASES_Y,
  FAST_FILTER_GRAD_SCRATCH,
  FAST_FILTER_GRAD_SCRATCH_STRIDE,
  FAST_FILTER_GRAD_STRIDE_COLUMN,
  FAST_FILTER_GRAD_STRIDE_PHASE_X,
  FAST_FILTER_GRAD_STRIDE_PHASE_Y,
  FAST_FILTER_GRAD_STRIDE_TAP_X,
  FAST_FILTER_GRAD_STRIDE_TAP_Y,
  FAST_FILTER_GRAD_TILE_BLOCK,
  FAST_FILTER_GRAD_X,
  FAST_FILTER_GRAD_X_BATCH_STRIDE,
  FAST_GRADIENT_CHANNELS,
  FAST_GRADIENT_FORM,
  FAST_GRADIENT_OUT,
  FAST_GRADIENT_SCRATCH,
  FAST_GRADIENT_SCRATCH_STRIDE,
  FAST_GRADIENT_X,
  PANEL_COLUMNS,
  TILE_ROWS,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats, copyFloats } from "../gemm/floats";
import { tileOfPanel } from "../gemm/tiles.gen";
import { batchAddress, load2, load4, signedWord, store2, store4, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import {
  behindHead,
  CHUNK,
  clearGaps,
  GAP,
  lines,
  locateMatrices,
  locateWindow,
  productsOf,
  temporaryOf,
  tilesOf,
} from "./fast_windows";
import { FILTER_GRADIENT, GRADIENT, INPUT, outputsOf, sizeOf, tapsOf, transform } from "./transforms.gen";

/** Bytes of six floats: a row of a panel of Z. */
// @ts-ignore: decorator
@inline const PANEL_ROW: usize = 24;

/** Z, the tiles shared out among the threads. */
export function fastGradient(instruction: usize, thread: i32, threads: i32): void {
  const form = word(instruction, FAST_GRADIENT_FORM);
  const scratch = <usize>word(instruction, FAST_GRADIENT_SCRATCH) +
    <usize>thread * <usize>word(instruction, FAST_GRADIENT_SCRATCH_STRIDE);
  const channels = signedWord(instruction, FAST_GRADIENT_CHANNELS);
  const tiles = tilesOf(instruction), points = sizeOf(form) * sizeOf(form);
  const zeros = behindHead(scratch), results = zeros + lines(channels);
  const resultStep = <usize>(channels + GAP) << 2;
  clearFloats(zeros, channels);
  const floats = tiles * ceilDivide(channels, TILE_ROWS) * TILE_ROWS;
  const step = <usize>(floats + GAP) << 2;
  if (thread == 0) clearGaps(<usize>word(instruction, FAST_GRADIENT_OUT), points, floats);
  const end = <i32>shareEnd(tiles, thread, threads);
  for (let tile = <i32>shareBegin(tiles, thread, threads); tile < end; tile++) {
    locateWindow(instruction, <usize>word(instruction, FAST_GRADIENT_X), tile, 0, outputsOf(form), zeros, scratch);
    transform(form, GRADIENT, scratch, 0, channels / CHUNK, temporaryOf(scratch), results, resultStep);
    let from = results, to = <usize>word(instruction, FAST_GRADIENT_OUT) + <usize>tile * PANEL_ROW;
    for (let point: i32 = 0; point < points; point++) {
      spreadPanels(from, channels, to, <usize>tiles * PANEL_ROW);
      from += resultStep;
      to += step;
    }
  }
}

/** Writes `count` adjacent floats to panels of six, `panelStep` bytes apart; the last panel is filled up with zeros. */
function spreadPanels(from: usize, count: i32, to: usize, panelStep: usize): void {
  for (; count >= TILE_ROWS; count -= TILE_ROWS) {
    store4(to, load4(from));
    store2(to, load2(from, 16), 16);
    from += PANEL_ROW;
    to += panelStep;
  }
  if (count == 0) return;
  copyFloats(from, count, to);
  clearFloats(to + (<usize>count << 2), TILE_ROWS - count);
}

/** The blocks of channels of all phases, of all matrices of the batch, shared out among the threads. */
export function fastFilterGrad(instruction: usize, thread: i32, threads: i32): void {
  const scratch = <usize>word(instruction, FAST_FILTER_GRAD_SCRATCH) +
    <usize>thread * <usize>word(instruction, FAST_FILTER_GRAD_SCRATCH_STRIDE);
  const channels = signedWord(instruction, FAST_FILTER_GRAD_CHANNELS);
  const channelBlock = signedWord(instruction, FAST_FILTER_GRAD_CHANNEL_BLOCK);
  const tileBlock = signedWord(instruction, FAST_FILTER_GRAD_TILE_BLOCK);
  const size = sizeOf(word(instruction, FAST_FILTER_GRAD_FORM));
  const tiles = tilesOf(instruction);
  const blocks = ceilDivide(channels, channelBlock);
  const phases = signedWord(instruction, FAST_FILTER_GRAD_PHASES_Y) * signedWord(instruction, FAST_FILTER_GRAD_PHASES_X);
  const units = signedWord(instruction, FAST_FILTER_GRAD_BATCH) * phases * blocks;
  clearFloats(zerosOf(scratch), channels);
  locateMatrices(size * size, sumStep(instruction), productsOf(scratch));
  const end = <i32>shareEnd(units, thread, threads);
  for (let unit = <i32>shareBegin(units, thread, threads); unit < end; unit++) {
    const item = unit / blocks / phases, phase = unit / blocks % phases, channel = unit % blocks * channelBlock;
    const source = batchAddress(instruction, FAST_FILTER_GRAD_X, FAST_FILTER_GRAD_X_BATCH_STRIDE, item);
    const gradient = batchAddress(instruction, FAST_FILTER_GRAD_GRADIENT, FAST_FILTER_GRAD_GRADIENT_BATCH_STRIDE, item);
    const out = batchAddress(instruction, FAST_FILTER_GRAD_OUT, FAST_FILTER_GRAD_OUT_BATCH_STRIDE, item);
    const width = min(channelBlock, channels - channel);
    for (let tile: i32 = 0; tile < tiles; tile += tileBlock) {
      const count = min(tileBlock, tiles - tile);
      transformWindows(instruction, scratch, source, phase, channel, width, tile, count);
      addProducts(instruction, scratch, gradient, width, tile, count);
    }
    storeTaps(instruction, scratch, phase, channel, width, out);
  }
}

// @ts-ignore: decorator
@inline function zerosOf(scratch: usize): usize {
  return behindHead(scratch);
}

/** The taps of one column: [taps²][channelBlock]. */
// @ts-ignore: decorator
@inline function resultsOf(instruction: usize, scratch: usize): usize {
  return zerosOf(scratch) + lines(signedWord(instruction, FAST_FILTER_GRAD_CHANNELS));
}

// @ts-ignore: decorator
@inline function windowsOf(instruction: usize, scratch: usize): usize {
  const taps = tapsOf(word(instruction, FAST_FILTER_GRAD_FORM));
  return resultsOf(instruction, scratch) +
    lines(taps * taps * (signedWord(instruction, FAST_FILTER_GRAD_CHANNEL_BLOCK) + GAP));
}

/** Bytes from one matrix of V to the next. */
// @ts-ignore: decorator
@inline function windowStep(instruction: usize): usize {
  return <usize>(signedWord(instruction, FAST_FILTER_GRAD_TILE_BLOCK) *
    signedWord(instruction, FAST_FILTER_GRAD_CHANNEL_BLOCK) + GAP) << 2;
}

// @ts-ignore: decorator
@inline function sumsOf(instruction: usize, scratch: usize): usize {
  const size = sizeOf(word(instruction, FAST_FILTER_GRAD_FORM));
  return windowsOf(instruction, scratch) + <usize>(size * size) * windowStep(instruction);
}

/** Bytes from one matrix of M to the next: whole register tiles. */
// @ts-ignore: decorator
@inline function sumStep(instruction: usize): usize {
  const rows = ceilDivide(signedWord(instruction, FAST_FILTER_GRAD_N), TILE_ROWS) * TILE_ROWS;
  return <usize>(rows * signedWord(instruction, FAST_FILTER_GRAD_CHANNEL_BLOCK) + GAP) << 2;
}

/** V = Bᵀ d B for `count` tiles from `tile` on, `width` channels from `channel` on, in panels of 16. */
function transformWindows(
  instruction: usize,
  scratch: usize,
  source: usize,
  phase: i32,
  channel: i32,
  width: i32,
  tile: i32,
  count: i32,
): void {
  const form = word(instruction, FAST_FILTER_GRAD_FORM), size = sizeOf(form);
  const panelStep = <usize>(signedWord(instruction, FAST_FILTER_GRAD_TILE_BLOCK) * PANEL_COLUMNS) << 2;
  const step = windowStep(instruction);
  let to = windowsOf(instruction, scratch);
  for (let i: i32 = 0; i < count; i++) {
    locateWindow(instruction, source, tile + i, phase, size, zerosOf(scratch), scratch);
    let panel = to;
    for (let column: i32 = 0; column < width; column += PANEL_COLUMNS) {
      const chunks = min(PANEL_COLUMNS, width - column) / CHUNK;
      const offset = <usize>(channel + column) << 2;
      transform(form, INPUT, scratch, offset, chunks, temporaryOf(scratch), panel, step);
      panel += panelStep;
    }
    to += PANEL_COLUMNS << 2;
  }
}

/** M += Zᵀ·V, one matrix product for each point of the transform; the first tiles overwrite M. */
function addProducts(instruction: usize, scratch: usize, gradient: usize, width: i32, tile: i32, count: i32): void {
  const size = sizeOf(word(instruction, FAST_FILTER_GRAD_FORM)), n = signedWord(instruction, FAST_FILTER_GRAD_N);
  const tiles = tilesOf(instruction);
  const gradientStep = <usize>(tiles * ceilDivide(n, TILE_ROWS) * TILE_ROWS + GAP) << 2;
  const panelStep = <usize>(signedWord(instruction, FAST_FILTER_GRAD_TILE_BLOCK) * PANEL_COLUMNS) << 2;
  const rowStep = <usize>signedWord(instruction, FAST_FILTER_GRAD_CHANNEL_BLOCK) << 2;
  gradient += <usize>tile * PANEL_ROW;
  let windows = windowsOf(instruction, scratch), sums = sumsOf(instruction, scratch);
  for (let point = size * size; point > 0; point--) {
    let b = windows;
    for (let column: i32 = 0; column < width; column += PANEL_COLUMNS) {
      let a = gradient, c = sums + (<usize>column << 2);
      for (let row: i32 = 0; row < n; row += TILE_ROWS) {
        tileOfPanel(count, a, b, c, rowStep, tile > 0);
        a += <usize>tiles * PANEL_ROW;
        c += rowStep * 6;
      }
      b += panelStep;
    }
    gradient += gradientStep;
    windows += windowStep(instruction);
    sums += sumStep(instruction);
  }
}

/** dw = Gᵀ M G. */
function storeTaps(instruction: usize, scratch: usize, phase: i32, channel: i32, width: i32, out: usize): void {
  const form = word(instruction, FAST_FILTER_GRAD_FORM), taps = tapsOf(form);
  const channelBlock = signedWord(instruction, FAST_FILTER_GRAD_CHANNEL_BLOCK);
  const phasesX = signedWord(instruction, FAST_FILTER_GRAD_PHASES_X);
  const results = resultsOf(instruction, scratch), resultStep = <usize>(channelBlock + GAP) << 2;
  const first = phase / phasesX * signedWord(instruction, FAST_FILTER_GRAD_STRIDE_PHASE_Y) +
    phase % phasesX * signedWord(instruction, FAST_FILTER_GRAD_STRIDE_PHASE_X) + channel;
  out += <usize>first << 2;
  let sums = sumsOf(instruction, scratch);
  for (let column = signedWord(instruction, FAST_FILTER_GRAD_N); column > 0; column--) {
    transform(form, FILTER_GRADIENT, productsOf(scratch), sums, width / CHUNK, temporaryOf(scratch), results, resultStep);
    let from = results;
    for (let i: i32 = 0; i < taps; i++) {
      for (let j: i32 = 0; j < taps; j++) {
        const tap = i * signedWord(instruction, FAST_FILTER_GRAD_STRIDE_TAP_Y) +
          j * signedWord(instruction, FAST_FILTER_GRAD_STRIDE_TAP_X);
        copyFloats(from, width, out + (<usize>tap << 2));
        from += resultStep;
      }
    }
    out += <usize>signedWord(instruction, FAST_FILTER_GRAD_STRIDE_COLUMN) << 2;
    sums += <usize>channelBlock << 2;
  }
}
