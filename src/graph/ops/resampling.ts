/** Functions that change the resolution of images [N, H, W, C]. */
import type { PoolWindow } from "../primitives.ts";
import { make, type Tensor } from "../tensor.ts";
import { broadcast, reshape } from "./movement.ts";

interface PoolOptions {
  readonly kernel: number;
  /** The kernel size when left out. */
  readonly stride?: number;
  readonly padding?: number;
}

function poolWindow({ kernel, stride = kernel, padding = 0 }: PoolOptions): PoolWindow {
  return {
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideY: stride,
    strideX: stride,
    padTop: padding,
    padBottom: padding,
    padLeft: padding,
    padRight: padding,
  };
}

/** Mean of each window of x [N, H, W, C]; padding counts as zeros. */
export function averagePool(x: Tensor, options: PoolOptions): Tensor {
  return make("averagePool", poolWindow(options), [x]);
}

/** Largest value of each window of x [N, H, W, C]; of equal values the first gets the gradient. */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  return make("maxPoolPick", poolWindow(options), [x, x]);
}

/** Bilinear resampling of x [N, H, W, C] with half-pixel centres (PyTorch's align_corners = false). */
export function bilinear(x: Tensor, outHeight: number, outWidth: number): Tensor {
  return make("bilinear", { outHeight, outWidth }, [x]);
}

/** Each pixel of x [N, H, W, C] repeated factor × factor times. */
export function upsampleNearest(x: Tensor, factor: number): Tensor {
  const [images, height, width, channels] = x.shape;
  const spread = broadcast(reshape(x, [images, height, 1, width, 1, channels]), [
    images,
    height,
    factor,
    width,
    factor,
    channels,
  ]);
  return reshape(spread, [images, height * factor, width * factor, channels]);
}
