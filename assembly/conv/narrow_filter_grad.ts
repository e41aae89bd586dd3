/**
 * The instruction `narrowFilterGrad`: sums of the filter's gradient of a convolution with few channels.
 *
 * Computes: out[piece][ky][j][o] = Σ over the pixels of y in the piece of x at the window's element (ky, j) · dy[pixel, o].
 * Shapes: x [images, height, width, channels], dy [images, gridHeight, gridWidth, outChannels]; a piece is `chunkBands`
 *   bands; j counts the elements of a window's row, rounded up to whole sixes.
 * Layout: see `src/plan/instructions.ts`. Scratch: sixteen zeros, dy of a band in panels [outChannels / 16][pixel][16], the
 *   band.
 * Requires: outChannels a multiple of 16; out apart from x and dy.
 * Writes: each element of out once for each band of its piece, by one thread; the first band does not read it.
 * Error: that of one sum over all pixels of a piece.
 * Chosen because: six neighbours of a window's row are adjacent in the band, pixel after pixel, so patches need no
 *   packing. dy could be read in place as well, but then comes from memory in steps of a pixel: 60 % of the roof for 64
 *   images of 64 × 64, 69 % with panels. Threads share out pixels, of which there are many, instead of the few elements
 *   of the filter.
 */

import {
  NARROW_FILTER_GRAD_BAND_ROWS,
  NARROW_FILTER_GRAD_CHUNK_BANDS,
  NARROW_FILTER_GRAD_DY,
  NARROW_FILTER_GRAD_GRID_HEIGHT,
  NARROW_FILTER_GRAD_GRID_WIDTH,
  NARROW_FILTER_GRAD_IMAGES,
  NARROW_FILTER_GRAD_KERNEL_HEIGHT,
  NARROW_FILTER_GRAD_OUT,
  NARROW_FILTER_GRAD_OUT_CHANNELS,
  NARROW_FILTER_GRAD_SCRATCH,
  NARROW_FILTER_GRAD_SCRATCH_STRIDE,
  NARROW_FILTER_GRAD_STRIDE_Y,
  TILE_ROWS,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats } from "../gemm/floats";
import { copyRows } from "../gemm/pack_instruction";
import { whole } from "../gemm/scratch";
import { signedWord, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import { bandsOf, lineFloats, pixelStep, rowsOfBand, runFloats, stageBand } from "./narrow_band";
import { stridedTile } from "../gemm/tiles.gen";

export function narrowFilterGrad(instruction: usize, thread: i32, threads: i32): void {
  const outChannels = signedWord(instruction, NARROW_FILTER_GRAD_OUT_CHANNELS);
  const gridHeight = signedWord(instruction, NARROW_FILTER_GRAD_GRID_HEIGHT);
  const gridWidth = signedWord(instruction, NARROW_FILTER_GRAD_GRID_WIDTH);
  const bandRows = signedWord(instruction, NARROW_FILTER_GRAD_BAND_ROWS);
  const chunk = signedWord(instruction, NARROW_FILTER_GRAD_CHUNK_BANDS);
  const tileRows = signedWord(instruction, NARROW_FILTER_GRAD_KERNEL_HEIGHT) *
    ceilDivide(runFloats(instruction), TILE_ROWS) * TILE_ROWS;
  const zeros = <usize>word(instruction, NARROW_FILTER_GRAD_SCRATCH) +
    <usize>thread * <usize>word(instruction, NARROW_FILTER_GRAD_SCRATCH_STRIDE);
  const panels = zeros + 64;
  const band = panels + whole(<usize>(bandRows * gridWidth * outChannels) << 2);
  clearFloats(zeros, 16);

  const bands = bandsOf(instruction), allBands = signedWord(instruction, NARROW_FILTER_GRAD_IMAGES) * bands;
  const pieces = ceilDivide(allBands, chunk);
  const end = <i32>shareEnd(pieces, thread, threads);
  for (let piece = <i32>shareBegin(pieces, thread, threads); piece < end; piece++) {
    const sums = <usize>word(instruction, NARROW_FILTER_GRAD_OUT) + (<usize>(piece * tileRows * outChannels) << 2);
    const first = piece * chunk, last = min(allBands, first + chunk);
    for (let index = first; index < last; index++) {
      const image = index / bands, gridRow = index % bands * bandRows, rows = rowsOfBand(instruction, gridRow);
      const pixel = (image * gridHeight + gridRow) * gridWidth;
      stageBand(instruction, image, gridRow, rows, band);
      const dy = <usize>word(instruction, NARROW_FILTER_GRAD_DY) + (<usize>(pixel * outChannels) << 2);
      const pixels = rows * gridWidth;
      copyRows(dy, outChannels, pixels, outChannels, 16, pixels << 4, panels);
      addBand(instruction, rows, band, panels, index == first ? zeros : 0, sums);
    }
  }
}

/** Adds the products of a band to `sums`; where there are `zeros`, starts from them. */
function addBand(instruction: usize, rows: i32, band: usize, panels: usize, zeros: usize, sums: usize): void {
  const gridWidth = signedWord(instruction, NARROW_FILTER_GRAD_GRID_WIDTH);
  const kernelHeight = signedWord(instruction, NARROW_FILTER_GRAD_KERNEL_HEIGHT);
  const run = runFloats(instruction), lineStep = <usize>lineFloats(instruction) << 2;
  const aStep = <usize>pixelStep(instruction) << 2;
  const aRowStep = <usize>signedWord(instruction, NARROW_FILTER_GRAD_STRIDE_Y) * lineStep;
  const outStep = <usize>signedWord(instruction, NARROW_FILTER_GRAD_OUT_CHANNELS) << 2;
  const initStep = zeros != 0 ? 0 : outStep;
  for (let column: usize = 0; column < outStep; column += 64) {
    let line = band, out = sums + column;
    for (let ky: i32 = 0; ky < kernelHeight; ky++) {
      let a = line;
      for (let j: i32 = 0; j < run; j += TILE_ROWS) {
        const init = zeros != 0 ? zeros : out;
        stridedTile(rows, gridWidth, a, aStep, aRowStep, panels, init, initStep, out, outStep);
        a += 24;
        out += outStep * TILE_ROWS;
      }
      line += lineStep;
    }
    panels += <usize>(rows * gridWidth) << 6;
  }
}
