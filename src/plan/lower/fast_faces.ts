/**
 * The three faces of a convolution in a fast form: which convolutions of stride 1, phase by phase (`fast.ts`), they are.
 * Each group of channels has its own, between whose pixels lie those of the others.
 */
import type { ContractKernel } from "../../graph/fuse.ts";
import type { ConvWindow } from "../../graph/primitives.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { FastForm } from "../fast_forms.ts";
import type { Lowering } from "./context.ts";
import { emitFastConvolution, emitFastFilterGrad, type FastConvolution, transformFilter } from "./fast.ts";
import type { Phase } from "./phases.ts";

/** The windows of one group over x and its filter's taps. */
function forwardOf(
  { strideY, strideX, padTop, padLeft, groups }: ConvWindow,
  form: FastForm,
  x: Tensor,
  [outChannels, kernelHeight, kernelWidth, channels]: readonly number[],
  [, gridHeight, gridWidth]: readonly number[],
): Pick<FastConvolution, "form" | "x" | "windows" | "filterSource"> {
  const phases = { phasesY: strideY, phasesX: strideX };
  const [images, height, width, pixelStride] = x.shape;
  return {
    form,
    x,
    windows: {
      ...phases,
      ...{ images, height, width, channels, pixelStride, stepY: strideY, stepX: strideX, padTop, padLeft },
      ...{ gridHeight, gridWidth },
    },
    filterSource: {
      ...phases,
      channels,
      n: outChannels / groups,
      stridePhaseY: kernelWidth * channels,
      stridePhaseX: channels,
      strideTapY: strideY * kernelWidth * channels,
      strideTapX: strideX * channels,
      strideChannel: 1,
      strideColumn: kernelHeight * kernelWidth * channels,
    },
  };
}

/** Emits convolutions, all filters first: transforming them shares no memory, so the team need not meet in between. */
function emitAll(kernel: ContractKernel, convolutions: readonly FastConvolution[], context: Lowering): void {
  convolutions.forEach((fast) => transformFilter(fast, context));
  convolutions.forEach((fast) => emitFastConvolution(kernel, fast, context));
}

function eachGroup<T>({ groups }: ConvWindow, of: (group: number) => T): T[] {
  return Array.from({ length: groups }, (_, group) => of(group));
}

/** y: patches of x times the filter. */
export function lowerFastForward(
  kernel: ContractKernel,
  node: Tensor<"conv2d">,
  form: FastForm,
  context: Lowering,
): void {
  const [x, filter] = node.inputs;
  const [, height, width, outChannels] = node.shape;
  const forward = forwardOf(node.attributes, form, x, filter.shape, node.shape);
  const { channels, n, strideColumn } = forward.filterSource;
  const convolutions = eachGroup(node.attributes, (group): FastConvolution => ({
    ...forward,
    xStart: group * channels,
    filter,
    filterStart: group * n * strideColumn,
    biasStart: group * n,
    grid: {
      out: context.address(kernel.output, group * n),
      cStrideImage: height * width * outChannels,
      cStrideY: width * outChannels,
      cStrideX: outChannels,
    },
  }));
  emitAll(kernel, convolutions, context);
}

/** dx: in each pair of phases of its rows and columns, patches of dy times the taps that reached it, turned round. */
export function lowerFastInputGrad(
  kernel: ContractKernel,
  node: Tensor<"conv2dInputGrad">,
  form: FastForm,
  phases: readonly { readonly row: Phase; readonly ry: number; readonly column: Phase; readonly rx: number }[],
  context: Lowering,
): void {
  const [dy, filter] = node.inputs;
  const [images, height, width, inChannels] = node.shape;
  const [outChannels, kernelHeight, kernelWidth, n] = filter.shape;
  const { groups, strideY, strideX } = node.attributes;
  const channels = outChannels / groups, taps = kernelHeight * kernelWidth;
  const convolutions = eachGroup(node.attributes, (group) =>
    phases.map(({ row, ry, column, rx }): FastConvolution => ({
      form,
      x: dy,
      xStart: group * channels,
      windows: {
        ...{ images, height: dy.shape[1], width: dy.shape[2], channels, pixelStride: outChannels },
        ...{ phasesY: 1, phasesX: 1, stepY: 1, stepX: 1, padTop: -row.firstOffset, padLeft: -column.firstOffset },
        ...{ gridHeight: row.positions, gridWidth: column.positions },
      },
      filter,
      filterStart: (group * channels * taps + row.firstTap * kernelWidth + column.firstTap) * n,
      filterSource: {
        ...{ phasesY: 1, phasesX: 1, stridePhaseY: 0, stridePhaseX: 0, channels, n },
        strideTapY: -row.tapStep * kernelWidth * n,
        strideTapX: -column.tapStep * n,
        strideChannel: taps * n,
        strideColumn: 1,
      },
      biasStart: group * n,
      grid: {
        out: context.address(kernel.output, (ry * width + rx) * inChannels + group * n),
        cStrideImage: height * width * inChannels,
        cStrideY: strideY * width * inChannels,
        cStrideX: strideX * inChannels,
      },
    })));
  emitAll(kernel, convolutions.flat(), context);
}

/** dw: dy, transposed, times patches of x. */
export function lowerFastFilterGrad(
  kernel: ContractKernel,
  node: Tensor<"conv2dFilterGrad">,
  form: FastForm,
  context: Lowering,
): void {
  const [x, dy] = node.inputs;
  const forward = forwardOf(node.attributes, form, x, node.shape, dy.shape);
  emitFastFilterGrad({ ...forward, groups: node.attributes.groups, dy, out: context.address(kernel.output) }, context);
}
