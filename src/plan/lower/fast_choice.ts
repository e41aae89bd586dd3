/** Whether a convolution is lowered to a fast form. */
import type { ConvWindow } from "../../graph/primitives.ts";
import { type ConvolutionShape, type CostFace, estimate } from "../costs.ts";
import { fastFormOf } from "../fast_blocks.ts";
import type { FastForm } from "../fast_forms.ts";
import type { Lowering } from "./context.ts";

/**
 * Fewest channels of all phases whose filter's gradient is fast. A block of so few is one thread's, so that a convolution
 * of one group cannot be shared out; and groups of 8 and 16 channels, which can, are no faster than direct products.
 */
const LEAST_GRADIENT_DEPTH = 24;

/**
 * The fast form of a convolution with filters w, if it has one that is wanted.
 * @param shape one group of the convolution, or one phase of it that is lowered by itself
 */
export function formOf(
  { groups, strideY, strideX, dilationY, dilationX }: ConvWindow,
  [n, kernelHeight, kernelWidth, channels]: readonly number[],
  face: CostFace,
  shape: ConvolutionShape,
  { forms }: Lowering,
): FastForm | undefined {
  const taps = kernelHeight / strideY;
  const even = Number.isInteger(taps) && kernelWidth / strideX === taps;
  if (forms === "none" || !even || dilationY > 1 || dilationX > 1) return undefined;
  const form = fastFormOf(taps, channels, n / groups);
  if (!form || forms === "all") return form;
  if (face === "filterGrad" && shape.depth < LEAST_GRADIENT_DEPTH) return undefined;
  const { direct, fast } = estimate(face, form, shape);
  return fast < direct ? form : undefined;
}

/** The shape of all phases of a forward convolution, or of its filter's gradient: that of one group. */
export function shapeOf(
  { groups, strideY, strideX }: ConvWindow,
  [n, , , channels]: readonly number[],
  [images, gridHeight, gridWidth]: readonly number[],
): ConvolutionShape {
  return { images, gridHeight, gridWidth, depth: strideY * strideX * channels, n: n / groups };
}
