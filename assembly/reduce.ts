/**
 * Computes     sums and maxima over the axes [firstReduced, endReduced) after a fused pointwise prologue
 * Shapes       space [outer][reduced][inner]; output [outer][chunks][inner], chunks of `chunk` reduced positions
 * Layout       blocks of the flat space, as in map.ts; a work item is one chunk (of a piece of `inner`)
 * Requires     chunk ≥ 1; outputs overlap no input
 * Writes       each output element once or more, always by the same thread; never reads what it has not written
 * Error        sums of chunks: inner > 1 in float64, rounded once; inner = 1 in 16 lanes; NaN propagates through both
 * Chosen because the order of additions depends on shapes and `chunk` alone: equal bits for any number of threads
 */
import * as abi from "./abi.gen";
import { accumulators, evaluate, keepWhole, prepare, registerPointer } from "./expression";
import { load2, load4, loadDouble, loadFloat, store4, storeDouble, storeFloat, word } from "./simd";
import { report, shareBegin, shareEnd, workbench } from "./team";

/** Rows up to this length share a block, so that the prologue's dispatch is not paid for each of them. */
const SHORT_ROW: u32 = 64;
/** Floats that a long row is summed in: four vectors hide the latency of addition. */
const ROW_LANES: u32 = 16;

class Sum {
  // @ts-ignore: decorator
  @inline get identity(): f32 {
    return 0;
  }
  // @ts-ignore: decorator
  @inline of(a: f32, b: f32): f32 {
    return a + b;
  }
  // @ts-ignore: decorator
  @inline of4(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

class Max {
  // @ts-ignore: decorator
  @inline get identity(): f32 {
    return -Infinity;
  }
  // @ts-ignore: decorator
  @inline of(a: f32, b: f32): f32 {
    return max<f32>(a, b);
  }
  // @ts-ignore: decorator
  @inline of4(a: v128, b: v128): v128 {
    return f32x4.max(a, b);
  }
}

/** Product of the extents of the axes [first, end). */
function extents(instruction: usize, first: i32, end: i32): u32 {
  let product: u32 = 1;
  for (let axis = first; axis < end; axis++) product *= word(instruction, abi.REDUCE_D0 + (<usize>axis << 2));
  return product;
}

export function reduce(instruction: usize, thread: i32, threads: i32): void {
  const frame = workbench(thread);
  const first = <i32>word(instruction, abi.REDUCE_FIRST_REDUCED);
  const end = <i32>word(instruction, abi.REDUCE_END_REDUCED);
  const outputCount = word(instruction, abi.REDUCE_OUTPUT_COUNT);
  const chunk = word(instruction, abi.REDUCE_CHUNK);
  const outputs = prepare(
    frame,
    instruction,
    instruction + abi.REDUCE_LISTS,
    <i32>word(instruction, abi.REDUCE_INPUT_COUNT),
    <i32>word(instruction, abi.REDUCE_CODE_COUNT),
    <i32>word(instruction, abi.REDUCE_REGISTERS),
    <usize>(word(instruction, abi.REDUCE_SCRATCH) + <u32>thread * word(instruction, abi.REDUCE_SCRATCH_STRIDE)),
  );
  if (
    outputs == 0 || outputCount > <u32>abi.MAX_OUTPUTS || chunk == 0 || first < 0 || first > end || end > abi.MAX_AXES
  ) {
    report(instruction, abi.ERROR_BAD_INSTRUCTION, 0);
    return;
  }
  const outputsEnd = outputs + <usize>outputCount * abi.REDUCE_OUTPUTS_RECORD;
  for (let output = outputs; output < outputsEnd; output += abi.REDUCE_OUTPUTS_RECORD) {
    keepWhole(frame, <i32>word(output, abi.REDUCE_OUTPUTS_REGISTER));
  }
  const outer = extents(instruction, 0, first);
  const reduced = extents(instruction, first, end);
  const inner = extents(instruction, end, abi.MAX_AXES);
  if (outer == 0 || reduced == 0 || inner == 0) return;
  const chunks = (reduced - 1) / chunk + 1;
  if (inner > 1) columns(instruction, frame, outputs, outputsEnd, outer, reduced, inner, chunk, chunks, thread, threads);
  else if (reduced <= SHORT_ROW && chunks == 1) shortRows(frame, outputs, outputsEnd, outer, reduced, thread, threads);
  else longRows(frame, outputs, outputsEnd, outer, reduced, chunk, chunks, thread, threads);
}

/** inner = 1, several rows a block. */
function shortRows(
  frame: usize,
  outputs: usize,
  outputsEnd: usize,
  outer: u32,
  reduced: u32,
  thread: i32,
  threads: i32,
): void {
  const rowsPerBlock = abi.BLOCK / reduced;
  const blocks = (outer + rowsPerBlock - 1) / rowsPerBlock;
  const end = min<u32>(shareEnd(blocks, thread, threads) * rowsPerBlock, outer);
  for (let row = shareBegin(blocks, thread, threads) * rowsPerBlock; row < end; row += rowsPerBlock) {
    const rows = min<u32>(rowsPerBlock, end - row);
    evaluate(frame, row * reduced, rows * reduced, 0);
    for (let output = outputs; output < outputsEnd; output += abi.REDUCE_OUTPUTS_RECORD) {
      const out = <usize>(word(output, abi.REDUCE_OUTPUTS_POINTER) + (row << 2));
      const values = registerPointer(frame, <i32>word(output, abi.REDUCE_OUTPUTS_REGISTER));
      if (word(output, abi.REDUCE_OUTPUTS_KIND) == 0) foldRows<Sum>(out, values, rows, reduced);
      else foldRows<Max>(out, values, rows, reduced);
    }
  }
}

/** out[r] = fold of the row of `length` values at r · length */
function foldRows<Kind>(out: usize, values: usize, rows: u32, length: u32): void {
  const kind = changetype<Kind>(0);
  for (let row: u32 = 0; row < rows; row++) {
    let lanes = f32x4.splat(kind.identity);
    let i: u32 = 0;
    for (; i + 4 <= length; i += 4) lanes = kind.of4(lanes, load4(values + (i << 2)));
    let total = foldLanes<Kind>(lanes);
    for (; i < length; i++) total = kind.of(total, loadFloat(values + (i << 2)));
    storeFloat(out + (row << 2), total);
    values += length << 2;
  }
}

// @ts-ignore: decorator
@inline function foldLanes<Kind>(lanes: v128): f32 {
  const kind = changetype<Kind>(0);
  return kind.of(
    kind.of(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 2)),
    kind.of(f32x4.extract_lane(lanes, 1), f32x4.extract_lane(lanes, 3)),
  );
}

/** inner = 1, several blocks a chunk, in 16 lanes that lie on the workbench between blocks. */
function longRows(
  frame: usize,
  outputs: usize,
  outputsEnd: usize,
  outer: u32,
  reduced: u32,
  chunk: u32,
  chunks: u32,
  thread: i32,
  threads: i32,
): void {
  const items = outer * chunks;
  const endItem = shareEnd(items, thread, threads);
  for (let item = shareBegin(items, thread, threads); item < endItem; item++) {
    const row = item / chunks;
    const start = (item % chunks) * chunk;
    const end = min<u32>(chunk, reduced - start) + start;
    for (let position = start; position < end; position += abi.BLOCK) {
      const count = min<u32>(abi.BLOCK, end - position);
      evaluate(frame, row * reduced + position, count, 0);
      let lanes = accumulators(frame);
      for (let output = outputs; output < outputsEnd; output += abi.REDUCE_OUTPUTS_RECORD) {
        const values = registerPointer(frame, <i32>word(output, abi.REDUCE_OUTPUTS_REGISTER));
        if (word(output, abi.REDUCE_OUTPUTS_KIND) == 0) accumulate<Sum>(lanes, values, count, position == start);
        else accumulate<Max>(lanes, values, count, position == start);
        lanes += ROW_LANES << 2;
      }
    }
    let lanes = accumulators(frame);
    for (let output = outputs; output < outputsEnd; output += abi.REDUCE_OUTPUTS_RECORD) {
      const out = <usize>(word(output, abi.REDUCE_OUTPUTS_POINTER) + (item << 2));
      if (word(output, abi.REDUCE_OUTPUTS_KIND) == 0) storeFloat(out, foldAccumulator<Sum>(lanes));
      else storeFloat(out, foldAccumulator<Max>(lanes));
      lanes += ROW_LANES << 2;
    }
  }
}

/** Lane i mod 16 takes element i. */
function accumulate<Kind>(lanes: usize, values: usize, count: u32, first: bool): void {
  const kind = changetype<Kind>(0);
  const identity = f32x4.splat(kind.identity);
  let a = first ? identity : load4(lanes);
  let b = first ? identity : load4(lanes, 16);
  let c = first ? identity : load4(lanes, 32);
  let d = first ? identity : load4(lanes, 48);
  let i: u32 = 0;
  for (; i + ROW_LANES <= count; i += ROW_LANES) {
    const at = values + (i << 2);
    a = kind.of4(a, load4(at));
    b = kind.of4(b, load4(at, 16));
    c = kind.of4(c, load4(at, 32));
    d = kind.of4(d, load4(at, 48));
  }
  store4(lanes, a);
  store4(lanes, b, 16);
  store4(lanes, c, 32);
  store4(lanes, d, 48);
  for (let lane = lanes; i < count; i++, lane += 4) {
    storeFloat(lane, kind.of(loadFloat(lane), loadFloat(values + (i << 2))));
  }
}

// @ts-ignore: decorator
@inline function foldAccumulator<Kind>(lanes: usize): f32 {
  const kind = changetype<Kind>(0);
  const low = kind.of4(load4(lanes), load4(lanes, 16));
  const high = kind.of4(load4(lanes, 32), load4(lanes, 48));
  return foldLanes<Kind>(kind.of4(low, high));
}

/**
 * inner > 1: a block holds several short rows, or a piece of a long one. Sums are kept in float64, behind the registers,
 * so that they do not depend on the order of rows: the gradient of a bias that must vanish does, instead of leaving a
 * rounding error that Adam would blow up to a full step.
 */
function columns(
  instruction: usize,
  frame: usize,
  outputs: usize,
  outputsEnd: usize,
  outer: u32,
  reduced: u32,
  inner: u32,
  chunk: u32,
  chunks: u32,
  thread: i32,
  threads: i32,
): void {
  const registers = word(instruction, abi.REDUCE_REGISTERS) * abi.BLOCK << 2;
  const sums = <usize>(word(instruction, abi.REDUCE_SCRATCH) +
    <u32>thread * word(instruction, abi.REDUCE_SCRATCH_STRIDE) + registers);
  const pieces = (inner + abi.BLOCK - 1) / abi.BLOCK;
  const rowsPerBlock = max<u32>(abi.BLOCK / inner, 1);
  const items = outer * chunks * pieces;
  const endItem = shareEnd(items, thread, threads);
  for (let item = shareBegin(items, thread, threads); item < endItem; item++) {
    const piece = (item % pieces) * abi.BLOCK;
    const outRow = item / pieces;
    const start = (outRow % chunks) * chunk;
    const end = min<u32>(chunk, reduced - start) + start;
    const firstRow = (outRow / chunks) * reduced;
    const width = min<u32>(inner - piece, abi.BLOCK);
    for (let row = start; row < end; row += rowsPerBlock) {
      const rows = min<u32>(rowsPerBlock, end - row);
      evaluate(frame, (firstRow + row) * inner + piece, rows * width, 0);
      let doubles = sums;
      for (let output = outputs; output < outputsEnd; output += abi.REDUCE_OUTPUTS_RECORD) {
        const out = <usize>(word(output, abi.REDUCE_OUTPUTS_POINTER) + ((outRow * inner + piece) << 2));
        const values = registerPointer(frame, <i32>word(output, abi.REDUCE_OUTPUTS_REGISTER));
        if (word(output, abi.REDUCE_OUTPUTS_KIND) != 0) maximaOfRows(out, values, rows, width, row == start);
        else {
          addRows(doubles, values, rows, width, row == start);
          if (row + rows == end) roundSums(out, doubles, width);
        }
        doubles += abi.BLOCK << 3;
      }
    }
  }
}

/** Two neighbouring floats as float64. */
// @ts-ignore: decorator
@inline function promoted(pointer: usize, offset: usize = 0): v128 {
  return f64x2.promote_low_f32x4(load2(pointer, offset));
}

/** doubles[j] = doubles[j] (unless `first`) + Σ values[r · width + j] in the order of r, in float64 */
function addRows(doubles: usize, values: usize, rows: u32, width: u32, first: bool): void {
  const step = width << 2;
  const end = values + rows * step;
  const zero = f64x2.splat(0);
  let j: u32 = 0;
  for (; j + 8 <= width; j += 8) {
    const target = doubles + (j << 3);
    let x0 = first ? zero : load4(target);
    let x2 = first ? zero : load4(target, 16);
    let x4 = first ? zero : load4(target, 32);
    let x6 = first ? zero : load4(target, 48);
    for (let at = values + (j << 2); at < end; at += step) {
      x0 = f64x2.add(x0, promoted(at));
      x2 = f64x2.add(x2, promoted(at, 8));
      x4 = f64x2.add(x4, promoted(at, 16));
      x6 = f64x2.add(x6, promoted(at, 24));
    }
    store4(target, x0);
    store4(target, x2, 16);
    store4(target, x4, 32);
    store4(target, x6, 48);
  }
  for (; j < width; j++) {
    const target = doubles + (j << 3);
    let total = first ? <f64>0 : loadDouble(target);
    for (let at = values + (j << 2); at < end; at += step) total += <f64>loadFloat(at);
    storeDouble(target, total);
  }
}

/** out[j] = doubles[j], rounded */
function roundSums(out: usize, doubles: usize, width: u32): void {
  for (let j: u32 = 0; j < width; j++) storeFloat(out + (j << 2), <f32>loadDouble(doubles + (j << 3)));
}

/** out[j] = maximum of out[j] (unless `first`) and values[r · width + j] */
function maximaOfRows(out: usize, values: usize, rows: u32, width: u32, first: bool): void {
  const kind = changetype<Max>(0);
  const identity = f32x4.splat(kind.identity);
  const step = width << 2;
  const end = values + rows * step;
  let j: u32 = 0;
  for (; j + 8 <= width; j += 8) {
    const target = out + (j << 2);
    let low = first ? identity : load4(target);
    let high = first ? identity : load4(target, 16);
    for (let at = values + (j << 2); at < end; at += step) {
      low = kind.of4(low, load4(at));
      high = kind.of4(high, load4(at, 16));
    }
    store4(target, low);
    store4(target, high, 16);
  }
  for (; j + 4 <= width; j += 4) {
    const target = out + (j << 2);
    let lanes = first ? identity : load4(target);
    for (let at = values + (j << 2); at < end; at += step) lanes = kind.of4(lanes, load4(at));
    store4(target, lanes);
  }
  for (; j < width; j++) {
    const target = out + (j << 2);
    let total = first ? kind.identity : loadFloat(target);
    for (let at = values + (j << 2); at < end; at += step) total = kind.of(total, loadFloat(at));
    storeFloat(target, total);
  }
}
