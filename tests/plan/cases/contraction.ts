/** Random matrices, panels, patches and vectors. */
import fc from "fast-check";
import { contractScratchBytes } from "../../../src/plan/contract_scratch.ts";
import { caseOf, lay, product, sourceLayout, upTo } from "./case.ts";

const tileColumns = fc.constantFrom(8, 16);
const packedSize = (k: number, n: number, tile: number) => k * Math.ceil(n / tile) * tile;

const packSizes = fc.record({
  batch: upTo(3),
  n: upTo(40),
  tapsY: upTo(3),
  tapsX: upTo(3),
  channels: fc.oneof(upTo(6), upTo(40)),
  layout: sourceLayout,
  gap: fc.constantFrom(0, 0, 4),
  depthBlock: fc.oneof(upTo(8), upTo(300)),
  tileColumns,
});

export const pack = caseOf("pack", packSizes, ({ layout, gap, ...o }, memory) => {
  // Axes of the layout: 1 batch, 2 tapsY, 3 tapsX, 4 channels, 5 columns.
  const { strides, origin, size } = lay([1, o.batch, o.tapsY, o.tapsX, o.channels, o.n], layout);
  const outBatchStride = packedSize(o.tapsY * o.tapsX * o.channels, o.n, o.tileColumns) + gap;
  const [, sourceBatchStride, strideTapY, strideTapX, strideChannel, strideColumn] = strides;
  return {
    ...o,
    strideTapY,
    strideTapX,
    strideChannel,
    strideColumn,
    source: memory.input(size) + 4 * origin,
    sourceBatchStride,
    out: memory.output(o.batch * outBatchStride - gap),
    outBatchStride,
  };
});

const windows = fc.record({
  images: upTo(3),
  height: upTo(9),
  width: upTo(9),
  channels: fc.oneof(upTo(3), upTo(18)),
  otherChannels: fc.constantFrom(0, 0, 3),
  kernelHeight: upTo(4),
  kernelWidth: upTo(4),
  strideY: upTo(3),
  strideX: upTo(3),
  padTop: fc.integer({ min: -2, max: 4 }),
  padLeft: fc.integer({ min: -2, max: 4 }),
  dilationY: upTo(2),
  dilationX: upTo(2),
  gridHeight: upTo(7),
  gridWidth: upTo(7),
});

const contractSizes = fc.record({
  kind: fc.constantFrom("matrices", "patches × panels", "matrix × patches"),
  batch: upTo(3),
  m: fc.oneof(upTo(7), upTo(40)),
  n: fc.oneof(upTo(9), upTo(40)),
  k: fc.oneof(upTo(5), upTo(70)),
  window: windows,
  matrixLayout: sourceLayout,
  grid: fc.tuple(upTo(4), upTo(4), upTo(4)),
  gridStep: upTo(2),
  /** whether the matrices of the batch lie side by side in each row of C, as those of groups do */
  sideBySide: fc.boolean(),
  hasBias: fc.boolean(),
  activation: fc.nat(3),
  tileColumns,
  rowBlocks: upTo(4),
  columnBlocks: upTo(3),
  depthBlock: fc.oneof(upTo(9), upTo(100)),
  splitColumns: fc.nat(1),
});

export const contract = caseOf("contract", contractSizes, (o, memory) => {
  const { otherChannels, ...window } = o.window;
  const [aKind, bKind] = [o.kind === "patches × panels" ? 1 : 0, o.kind === "matrix × patches" ? 1 : 0];
  const patchRows = window.images * window.gridHeight * window.gridWidth;
  const patchColumns = window.kernelHeight * window.kernelWidth * window.channels;
  const grid = aKind === 1 ? [window.images, window.gridHeight, window.gridWidth] : o.grid;
  const m = product(grid);
  const n = bKind === 1 ? patchColumns : o.n;
  const k = aKind === 1 ? patchColumns : bKind === 1 ? patchRows : o.k;

  // The batch walks over groups of channels of one image tensor.
  const pixelStride = o.batch * window.channels + otherChannels;
  const image = () => memory.input(window.images * window.height * window.width * pixelStride);
  // Axes of the layout: 3 batch, 4 rows, 5 columns; sizes are unsigned, so nothing runs backwards.
  const forward = { ...o.matrixLayout, step: o.matrixLayout.step.map((step) => Math.abs(step) as 0 | 1) };
  const matrix = lay([1, 1, 1, o.batch, m, k], forward);
  const bBatchStride = bKind === 1 ? window.channels : packedSize(k, n, o.tileColumns);

  const cStrideX = (o.sideBySide ? o.batch * n : n) * o.gridStep;
  const cStrideY = cStrideX * grid[2] * o.gridStep;
  const cStrideImage = cStrideY * grid[1];
  const cBatchStride = o.sideBySide ? n : cStrideImage * grid[0];
  const cReach = (o.batch - 1) * cBatchStride + (grid[0] - 1) * cStrideImage + (grid[1] - 1) * cStrideY +
    (grid[2] - 1) * cStrideX + n;
  const blocks = {
    aKind,
    bKind,
    rowBlock: 6 * o.rowBlocks,
    columnBlock: o.tileColumns * o.columnBlocks,
    depthBlock: o.depthBlock,
  };
  if (contractScratchBytes(blocks) > memory.scratchStride) throw new RangeError("a case needs more scratch");
  return {
    m,
    n,
    k,
    batch: o.batch,
    a: aKind === 1 ? image() : memory.input(matrix.size),
    aBatchStride: aKind === 1 ? window.channels : matrix.strides[3],
    aRowStride: matrix.strides[4],
    aColumnStride: matrix.strides[5],
    b: bKind === 1 ? image() : memory.input(o.batch * bBatchStride),
    bBatchStride,
    ...window,
    pixelStride,
    out: memory.output(cReach),
    cBatchStride,
    cGridHeight: grid[1],
    cGridWidth: grid[2],
    cStrideImage,
    cStrideY,
    cStrideX,
    bias: o.hasBias ? memory.input(o.batch * n) : 0,
    biasBatchStride: n,
    activation: o.activation,
    slope: 0.2,
    tileColumns: o.tileColumns,
    ...blocks,
    splitColumns: o.splitColumns,
    scratch: memory.scratch,
    scratchStride: memory.scratchStride,
  };
});

const matvecSizes = fc.record({
  byRows: fc.boolean(),
  rows: fc.oneof(upTo(5), upTo(80)),
  depth: fc.oneof(upTo(9), upTo(80)),
  batch: upTo(4),
  /** between the lines of the matrix, and between the operands of a batch */
  gap: fc.constantFrom(0, 0, 5),
  /** whether all of the batch share the matrix */
  shared: fc.boolean(),
  hasBias: fc.boolean(),
  biasStride: fc.nat(1),
  activation: fc.nat(3),
});

export const matvec = caseOf("matvec", matvecSizes, ({ byRows, gap, shared, hasBias, ...o }, memory) => {
  const { rows, depth, batch } = o;
  const lines = byRows ? rows : depth, lineStep = (byRows ? depth : rows) + gap;
  const matrix = lines * lineStep;
  return {
    ...o,
    a: memory.input(shared ? matrix : batch * matrix),
    aBatchStride: shared ? 0 : matrix,
    aRowStride: byRows ? lineStep : 1,
    aColumnStride: byRows ? 1 : lineStep,
    x: memory.input(batch * (depth + gap)),
    xBatchStride: depth + gap,
    out: memory.output(batch * (rows + gap)),
    outBatchStride: rows + gap,
    bias: hasBias ? memory.input(batch * rows) : 0,
    biasBatchStride: rows,
    slope: 0.2,
  };
});
