/**
 * Lowering of convolutions with few channels, the first and last layers of networks that see images. As products of
 * patches they would fill a small part of a tile, or pack more than they multiply; the instructions here don't.
 */
import { sizeOf } from "../../core/shape.ts";
import type { ContractKernel } from "../../graph/fuse.ts";
import type { ConvWindow } from "../../graph/primitives.ts";
import { is, type Tensor } from "../../graph/tensor.ts";
import { addressOf } from "../builder.ts";
import { expressionOps, reductionBytes } from "../expression.ts";
import {
  filterElements,
  narrowConvScratch,
  narrowFilterGradScratch,
  narrowInputGradScratch,
  type NarrowWindow,
  productFloats,
  rowsAbove,
  sumRows,
} from "../narrow_scratch.ts";
import { extentFields, strideFields, targetFields } from "../space.ts";
import type { Lowering } from "./context.ts";
import { epilogueOf, panelsOf } from "./product.ts";
import { PANEL_COLUMNS } from "../tiles.ts";

/** Channels up to which a convolution has few of them: four of a window's taps are then at most a tile's columns. */
const FEW_CHANNELS = 4;
/** The largest filter: its panels, 16 columns of 128 elements, take 8 KiB of level-1 cache. */
const MOST_ELEMENTS = 128;
/** Narrower rows of y hold no whole tile. */
const LEAST_GRID_WIDTH = 6;
/** Pixels of y in a band whose image is staged: with windows of 4 × 4 × 3 at stride 2, 14 KiB of level-1 cache. */
const STAGED_PIXELS = 256;
/** Bytes of a band's products: half of a 512 KiB level-2 cache. */
const PRODUCT_BYTES = 256 * 1024;
/** Bands that an instruction should have at least, for threads to share. */
const LEAST_BANDS = 8;
/** Pieces of a filter's gradient: enough to share out evenly, few enough to add up. */
const PIECES = 16;

/** The window of a convolution x → y, and what its kernels ask for besides. */
function windowOf(
  { strideY, strideX, padTop, padLeft }: ConvWindow,
  [images, height, width, channels]: readonly number[],
  [, gridHeight, gridWidth, outChannels]: readonly number[],
  [kernelHeight, kernelWidth]: readonly number[],
): NarrowWindow {
  return {
    images,
    height,
    width,
    channels,
    outChannels,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
    gridHeight,
    gridWidth,
    bandRows: 0,
    scratch: 0,
    scratchStride: 0,
  };
}

function isNarrow({ groups, dilationY, dilationX }: ConvWindow, o: NarrowWindow): boolean {
  return groups === 1 && dilationY === 1 && dilationX === 1 && o.channels <= FEW_CHANNELS &&
    filterElements(o) <= MOST_ELEMENTS && o.gridWidth >= LEAST_GRID_WIDTH;
}

/** Multiply-adds, padding included. */
function stepsOf(o: NarrowWindow): number {
  return o.images * o.gridHeight * o.gridWidth * o.outChannels * filterElements(o);
}

/** Cuts the rows of y into bands as equal as can be, each of at most `most` rows. */
function evenRows(gridHeight: number, most: number): number {
  return Math.ceil(gridHeight / Math.ceil(gridHeight / Math.max(1, most)));
}

function stagedRows({ gridHeight, gridWidth }: NarrowWindow): number {
  return evenRows(gridHeight, Math.floor(STAGED_PIXELS / gridWidth));
}

/** Neighbouring bands compute the products of the rows between them twice, so bands are as large as the cache allows. */
function productRows(o: NarrowWindow): number {
  const fitting = Math.floor(PRODUCT_BYTES / (4 * o.gridWidth * productFloats(o))) - rowsAbove(o);
  const shared = Math.ceil(o.gridHeight / Math.ceil(LEAST_BANDS / o.images));
  return evenRows(o.gridHeight, Math.min(fitting, shared));
}

/** Emits y of a convolution, if it has few input channels. @returns whether it has. */
export function lowerNarrowForward(kernel: ContractKernel, node: Tensor<"conv2d">, context: Lowering): boolean {
  const [x, w] = node.inputs;
  const window = windowOf(node.attributes, x.shape, node.shape, w.shape.slice(1));
  if (!isNarrow(node.attributes, window) || window.outChannels % PANEL_COLUMNS !== 0) return false;
  const k = filterElements(window);
  const sized = { ...window, bandRows: stagedRows(window) };
  const scratchStride = narrowConvScratch(sized);
  const { bias, activation, slope } = epilogueOf(kernel, 0, context);
  const filters = panelsOf(
    {
      tensor: w,
      start: 0,
      batchStride: 0,
      tapsY: 1,
      tapsX: 1,
      channels: k,
      strideTapY: 0,
      strideTapX: 0,
      strideChannel: 1,
      strideColumn: k,
    },
    { n: window.outChannels, k, batch: 1 },
    PANEL_COLUMNS,
    k,
    context,
  ).b;
  const steps = stepsOf(window);
  context.builder.emit("narrowConv", {
    x: context.address(x),
    ...sized,
    scratchStride,
    filters,
    bias,
    activation,
    slope,
    out: context.address(kernel.output),
  }, { steps, flops: 2 * steps, scratchBytes: scratchStride });
  return true;
}

/** Emits dx of a convolution, or a transposed convolution, if dx has few channels. @returns whether it has. */
export function lowerNarrowInputGrad(
  kernel: ContractKernel,
  node: Tensor<"conv2dInputGrad">,
  context: Lowering,
): boolean {
  const [dy, w] = node.inputs;
  const window = windowOf(node.attributes, node.shape, dy.shape, w.shape.slice(1));
  const { kernelWidth, strideX, padTop, padLeft, outChannels } = window;
  if (!isNarrow(node.attributes, window) || kernelWidth % strideX !== 0 || padTop < 0 || padLeft < 0) return false;
  const k = filterElements(window);
  const sized = { ...window, bandRows: productRows(window) };
  const scratchStride = narrowInputGradScratch(sized);
  const { bias, activation, slope } = epilogueOf(kernel, 0, context);
  const filters = panelsOf(
    {
      tensor: w,
      start: 0,
      batchStride: 0,
      tapsY: 1,
      tapsX: 1,
      channels: outChannels,
      strideTapY: 0,
      strideTapX: 0,
      strideChannel: k,
      strideColumn: 1,
    },
    { n: k, k: outChannels, batch: 1 },
    PANEL_COLUMNS,
    outChannels,
    context,
  ).b;
  const steps = stepsOf(window);
  context.builder.emit("narrowInputGrad", {
    dy: context.address(dy),
    ...sized,
    scratchStride,
    filters,
    bias,
    activation,
    slope,
    out: context.address(kernel.output),
  }, { steps, flops: 2 * steps, scratchBytes: scratchStride });
  return true;
}

/**
 * Emits dw of a convolution, if it has few input channels: sums over pieces of y, the sum of these, and its elements in
 * the order of a filter. @returns whether it has.
 */
export function lowerNarrowFilterGrad(
  kernel: ContractKernel,
  node: Tensor<"conv2dFilterGrad">,
  context: Lowering,
): boolean {
  const [x, dy] = node.inputs;
  const window = windowOf(node.attributes, x.shape, dy.shape, node.shape.slice(1));
  const { outChannels, images, gridHeight, kernelHeight, kernelWidth, channels } = window;
  const plain = kernel.bias === undefined && kernel.activation === "none" && is(kernel.output, "conv2dFilterGrad");
  if (!plain || !isNarrow(node.attributes, window) || outChannels % PANEL_COLUMNS !== 0) return false;
  const { builder } = context;
  const sized = { ...window, bandRows: stagedRows(window) };
  const bands = images * Math.ceil(gridHeight / sized.bandRows);
  const chunkBands = Math.ceil(bands / PIECES);
  const pieces = Math.ceil(bands / chunkBands);
  const sums = [kernelHeight, sumRows(window), outChannels];
  const size = sizeOf(sums);
  const parts = builder.temporary("parts of a filter's gradient", pieces * size);
  const scratchStride = narrowFilterGradScratch(sized);
  const steps = stepsOf(window);
  builder.emit("narrowFilterGrad", {
    x: context.address(x),
    ...sized,
    scratchStride,
    dy: context.address(dy),
    chunkBands,
    out: addressOf(parts),
  }, { steps, flops: 2 * steps, scratchBytes: scratchStride });

  const total = builder.temporary("a filter's gradient, transposed", size);
  const reductionScratch = reductionBytes(1, 1);
  builder.emit("reduce", {
    ...extentFields([pieces, size]),
    firstReduced: 4,
    endReduced: 5,
    chunk: pieces,
    inputCount: 1,
    codeCount: 1,
    outputCount: 1,
    registers: 1,
    scratch: 0,
    scratchStride: reductionScratch,
    inputs: [{ pointer: addressOf(parts), ...strideFields([size, 1]) }],
    code: [{ op: expressionOps.load, target: 0, a: 0, b: 0, c: 0, value: 0 }],
    outputs: [{ pointer: addressOf(total), register: 0, kind: 0 }],
  }, { steps: pieces * size, flops: pieces * size, scratchBytes: reductionScratch });

  const run = kernelWidth * channels;
  builder.emit("move", {
    ...extentFields([outChannels, kernelHeight, run]),
    source: addressOf(total),
    ...strideFields([1, sums[1] * outChannels, outChannels]),
    target: context.address(kernel.output),
    ...targetFields([kernelHeight * run, run, 1]),
  }, { steps: outChannels * kernelHeight * run });
  return true;
}
