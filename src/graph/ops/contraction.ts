/** Matrix products and convolutions. */
import type { ConvWindow } from "../primitives.ts";
import { make, type Tensor } from "../tensor.ts";

/** a [..., m, k] × b [..., k, n], leading axes equal; a transpose names the last two axes the other way round. */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
  return make("matmul", { transposeA, transposeB }, [a, b]);
}

/** Strides, paddings and the like as users give them: one number for both directions. */
export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

/** The same window in full. */
export function convWindow({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): ConvWindow {
  return {
    strideY: stride,
    strideX: stride,
    padTop: padding,
    padBottom: padding,
    padLeft: padding,
    padRight: padding,
    dilationY: dilation,
    dilationX: dilation,
    groups,
  };
}

/** Convolution (cross-correlation) of x [N, H, W, C] with filters w [O, kH, kW, C/groups]. */
export function conv2d(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  return make("conv2d", convWindow(options), [x, w]);
}

/**
 * Transposed convolution of y [N, H, W, I] with filters w [I, kH, kW, O/groups]: the input gradient of a convolution
 * that maps O to I channels. Result: [N, (H−1)·stride − 2·padding + dilation·(kH−1) + 1 + outputPadding, …, O].
 */
export function convTranspose2d(
  y: Tensor,
  w: Tensor,
  { outputPadding = 0, ...options }: ConvOptions & { readonly outputPadding?: number } = {},
): Tensor {
  const { stride = 1, padding = 0, dilation = 1 } = options;
  const size = (extent: number, kernel: number) =>
    (extent - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 + outputPadding;
  const attributes = {
    ...convWindow(options),
    inHeight: size(y.shape[1], w.shape[1]),
    inWidth: size(y.shape[2], w.shape[2]),
  };
  return make("conv2dInputGrad", attributes, [y, w]);
}
