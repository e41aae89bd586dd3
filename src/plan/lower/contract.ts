/**
 * Lowering of contractions: every one becomes a matrix product C = A·B with A and B packed into panels on the way. The
 * three faces of a convolution differ only in who plays which part:
 *
 *     forward           C = y    A = patches of x            B = the filter
 *     input gradient    C = dx   A = patches of dy           B = the filter's taps   (once for each phase of the stride)
 *     filter gradient   C = dw   A = dy, transposed          B = patches of x
 */
import { sizeOf } from "../../core/shape.ts";
import type { ContractKernel } from "../../graph/fuse.ts";
import type { Attributes, ConvWindow } from "../../graph/primitives.ts";
import { is, type Tensor } from "../../graph/tensor.ts";
import { contractBlocks } from "../blocks.ts";
import { addressOf } from "../builder.ts";
import { contractScratchBytes } from "../contract_scratch.ts";
import type { Operands } from "../instructions.ts";
import type { Lowering } from "./context.ts";

type Contract = Operands<"contract">;
type Epilogue = Pick<Contract, "bias" | "biasBatchStride" | "activation" | "slope">;
type Patches = Pick<
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
type Output = Pick<
  Contract,
  "out" | "cBatchStride" | "cGridHeight" | "cGridWidth" | "cStrideImage" | "cStrideY" | "cStrideX"
>;
type Sizes = Pick<Contract, "m" | "n" | "k" | "batch">;

export function lowerContract(kernel: ContractKernel, context: Lowering): void {
  const { contraction } = kernel;
  if (is(contraction, "matmul")) lowerMatmul(kernel, contraction, context);
  else if (is(contraction, "conv2d")) lowerForward(kernel, contraction, context);
  else if (is(contraction, "conv2dInputGrad")) lowerInputGrad(kernel, contraction, context);
  else lowerFilterGrad(kernel, contraction, context);
}

const activations = { none: 0, relu: 1, leakyRelu: 2, tanh: 3 } as const;

function epilogueOf({ bias, activation, slope }: ContractKernel, columns: number, { address }: Lowering): Epilogue {
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

interface Product extends Sizes, Epilogue, Output {
  readonly a: {
    readonly pointer: number;
    readonly batchStride: number;
    readonly rowStride: number;
    readonly columnStride: number;
  } | {
    readonly pointer: number;
    readonly batchStride: number;
    readonly patches: Patches;
  };
  readonly b: RightMatrix | { readonly pointer: number; readonly batchStride: number; readonly patches: Patches };
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

/** Fields that say where B is: patches, or panels that are packed now unless this program has packed them before. */
function packRight({ b, ...sizes }: Product, context: Lowering): Pick<Contract, "bKind" | "b" | "bBatchStride"> {
  if ("patches" in b) return { bKind: 1, b: b.pointer, bBatchStride: b.batchStride };
  const { tileColumns, depthBlock } = contractBlocks(sizes.m, sizes.n, sizes.k);
  return packed(b, sizes, tileColumns, depthBlock, context);
}

function emitProduct(product: Product, context: Lowering): void {
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
  const steps = m * n * k * batch;
  context.builder.emit("contract", operands, { steps, flops: 2 * steps, scratchBytes: operands.scratchStride });
}

/** Packs a right-hand matrix, or finds the panels if this program has packed it before. */
function packed(
  { tensor, start, batchStride, ...source }: RightMatrix,
  { n, k, batch }: Sizes,
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

function lowerMatmul(kernel: ContractKernel, node: Tensor<"matmul">, context: Lowering): void {
  const [a, b] = node.inputs;
  const { transposeA, transposeB } = node.attributes;
  const batch = sizeOf(node.shape.slice(0, -2));
  const [m, n] = node.shape.slice(-2);
  const k = transposeA ? a.shape.at(-2)! : a.shape.at(-1)!;
  emitProduct({
    m,
    n,
    k,
    batch,
    a: {
      pointer: context.address(a),
      batchStride: m * k,
      rowStride: transposeA ? 1 : k,
      columnStride: transposeA ? m : 1,
    },
    b: {
      tensor: b,
      start: 0,
      batchStride: k * n,
      tapsY: 1,
      tapsX: 1,
      channels: k,
      strideTapY: 0,
      strideTapX: 0,
      strideChannel: transposeB ? 1 : n,
      strideColumn: transposeB ? k : 1,
    },
    out: context.address(kernel.output),
    cBatchStride: m * n,
    cGridHeight: 1,
    cGridWidth: 1,
    cStrideImage: n,
    cStrideY: 0,
    cStrideX: 0,
    // A bias belongs to the columns, whatever the batch.
    ...epilogueOf(kernel, 0, context),
  }, context);
}

/** The windows of a convolution over x, one group at a time. */
function windowPatches(
  window: ConvWindow,
  [images, height, width, channels]: readonly number[],
  kernel: { readonly height: number; readonly width: number },
  grid: { readonly height: number; readonly width: number },
): Patches {
  return {
    images,
    height,
    width,
    pixelStride: channels,
    channels: channels / window.groups,
    kernelHeight: kernel.height,
    kernelWidth: kernel.width,
    strideY: window.strideY,
    strideX: window.strideX,
    padTop: window.padTop,
    padLeft: window.padLeft,
    dilationY: window.dilationY,
    dilationX: window.dilationX,
    gridHeight: grid.height,
    gridWidth: grid.width,
  };
}

/** A window that only picks single pixels in place needs no patches: the image is the matrix. */
function isPixelwise(window: ConvWindow, kernelHeight: number, kernelWidth: number): boolean {
  const { strideY, strideX, padTop, padBottom, padLeft, padRight } = window;
  return kernelHeight === 1 && kernelWidth === 1 && strideY === 1 && strideX === 1 &&
    padTop + padBottom + padLeft + padRight === 0;
}

function lowerForward(kernel: ContractKernel, node: Tensor<"conv2d">, context: Lowering): void {
  const [x, w] = node.inputs;
  const [images, height, width, outChannels] = node.shape;
  const [, kernelHeight, kernelWidth, inChannels] = w.shape;
  const { groups } = node.attributes;
  const n = outChannels / groups;
  const taps = kernelHeight * kernelWidth;
  const source = { pointer: context.address(x), batchStride: inChannels };
  emitProduct({
    m: images * height * width,
    n,
    k: taps * inChannels,
    batch: groups,
    a: isPixelwise(node.attributes, kernelHeight, kernelWidth)
      ? { ...source, rowStride: x.shape[3], columnStride: 1 }
      : {
        ...source,
        patches: windowPatches(node.attributes, x.shape, { height: kernelHeight, width: kernelWidth }, {
          height,
          width,
        }),
      },
    b: {
      tensor: w,
      start: 0,
      batchStride: n * taps * inChannels,
      tapsY: kernelHeight,
      tapsX: kernelWidth,
      channels: inChannels,
      strideTapY: kernelWidth * inChannels,
      strideTapX: inChannels,
      strideChannel: 1,
      strideColumn: taps * inChannels,
    },
    out: context.address(kernel.output),
    cBatchStride: n,
    cGridHeight: height,
    cGridWidth: width,
    cStrideImage: height * width * outChannels,
    cStrideY: width * outChannels,
    cStrideX: outChannels,
    ...epilogueOf(kernel, n, context),
  }, context);
}

/** The taps of one axis that meet the input positions ≡ phase (mod stride), and where the first of them looks. */
interface Phase {
  /** Positions of the input in this phase. */
  readonly positions: number;
  readonly taps: number;
  /** The tap that looks furthest ahead in the kernel, hence furthest back in dy; the following ones come before it. */
  readonly firstTap: number;
  readonly tapStep: number;
  /** Position `a` of the phase sees dy at a + firstOffset, a + firstOffset + offsetStep, … */
  readonly firstOffset: number;
  readonly offsetStep: number;
}

function phasesOf(extent: number, kernel: number, stride: number, pad: number, dilation: number): Phase[] {
  const step = stride / greatestCommonDivisor(stride, dilation);
  return Array.from({ length: Math.min(stride, extent) }, (_, phase) => {
    const taps = Array.from({ length: kernel }, (_, tap) => tap)
      .filter((tap) => (phase + pad - tap * dilation) % stride === 0);
    const firstTap = taps.at(-1) ?? 0;
    return {
      positions: Math.ceil((extent - phase) / stride),
      taps: taps.length,
      firstTap,
      tapStep: step,
      firstOffset: (phase + pad - firstTap * dilation) / stride,
      offsetStep: step * dilation / stride,
    };
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * dx at (y, x) sums dy · w over the taps that reached it. Positions of one phase (remainder by the stride) share their
 * taps, so each phase is a plain convolution of stride 1 over dy with its own part of the filter, turned round, and
 * writes its own grid of pixels: no multiplication is wasted and nothing is scattered.
 */
function lowerInputGrad(kernel: ContractKernel, node: Tensor<"conv2dInputGrad">, context: Lowering): void {
  const [dy, w] = node.inputs;
  const [images, height, width, channels] = node.shape;
  const [, kernelHeight, kernelWidth, n] = w.shape;
  const { groups, strideY, strideX, padTop, padLeft, dilationY, dilationX }: Attributes["conv2dInputGrad"] =
    node.attributes;
  const depth = dy.shape[3] / groups;
  const rowPhases = phasesOf(height, kernelHeight, strideY, padTop, dilationY);
  const columnPhases = phasesOf(width, kernelWidth, strideX, padLeft, dilationX);

  const phases = rowPhases.flatMap((row, ry) => columnPhases.map((column, rx) => ({ row, ry, column, rx })));
  if (phases.some(({ row, column }) => row.taps * column.taps === 0)) {
    lowerUntouched(kernel, context);
  }
  const products = phases.filter(({ row, column }) => row.taps * column.taps > 0).map((
    { row, ry, column, rx },
  ): Product => ({
    m: images * row.positions * column.positions,
    n,
    k: row.taps * column.taps * depth,
    batch: groups,
    a: {
      pointer: context.address(dy),
      batchStride: depth,
      patches: {
        images,
        height: dy.shape[1],
        width: dy.shape[2],
        pixelStride: dy.shape[3],
        channels: depth,
        kernelHeight: row.taps,
        kernelWidth: column.taps,
        strideY: 1,
        strideX: 1,
        padTop: -row.firstOffset,
        padLeft: -column.firstOffset,
        dilationY: row.offsetStep,
        dilationX: column.offsetStep,
        gridHeight: row.positions,
        gridWidth: column.positions,
      },
    },
    b: {
      tensor: w,
      start: (row.firstTap * kernelWidth + column.firstTap) * n,
      batchStride: depth * kernelHeight * kernelWidth * n,
      tapsY: row.taps,
      tapsX: column.taps,
      channels: depth,
      strideTapY: -row.tapStep * kernelWidth * n,
      strideTapX: -column.tapStep * n,
      strideChannel: kernelHeight * kernelWidth * n,
      strideColumn: 1,
    },
    out: context.address(kernel.output, (ry * width + rx) * channels),
    cBatchStride: n,
    cGridHeight: row.positions,
    cGridWidth: column.positions,
    cStrideImage: height * width * channels,
    cStrideY: strideY * width * channels,
    cStrideX: strideX * channels,
    ...epilogueOf(kernel, n, context),
  }));
  // All filters first: packing them shares no memory, so the team need not meet in between.
  products.forEach((product) => packRight(product, context));
  products.forEach((product) => emitProduct(product, context));
}

/** Pixels that no window reached: zero before the epilogue. The grids of the other phases are written over it. */
function lowerUntouched(kernel: ContractKernel, { builder, address }: Lowering): void {
  const count = sizeOf(kernel.output.shape);
  builder.emit("fill", { out: address(kernel.output), count, value: 0 }, { steps: count });
}

function lowerFilterGrad(kernel: ContractKernel, node: Tensor<"conv2dFilterGrad">, context: Lowering): void {
  const [x, dy] = node.inputs;
  const [outChannels, kernelHeight, kernelWidth, inChannels] = node.shape;
  const { groups } = node.attributes;
  const m = outChannels / groups;
  const n = kernelHeight * kernelWidth * inChannels;
  const grid = { height: dy.shape[1], width: dy.shape[2] };
  const k = dy.shape[0] * grid.height * grid.width;
  const source = { pointer: context.address(x), batchStride: inChannels };
  emitProduct({
    m,
    n,
    k,
    batch: groups,
    a: { pointer: context.address(dy), batchStride: m, rowStride: 1, columnStride: outChannels },
    b: {
      ...source,
      patches: windowPatches(node.attributes, x.shape, { height: kernelHeight, width: kernelWidth }, grid),
    },
    out: context.address(kernel.output),
    cBatchStride: m * n,
    cGridHeight: 1,
    cGridWidth: 1,
    cStrideImage: n,
    cStrideY: 0,
    cStrideX: 0,
    ...epilogueOf(kernel, 0, context),
  }, context);
}
