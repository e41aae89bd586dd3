/**
 * Matrices that are used once: products with a single row or column, without packing and without tiles to fill up.
 *
 * Computes     out[r] = act(Σ a[r, k] · x[k] + bias[r]), `batch` of them
 * Shapes       a [batch][rows][depth], x [batch][depth], out [batch][rows]; bias [batch][rows], or one a batch
 * Layout       a's rows lie depth by depth (aColumnStride 1), or its columns row by row (aRowStride 1); x, out: adjacent
 * Requires     one of the two strides is 1; out overlaps no input
 * Writes       each output element once or more, always by the same thread; reads only what it has written
 * Error        rows: 8 partial sums each, 32 where fewer than four rows are left; columns: one sum in the order of k
 * Chosen because a is read from memory once, in whole cache lines, and is all that costs: four rows share the loads
 *   of x; a strip of 32 sums stays in registers while k runs, whole strips over few columns at a time, so that few pages
 *   of memory are read in turns. Four chains of 256-bit multiply-adds take 32 bytes a cycle, what level 2 gives. Shares are whole
 *   groups of four rows, or whole strips, so that bits do not depend on threads.
 */
import * as abi from "../abi.gen";
import { loadLanes, storeLanes } from "../lanes";
import { floatWord, load4, loadSplat, multiplyAdd, store4, word } from "../simd";
import { shareBegin, shareEnd, workbench } from "../team";
import { clearFloats, copyFloats } from "./floats";
import { finishFloats } from "./store";

/** Rows that share the loads of x. */
const ROWS: u32 = 4;
/** Rows whose sums are kept in registers where columns are adjacent. */
const STRIP: u32 = 32;
/** Columns that all strips go through together. 2048 × 2048 takes half as long again with 64, twice as long with all. */
const COLUMNS: u32 = 16;

export function matvec(instruction: usize, thread: i32, threads: i32): void {
  const rows = word(instruction, abi.MATVEC_ROWS), depth = word(instruction, abi.MATVEC_DEPTH);
  const aRowStep = <usize>word(instruction, abi.MATVEC_A_ROW_STRIDE) << 2;
  const aColumnStep = <usize>word(instruction, abi.MATVEC_A_COLUMN_STRIDE) << 2;
  const byRows = aColumnStep == 4;
  const unit = byRows ? ROWS : STRIP;
  const groups = (rows + unit - 1) / unit;
  const items = word(instruction, abi.MATVEC_BATCH) * groups;
  const end = shareEnd(items, thread, threads);
  let item = shareBegin(items, thread, threads);
  while (item < end) {
    const batch = item / groups, first = item % groups;
    const last = min<u32>(groups, first + end - item);
    const row = first * unit, count = min<u32>(rows, last * unit) - row;
    const a = placeOf(instruction, abi.MATVEC_A, abi.MATVEC_A_BATCH_STRIDE, batch) + <usize>row * aRowStep;
    const x = placeOf(instruction, abi.MATVEC_X, abi.MATVEC_X_BATCH_STRIDE, batch);
    const out = placeOf(instruction, abi.MATVEC_OUT, abi.MATVEC_OUT_BATCH_STRIDE, batch) + (<usize>row << 2);
    if (byRows) sumsOfRows(a, aRowStep, x, depth, count, out, workbench(thread));
    else sumsOfColumns(a, aColumnStep, x, depth, count, out);
    finishSums(instruction, batch, row, count, out, workbench(thread));
    item += last - first;
  }
}

/** Where an operand of the batch begins. */
// @ts-ignore: decorator
@inline function placeOf(instruction: usize, pointer: usize, batchStride: usize, batch: u32): usize {
  return <usize>word(instruction, pointer) + (<usize>(batch * word(instruction, batchStride)) << 2);
}

/** out[r] = Σ a[r, k] · x[k], the rows of a lying depth by depth. */
function sumsOfRows(a: usize, aRowStep: usize, x: usize, depth: u32, rows: u32, out: usize, lanes: usize): void {
  for (; rows >= ROWS; rows -= ROWS) {
    fourRows(a, aRowStep, x, depth, out, lanes);
    a += aRowStep * ROWS;
    out += ROWS << 2;
  }
  for (; rows > 0; rows--) {
    oneRow(a, x, depth, out, lanes);
    a += aRowStep;
    out += 4;
  }
}

/** [a0 + a1, a2 + a3, b0 + b1, b2 + b3] */
// @ts-ignore: decorator
@inline function neighbours(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7));
}

/** Four rows, eight lanes each; `lanes` is room for 32 floats. */
function fourRows(a: usize, aRowStep: usize, x: usize, depth: u32, out: usize, lanes: usize): void {
  let a0 = a, a1 = a + aRowStep, a2 = a1 + aRowStep, a3 = a2 + aRowStep;
  const zero = f32x4.splat(0);
  let sum0_0 = zero, sum0_4 = zero, sum1_0 = zero, sum1_4 = zero;
  let sum2_0 = zero, sum2_4 = zero, sum3_0 = zero, sum3_4 = zero;
  for (; depth >= 8; depth -= 8) {
    const x0 = load4(x), x4 = load4(x, 16);
    sum0_0 = multiplyAdd(load4(a0), x0, sum0_0);
    sum0_4 = multiplyAdd(load4(a0, 16), x4, sum0_4);
    sum1_0 = multiplyAdd(load4(a1), x0, sum1_0);
    sum1_4 = multiplyAdd(load4(a1, 16), x4, sum1_4);
    sum2_0 = multiplyAdd(load4(a2), x0, sum2_0);
    sum2_4 = multiplyAdd(load4(a2, 16), x4, sum2_4);
    sum3_0 = multiplyAdd(load4(a3), x0, sum3_0);
    sum3_4 = multiplyAdd(load4(a3, 16), x4, sum3_4);
    x += 32;
    a0 += 32;
    a1 += 32;
    a2 += 32;
    a3 += 32;
  }
  // Through memory: V8 pairs operations that end in neighbouring stores.
  store4(lanes, sum0_0);
  store4(lanes, sum0_4, 16);
  store4(lanes, sum1_0, 32);
  store4(lanes, sum1_4, 48);
  store4(lanes, sum2_0, 64);
  store4(lanes, sum2_4, 80);
  store4(lanes, sum3_0, 96);
  store4(lanes, sum3_4, 112);
  let row0 = neighbours(load4(lanes), load4(lanes, 16)), row1 = neighbours(load4(lanes, 32), load4(lanes, 48));
  let row2 = neighbours(load4(lanes, 64), load4(lanes, 80)), row3 = neighbours(load4(lanes, 96), load4(lanes, 112));
  while (depth > 0) {
    const count = min<u32>(depth, 4);
    const rest = loadLanes(x, count);
    row0 = multiplyAdd(loadLanes(a0, count), rest, row0);
    row1 = multiplyAdd(loadLanes(a1, count), rest, row1);
    row2 = multiplyAdd(loadLanes(a2, count), rest, row2);
    row3 = multiplyAdd(loadLanes(a3, count), rest, row3);
    x += 16;
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    depth -= count;
  }
  store4(out, neighbours(neighbours(row0, row1), neighbours(row2, row3)));
}

/** One row in 32 lanes; `lanes` is room for them. */
function oneRow(a: usize, x: usize, depth: u32, out: usize, lanes: usize): void {
  const zero = f32x4.splat(0);
  let sum0 = zero, sum4 = zero, sum8 = zero, sum12 = zero, sum16 = zero, sum20 = zero, sum24 = zero, sum28 = zero;
  for (; depth >= 32; depth -= 32) {
    sum0 = multiplyAdd(load4(a), load4(x), sum0);
    sum4 = multiplyAdd(load4(a, 16), load4(x, 16), sum4);
    sum8 = multiplyAdd(load4(a, 32), load4(x, 32), sum8);
    sum12 = multiplyAdd(load4(a, 48), load4(x, 48), sum12);
    sum16 = multiplyAdd(load4(a, 64), load4(x, 64), sum16);
    sum20 = multiplyAdd(load4(a, 80), load4(x, 80), sum20);
    sum24 = multiplyAdd(load4(a, 96), load4(x, 96), sum24);
    sum28 = multiplyAdd(load4(a, 112), load4(x, 112), sum28);
    a += 128;
    x += 128;
  }
  store4(lanes, sum0);
  store4(lanes, sum4, 16);
  store4(lanes, sum8, 32);
  store4(lanes, sum12, 48);
  store4(lanes, sum16, 64);
  store4(lanes, sum20, 80);
  store4(lanes, sum24, 96);
  store4(lanes, sum28, 112);
  let row = neighbours(
    neighbours(neighbours(load4(lanes), load4(lanes, 16)), neighbours(load4(lanes, 32), load4(lanes, 48))),
    neighbours(neighbours(load4(lanes, 64), load4(lanes, 80)), neighbours(load4(lanes, 96), load4(lanes, 112))),
  );
  while (depth > 0) {
    const count = min<u32>(depth, 4);
    row = multiplyAdd(loadLanes(a, count), loadLanes(x, count), row);
    a += 16;
    x += 16;
    depth -= count;
  }
  const pairs = neighbours(row, row);
  storeLanes(out, neighbours(pairs, pairs), 1);
}

/** out[r] = Σ a[r, k] · x[k], the columns of a lying row by row. */
function sumsOfColumns(a: usize, aColumnStep: usize, x: usize, depth: u32, rows: u32, out: usize): void {
  const whole = rows / STRIP, rest = rows % STRIP;
  for (let k: u32 = 0; k < depth; k += COLUMNS) {
    const columns = min<u32>(COLUMNS, depth - k);
    let strip = a + <usize>k * aColumnStep, to = out;
    for (let i: u32 = 0; i < whole; i++) {
      wholeStrip(strip, aColumnStep, x + (<usize>k << 2), columns, k > 0, to);
      strip += STRIP << 2;
      to += STRIP << 2;
    }
  }
  a += <usize>(whole * STRIP) << 2;
  out += <usize>(whole * STRIP) << 2;
  if (rest >= 4) partOfStrip(a, aColumnStep, x, depth, rest, out);
  else if (rest > 0) fewRows(a, aColumnStep, x, depth, rest, out);
}

/** 32 rows; `accumulate`: added to what out holds. */
function wholeStrip(a: usize, aColumnStep: usize, x: usize, depth: u32, accumulate: bool, out: usize): void {
  const zero = f32x4.splat(0);
  let sum0 = zero, sum4 = zero, sum8 = zero, sum12 = zero, sum16 = zero, sum20 = zero, sum24 = zero, sum28 = zero;
  if (accumulate) {
    sum0 = load4(out);
    sum4 = load4(out, 16);
    sum8 = load4(out, 32);
    sum12 = load4(out, 48);
    sum16 = load4(out, 64);
    sum20 = load4(out, 80);
    sum24 = load4(out, 96);
    sum28 = load4(out, 112);
  }
  for (; depth > 0; depth--) {
    const factor = loadSplat(x);
    sum0 = multiplyAdd(load4(a), factor, sum0);
    sum4 = multiplyAdd(load4(a, 16), factor, sum4);
    sum8 = multiplyAdd(load4(a, 32), factor, sum8);
    sum12 = multiplyAdd(load4(a, 48), factor, sum12);
    sum16 = multiplyAdd(load4(a, 64), factor, sum16);
    sum20 = multiplyAdd(load4(a, 80), factor, sum20);
    sum24 = multiplyAdd(load4(a, 96), factor, sum24);
    sum28 = multiplyAdd(load4(a, 112), factor, sum28);
    a += aColumnStep;
    x += 4;
  }
  store4(out, sum0);
  store4(out, sum4, 16);
  store4(out, sum8, 32);
  store4(out, sum12, 48);
  store4(out, sum16, 64);
  store4(out, sum20, 80);
  store4(out, sum24, 96);
  store4(out, sum28, 112);
}

/** 4 to 31 rows: fours of rows that step back where they would leave the strip, and then compute rows again. */
function partOfStrip(a: usize, aColumnStep: usize, x: usize, depth: u32, rows: u32, out: usize): void {
  const last = <usize>(rows - 4) << 2;
  const at4 = min<usize>(16, last), at8 = min<usize>(32, last), at12 = min<usize>(48, last);
  const at16 = min<usize>(64, last), at20 = min<usize>(80, last), at24 = min<usize>(96, last);
  const zero = f32x4.splat(0);
  let sum0 = zero, sum4 = zero, sum8 = zero, sum12 = zero, sum16 = zero, sum20 = zero, sum24 = zero, sum28 = zero;
  for (; depth > 0; depth--) {
    const factor = loadSplat(x);
    sum0 = multiplyAdd(load4(a), factor, sum0);
    sum4 = multiplyAdd(load4(a + at4), factor, sum4);
    sum8 = multiplyAdd(load4(a + at8), factor, sum8);
    sum12 = multiplyAdd(load4(a + at12), factor, sum12);
    sum16 = multiplyAdd(load4(a + at16), factor, sum16);
    sum20 = multiplyAdd(load4(a + at20), factor, sum20);
    sum24 = multiplyAdd(load4(a + at24), factor, sum24);
    sum28 = multiplyAdd(load4(a + last), factor, sum28);
    a += aColumnStep;
    x += 4;
  }
  store4(out, sum0);
  store4(out + at4, sum4);
  store4(out + at8, sum8);
  store4(out + at12, sum12);
  store4(out + at16, sum16);
  store4(out + at20, sum20);
  store4(out + at24, sum24);
  store4(out + last, sum28);
}

/** One to three rows. */
function fewRows(a: usize, aColumnStep: usize, x: usize, depth: u32, rows: u32, out: usize): void {
  let sums = f32x4.splat(0);
  for (; depth > 0; depth--) {
    sums = multiplyAdd(loadLanes(a, rows), loadSplat(x), sums);
    a += aColumnStep;
    x += 4;
  }
  storeLanes(out, sums, rows);
}

/** out = act(out + bias) for `count` rows of a batch from `row` on; `rest` is room for 8 floats. */
function finishSums(instruction: usize, batch: u32, row: u32, count: u32, out: usize, rest: usize): void {
  if (word(instruction, abi.MATVEC_BIAS) != 0) {
    const bias = placeOf(instruction, abi.MATVEC_BIAS, abi.MATVEC_BIAS_BATCH_STRIDE, batch);
    const biasStep = <usize>word(instruction, abi.MATVEC_BIAS_STRIDE) << 2;
    addBias(out, bias + <usize>row * biasStep, biasStep, count);
  }
  const activation = word(instruction, abi.MATVEC_ACTIVATION);
  if (activation == 0) return;
  const slope = floatWord(instruction, abi.MATVEC_SLOPE);
  const left = <i32>(count & 7);
  finishFloats(out, 0, <i32>count - left, activation, slope, out);
  if (left == 0) return;
  const end = out + (<usize>(<i32>count - left) << 2);
  clearFloats(rest, 8);
  copyFloats(end, left, rest);
  finishFloats(rest, 0, 8, activation, slope, rest);
  copyFloats(rest, left, end);
}

/** out[r] += bias[r], or += the one bias where `biasStep` is 0. */
function addBias(out: usize, bias: usize, biasStep: usize, count: u32): void {
  for (; count > 0;) {
    const lanes = min<u32>(count, 4);
    const addend = biasStep == 0 ? loadSplat(bias) : loadLanes(bias, lanes);
    storeLanes(out, f32x4.add(loadLanes(out, lanes), addend), lanes);
    bias += biasStep << 2;
    out += 16;
    count -= lanes;
  }
}
