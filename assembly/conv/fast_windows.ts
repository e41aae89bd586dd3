/**
 * What the kernels of fast forms share: tiles of a grid, the windows that they see, and the head of a thread's scratch.
 *
 *     table        64 words      where the elements of a window, or of a tile of outputs, lie
 *     products     64 words      distances to a tile's products
 *     temporary    288 floats    for `transform`
 *
 * `src/plan/fast_scratch.ts` is the twin of all scratch layouts of fast forms: they change together.
 */

import {
  FAST_CONVOLUTION_FORM,
  FAST_CONVOLUTION_GRID_HEIGHT,
  FAST_CONVOLUTION_GRID_WIDTH,
  FAST_CONVOLUTION_HEIGHT,
  FAST_CONVOLUTION_IMAGES,
  FAST_CONVOLUTION_PAD_LEFT,
  FAST_CONVOLUTION_PAD_TOP,
  FAST_CONVOLUTION_PHASES_X,
  FAST_CONVOLUTION_PIXEL_STRIDE,
  FAST_CONVOLUTION_STEP_X,
  FAST_CONVOLUTION_STEP_Y,
  FAST_CONVOLUTION_WIDTH,
} from "../abi.gen";
import { ceilDivide } from "../gemm/divide";
import { clearFloats } from "../gemm/floats";
import { signedWord, storeWord, word } from "../simd";
import { outputsOf } from "./transforms.gen";

// @ts-ignore: decorator
@inline const PRODUCTS: usize = 256;
// @ts-ignore: decorator
@inline const TEMPORARY: usize = 512;
// @ts-ignore: decorator
@inline const HEAD: usize = 1664;

/** Floats between the matrices of a transform: without them, powers of two would put all into the same cache sets. */
// @ts-ignore: decorator
@inline export const GAP: i32 = 16;

/** Channels that a transform takes at a time. */
// @ts-ignore: decorator
@inline export const CHUNK: i32 = 8;

// @ts-ignore: decorator
@inline export function productsOf(scratch: usize): usize {
  return scratch + PRODUCTS;
}

// @ts-ignore: decorator
@inline export function temporaryOf(scratch: usize): usize {
  return scratch + TEMPORARY;
}

/** Where a kernel's own scratch begins. */
// @ts-ignore: decorator
@inline export function behindHead(scratch: usize): usize {
  return scratch + HEAD;
}

/** Bytes of so many floats, in whole cache lines. */
// @ts-ignore: decorator
@inline export function lines(floats: i32): usize {
  return (<usize>floats * 4 + 63) & ~63;
}

// @ts-ignore: decorator
@inline function tilesAlong(instruction: usize, grid: usize): i32 {
  return ceilDivide(signedWord(instruction, grid), outputsOf(word(instruction, FAST_CONVOLUTION_FORM)));
}

/** Tiles of all images. */
export function tilesOf(instruction: usize): i32 {
  return signedWord(instruction, FAST_CONVOLUTION_IMAGES) * tilesAlong(instruction, FAST_CONVOLUTION_GRID_HEIGHT) *
    tilesAlong(instruction, FAST_CONVOLUTION_GRID_WIDTH);
}

/** Fills `table` with the addresses of extent × extent pixels that a tile sees in a phase; `zeros` stands for padding. */
export function locateWindow(
  instruction: usize,
  source: usize,
  tile: i32,
  phase: i32,
  extent: i32,
  zeros: usize,
  table: usize,
): void {
  const outputs = outputsOf(word(instruction, FAST_CONVOLUTION_FORM));
  const height = signedWord(instruction, FAST_CONVOLUTION_HEIGHT);
  const width = signedWord(instruction, FAST_CONVOLUTION_WIDTH);
  const pixel = <usize>signedWord(instruction, FAST_CONVOLUTION_PIXEL_STRIDE) << 2;
  const phasesX = signedWord(instruction, FAST_CONVOLUTION_PHASES_X);
  const stepY = signedWord(instruction, FAST_CONVOLUTION_STEP_Y);
  const stepX = signedWord(instruction, FAST_CONVOLUTION_STEP_X);
  const tilesX = tilesAlong(instruction, FAST_CONVOLUTION_GRID_WIDTH);
  const tilesY = tilesAlong(instruction, FAST_CONVOLUTION_GRID_HEIGHT);
  const tileX = tile % tilesX, tileY = tile / tilesX % tilesY, image = tile / tilesX / tilesY;
  const firstX = tileX * outputs * stepX + phase % phasesX - signedWord(instruction, FAST_CONVOLUTION_PAD_LEFT);
  let y = tileY * outputs * stepY + phase / phasesX - signedWord(instruction, FAST_CONVOLUTION_PAD_TOP);
  for (let i: i32 = 0; i < extent; i++) {
    const line = source + <usize>((image * height + y) * width) * pixel;
    let x = firstX;
    for (let j: i32 = 0; j < extent; j++) {
      // As unsigned numbers, negative ones are too large as well.
      const inside = <u32>y < <u32>height && <u32>x < <u32>width;
      storeWord(table, <i32>(inside ? line + <usize>x * pixel : zeros));
      table += 4;
      x += stepX;
    }
    y += stepY;
  }
}

/** Fills `table` with the addresses of a tile's outputs in C; 0 for those beyond the grid. */
export function locateOutputs(
  instruction: usize,
  c: usize,
  strideImage: i32,
  strideY: i32,
  strideX: i32,
  tile: i32,
  table: usize,
): void {
  const outputs = outputsOf(word(instruction, FAST_CONVOLUTION_FORM));
  const gridHeight = signedWord(instruction, FAST_CONVOLUTION_GRID_HEIGHT);
  const gridWidth = signedWord(instruction, FAST_CONVOLUTION_GRID_WIDTH);
  const tilesX = tilesAlong(instruction, FAST_CONVOLUTION_GRID_WIDTH);
  const tilesY = tilesAlong(instruction, FAST_CONVOLUTION_GRID_HEIGHT);
  const x = tile % tilesX * outputs, y = tile / tilesX % tilesY * outputs, image = tile / tilesX / tilesY;
  for (let i: i32 = 0; i < outputs; i++) {
    for (let j: i32 = 0; j < outputs; j++) {
      const inside = y + i < gridHeight && x + j < gridWidth;
      const place = image * strideImage + (y + i) * strideY + (x + j) * strideX;
      storeWord(table, inside ? <i32>(c + (<usize>place << 2)) : 0);
      table += 4;
    }
  }
}

/** Fills `table` with the distances of `count` matrices that lie `step` bytes apart. */
export function locateMatrices(count: i32, step: usize, table: usize): void {
  for (let i: i32 = 0; i < count; i++) {
    storeWord(table, <i32>(<usize>i * step));
    table += 4;
  }
}

/** Zeros for the gaps behind `count` matrices of `floats` floats. */
export function clearGaps(matrices: usize, count: i32, floats: i32): void {
  const step = <usize>(floats + GAP) << 2;
  for (let gap = matrices + (<usize>floats << 2); count > 0; count--) {
    clearFloats(gap, GAP);
    gap += step;
  }
}
