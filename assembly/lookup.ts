/**
 * Computes     gather, its adjoint scatterAdd, and oneHot
 * Shapes       indices [count] (whole numbers held in floats), rows of `width` adjacent floats
 * Layout       rows lie one behind the other; a work item is a row of `out`
 * Requires     nothing of the indices: each is checked in every build, and a bad one reads and writes no row
 * Writes       all of `out`; rows of a bad index are zeros
 * Error        a bad index is reported with its position; sums in the order of the indices
 * Chosen because indices come from outside: the check costs little beside the row it guards
 */
import * as abi from "./abi.gen";
import { clear, copy, loadLanes, storeLanes } from "./lanes";
import { loadFloat, storeFloat, word } from "./simd";
import { report, shareBegin, shareEnd } from "./team";

const NO_ROW: u32 = 0xffffffff;

/** The whole number in [0, rows) that the float at `pointer` is, or NO_ROW: no byte from outside decides an address. */
// @ts-ignore: decorator
@inline function checkedIndex(pointer: usize, rows: u32): u32 {
  const value = loadFloat(pointer);
  if (!(value >= 0 && value < 2147483648)) return NO_ROW;
  const index = <u32>value;
  return <f32>index == value && index < rows ? index : NO_ROW;
}

/** out[i, j] = table[indices[i], j] */
export function gather(instruction: usize, thread: i32, threads: i32): void {
  const count = word(instruction, abi.GATHER_COUNT);
  const rows = word(instruction, abi.GATHER_ROWS);
  const width = word(instruction, abi.GATHER_WIDTH);
  const indices = <usize>word(instruction, abi.GATHER_INDICES);
  const table = <usize>word(instruction, abi.GATHER_TABLE);
  const out = <usize>word(instruction, abi.GATHER_OUT);
  const end = shareEnd(count, thread, threads);
  for (let i = shareBegin(count, thread, threads); i < end; i++) {
    const row = checkedIndex(indices + (i << 2), rows);
    const target = out + ((i * width) << 2);
    if (row == NO_ROW) {
      report(instruction, abi.ERROR_BAD_INDEX, i);
      clear(target, width);
    } else {
      copy(target, table + ((row * width) << 2), width);
    }
  }
}

/** out[r, j] = Σ over i with indices[i] = r of updates[i, j]; a thread owns a run of rows and looks at all indices. */
export function scatterAdd(instruction: usize, thread: i32, threads: i32): void {
  const count = word(instruction, abi.SCATTER_ADD_COUNT);
  const rows = word(instruction, abi.SCATTER_ADD_ROWS);
  const width = word(instruction, abi.SCATTER_ADD_WIDTH);
  const indices = <usize>word(instruction, abi.SCATTER_ADD_INDICES);
  const updates = <usize>word(instruction, abi.SCATTER_ADD_UPDATES);
  const out = <usize>word(instruction, abi.SCATTER_ADD_OUT);
  const begin = shareBegin(rows, thread, threads);
  const end = shareEnd(rows, thread, threads);
  clear(out + ((begin * width) << 2), (end - begin) * width);
  for (let i: u32 = 0; i < count; i++) {
    const row = checkedIndex(indices + (i << 2), rows);
    if (row == NO_ROW) report(instruction, abi.ERROR_BAD_INDEX, i);
    else if (row >= begin && row < end) addRow(out + ((row * width) << 2), updates + ((i * width) << 2), width);
  }
}

// @ts-ignore: decorator
@inline function addRow(sums: usize, row: usize, width: u32): void {
  for (let j: u32 = 0; j < width; j += 4) {
    const lanes = width - j;
    storeLanes(sums + (j << 2), f32x4.add(loadLanes(sums + (j << 2), lanes), loadLanes(row + (j << 2), lanes)), lanes);
  }
}

/** out[i, j] = 1 where j = indices[i], else 0 */
export function oneHot(instruction: usize, thread: i32, threads: i32): void {
  const count = word(instruction, abi.ONE_HOT_COUNT);
  const depth = word(instruction, abi.ONE_HOT_DEPTH);
  const indices = <usize>word(instruction, abi.ONE_HOT_INDICES);
  const out = <usize>word(instruction, abi.ONE_HOT_OUT);
  const end = shareEnd(count, thread, threads);
  for (let i = shareBegin(count, thread, threads); i < end; i++) {
    const row = out + ((i * depth) << 2);
    clear(row, depth);
    const index = checkedIndex(indices + (i << 2), depth);
    if (index == NO_ROW) report(instruction, abi.ERROR_BAD_INDEX, i);
    else storeFloat(row + (index << 2), 1);
  }
}
