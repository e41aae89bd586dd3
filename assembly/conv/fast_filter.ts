/**
 * The instruction `fastFilter`: a filter into the panels that `fastConvolution` multiplies with.
 *
 * Computes: U = G g Gᵀ for each phase, channel and column.
 * Shapes: phases × taps × taps × channels × n → size² matrices of k × n, k = (phaseY, phaseX, channel).
 * Layout: out [size²][⌈n / 16⌉][k][16], GAP floats between the matrices; the filter by its distances, see
 *   `src/plan/instructions.ts`.
 * Requires: channels and n multiples of 8; either channels or columns adjacent (distance 1).
 * Writes: out, gaps and columns beyond n zero. A panel's phase by one thread.
 * Error: that of the transform.
 * Chosen because: adjacent columns are transformed as they lie and written as they are; adjacent channels, eight of four
 *   columns at a time, are transposed in registers.
 */

import {
  FAST_FILTER_CHANNELS,
  FAST_FILTER_FORM,
  FAST_FILTER_N,
  FAST_FILTER_OUT,
  FAST_FILTER_PHASES_X,
  FAST_FILTER_PHASES_Y,
  FAST_FILTER_SCRATCH,
  FAST_FILTER_SCRATCH_STRIDE,
  FAST_FILTER_SOURCE,
  FAST_FILTER_STRIDE_CHANNEL,
  FAST_FILTER_STRIDE_COLUMN,
  FAST_FILTER_STRIDE_PHASE_X,
  FAST_FILTER_STRIDE_PHASE_Y,
  FAST_FILTER_STRIDE_TAP_X,
  FAST_FILTER_STRIDE_TAP_Y,
  PANEL_COLUMNS,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats } from "../gemm/floats";
import { storeTransposed } from "../gemm/transpose";
import { load4, signedWord, storeWord, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import { behindHead, CHUNK, clearGaps, GAP, temporaryOf } from "./fast_windows";
import { FILTER, sizeOf, tapsOf, transform } from "./transforms.gen";


export function fastFilter(instruction: usize, thread: i32, threads: i32): void {
  const scratch = <usize>word(instruction, FAST_FILTER_SCRATCH) +
    <usize>thread * <usize>word(instruction, FAST_FILTER_SCRATCH_STRIDE);
  const channels = signedWord(instruction, FAST_FILTER_CHANNELS), n = signedWord(instruction, FAST_FILTER_N);
  const phasesX = signedWord(instruction, FAST_FILTER_PHASES_X);
  const phases = signedWord(instruction, FAST_FILTER_PHASES_Y) * phasesX;
  const depth = phases * channels;
  const form = word(instruction, FAST_FILTER_FORM), size = sizeOf(form);
  const floats = ceilDivide(n, PANEL_COLUMNS) * depth * PANEL_COLUMNS;
  const step = <usize>(floats + GAP) << 2;
  if (thread == 0) clearGaps(<usize>word(instruction, FAST_FILTER_OUT), size * size, floats);
  const columnsAdjacent = signedWord(instruction, FAST_FILTER_STRIDE_COLUMN) == 1;
  const units = ceilDivide(n, PANEL_COLUMNS) * phases;
  const end = <i32>shareEnd(units, thread, threads);
  for (let unit = <i32>shareBegin(units, thread, threads); unit < end; unit++) {
    const panel = unit / phases, phase = unit % phases;
    const columns = min(PANEL_COLUMNS, n - panel * PANEL_COLUMNS);
    const source = <usize>word(instruction, FAST_FILTER_SOURCE) + (<usize>(
      phase / phasesX * signedWord(instruction, FAST_FILTER_STRIDE_PHASE_Y) +
      phase % phasesX * signedWord(instruction, FAST_FILTER_STRIDE_PHASE_X) +
      panel * PANEL_COLUMNS * signedWord(instruction, FAST_FILTER_STRIDE_COLUMN)
    ) << 2);
    const out = <usize>word(instruction, FAST_FILTER_OUT) + (<usize>(panel * depth + phase * channels) * <usize>PANEL_COLUMNS << 2);
    if (columns < PANEL_COLUMNS) clearColumns(instruction, out, channels, step);
    if (columnsAdjacent) transformColumns(instruction, source, channels, columns, scratch, out, step);
    else transformChannels(instruction, source, channels, columns, scratch, out, step);
  }
}

/** The addresses of taps × taps elements. */
function locateTaps(instruction: usize, source: usize, table: usize): void {
  const taps = tapsOf(word(instruction, FAST_FILTER_FORM));
  const stepY = <usize>signedWord(instruction, FAST_FILTER_STRIDE_TAP_Y) << 2;
  const stepX = <usize>signedWord(instruction, FAST_FILTER_STRIDE_TAP_X) << 2;
  for (let i: i32 = 0; i < taps; i++) {
    for (let j: i32 = 0; j < taps; j++) {
      storeWord(table, <i32>(source + <usize>i * stepY + <usize>j * stepX));
      table += 4;
    }
  }
}

/** One channel after the other, its columns adjacent. */
function transformColumns(
  instruction: usize,
  source: usize,
  channels: i32,
  columns: i32,
  scratch: usize,
  out: usize,
  step: usize,
): void {
  const form = word(instruction, FAST_FILTER_FORM);
  const channelStep = <usize>signedWord(instruction, FAST_FILTER_STRIDE_CHANNEL) << 2;
  locateTaps(instruction, source, scratch);
  let offset: usize = 0;
  for (let channel: i32 = 0; channel < channels; channel++) {
    transform(form, FILTER, scratch, offset, columns / CHUNK, temporaryOf(scratch), out, step);
    offset += channelStep;
    out += <usize>PANEL_COLUMNS << 2;
  }
}

/** Eight adjacent channels of four columns after the other, transposed on their way to the panel. */
function transformChannels(
  instruction: usize,
  source: usize,
  channels: i32,
  columns: i32,
  scratch: usize,
  out: usize,
  step: usize,
): void {
  const form = word(instruction, FAST_FILTER_FORM);
  const points = sizeOf(form) * sizeOf(form);
  const columnStep = <usize>signedWord(instruction, FAST_FILTER_STRIDE_COLUMN) << 2;
  const results = behindHead(scratch), resultStep = <usize>(points * CHUNK) << 2;
  locateTaps(instruction, source, scratch);
  for (let channel: i32 = 0; channel < channels; channel += CHUNK) {
    for (let column: i32 = 0; column < columns; column += 4) {
      let offset = (<usize>channel << 2) + <usize>column * columnStep, to = results;
      for (let i: i32 = 0; i < 4; i++) {
        transform(form, FILTER, scratch, offset, 1, temporaryOf(scratch), to, CHUNK << 2);
        offset += columnStep;
        to += resultStep;
      }
      let from = results, rows = out + (<usize>column << 2);
      for (let point: i32 = 0; point < points; point++) {
        transposeFour(from, resultStep, rows);
        transposeFour(from + 16, resultStep, rows + 256);
        from += CHUNK << 2;
        rows += step;
      }
    }
    out += <usize>(CHUNK * PANEL_COLUMNS) << 2;
  }
}

/** Four channels of four columns, a column every `step` bytes, into four rows of a panel. */
// @ts-ignore: decorator
@inline function transposeFour(from: usize, step: usize, rows: usize): void {
  storeTransposed(load4(from), load4(from + step), load4(from + step * 2), load4(from + step * 3), rows, PANEL_COLUMNS << 2);
}

/** Columns 8 to 15 of a panel that has eight. */
function clearColumns(instruction: usize, out: usize, channels: i32, step: usize): void {
  const points = sizeOf(word(instruction, FAST_FILTER_FORM)) * sizeOf(word(instruction, FAST_FILTER_FORM));
  for (let point: i32 = 0; point < points; point++) {
    for (let channel: i32 = 0; channel < channels; channel++) {
      clearFloats(out + (<usize>(channel * PANEL_COLUMNS + CHUNK) << 2), CHUNK);
    }
    out += step;
  }
}
