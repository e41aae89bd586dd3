/**
 * Computes     bilinear resampling with half-pixel centres (align_corners = false), and its adjoint
 * Shapes       x [images, height, width, channels], y [images, outHeight, outWidth, channels]
 * Layout       four channels at a time; a work item is a row of the output (forward: y, adjoint: dx)
 * Requires     all extents ≥ 1; out apart from the operand
 * Writes       all of `out`, each element by one thread
 * Error        weights are rounded once from double precision; sums in the order of rows and columns
 * Chosen because gathering in the adjoint writes each element once, at the price of weights computed anew
 *
 * Output position o lies at s = max((o + ½)·extent/outExtent − ½, 0) between positions ⌊s⌋ and min(⌊s⌋ + 1, extent − 1).
 */
import * as abi from "./abi.gen";
import { loadLanes, storeLanes } from "./lanes";
import { word } from "./simd";
import { shareBegin, shareEnd } from "./team";

// @ts-ignore: decorator
@inline function sourcePosition(o: u32, extent: u32, outExtent: u32): f64 {
  return max<f64>((<f64>o + 0.5) * <f64>extent / <f64>outExtent - 0.5, 0);
}

/** How much of input position `i` is in output position `o`. */
// @ts-ignore: decorator
@inline function weight(i: u32, o: u32, extent: u32, outExtent: u32): f64 {
  const s = sourcePosition(o, extent, outExtent);
  const low = <u32>s;
  const high = min<u32>(low + 1, extent - 1);
  const fraction = s - <f64>low;
  return (i == low ? 1 - fraction : 0) + (i == high ? fraction : 0);
}

/** The first output position that may see input position `i`. */
// @ts-ignore: decorator
@inline function firstSeen(i: u32, extent: u32, outExtent: u32): u32 {
  // s > i − 1, one position earlier for safety
  const o = (<f64>i - 0.5) * <f64>outExtent / <f64>extent - 1.5;
  return o > 0 ? <u32>o : 0;
}

/** One past the last output position that may see input position `i`. */
// @ts-ignore: decorator
@inline function endSeen(i: u32, extent: u32, outExtent: u32): u32 {
  if (i + 1 == extent) return outExtent;
  return min<u32>(<u32>((<f64>i + 1.5) * <f64>outExtent / <f64>extent) + 1, outExtent);
}

export function bilinear(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, abi.BILINEAR_HEIGHT);
  const width = word(instruction, abi.BILINEAR_WIDTH);
  const channels = word(instruction, abi.BILINEAR_CHANNELS);
  const outHeight = word(instruction, abi.BILINEAR_OUT_HEIGHT);
  const outWidth = word(instruction, abi.BILINEAR_OUT_WIDTH);
  const x = <usize>word(instruction, abi.BILINEAR_X);
  const rows = word(instruction, abi.BILINEAR_IMAGES) * outHeight;
  const begin = shareBegin(rows, thread, threads);
  const end = shareEnd(rows, thread, threads);
  let out = <usize>word(instruction, abi.BILINEAR_OUT) + ((begin * outWidth * channels) << 2);
  for (let row = begin; row < end; row++) {
    const sy = sourcePosition(row % outHeight, height, outHeight);
    const low = <u32>sy;
    const fy = sy - <f64>low;
    const image = row / outHeight * height;
    const top = x + (((image + low) * width * channels) << 2);
    const bottom = x + (((image + min<u32>(low + 1, height - 1)) * width * channels) << 2);
    for (let ox: u32 = 0; ox < outWidth; ox++) {
      const sx = sourcePosition(ox, width, outWidth);
      const left = <u32>sx;
      const fx = sx - <f64>left;
      const leftBytes = (left * channels) << 2;
      const rightBytes = (min<u32>(left + 1, width - 1) * channels) << 2;
      const topLeft = f32x4.splat(<f32>((1 - fy) * (1 - fx)));
      const topRight = f32x4.splat(<f32>((1 - fy) * fx));
      const bottomLeft = f32x4.splat(<f32>(fy * (1 - fx)));
      const bottomRight = f32x4.splat(<f32>(fy * fx));
      for (let c: u32 = 0; c < channels; c += 4) {
        const lanes = channels - c;
        const at = c << 2;
        let sum = f32x4.mul(loadLanes(top + leftBytes + at, lanes), topLeft);
        sum = f32x4.add(sum, f32x4.mul(loadLanes(top + rightBytes + at, lanes), topRight));
        sum = f32x4.add(sum, f32x4.mul(loadLanes(bottom + leftBytes + at, lanes), bottomLeft));
        sum = f32x4.add(sum, f32x4.mul(loadLanes(bottom + rightBytes + at, lanes), bottomRight));
        storeLanes(out + at, sum, lanes);
      }
      out += channels << 2;
    }
  }
}

export function bilinearGrad(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, abi.BILINEAR_GRAD_HEIGHT);
  const width = word(instruction, abi.BILINEAR_GRAD_WIDTH);
  const channels = word(instruction, abi.BILINEAR_GRAD_CHANNELS);
  const outHeight = word(instruction, abi.BILINEAR_GRAD_OUT_HEIGHT);
  const outWidth = word(instruction, abi.BILINEAR_GRAD_OUT_WIDTH);
  const dy = <usize>word(instruction, abi.BILINEAR_GRAD_DY);
  const rows = word(instruction, abi.BILINEAR_GRAD_IMAGES) * height;
  const begin = shareBegin(rows, thread, threads);
  const end = shareEnd(rows, thread, threads);
  let dx = <usize>word(instruction, abi.BILINEAR_GRAD_OUT) + ((begin * width * channels) << 2);
  for (let row = begin; row < end; row++) {
    const iy = row % height;
    const image = row / height * outHeight;
    const yBegin = firstSeen(iy, height, outHeight);
    const yEnd = endSeen(iy, height, outHeight);
    for (let ix: u32 = 0; ix < width; ix++) {
      const xBegin = firstSeen(ix, width, outWidth);
      const xEnd = endSeen(ix, width, outWidth);
      for (let c: u32 = 0; c < channels; c += 4) {
        const lanes = channels - c;
        let sum = f32x4.splat(0);
        for (let oy = yBegin; oy < yEnd; oy++) {
          const wy = weight(iy, oy, height, outHeight);
          if (wy == 0) continue;
          for (let ox = xBegin; ox < xEnd; ox++) {
            const w = f32x4.splat(<f32>(wy * weight(ix, ox, width, outWidth)));
            const offset = (((image + oy) * outWidth + ox) * channels + c) << 2;
            sum = f32x4.add(sum, f32x4.mul(loadLanes(dy + offset, lanes), w));
          }
        }
        storeLanes(dx + (c << 2), sum, lanes);
      }
      dx += channels << 2;
    }
  }
}
