/**
 * Computes     average and maximum pooling, and their adjoints
 * Shapes       x [images, height, width, channels], y [images, outHeight, outWidth, channels]
 * Layout       four channels at a time; a work item is an image row (forward and average adjoint), or 16 channels of an
 *              image (maximum adjoint, whose windows may overlap)
 * Requires     each window of a maximum covers at least one element of x
 * Writes       all of `out`, each element by one thread
 * Error        sums in the order of the window's rows; the first of equal maxima wins, a NaN counts as the largest
 * Chosen because lanes over channels need no shuffles, and gathering in the adjoints needs no atomics
 */
import * as abi from "./abi.gen";
import { clear, loadLanes, storeLanes } from "./lanes";
import { signedWord, word } from "./simd";
import { isLarger } from "./scan";
import { shareBegin, shareEnd } from "./team";

/** Channels of one work item of `maxPoolScatter`: a cache line. */
const CHANNEL_GROUP: u32 = 16;


/** First row (or column) of x that window `index` covers. */
// @ts-ignore: decorator
@inline function windowBegin(index: u32, stride: u32, pad: i32): i32 {
  return max<i32>(<i32>(index * stride) - pad, 0);
}

/** One past the last row (or column) of x that window `index` covers. */
// @ts-ignore: decorator
@inline function windowEnd(index: u32, stride: u32, pad: i32, kernel: u32, extent: u32): i32 {
  return min<i32>(<i32>(index * stride) - pad + <i32>kernel, <i32>extent);
}

/** First window that covers row (or column) `position`. */
// @ts-ignore: decorator
@inline function firstWindow(position: u32, stride: u32, pad: i32, kernel: u32): i32 {
  const above = <i32>position + pad - <i32>kernel + 1;
  return above <= 0 ? 0 : (above + <i32>stride - 1) / <i32>stride;
}

/** One past the last window that covers row (or column) `position`. */
// @ts-ignore: decorator
@inline function endWindow(position: u32, stride: u32, pad: i32, windows: u32): i32 {
  const reach = <i32>position + pad;
  return reach < 0 ? 0 : min<i32>(reach / <i32>stride + 1, <i32>windows);
}

export function averagePool(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, abi.AVERAGE_POOL_HEIGHT);
  const width = word(instruction, abi.AVERAGE_POOL_WIDTH);
  const channels = word(instruction, abi.AVERAGE_POOL_CHANNELS);
  const outHeight = word(instruction, abi.AVERAGE_POOL_OUT_HEIGHT);
  const outWidth = word(instruction, abi.AVERAGE_POOL_OUT_WIDTH);
  const kernelHeight = word(instruction, abi.AVERAGE_POOL_KERNEL_HEIGHT);
  const kernelWidth = word(instruction, abi.AVERAGE_POOL_KERNEL_WIDTH);
  const strideY = word(instruction, abi.AVERAGE_POOL_STRIDE_Y);
  const strideX = word(instruction, abi.AVERAGE_POOL_STRIDE_X);
  const padTop = signedWord(instruction, abi.AVERAGE_POOL_PAD_TOP);
  const padLeft = signedWord(instruction, abi.AVERAGE_POOL_PAD_LEFT);
  const x = <usize>word(instruction, abi.AVERAGE_POOL_X);
  const scale = f32x4.splat(<f32>1 / <f32>(kernelHeight * kernelWidth));
  let out = <usize>word(instruction, abi.AVERAGE_POOL_OUT);

  const rows = word(instruction, abi.AVERAGE_POOL_IMAGES) * outHeight;
  const begin = shareBegin(rows, thread, threads);
  const end = shareEnd(rows, thread, threads);
  out += (begin * outWidth * channels) << 2;
  for (let row = begin; row < end; row++) {
    const image = row / outHeight * height;
    const yBegin = windowBegin(row % outHeight, strideY, padTop);
    const yEnd = windowEnd(row % outHeight, strideY, padTop, kernelHeight, height);
    for (let ox: u32 = 0; ox < outWidth; ox++) {
      const xBegin = windowBegin(ox, strideX, padLeft);
      const xEnd = windowEnd(ox, strideX, padLeft, kernelWidth, width);
      for (let c: u32 = 0; c < channels; c += 4) {
        let sum = f32x4.splat(0);
        for (let iy = yBegin; iy < yEnd; iy++) {
          for (let ix = xBegin; ix < xEnd; ix++) {
            sum = f32x4.add(sum, loadLanes(x + ((((image + iy) * width + ix) * channels + c) << 2), channels - c));
          }
        }
        storeLanes(out + (c << 2), f32x4.mul(sum, scale), channels - c);
      }
      out += channels << 2;
    }
  }
}

export function averagePoolGrad(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, abi.AVERAGE_POOL_GRAD_HEIGHT);
  const width = word(instruction, abi.AVERAGE_POOL_GRAD_WIDTH);
  const channels = word(instruction, abi.AVERAGE_POOL_GRAD_CHANNELS);
  const outHeight = word(instruction, abi.AVERAGE_POOL_GRAD_OUT_HEIGHT);
  const outWidth = word(instruction, abi.AVERAGE_POOL_GRAD_OUT_WIDTH);
  const kernelHeight = word(instruction, abi.AVERAGE_POOL_GRAD_KERNEL_HEIGHT);
  const kernelWidth = word(instruction, abi.AVERAGE_POOL_GRAD_KERNEL_WIDTH);
  const strideY = word(instruction, abi.AVERAGE_POOL_GRAD_STRIDE_Y);
  const strideX = word(instruction, abi.AVERAGE_POOL_GRAD_STRIDE_X);
  const padTop = signedWord(instruction, abi.AVERAGE_POOL_GRAD_PAD_TOP);
  const padLeft = signedWord(instruction, abi.AVERAGE_POOL_GRAD_PAD_LEFT);
  const dy = <usize>word(instruction, abi.AVERAGE_POOL_GRAD_DY);
  const scale = f32x4.splat(<f32>1 / <f32>(kernelHeight * kernelWidth));
  let dx = <usize>word(instruction, abi.AVERAGE_POOL_GRAD_OUT);

  const rows = word(instruction, abi.AVERAGE_POOL_GRAD_IMAGES) * height;
  const begin = shareBegin(rows, thread, threads);
  const end = shareEnd(rows, thread, threads);
  dx += (begin * width * channels) << 2;
  for (let row = begin; row < end; row++) {
    const image = row / height * outHeight;
    const yBegin = firstWindow(row % height, strideY, padTop, kernelHeight);
    const yEnd = endWindow(row % height, strideY, padTop, outHeight);
    for (let ix: u32 = 0; ix < width; ix++) {
      const xBegin = firstWindow(ix, strideX, padLeft, kernelWidth);
      const xEnd = endWindow(ix, strideX, padLeft, outWidth);
      for (let c: u32 = 0; c < channels; c += 4) {
        let sum = f32x4.splat(0);
        for (let oy = yBegin; oy < yEnd; oy++) {
          for (let ox = xBegin; ox < xEnd; ox++) {
            sum = f32x4.add(sum, loadLanes(dy + ((((image + oy) * outWidth + ox) * channels + c) << 2), channels - c));
          }
        }
        storeLanes(dx + (c << 2), f32x4.mul(sum, scale), channels - c);
      }
      dx += channels << 2;
    }
  }
}

export function maxPoolPick(instruction: usize, thread: i32, threads: i32): void {
  const outHeight = word(instruction, abi.MAX_POOL_PICK_OUT_HEIGHT);
  const rows = word(instruction, abi.MAX_POOL_PICK_IMAGES) * outHeight;
  const end = shareEnd(rows, thread, threads);
  const channels = word(instruction, abi.MAX_POOL_PICK_CHANNELS);
  for (let row = shareBegin(rows, thread, threads); row < end; row++) {
    maxWindows(instruction, row / outHeight, row % outHeight, 0, channels, 0);
  }
}

export function maxPoolScatter(instruction: usize, thread: i32, threads: i32): void {
  const channels = word(instruction, abi.MAX_POOL_SCATTER_CHANNELS);
  const outHeight = word(instruction, abi.MAX_POOL_SCATTER_OUT_HEIGHT);
  const pixels = word(instruction, abi.MAX_POOL_SCATTER_HEIGHT) * word(instruction, abi.MAX_POOL_SCATTER_WIDTH);
  const dx = <usize>word(instruction, abi.MAX_POOL_SCATTER_OUT);
  const groups = (channels + CHANNEL_GROUP - 1) / CHANNEL_GROUP;
  const items = word(instruction, abi.MAX_POOL_SCATTER_IMAGES) * groups;
  const endItem = shareEnd(items, thread, threads);
  for (let item = shareBegin(items, thread, threads); item < endItem; item++) {
    const image = item / groups;
    const first = (item % groups) * CHANNEL_GROUP;
    const end = min<u32>(first + CHANNEL_GROUP, channels);
    for (let pixel: u32 = 0; pixel < pixels; pixel++) {
      clear(dx + (((image * pixels + pixel) * channels + first) << 2), end - first);
    }
    for (let oy: u32 = 0; oy < outHeight; oy++) maxWindows(instruction, image, oy, first, end, dx);
  }
}

/**
 * One row of windows of one image, channels [first, end), of `maxPoolPick` (dx = 0) or `maxPoolScatter`: finds the
 * place of each maximum, then picks `values` there, or adds dy (the same field) there. Both instructions have the same
 * layout.
 */
// @ts-ignore: decorator
@inline function maxWindows(instruction: usize, image: u32, oy: u32, first: u32, end: u32, dx: usize): void {
  const height = word(instruction, abi.MAX_POOL_PICK_HEIGHT);
  const width = word(instruction, abi.MAX_POOL_PICK_WIDTH);
  const channels = word(instruction, abi.MAX_POOL_PICK_CHANNELS);
  const outHeight = word(instruction, abi.MAX_POOL_PICK_OUT_HEIGHT);
  const outWidth = word(instruction, abi.MAX_POOL_PICK_OUT_WIDTH);
  const strideX = word(instruction, abi.MAX_POOL_PICK_STRIDE_X);
  const padLeft = signedWord(instruction, abi.MAX_POOL_PICK_PAD_LEFT);
  const kernelWidth = word(instruction, abi.MAX_POOL_PICK_KERNEL_WIDTH);
  const strideY = word(instruction, abi.MAX_POOL_PICK_STRIDE_Y);
  const padTop = signedWord(instruction, abi.MAX_POOL_PICK_PAD_TOP);
  const yBegin = windowBegin(oy, strideY, padTop);
  const yEnd = windowEnd(oy, strideY, padTop, word(instruction, abi.MAX_POOL_PICK_KERNEL_HEIGHT), height);
  const x = <usize>word(instruction, abi.MAX_POOL_PICK_X);
  const values = <usize>word(instruction, abi.MAX_POOL_PICK_VALUES);
  const out = <usize>word(instruction, abi.MAX_POOL_PICK_OUT);
  for (let ox: u32 = 0; ox < outWidth; ox++) {
    const xBegin = windowBegin(ox, strideX, padLeft);
    const xEnd = windowEnd(ox, strideX, padLeft, kernelWidth, width);
    if (yBegin >= yEnd || xBegin >= xEnd) continue;
    const y = (((image * outHeight + oy) * outWidth + ox) * channels) << 2;
    for (let c = first; c < end; c += 4) {
      const lanes = end - c;
      const start = (((image * height + yBegin) * width + xBegin) * channels + c) << 2;
      let best = loadLanes(x + start, lanes);
      let place = i32x4.splat(<i32>start);
      let picked = dx == 0 ? loadLanes(values + start, lanes) : f32x4.splat(0);
      for (let iy = yBegin; iy < yEnd; iy++) {
        for (let ix = xBegin; ix < xEnd; ix++) {
          const offset = (((image * height + iy) * width + ix) * channels + c) << 2;
          const value = loadLanes(x + offset, lanes);
          const larger = isLarger(value, best);
          best = v128.bitselect(value, best, larger);
          if (dx == 0) picked = v128.bitselect(loadLanes(values + offset, lanes), picked, larger);
          else place = v128.bitselect(i32x4.splat(<i32>offset), place, larger);
        }
      }
      if (dx == 0) {
        storeLanes(out + y + (c << 2), picked, lanes);
        continue;
      }
      const dy = loadLanes(values + y + (c << 2), lanes);
      for (let iy = yBegin; iy < yEnd; iy++) {
        for (let ix = xBegin; ix < xEnd; ix++) {
          const offset = (((image * height + iy) * width + ix) * channels + c) << 2;
          const share = v128.and(dy, i32x4.eq(place, i32x4.splat(<i32>offset)));
          storeLanes(dx + offset, f32x4.add(loadLanes(dx + offset, lanes), share), lanes);
        }
      }
    }
  }
}
