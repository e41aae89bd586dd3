/**
 * The instruction `fastConvolution`: a convolution by fewer multiplications.
 *
 * Computes: C = act(Aᵀ [Σ over k of U ⊙ (Bᵀ d)] + bias) for each tile of outputs, k = (phase, channel).
 * Shapes: x [images, height, width, channels] → C [images, gridHeight, gridWidth, n]; U by `fastFilter`.
 * Layout: see `src/plan/instructions.ts`. Scratch: V [tile][size²][k] the transformed windows, M [tile][size²][n] the
 *   products, both for `tileBlock` tiles; a gap behind each row.
 * Requires: channels and n multiples of 8, tileBlock of 6.
 * Writes: each element of C, once, by one thread.
 * Error: a few times that of the plain sum, see `fast_forms.ts`.
 * Chosen because: F(4, 2) leaves 25 of 64 multiplications, F(4, 3) 36 of 144, and what is left are plain matrix products.
 *   They read V as it lies and write M as it will be read: nothing is packed. All points of a tile lie together, because
 *   a transform touches all of them: [size²][tile] would be 25 pages of memory for each, and was a tenth slower. Where
 *   there are very few tiles, U is by far the larger operand: then each thread reads its own columns of it and
 *   transforms all windows.
 */

import {
  FAST_CONVOLUTION_ACTIVATION,
  FAST_CONVOLUTION_BIAS,
  FAST_CONVOLUTION_C_STRIDE_IMAGE,
  FAST_CONVOLUTION_C_STRIDE_X,
  FAST_CONVOLUTION_C_STRIDE_Y,
  FAST_CONVOLUTION_CHANNELS,
  FAST_CONVOLUTION_FILTER,
  FAST_CONVOLUTION_FORM,
  FAST_CONVOLUTION_N,
  FAST_CONVOLUTION_OUT,
  FAST_CONVOLUTION_PHASES_X,
  FAST_CONVOLUTION_PHASES_Y,
  FAST_CONVOLUTION_SCRATCH,
  FAST_CONVOLUTION_SCRATCH_STRIDE,
  FAST_CONVOLUTION_SLOPE,
  FAST_CONVOLUTION_SPLIT_COLUMNS,
  FAST_CONVOLUTION_TILE_BLOCK,
  FAST_CONVOLUTION_X,
  PANEL_COLUMNS,
  TILE_ROWS,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats } from "../gemm/floats";
import { finishFloats } from "../gemm/store";
import { tileOfRows } from "../gemm/tiles.gen";
import { floatWord, loadWord, signedWord, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import {
  behindHead,
  CHUNK,
  GAP,
  lines,
  locateMatrices,
  locateOutputs,
  locateWindow,
  productsOf,
  temporaryOf,
  tilesOf,
} from "./fast_windows";
import { INPUT, OUTPUT, outputsOf, sizeOf, transform } from "./transforms.gen";


export function fastConvolution(instruction: usize, thread: i32, threads: i32): void {
  const scratch = <usize>word(instruction, FAST_CONVOLUTION_SCRATCH) +
    <usize>thread * <usize>word(instruction, FAST_CONVOLUTION_SCRATCH_STRIDE);
  const tiles = tilesOf(instruction), panels = ceilDivide(signedWord(instruction, FAST_CONVOLUTION_N), PANEL_COLUMNS);
  const splitColumns = word(instruction, FAST_CONVOLUTION_SPLIT_COLUMNS) != 0;
  const units = splitColumns ? panels : ceilDivide(tiles, TILE_ROWS);
  const first = <i32>shareBegin(units, thread, threads), last = <i32>shareEnd(units, thread, threads);
  if (first == last) return;
  const tileEnd = splitColumns ? tiles : min(tiles, last * TILE_ROWS);
  const panelBegin = splitColumns ? first : 0, panelEnd = splitColumns ? last : panels;

  clearFloats(zerosOf(scratch), signedWord(instruction, FAST_CONVOLUTION_CHANNELS));
  locateMatrices(pointsOf(instruction), productStep(instruction), productsOf(scratch));
  // Blocks of a thread as equal as whole register tiles allow.
  let tile = splitColumns ? 0 : first * TILE_ROWS;
  let blocks = ceilDivide(tileEnd - tile, signedWord(instruction, FAST_CONVOLUTION_TILE_BLOCK));
  for (; blocks > 0; blocks--) {
    const count = min(tileEnd - tile, ceilDivide(ceilDivide(tileEnd - tile, blocks), TILE_ROWS) * TILE_ROWS);
    transformWindows(instruction, scratch, tile, count);
    multiplyTiles(instruction, scratch, count, panelBegin, panelEnd);
    storeTiles(instruction, scratch, tile, count, panelBegin, panelEnd);
    tile += count;
  }
}

/** Zeros that stand for pixels outside of the image. */
// @ts-ignore: decorator
@inline function zerosOf(scratch: usize): usize {
  return behindHead(scratch);
}

/** Columns of M. */
// @ts-ignore: decorator
@inline function widthOf(instruction: usize): i32 {
  return ceilDivide(signedWord(instruction, FAST_CONVOLUTION_N), PANEL_COLUMNS) * PANEL_COLUMNS;
}

/** Columns of V. */
// @ts-ignore: decorator
@inline function depthOf(instruction: usize): i32 {
  return signedWord(instruction, FAST_CONVOLUTION_PHASES_Y) * signedWord(instruction, FAST_CONVOLUTION_PHASES_X) *
    signedWord(instruction, FAST_CONVOLUTION_CHANNELS);
}

/** Points of a transformed tile. */
// @ts-ignore: decorator
@inline function pointsOf(instruction: usize): i32 {
  const size = sizeOf(word(instruction, FAST_CONVOLUTION_FORM));
  return size * size;
}

/** Bytes from one point of V to the next: with a gap, or rows of a power of two would share cache sets. */
// @ts-ignore: decorator
@inline function windowStep(instruction: usize): usize {
  return <usize>(depthOf(instruction) + GAP) << 2;
}

/** Bytes from one tile of V to the next. */
// @ts-ignore: decorator
@inline function windowTileStep(instruction: usize): usize {
  return <usize>pointsOf(instruction) * windowStep(instruction);
}

/** Bytes from one point of M to the next. */
// @ts-ignore: decorator
@inline function productStep(instruction: usize): usize {
  return <usize>(widthOf(instruction) + GAP) << 2;
}

/** Bytes from one tile of M to the next. */
// @ts-ignore: decorator
@inline function productTileStep(instruction: usize): usize {
  return <usize>pointsOf(instruction) * productStep(instruction);
}

/** A tile of outputs before bias and activation: [outputs²][n]. */
// @ts-ignore: decorator
@inline function resultsOf(instruction: usize, scratch: usize): usize {
  return zerosOf(scratch) + lines(signedWord(instruction, FAST_CONVOLUTION_CHANNELS));
}

// @ts-ignore: decorator
@inline function windowsOf(instruction: usize, scratch: usize): usize {
  const outputs = outputsOf(word(instruction, FAST_CONVOLUTION_FORM));
  return resultsOf(instruction, scratch) + lines(outputs * outputs * (widthOf(instruction) + GAP));
}

// @ts-ignore: decorator
@inline function matricesOf(instruction: usize, scratch: usize): usize {
  const tiles = <usize>signedWord(instruction, FAST_CONVOLUTION_TILE_BLOCK);
  return windowsOf(instruction, scratch) + tiles * windowTileStep(instruction);
}

/** V = Bᵀ d B for `count` tiles from `tile` on. */
function transformWindows(instruction: usize, scratch: usize, tile: i32, count: i32): void {
  const form = word(instruction, FAST_CONVOLUTION_FORM), size = sizeOf(form);
  const channels = signedWord(instruction, FAST_CONVOLUTION_CHANNELS);
  const phases = depthOf(instruction) / channels;
  const source = <usize>word(instruction, FAST_CONVOLUTION_X);
  const step = windowStep(instruction);
  let row = windowsOf(instruction, scratch);
  for (let i: i32 = 0; i < count; i++) {
    let to = row;
    for (let phase: i32 = 0; phase < phases; phase++) {
      locateWindow(instruction, source, tile + i, phase, size, zerosOf(scratch), scratch);
      transform(form, INPUT, scratch, 0, channels / CHUNK, temporaryOf(scratch), to, step);
      to += <usize>channels << 2;
    }
    row += windowTileStep(instruction);
  }
}

/** M = V · U, one matrix product for each point of the transform; whole register tiles, so rows beyond `count` too. */
function multiplyTiles(instruction: usize, scratch: usize, count: i32, panelBegin: i32, panelEnd: i32): void {
  const depth = depthOf(instruction);
  const panelStep = <usize>(depth * PANEL_COLUMNS) << 2;
  const filterStep = <usize>(widthOf(instruction) * depth + GAP) << 2;
  const rowStep = windowTileStep(instruction), productRowStep = productTileStep(instruction);
  let filter = <usize>word(instruction, FAST_CONVOLUTION_FILTER) + <usize>panelBegin * panelStep;
  let windows = windowsOf(instruction, scratch);
  let products = matricesOf(instruction, scratch) + (<usize>(panelBegin * PANEL_COLUMNS) << 2);
  for (let point = pointsOf(instruction); point > 0; point--) {
    for (let panel = panelBegin; panel < panelEnd; panel++) {
      const b = filter + <usize>(panel - panelBegin) * panelStep;
      let a = windows, c = products + (<usize>((panel - panelBegin) * PANEL_COLUMNS) << 2);
      for (let row: i32 = 0; row < count; row += TILE_ROWS) {
        tileOfRows(depth, a, rowStep, b, c, productRowStep);
        a += rowStep * 6;
        c += productRowStep * 6;
      }
    }
    filter += filterStep;
    windows += windowStep(instruction);
    products += productStep(instruction);
  }
}

/** C = act(Aᵀ M A + bias) for the columns of the panels. */
function storeTiles(instruction: usize, scratch: usize, tile: i32, count: i32, panelBegin: i32, panelEnd: i32): void {
  const form = word(instruction, FAST_CONVOLUTION_FORM), outputs = outputsOf(form);
  const column = panelBegin * PANEL_COLUMNS;
  const columns = min(signedWord(instruction, FAST_CONVOLUTION_N), panelEnd * PANEL_COLUMNS) - column;
  const bias = word(instruction, FAST_CONVOLUTION_BIAS) != 0
    ? <usize>word(instruction, FAST_CONVOLUTION_BIAS) + (<usize>column << 2)
    : 0;
  const activation = word(instruction, FAST_CONVOLUTION_ACTIVATION);
  const slope = floatWord(instruction, FAST_CONVOLUTION_SLOPE);
  const results = resultsOf(instruction, scratch), resultStep = <usize>(widthOf(instruction) + GAP) << 2;
  let products = matricesOf(instruction, scratch) + (<usize>column << 2);
  for (let i: i32 = 0; i < count; i++) {
    transform(form, OUTPUT, productsOf(scratch), products, columns / CHUNK, temporaryOf(scratch), results, resultStep);
    locateOutputs(
      instruction,
      <usize>word(instruction, FAST_CONVOLUTION_OUT),
      signedWord(instruction, FAST_CONVOLUTION_C_STRIDE_IMAGE),
      signedWord(instruction, FAST_CONVOLUTION_C_STRIDE_Y),
      signedWord(instruction, FAST_CONVOLUTION_C_STRIDE_X),
      tile + i,
      scratch,
    );
    let from = results;
    for (let output: usize = 0; output < <usize>(outputs * outputs); output++) {
      const pixel = <usize>loadWord(scratch + (output << 2));
      if (pixel != 0) finishFloats(from, bias, columns, activation, slope, pixel + (<usize>column << 2));
      from += resultStep;
    }
    products += productTileStep(instruction);
  }
}
