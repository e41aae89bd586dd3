/**
 * Lowering of convolutions. Their three faces differ only in who plays which part of a matrix product C = A·B:
 *
 *     forward           C = y    A = patches of x            B = the filter
 *     input gradient    C = dx   A = patches of dy           B = the filter's taps   (once for each phase of the stride)
 *     filter gradient   C = dw   A = dy, transposed          B = patches of x
 */
import type { ContractKernel } from "../../graph/fuse.ts";
import type { Attributes, ConvWindow } from "../../graph/primitives.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Lowering } from "./context.ts";
import { formOf, shapeOf } from "./fast_choice.ts";
import { lowerFastFilterGrad, lowerFastForward, lowerFastInputGrad } from "./fast_faces.ts";
import { lowerNarrowFilterGrad, lowerNarrowForward, lowerNarrowInputGrad } from "./few_channels.ts";
import { lowerFill } from "./move.ts";
import { phasesOf } from "./phases.ts";
import { emitProduct, epilogueOf, packRight, type Patches, type Product } from "./product.ts";

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

/** y: patches of x times the filter. */
export function lowerForward(kernel: ContractKernel, node: Tensor<"conv2d">, context: Lowering): void {
  if (lowerNarrowForward(kernel, node, context)) return;
  const filterShape = node.inputs[1].shape;
  const shape = shapeOf(node.attributes, filterShape, node.shape);
  const form = formOf(node.attributes, filterShape, "convolution", shape, context);
  if (form) return lowerFastForward(kernel, node, form, context);
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

/**
 * dx at (y, x) sums dy · w over the taps that reached it. Positions of one phase (remainder by the stride) share their
 * taps, so each phase is a plain convolution of stride 1 over dy with its own part of the filter, turned round, and
 * writes its own grid of pixels: no multiplication is wasted and nothing is scattered.
 */
export function lowerInputGrad(kernel: ContractKernel, node: Tensor<"conv2dInputGrad">, context: Lowering): void {
  if (lowerNarrowInputGrad(kernel, node, context)) return;
  const [dy, w] = node.inputs;
  const [images, height, width, channels] = node.shape;
  const [, kernelHeight, kernelWidth, n] = w.shape;
  const { groups, strideY, strideX, padTop, padLeft, dilationY, dilationX }: Attributes["conv2dInputGrad"] =
    node.attributes;
  const depth = dy.shape[3] / groups;
  const rowPhases = phasesOf(height, kernelHeight, strideY, padTop, dilationY);
  const columnPhases = phasesOf(width, kernelWidth, strideX, padLeft, dilationX);

  const phases = rowPhases.flatMap((row, ry) => columnPhases.map((column, rx) => ({ row, ry, column, rx })));
  const onePhase = { images, gridHeight: rowPhases[0].positions, gridWidth: columnPhases[0].positions, depth, n };
  const form = formOf(node.attributes, w.shape, "convolution", onePhase, context);
  if (form) return lowerFastInputGrad(kernel, node, form, phases, context);
  // Pixels that no window reached are zero (they exclude an epilogue); the other phases are written over the zeros.
  if (phases.some(({ row, column }) => row.taps * column.taps === 0)) lowerFill(kernel.output, 0, context);
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

/** dw: dy, transposed, times patches of x. */
export function lowerFilterGrad(kernel: ContractKernel, node: Tensor<"conv2dFilterGrad">, context: Lowering): void {
  if (lowerNarrowFilterGrad(kernel, node, context)) return;
  const shape = shapeOf(node.attributes, node.shape, node.inputs[1].shape);
  const form = formOf(node.attributes, node.shape, "filterGrad", shape, context);
  if (form) return lowerFastFilterGrad(kernel, node, form, context);
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
