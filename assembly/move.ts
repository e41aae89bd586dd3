/**
 * Computes     target[Σ iₐ·tₐ] = source[Σ iₐ·sₐ], and constant fills
 * Shapes       an iteration space of six axes; strides may be 0 (broadcast) or negative (flip) in the source
 * Layout       runs along one axis; where source and target are contiguous along different axes, 4×4
 *              transposing tiles
 * Requires     source and target do not overlap; no target element is addressed twice
 * Writes       each target element once
 * Error        none
 * Chosen because one copy with strides serves transpose, slice, pad, concat, broadcast and flip
 */
import * as abi from "./abi.gen";
import { copy } from "./lanes";
import { floatWord, load4, loadFloat, loadSplat, signedWord, store4, storeFloat, word } from "./simd";
import { shareBegin, shareEnd } from "./team";

/** Elements of a run that one thread copies at a time: long enough to amortise finding the place. */
const RUN_PIECE: u32 = 4096;
/** Runs shorter than this along the innermost axis are not worth their beginning. */
const SHORT_RUN: u32 = 8;
/** Floats of a cache line: a transposing work item reads whole lines. */
const LINE: u32 = 16;
const INNERMOST = abi.MAX_AXES - 1;

/** out[0 … count) = value, in pieces of whole cache lines. */
export function fill(instruction: usize, thread: i32, threads: i32): void {
  const count = word(instruction, abi.FILL_COUNT);
  const value = floatWord(instruction, abi.FILL_VALUE);
  const lanes = f32x4.splat(value);
  const lines = (count + LINE - 1) / LINE;
  const end = min<u32>(shareEnd(lines, thread, threads) * LINE, count);
  const out = <usize>word(instruction, abi.FILL_OUT);
  let i = shareBegin(lines, thread, threads) * LINE;
  for (; i + 4 <= end; i += 4) store4(out + (i << 2), lanes);
  for (; i < end; i++) storeFloat(out + (i << 2), value);
}

// @ts-ignore: decorator
@inline function extent(instruction: usize, axis: i32): u32 {
  return word(instruction, abi.MOVE_D0 + (<usize>axis << 2));
}

// @ts-ignore: decorator
@inline function sourceStride(instruction: usize, axis: i32): i32 {
  return signedWord(instruction, abi.MOVE_S0 + (<usize>axis << 2));
}

// @ts-ignore: decorator
@inline function targetStride(instruction: usize, axis: i32): i32 {
  return signedWord(instruction, abi.MOVE_T0 + (<usize>axis << 2));
}

export function move(instruction: usize, thread: i32, threads: i32): void {
  // An axis that is contiguous in the source, and another one that is in the target?
  let p = -1;
  let q = -1;
  for (let axis = 0; axis < abi.MAX_AXES; axis++) {
    if (extent(instruction, axis) < 4) continue;
    if (sourceStride(instruction, axis) == 1) p = axis;
    if (targetStride(instruction, axis) == 1) q = axis;
  }
  if (p >= 0 && q >= 0 && p != q) transpose(instruction, p, q, thread, threads);
  else runs(instruction, thread, threads);
}

/** Copies run by run: along the innermost axis, or, where that is short, along the longest one. */
function runs(instruction: usize, thread: i32, threads: i32): void {
  let along = INNERMOST;
  if (extent(instruction, INNERMOST) < SHORT_RUN) {
    for (let axis = INNERMOST; axis >= 0; axis--) {
      if (extent(instruction, axis) > extent(instruction, along)) along = axis;
    }
  }
  const length = extent(instruction, along);
  const sourceStep = sourceStride(instruction, along);
  const targetStep = targetStride(instruction, along);
  const pieces = (length + RUN_PIECE - 1) / RUN_PIECE;
  const items = outerCount(instruction, along, along) * pieces;
  const endItem = shareEnd(items, thread, threads);
  for (let item = shareBegin(items, thread, threads); item < endItem; item++) {
    const begin = (item % pieces) * RUN_PIECE;
    const count = min<u32>(RUN_PIECE, length - begin);
    let rest = item / pieces;
    let source = <usize>word(instruction, abi.MOVE_SOURCE) + (<usize>(<i32>begin * sourceStep) << 2);
    let target = <usize>word(instruction, abi.MOVE_TARGET) + (<usize>(<i32>begin * targetStep) << 2);
    for (let axis = INNERMOST; rest != 0; axis--) {
      if (axis == along) continue;
      const size = extent(instruction, axis);
      const index = <i32>(rest % size);
      rest /= size;
      source += <usize>(index * sourceStride(instruction, axis)) << 2;
      target += <usize>(index * targetStride(instruction, axis)) << 2;
    }
    run(target, targetStep, source, sourceStep, count);
  }
}

// @ts-ignore: decorator
@inline function run(target: usize, targetStep: i32, source: usize, sourceStep: i32, count: u32): void {
  if (targetStep == 1 && sourceStep == 1) {
    copy(target, source, count);
  } else if (targetStep == 1 && sourceStep == 0) {
    const lanes = loadSplat(source);
    let i: u32 = 0;
    for (; i + 4 <= count; i += 4) store4(target + (i << 2), lanes);
    for (; i < count; i++) storeFloat(target + (i << 2), f32x4.extract_lane(lanes, 0));
  } else {
    for (let i: u32 = 0; i < count; i++) {
      storeFloat(target, loadFloat(source));
      target += <usize>targetStep << 2;
      source += <usize>sourceStep << 2;
    }
  }
}

/** Number of index combinations of all axes but p and q (which may be the same one). */
function outerCount(instruction: usize, p: i32, q: i32): u32 {
  let product: u32 = 1;
  for (let axis = 0; axis < abi.MAX_AXES; axis++) {
    if (axis != p && axis != q) product *= extent(instruction, axis);
  }
  return product;
}

/** Source contiguous along axis p, target along axis q: a work item is one cache line of p and all of q. */
function transpose(instruction: usize, p: i32, q: i32, thread: i32, threads: i32): void {
  const pSize = extent(instruction, p);
  const qSize = extent(instruction, q);
  const qStep = <usize>sourceStride(instruction, q) << 2;
  const pStep = <usize>targetStride(instruction, p) << 2;
  const lines = (pSize + LINE - 1) / LINE;
  const items = outerCount(instruction, p, q) * lines;
  const endItem = shareEnd(items, thread, threads);
  for (let item = shareBegin(items, thread, threads); item < endItem; item++) {
    const begin = (item % lines) * LINE;
    const count = min<u32>(LINE, pSize - begin);
    let rest = item / lines;
    let source = <usize>word(instruction, abi.MOVE_SOURCE) + (begin << 2);
    let target = <usize>word(instruction, abi.MOVE_TARGET) + <usize>begin * pStep;
    for (let axis = INNERMOST; rest != 0; axis--) {
      if (axis == p || axis == q) continue;
      const size = extent(instruction, axis);
      const index = <i32>(rest % size);
      rest /= size;
      source += <usize>(index * sourceStride(instruction, axis)) << 2;
      target += <usize>(index * targetStride(instruction, axis)) << 2;
    }
    transposeLine(target, pStep, source, qStep, <usize>count, <usize>qSize);
  }
}

/** target[i · pStep + 4j] = source[4i + j · qStep] in bytes, for i below `count` and j below `qSize`. */
// @ts-ignore: decorator
@inline function transposeLine(target: usize, pStep: usize, source: usize, qStep: usize, count: usize, qSize: usize): void {
  let j: usize = 0;
  for (; j + 4 <= qSize; j += 4) {
    const from = source + j * qStep;
    const to = target + (j << 2);
    let i: usize = 0;
    for (; i + 4 <= count; i += 4) {
      const at = from + (i << 2);
      const r0 = load4(at);
      const r1 = load4(at + qStep);
      const r2 = load4(at + 2 * qStep);
      const r3 = load4(at + 3 * qStep);
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      const out = to + i * pStep;
      store4(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
      store4(out + pStep, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
      store4(out + 2 * pStep, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
      store4(out + 3 * pStep, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    }
    for (; i < count; i++) {
      for (let k: usize = 0; k < 4; k++) storeFloat(to + i * pStep + (k << 2), loadFloat(from + (i << 2) + k * qStep));
    }
  }
  for (; j < qSize; j++) {
    for (let i: usize = 0; i < count; i++) {
      storeFloat(target + i * pStep + (j << 2), loadFloat(source + (i << 2) + j * qStep));
    }
  }
}
