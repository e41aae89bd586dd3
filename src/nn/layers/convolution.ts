/** Convolution and transposed convolution with PyTorch's meaning of stride, padding, dilation and groups. */
import { ShapeError } from "../../core/errors.ts";
import { add, conv2d as convolve, type ConvOptions, convTranspose2d as convolveTransposed } from "../../graph/ops.ts";
import type { Initializer } from "../../graph/store.ts";
import { currentScope, type Tensor } from "../../graph/tensor.ts";
import { read, slot } from "../../graph/trace.ts";
import { fanIn, fanInUniform, uniform } from "../initializers.ts";
import { layer } from "./layer.ts";

export interface Conv2dOptions extends ConvOptions {
  /** Height and width of the filters. */
  readonly kernel: number;
  /** Whether to add `bias`; true when left out. */
  readonly bias?: boolean;
  /** Of the filters; PyTorch's default (`fanInUniform`) when left out. */
  readonly initializer?: Initializer;
  /** Of the bias; uniform in ±1/√fan-in of the filters, as PyTorch's, when left out. */
  readonly biasInitializer?: Initializer;
}

export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added at the bottom and right; tells apart the sizes that a stride makes equal. */
  readonly outputPadding?: number;
}

/** `4×4, stride 2`: what a table of layers says about a window. */
function describe({ kernel, stride = 1, dilation = 1, groups = 1 }: Conv2dOptions): string {
  const extras = [["stride", stride], ["dilation", dilation], ["groups", groups]].filter(([, value]) => value !== 1);
  return [`${kernel}×${kernel}`, ...extras.map(([word, value]) => `${word} ${value}`)].join(", ");
}

function channelsPerGroup(channels: number, groups: number): number {
  if (channels % groups !== 0) {
    throw new ShapeError(
      `${currentScope()}: ${channels} channels do not split into ${groups} groups; expected a multiple of ${groups}`,
    );
  }
  return channels / groups;
}

/** Adds the slot `bias`. */
function withBias(y: Tensor, filterShape: readonly number[], { biasInitializer }: Conv2dOptions): Tensor {
  const initializer = biasInitializer ?? uniform(1 / Math.sqrt(fanIn(filterShape)));
  return add(y, read(slot("bias", [y.shape[3]], "parameter", initializer)));
}

/**
 * Convolution of x [N, H, W, in] → [N, H', W', out].
 * Slots: `weight` [out, kernel, kernel, in/groups], `bias` [out].
 */
export function conv2d(name: string, x: Tensor, out: number, options: Conv2dOptions): Tensor {
  const { kernel, groups = 1, bias = true, initializer = fanInUniform } = options;
  return layer(name, `conv ${describe(options)}`, () => {
    channelsPerGroup(out, groups);
    const shape = [out, kernel, kernel, channelsPerGroup(x.shape[3], groups)];
    const y = convolve(x, read(slot("weight", shape, "parameter", initializer, "filter")), options);
    return bias ? withBias(y, shape, options) : y;
  });
}

/**
 * Transposed convolution of x [N, H, W, in] → [N, H', W', out], H' = (H−1)·stride − 2·padding + dilation·(kernel−1) +
 * 1 + outputPadding.
 * Slots: `weight` [in, kernel, kernel, out/groups], `bias` [out].
 */
export function convTranspose2d(name: string, x: Tensor, out: number, options: ConvTranspose2dOptions): Tensor {
  const { kernel, groups = 1, bias = true, initializer = fanInUniform } = options;
  return layer(name, `transposed conv ${describe(options)}`, () => {
    channelsPerGroup(x.shape[3], groups);
    const shape = [x.shape[3], kernel, kernel, channelsPerGroup(out, groups)];
    const y = convolveTransposed(x, read(slot("weight", shape, "parameter", initializer, "transposedFilter")), options);
    return bias ? withBias(y, shape, options) : y;
  });
}
