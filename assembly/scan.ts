/**
 * Computes     argmax and running sums along the middle axis of [outer, length, inner]
 * Shapes       source [outer, length, inner]; out [outer, inner] (argmax), or as source (sums)
 * Layout       a work item is four neighbouring columns of `inner` (fewer at its end)
 * Requires     length ≥ 1
 * Writes       each output element once
 * Error        argmax: the first of equals, a NaN counts as the largest; sums add in order
 * Chosen because lanes over columns keep the order along the axis, so bits do not depend on the threads
 */
import * as abi from "./abi.gen";
import { loadLanes, storeLanes } from "./lanes";
import { word } from "./simd";
import { shareBegin, shareEnd } from "./team";

/** out[o, i] = index of the largest of source[o, ·, i] */
export function argmax(instruction: usize, thread: i32, threads: i32): void {
  const length = word(instruction, abi.ARGMAX_LENGTH);
  const inner = word(instruction, abi.ARGMAX_INNER);
  const source = <usize>word(instruction, abi.ARGMAX_SOURCE);
  const out = <usize>word(instruction, abi.ARGMAX_OUT);
  const groups = (inner + 3) / 4;
  const items = word(instruction, abi.ARGMAX_OUTER) * groups;
  const endItem = shareEnd(items, thread, threads);
  for (let item = shareBegin(items, thread, threads); item < endItem; item++) {
    const outer = item / groups;
    const column = (item % groups) * 4;
    const lanes = inner - column;
    let at = source + ((outer * length * inner + column) << 2);
    let best = loadLanes(at, lanes);
    let place = f32x4.splat(0);
    for (let k: u32 = 1; k < length; k++) {
      at += inner << 2;
      const value = loadLanes(at, lanes);
      const larger = isLarger(value, best);
      best = v128.bitselect(value, best, larger);
      place = v128.bitselect(f32x4.splat(<f32>k), place, larger);
    }
    storeLanes(out + ((outer * inner + column) << 2), place, lanes);
  }
}

/** Lanes where a is larger than b, or the first NaN. */
// @ts-ignore: decorator
@inline export function isLarger(a: v128, b: v128): v128 {
  const firstNaN = v128.and(f32x4.ne(a, a), f32x4.eq(b, b));
  return v128.or(f32x4.gt(a, b), firstNaN);
}

/** out[o, k, i] = Σ of source[o, 0 … k, i], or of source[o, k … length − 1, i] if reversed */
export function cumulativeSum(instruction: usize, thread: i32, threads: i32): void {
  const length = word(instruction, abi.CUMULATIVE_SUM_LENGTH);
  const inner = word(instruction, abi.CUMULATIVE_SUM_INNER);
  const reverse = word(instruction, abi.CUMULATIVE_SUM_REVERSE) != 0;
  const source = <usize>word(instruction, abi.CUMULATIVE_SUM_SOURCE);
  const out = <usize>word(instruction, abi.CUMULATIVE_SUM_OUT);
  const groups = (inner + 3) / 4;
  const items = word(instruction, abi.CUMULATIVE_SUM_OUTER) * groups;
  const endItem = shareEnd(items, thread, threads);
  for (let item = shareBegin(items, thread, threads); item < endItem; item++) {
    const column = (item % groups) * 4;
    const lanes = inner - column;
    const first = (item / groups) * length * inner + column;
    let sum = f32x4.splat(0);
    for (let k: u32 = 0; k < length; k++) {
      const offset = (first + (reverse ? length - 1 - k : k) * inner) << 2;
      sum = f32x4.add(sum, loadLanes(source + offset, lanes));
      storeLanes(out + offset, sum, lanes);
    }
  }
}
