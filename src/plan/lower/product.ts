/**
 * The matrix product that every contraction becomes: C = A·B, with A and B packed into panels on the way. A right-hand
 * matrix is packed by an instruction of its own, once for each program; a left-hand one, and patches, while it runs.
 * Where C has a single row or column, a matrix is used once and not packed.
 */
import type { ContractKernel } from "../../graph/fuse.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { contractBlocks } from "../blocks.ts";
import { addressOf } from "../builder.ts";
import { contractScratchBytes } from "../contract_scratch.ts";
import type { Operands } from "../instructions.ts";
import type { Lowering } from "./context.ts";

type Contract = Operands<"contract">;
/** What is added to a product, and the activation it leaves through. */
type Epilogue = Pick<Contract, "bias" | "biasBatchStride" | "activation" | "slope">;
/** A sliding window over images, as the instruction lists it. */
export type Patches = Pick<
  Contract,
  | "images"
  | "height"
  | "width"
  | "pixelStride"
  | "channels"
  | "kernelHeight"
  | "kernelWidth"
  | "strideY"
  | "strideX"
  | "padTop"
  | "padLeft"
  | "dilationY"
  | "dilationX"
  | "gridHeight"
  | "gridWidth"
>;
/** Where C lies: batches of a grid of pixels, rows in the order of A's. */
type Output = Pick<
  Contract,
  "out" | "cBatchStride" | "cGridHeight" | "cGridWidth" | "cStrideImage" | "cStrideY" | "cStrideX"
>;
/** `batch` products of m × k by k × n. */
type Sizes = Pick<Contract, "m" | "n" | "k" | "batch">;

/** A left-hand matrix as it lies in memory; distances in elements. */
interface LeftMatrix {
  readonly pointer: number;
  readonly batchStride: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A matrix whose rows are the windows of images, taken out while it is packed. */
interface WindowMatrix {
  readonly pointer: number;
  readonly batchStride: number;
  readonly patches: Patches;
}

/** A right-hand matrix as the `pack` instruction reads it. */
interface RightMatrix {
  readonly tensor: Tensor;
  /** Distance in elements from the tensor's start. */
  readonly start: number;
  readonly batchStride: number;
  readonly tapsY: number;
  readonly tapsX: number;
  readonly channels: number;
  readonly strideTapY: number;
  readonly strideTapX: number;
  readonly strideChannel: number;
  readonly strideColumn: number;
}

/** A contraction as a matrix product: who plays A, B and C, whatever it was before. */
export interface Product extends Sizes, Epilogue, Output {
  readonly a: LeftMatrix | WindowMatrix;
  readonly b: RightMatrix | WindowMatrix;
}

const activations = { none: 0, relu: 1, leakyRelu: 2, tanh: 3 } as const;

/**
 * Fields of the epilogue.
 * @param columns distance in elements from one batch's bias to the next
 */
export function epilogueOf(
  { bias, activation, slope }: ContractKernel,
  columns: number,
  { address }: Lowering,
): Epilogue {
  return {
    bias: bias ? address(bias) : 0,
    biasBatchStride: bias ? columns : 0,
    activation: activations[activation],
    slope,
  };
}

/** Fields of an operand that is no sliding window. */
const noPatches: Patches = {
  images: 0,
  height: 0,
  width: 0,
  pixelStride: 0,
  channels: 0,
  kernelHeight: 0,
  kernelWidth: 0,
  strideY: 0,
  strideX: 0,
  padTop: 0,
  padLeft: 0,
  dilationY: 0,
  dilationX: 0,
  gridHeight: 0,
  gridWidth: 0,
};

/**
 * Fields that say where B is: patches, or panels that are packed now unless this program has packed them before. To
 * pack ahead of the product, call it before `emitProduct`.
 */
export function packRight({ b, ...sizes }: Product, context: Lowering): Pick<Contract, "bKind" | "b" | "bBatchStride"> {
  if ("patches" in b) return { bKind: 1, b: b.pointer, bBatchStride: b.batchStride };
  const { tileColumns, depthBlock } = contractBlocks(sizes.m, sizes.n, sizes.k);
  return panelsOf(b, sizes, tileColumns, depthBlock, context);
}

/** Distance from one row of B to the next, if it is the same for all. */
function rowStrideOf({ tapsY, tapsX, channels, strideTapY, strideTapX, strideChannel }: RightMatrix) {
  const axes = [[tapsY, strideTapY], [tapsX, strideTapX], [channels, strideChannel]].filter(([extent]) => extent > 1);
  const even = axes.slice(1).every(([extent, stride], i) => axes[i][1] === extent * stride);
  return even ? axes.at(-1)?.[1] : undefined;
}

/** Whether the rows of a C with one column are adjacent. */
function isDense({ m, cGridHeight, cGridWidth, cStrideImage, cStrideY, cStrideX }: Product): boolean {
  const grid = cGridHeight * cGridWidth;
  return (cGridWidth === 1 || cStrideX === 1) && (cGridHeight === 1 || cStrideY === cGridWidth) &&
    (m === grid || cStrideImage === grid);
}

/**
 * The product as a matrix times a vector: A times the one column of B, or B, transposed, times the one row of A; if it
 * is one. Outer products (k = 1) are none.
 */
function matvecOf(product: Product, { address }: Lowering): Operands<"matvec"> | undefined {
  const { a, b, m, n, k, batch, out, cBatchStride, bias, biasBatchStride, activation, slope } = product;
  if (k === 1 || (m > 1 && n > 1) || "patches" in a || "patches" in b) return undefined;
  const bRowStride = rowStrideOf(b);
  if (bRowStride === undefined || bRowStride < 0) return undefined;
  const start = address(b.tensor, b.start);
  const shared = { depth: k, batch, out, outBatchStride: cBatchStride, bias, biasBatchStride, activation, slope };
  if (n === 1 && bRowStride === 1 && isDense(product) && (a.rowStride === 1 || a.columnStride === 1)) {
    return {
      ...{ ...shared, rows: m, a: a.pointer, aBatchStride: a.batchStride, aRowStride: a.rowStride },
      ...{ aColumnStride: a.columnStride, x: start, xBatchStride: b.batchStride, biasStride: 0 },
    };
  }
  if (m > 1 || a.columnStride !== 1 || (bRowStride !== 1 && b.strideColumn !== 1)) return undefined;
  return {
    ...{ ...shared, rows: n, a: start, aBatchStride: b.batchStride, aRowStride: b.strideColumn },
    ...{ aColumnStride: bRowStride, x: a.pointer, xBatchStride: a.batchStride, biasStride: 1 },
  };
}

/** Emits the instruction of a product, after the packing of B where it still has to be packed. */
export function emitProduct(product: Product, context: Lowering): void {
  const matvec = matvecOf(product, context);
  if (matvec) {
    const products = matvec.rows * matvec.depth * matvec.batch;
    const steps = products / 2 + 4 * matvec.rows * matvec.batch;
    return context.builder.emit("matvec", matvec, { steps, flops: 2 * products });
  }
  const { a, b, ...rest } = product;
  const { m, n, k, batch } = rest;
  const bIsPatches = "patches" in b;
  const blocks = contractBlocks(m, n, k, bIsPatches);
  const left = "patches" in a
    ? { aKind: 1, a: a.pointer, aBatchStride: a.batchStride, aRowStride: 0, aColumnStride: 0 }
    : { aKind: 0, a: a.pointer, aBatchStride: a.batchStride, aRowStride: a.rowStride, aColumnStride: a.columnStride };
  const right = packRight(product, context);
  const patches = "patches" in a ? a.patches : bIsPatches ? b.patches : noPatches;
  const operands: Contract = { ...rest, ...left, ...right, ...patches, ...blocks, scratch: 0, scratchStride: 0 };
  operands.scratchStride = contractScratchBytes(operands);
  const products = m * n * k * batch;
  context.builder.emit("contract", operands, {
    // Two multiply-adds take as long as a step of pointwise code, and storing an element as long as a few.
    steps: products / 2 + 4 * m * n * batch,
    flops: 2 * products,
    scratchBytes: operands.scratchStride,
  });
}

/** Emits the packing of a right-hand matrix, or finds the panels if this program has packed it before. */
export function panelsOf(
  { tensor, start, batchStride, ...source }: RightMatrix,
  { n, k, batch }: Omit<Sizes, "m">,
  tileColumns: number,
  depthBlock: number,
  { builder, address, packed }: Lowering,
): Pick<Contract, "bKind" | "b" | "bBatchStride"> {
  const elements = k * Math.ceil(n / tileColumns) * tileColumns;
  const key = JSON.stringify([tensor.id, start, batchStride, source, n, batch, tileColumns, depthBlock]);
  let value = packed.get(key);
  if (value === undefined) {
    value = builder.temporary(`panels of ${tensor.op} %${tensor.id}`, batch * elements);
    packed.set(key, value);
    builder.emit("pack", {
      batch,
      n,
      ...source,
      source: address(tensor, start),
      sourceBatchStride: batchStride,
      out: addressOf(value),
      outBatchStride: elements,
      depthBlock,
      tileColumns,
    }, { steps: batch * elements });
  }
  return { bKind: 0, b: addressOf(value), bBatchStride: elements };
}
