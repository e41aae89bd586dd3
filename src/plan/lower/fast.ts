/**
 * Lowering of convolutions to fast forms (`fast_forms.ts`). A filter whose taps divide evenly among the phases of its
 * stride is, phase by phase, a filter of stride 1:
 *
 *     forward           y  = Σ over the phases of x, which add up inside the products, depth = phases · channels
 *     input gradient    dx: each phase of it is a convolution of dy of its own
 *     filter gradient   dw: each phase of it sums products with the same transformed dy
 */
import type { Tensor } from "../../graph/tensor.ts";
import type { ContractKernel } from "../../graph/fuse.ts";
import { addressOf, type ValueId } from "../builder.ts";
import { fastConvolutionBlocks, fastFilterGradBlocks } from "../fast_blocks.ts";
import { fastFilterSize, type FastForm, fastGradientSize, fastTiles } from "../fast_forms.ts";
import {
  fastConvolutionScratchBytes,
  fastFilterGradScratchBytes,
  fastFilterScratchBytes,
  fastGradientScratchBytes,
} from "../fast_scratch.ts";
import type { Operands } from "../instructions.ts";
import type { Lowering } from "./context.ts";
import { epilogueOf } from "./product.ts";

type FilterSource = Omit<Operands<"fastFilter">, "out" | "scratch" | "scratchStride" | "source" | "form">;
type Windows = Omit<Operands<"fastGradient">, "x" | "out" | "scratch" | "scratchStride">;
type Grid = Pick<Operands<"fastConvolution">, "out" | "cStrideImage" | "cStrideY" | "cStrideX">;

/** One convolution of stride 1 in each of its phases. */
export interface FastConvolution {
  readonly form: FastForm;
  readonly x: Tensor;
  /** Distance in elements from x's start to the first channel. */
  readonly xStart: number;
  readonly windows: Omit<Windows, "form">;
  readonly filter: Tensor;
  /** Distance in elements from the filter's start to its first tap. */
  readonly filterStart: number;
  readonly filterSource: FilterSource;
  /** Distance in elements from the bias's start to the first column's. */
  readonly biasStart: number;
  readonly grid: Grid;
}

/** Transforms a filter, unless this program has done so before. */
export function transformFilter(
  { form, filter, filterStart, filterSource }: FastConvolution,
  { builder, address, packed }: Lowering,
): ValueId {
  const key = JSON.stringify(["fast", filter.id, filterStart, form.code, filterSource]);
  let value = packed.get(key);
  if (value === undefined) {
    const depth = filterSource.phasesY * filterSource.phasesX * filterSource.channels;
    const floats = fastFilterSize(form, depth, filterSource.n);
    value = builder.temporary(`transform of ${filter.op} %${filter.id}`, floats);
    packed.set(key, value);
    const scratchStride = fastFilterScratchBytes(form);
    builder.emit("fastFilter", {
      form: form.code,
      ...filterSource,
      source: address(filter, filterStart),
      out: addressOf(value),
      scratch: 0,
      scratchStride,
    }, { steps: floats, scratchBytes: scratchStride });
  }
  return value;
}

/** Emits a convolution, after the transform of its filter where that still has to be done. */
export function emitFastConvolution(kernel: ContractKernel, fast: FastConvolution, context: Lowering): void {
  const { form, windows, filterSource, grid } = fast;
  const filter = transformFilter(fast, context);
  const { n } = filterSource;
  const tiles = fastTiles(form, windows.images, windows.gridHeight, windows.gridWidth);
  const depth = windows.phasesY * windows.phasesX * windows.channels;
  const { activation, slope } = epilogueOf(kernel, 0, context);
  const operands: Operands<"fastConvolution"> = {
    form: form.code,
    ...windows,
    x: context.address(fast.x, fast.xStart),
    n,
    filter: addressOf(filter),
    ...grid,
    bias: kernel.bias ? context.address(kernel.bias, fast.biasStart) : 0,
    activation,
    slope,
    ...fastConvolutionBlocks(form, tiles, depth, n),
    scratch: 0,
    scratchStride: 0,
  };
  operands.scratchStride = fastConvolutionScratchBytes(form, operands);
  const plain = windows.images * windows.gridHeight * windows.gridWidth * form.taps ** 2 * depth * n;
  context.builder.emit("fastConvolution", operands, {
    steps: plain,
    flops: 2 * plain,
    scratchBytes: operands.scratchStride,
  });
}

/** The gradients of the filters of all groups. */
interface FastFilterGrad extends Pick<FastConvolution, "form" | "x" | "windows" | "filterSource"> {
  readonly groups: number;
  readonly dy: Tensor;
  readonly out: number;
}

/** Emits the gradient of a filter, after the transform of each group of the outputs' gradient. */
export function emitFastFilterGrad(
  { form, x, windows, filterSource, groups, dy, out }: FastFilterGrad,
  { builder, address }: Lowering,
): void {
  const { n, strideChannel: _, channels, ...taps } = filterSource;
  const tiles = fastTiles(form, windows.images, windows.gridHeight, windows.gridWidth);
  const floats = fastGradientSize(form, tiles, n);
  const gradient = builder.temporary(`transform of ${dy.op} %${dy.id}`, groups * floats);
  const { images, gridHeight, gridWidth } = windows;
  const own = {
    ...{ form: form.code, images, height: gridHeight, width: gridWidth, channels: n, pixelStride: groups * n },
    ...{ phasesY: 1, phasesX: 1, stepY: 1, stepX: 1, padTop: 0, padLeft: 0, gridHeight, gridWidth },
  };
  const gradientScratch = fastGradientScratchBytes(form, own);
  for (let group = 0; group < groups; group++) {
    builder.emit("fastGradient", {
      ...own,
      x: address(dy, group * n),
      out: addressOf(gradient, 4 * group * floats),
      scratch: 0,
      scratchStride: gradientScratch,
    }, { steps: floats, scratchBytes: gradientScratch });
  }

  const operands: Operands<"fastFilterGrad"> = {
    form: form.code,
    ...windows,
    batch: groups,
    x: address(x),
    xBatchStride: channels,
    n,
    gradient: addressOf(gradient),
    gradientBatchStride: floats,
    out,
    outBatchStride: n * taps.strideColumn,
    ...taps,
    ...fastFilterGradBlocks(tiles, channels),
    scratch: 0,
    scratchStride: 0,
  };
  operands.scratchStride = fastFilterGradScratchBytes(form, operands);
  const phases = windows.phasesY * windows.phasesX;
  const plain = images * gridHeight * gridWidth * form.taps ** 2 * groups * phases * channels * n;
  builder.emit("fastFilterGrad", operands, {
    steps: plain,
    flops: 2 * plain,
    scratchBytes: operands.scratchStride,
  });
}
