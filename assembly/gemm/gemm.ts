/**
 * The instruction `contract`: block loops around packers, register tile and store.
 *
 * Computes: C = act(A·B + bias), batched.
 * Shapes: A is m × k, B is k × n, C is m × n.
 * Layout: A a strided matrix or patches of images; B panels made by `pack` or patches; C's rows on an image grid. See
 *   `src/plan/instructions.ts`.
 * Requires: all sizes ≥ 1, rowBlock a multiple of 6, columnBlock of tileColumns, not both A and B patches, C apart from
 *   A, B and bias, `scratchStride` ≥ `contractScratchBytes`.
 * Writes: each element of C, once for each depth block, by one thread. The first depth block does not read C.
 * Error: that of the tile for each depth block, one addition a block, then bias and activation.
 * Chosen because: these are the loops of Goto and BLIS. A panel of B (depthBlock × tileColumns) stays in level-1 cache
 *   while the panels of A's block, which stays in level 2, stream past it. Where B is packed, A is packed once for
 *   each column, row and depth block, and B's column block stays in level 3 for all rows; where B is patches, its block is the costly one and is packed once for each column and
 *   depth block. Rows of A that fit one depth block are read as they lie, unless they are whole pages apart: then they
 *   fall into the same cache sets (1024³: 72 GFLOP/s instead of 83).
 *
 * The sums of one element of C depend on k and depthBlock alone, so neither the other block sizes nor the number of
 * threads change its bits.
 */

import {
  CONTRACT_A,
  CONTRACT_A_BATCH_STRIDE,
  CONTRACT_A_COLUMN_STRIDE,
  CONTRACT_A_KIND,
  CONTRACT_A_ROW_STRIDE,
  CONTRACT_ACTIVATION,
  CONTRACT_B,
  CONTRACT_B_BATCH_STRIDE,
  CONTRACT_B_KIND,
  CONTRACT_BATCH,
  CONTRACT_BIAS,
  CONTRACT_BIAS_BATCH_STRIDE,
  CONTRACT_C_BATCH_STRIDE,
  CONTRACT_C_GRID_HEIGHT,
  CONTRACT_C_GRID_WIDTH,
  CONTRACT_C_STRIDE_IMAGE,
  CONTRACT_C_STRIDE_X,
  CONTRACT_C_STRIDE_Y,
  CONTRACT_COLUMN_BLOCK,
  CONTRACT_DEPTH_BLOCK,
  CONTRACT_K,
  CONTRACT_M,
  CONTRACT_N,
  CONTRACT_OUT,
  CONTRACT_ROW_BLOCK,
  CONTRACT_SCRATCH,
  CONTRACT_SCRATCH_STRIDE,
  CONTRACT_SLOPE,
  CONTRACT_SPLIT_COLUMNS,
  CONTRACT_TILE_COLUMNS,
  PANEL_COLUMNS,
  TILE_ROWS,
} from "../abi.gen";
import { packPatchColumns } from "../conv/patch_columns";
import { locateRows, packPatchRows } from "../conv/patch_rows";
import { batchAddress, floatWord, loadWord, signedWord, word } from "../simd";
import { shareBegin, shareEnd } from "../team";
import { ceilDivide } from "./divide";
import { clearFloats } from "./floats";
import { locateOutput } from "./grid";
import { packRows } from "./pack_rows";
import { scratchColumns, scratchOffsets, scratchRows, scratchStaging, scratchTable, scratchZeros } from "./scratch";
import { addRows, finish, storeRows } from "./store";
import { narrowTileOfPanel, tileOfPanel, tileOfRows } from "./tiles.gen";

/** Bytes of six floats: a row of a packed panel of A. */
// @ts-ignore: decorator
@inline const PANEL_ROW: usize = 24;

/** Floats whose addresses fall into the same cache set, on every processor of today. */
// @ts-ignore: decorator
@inline const PAGE_FLOATS: i32 = 1024;

/** One thread's share: a contiguous range of the row (or column) panels of all matrices of the batch. */
export function contract(instruction: usize, thread: i32, threads: i32): void {
  const rowPanels = ceilDivide(signedWord(instruction, CONTRACT_M), TILE_ROWS);
  const columnPanels = ceilDivide(
    signedWord(instruction, CONTRACT_N),
    signedWord(instruction, CONTRACT_TILE_COLUMNS),
  );
  const splitColumns = word(instruction, CONTRACT_SPLIT_COLUMNS) != 0;
  const packedB = word(instruction, CONTRACT_B_KIND) == 0;
  const scratch = <usize>word(instruction, CONTRACT_SCRATCH) +
    <usize>thread * <usize>word(instruction, CONTRACT_SCRATCH_STRIDE);
  clearFloats(scratchZeros(instruction, scratch), signedWord(instruction, CONTRACT_DEPTH_BLOCK));

  const inMatrix = splitColumns ? columnPanels : rowPanels;
  const units = signedWord(instruction, CONTRACT_BATCH) * inMatrix;
  const end = <i32>shareEnd(units, thread, threads);
  for (let unit = <i32>shareBegin(units, thread, threads); unit < end;) {
    const matrix = unit / inMatrix, first = unit % inMatrix;
    const last = min(inMatrix, first + end - unit);
    const rowBegin = splitColumns ? 0 : first, rowEnd = splitColumns ? rowPanels : last;
    const columnBegin = splitColumns ? first : 0, columnEnd = splitColumns ? last : columnPanels;
    if (packedB) multiplyPanels(instruction, scratch, matrix, rowBegin, rowEnd, columnBegin, columnEnd);
    else multiplyPatches(instruction, scratch, matrix, rowBegin, rowEnd, columnBegin, columnEnd);
    unit += last - first;
  }
}

/** B packed: column blocks, row blocks, depth blocks, then the columns. Ranges count panels. */
function multiplyPanels(
  instruction: usize,
  scratch: usize,
  matrix: i32,
  rowBegin: i32,
  rowEnd: i32,
  columnBegin: i32,
  columnEnd: i32,
): void {
  const m = signedWord(instruction, CONTRACT_M), n = signedWord(instruction, CONTRACT_N);
  const k = signedWord(instruction, CONTRACT_K);
  const tileColumns = signedWord(instruction, CONTRACT_TILE_COLUMNS);
  const rowBlock = signedWord(instruction, CONTRACT_ROW_BLOCK);
  const columnBlock = signedWord(instruction, CONTRACT_COLUMN_BLOCK);
  const depthBlock = signedWord(instruction, CONTRACT_DEPTH_BLOCK);
  const padded = ceilDivide(n, tileColumns) * tileColumns;
  const b = batchAddress(instruction, CONTRACT_B, CONTRACT_B_BATCH_STRIDE, matrix);

  const lastRow = min(m, rowEnd * TILE_ROWS), lastColumn = min(n, columnEnd * tileColumns);
  for (let column = columnBegin * tileColumns, columns: i32 = 0; column < lastColumn; column += columns) {
    columns = min(columnBlock, lastColumn - column);
    for (let row = rowBegin * TILE_ROWS, rows: i32 = 0; row < lastRow; row += rows) {
      rows = min(rowBlock, lastRow - row);
      locate(instruction, scratch, matrix, row, rows);
      const inPlace = rowsInPlace(instruction, matrix, row);
      const left = inPlace == 0 ? rows : rows % TILE_ROWS;
      for (let depthBegin: i32 = 0, depth: i32 = 0; depthBegin < k; depthBegin += depth) {
        depth = min(depthBlock, k - depthBegin);
        packA(instruction, scratch, matrix, row + rows - left, left, depthBegin, depth);
        const panels = b + (<usize>(depthBegin * padded + column * depth) << 2);
        multiplyBlock(instruction, scratch, matrix, inPlace, rows, column, columns, depthBegin, depth, panels);
      }
    }
  }
}

/** B patches: column blocks, depth blocks, then the rows. Ranges count panels. */
function multiplyPatches(
  instruction: usize,
  scratch: usize,
  matrix: i32,
  rowBegin: i32,
  rowEnd: i32,
  columnBegin: i32,
  columnEnd: i32,
): void {
  const m = signedWord(instruction, CONTRACT_M), n = signedWord(instruction, CONTRACT_N);
  const k = signedWord(instruction, CONTRACT_K);
  const tileColumns = signedWord(instruction, CONTRACT_TILE_COLUMNS);
  const rowBlock = signedWord(instruction, CONTRACT_ROW_BLOCK);
  const columnBlock = signedWord(instruction, CONTRACT_COLUMN_BLOCK);
  const depthBlock = signedWord(instruction, CONTRACT_DEPTH_BLOCK);
  const images = batchAddress(instruction, CONTRACT_B, CONTRACT_B_BATCH_STRIDE, matrix);
  const panels = scratchColumns(instruction, scratch);

  const lastRow = min(m, rowEnd * TILE_ROWS), lastColumn = min(n, columnEnd * tileColumns);
  for (let column = columnBegin * tileColumns, columns: i32 = 0; column < lastColumn; column += columns) {
    columns = min(columnBlock, lastColumn - column);
    for (let depthBegin: i32 = 0, depth: i32 = 0; depthBegin < k; depthBegin += depth) {
      depth = min(depthBlock, k - depthBegin);
      packPatchColumns(instruction, images, depthBegin, depth, column, columns, panels);
      for (let row = rowBegin * TILE_ROWS, rows: i32 = 0; row < lastRow; row += rows) {
        rows = min(rowBlock, lastRow - row);
        locate(instruction, scratch, matrix, row, rows);
        packA(instruction, scratch, matrix, row, rows, depthBegin, depth);
        multiplyBlock(instruction, scratch, matrix, 0, rows, column, columns, depthBegin, depth, panels);
      }
    }
  }
}

/** Where the rows of a block lie in C and, if they are patches, in the images. */
function locate(instruction: usize, scratch: usize, matrix: i32, row: i32, rows: i32): void {
  locateOutput(instruction, row, rows, scratchOffsets(scratch));
  if (word(instruction, CONTRACT_A_KIND) != 0) {
    const images = batchAddress(instruction, CONTRACT_A, CONTRACT_A_BATCH_STRIDE, matrix);
    locateRows(instruction, images, row, rows, scratchTable(instruction, scratch));
  }
}

function packA(
  instruction: usize,
  scratch: usize,
  matrix: i32,
  row: i32,
  rows: i32,
  depthBegin: i32,
  depth: i32,
): void {
  const zeros = scratchZeros(instruction, scratch), panels = scratchRows(instruction, scratch);
  if (word(instruction, CONTRACT_A_KIND) == 0) {
    const rowStride = signedWord(instruction, CONTRACT_A_ROW_STRIDE);
    const columnStride = signedWord(instruction, CONTRACT_A_COLUMN_STRIDE);
    const a = batchAddress(instruction, CONTRACT_A, CONTRACT_A_BATCH_STRIDE, matrix) +
      (<usize>(row * rowStride + depthBegin * columnStride) << 2);
    packRows(a, rowStride, columnStride, rows, depth, zeros, panels);
  } else {
    const table = scratchTable(instruction, scratch), staging = scratchStaging(instruction, scratch);
    packPatchRows(instruction, table, rows, depthBegin, depth, zeros, staging, panels);
  }
}

/** Where row `row` of A lies if whole panels of rows are read there; 0 if they are to be packed. */
function rowsInPlace(instruction: usize, matrix: i32, row: i32): usize {
  const rowStride = signedWord(instruction, CONTRACT_A_ROW_STRIDE);
  const fits = word(instruction, CONTRACT_A_KIND) == 0 && signedWord(instruction, CONTRACT_A_COLUMN_STRIDE) == 1 &&
    signedWord(instruction, CONTRACT_K) <= signedWord(instruction, CONTRACT_DEPTH_BLOCK) &&
    signedWord(instruction, CONTRACT_TILE_COLUMNS) == PANEL_COLUMNS && rowStride % PAGE_FLOATS != 0;
  if (!fits) return 0;
  return batchAddress(instruction, CONTRACT_A, CONTRACT_A_BATCH_STRIDE, matrix) + (<usize>(row * rowStride) << 2);
}

/**
 * C[rows, column … column + columns) from one depth block: rows of A × the column panels `panels`. Whole panels of rows
 * are at `inPlace` if that is not 0; all others are packed in scratch.
 */
function multiplyBlock(
  instruction: usize,
  scratch: usize,
  matrix: i32,
  inPlace: usize,
  rows: i32,
  column: i32,
  columns: i32,
  depthBegin: i32,
  depth: i32,
  panels: usize,
): void {
  const tileColumns = signedWord(instruction, CONTRACT_TILE_COLUMNS);
  const aPanelStep = <usize>depth * PANEL_ROW, aRowStep = <usize>word(instruction, CONTRACT_A_ROW_STRIDE) << 2;
  const first = depthBegin == 0, last = depthBegin + depth == signedWord(instruction, CONTRACT_K);
  const activation = word(instruction, CONTRACT_ACTIVATION);
  const slope = floatWord(instruction, CONTRACT_SLOPE);
  const hasBias = word(instruction, CONTRACT_BIAS) != 0;
  const finishes = last && (hasBias || activation != 0);
  let bias = hasBias
    ? batchAddress(instruction, CONTRACT_BIAS, CONTRACT_BIAS_BATCH_STRIDE, matrix) + (<usize>column << 2)
    : 0;
  let c = batchAddress(instruction, CONTRACT_OUT, CONTRACT_C_BATCH_STRIDE, matrix) + (<usize>column << 2);
  const cRowStep = evenRowStep(instruction);
  const sums = scratch, sumsStep = <usize>tileColumns << 2;

  for (; columns > 0; columns -= tileColumns) {
    const inTile = min(tileColumns, columns);
    let a = scratchRows(instruction, scratch), aRows = inPlace, offsets = scratchOffsets(scratch);
    for (let row: i32 = 0; row < rows; row += TILE_ROWS) {
      const tileRows = min(TILE_ROWS, rows - row);
      const stored = cRowStep != 0 && tileRows == TILE_ROWS && inTile == tileColumns;
      const target = stored ? c + <usize>loadWord(offsets) : sums, targetStep = stored ? cRowStep : sumsStep;
      const adds = stored && !first;
      if (inPlace != 0 && tileRows == TILE_ROWS) {
        tileOfRows(depth, aRows, aRowStep, panels, target, targetStep);
        aRows += aRowStep * TILE_ROWS;
      } else {
        if (tileColumns == PANEL_COLUMNS) tileOfPanel(depth, a, panels, target, targetStep, adds);
        else narrowTileOfPanel(depth, a, panels, target, targetStep, adds);
        a += aPanelStep;
      }
      if (!stored) {
        if (!first) addRows(sums, tileColumns, c, offsets, tileRows, inTile);
        if (finishes) finish(sums, sumsStep, tileColumns, bias, inTile, activation, slope);
        storeRows(sums, tileColumns, c, offsets, tileRows, inTile);
      } else if (finishes) finish(target, targetStep, tileColumns, bias, inTile, activation, slope);
      offsets += 24;
    }
    panels += <usize>(depth * tileColumns) << 2;
    c += sumsStep;
    if (hasBias) bias += sumsStep;
  }
}

/** Bytes from each row of C to the next if that is always the same, else 0. */
function evenRowStep(instruction: usize): usize {
  const gridWidth = signedWord(instruction, CONTRACT_C_GRID_WIDTH);
  const gridHeight = signedWord(instruction, CONTRACT_C_GRID_HEIGHT);
  const strideX = signedWord(instruction, CONTRACT_C_STRIDE_X), strideY = signedWord(instruction, CONTRACT_C_STRIDE_Y);
  const strideImage = signedWord(instruction, CONTRACT_C_STRIDE_IMAGE);
  if (gridWidth * gridHeight == 1) return <usize>strideImage << 2;
  const even = (gridHeight == 1 || strideY == gridWidth * strideX) &&
    (gridHeight * gridWidth == signedWord(instruction, CONTRACT_M) || strideImage == gridHeight * gridWidth * strideX);
  return even ? <usize>strideX << 2 : 0;
}
