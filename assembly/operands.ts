/**
 * The inputs of a pointwise expression: brings blocks of a broadcast, strided operand into registers.
 *
 * A descriptor holds an input's iteration space with neighbouring axes merged wherever one stride covers both, so that
 * a contiguous operand has one axis of stride 1, a scalar one of stride 0, and a row vector repeated two (1, then 0).
 * Axes are listed innermost first.
 */
import { BLOCK, MAP_D0, MAP_INPUTS_POINTER, MAP_INPUTS_S0, MAX_AXES } from "./abi.gen";
import { load4, loadFloat, loadSplat, loadWord, signedWord, store4, storeFloat, storeWord, word } from "./simd";

/** Byte offsets within a descriptor. */
const POINTER: usize = 0;
const RANK: usize = 4;
const EXTENTS: usize = 8;
const STRIDES: usize = 32;
/** Position of the block being fetched. */
const INDICES: usize = 56;
const PERIOD: usize = 80;
export const DESCRIPTOR_BYTES: usize = 84;

// @ts-ignore: decorator
@inline function extent(descriptor: usize, axis: i32): u32 {
  return loadWord(descriptor + EXTENTS + (<usize>axis << 2));
}

// @ts-ignore: decorator
@inline function stride(descriptor: usize, axis: i32): i32 {
  return loadWord(descriptor + STRIDES + (<usize>axis << 2));
}

/** Describes one input (`record`) of the instruction, whose iteration space begins at the field of `MAP_D0`. */
export function describe(descriptor: usize, instruction: usize, record: usize): void {
  let rank = 0;
  for (let axis: usize = MAX_AXES; axis-- > 0;) {
    const size = word(instruction, MAP_D0 + (axis << 2));
    const step = signedWord(record, MAP_INPUTS_S0 + (axis << 2));
    if (size == 1) continue;
    if (rank > 0 && step == stride(descriptor, rank - 1) * <i32>extent(descriptor, rank - 1)) {
      storeWord(descriptor + EXTENTS + (<usize>(rank - 1) << 2), extent(descriptor, rank - 1) * size);
      continue;
    }
    storeWord(descriptor + EXTENTS + (<usize>rank << 2), size);
    storeWord(descriptor + STRIDES + (<usize>rank << 2), step);
    rank++;
  }
  if (rank == 0) {
    storeWord(descriptor, 1, EXTENTS);
    storeWord(descriptor, 0, STRIDES);
    rank = 1;
  }
  storeWord(descriptor, word(record, MAP_INPUTS_POINTER), POINTER);
  storeWord(descriptor, rank, RANK);
  storeWord(descriptor, periodIn(descriptor, rank), PERIOD);
}

// @ts-ignore: decorator
@inline function periodIn(descriptor: usize, rank: i32): u32 {
  if (rank == 1) return stride(descriptor, 0) == 0 ? 1 : 0;
  const row = extent(descriptor, 0);
  return rank == 2 && stride(descriptor, 1) == 0 && row <= BLOCK ? row : 0;
}

/**
 * The period with which the operand repeats over the flat iteration space if that is at most a block, else 0. Such an
 * operand fills a register once for all blocks that begin at the same phase.
 */
// @ts-ignore: decorator
@inline export function periodOf(descriptor: usize): u32 {
  return loadWord(descriptor, PERIOD);
}

/** The one value of an operand of period 1. */
export function fetchScalar(descriptor: usize): f32 {
  return loadFloat(<usize>loadWord(descriptor, POINTER));
}

/** Puts `count` elements of a periodic operand into a register, from `phase` on. */
export function fetchPeriodic(descriptor: usize, register: usize, period: u32, phase: u32, count: u32): void {
  const source = <usize>loadWord(descriptor, POINTER);
  // A few periods one element at a time, until eight elements can be copied from one period multiple before.
  let pattern = period;
  while (pattern < 8) pattern += period;
  const step = stride(descriptor, 0);
  let index = phase;
  let i: u32 = 0;
  for (; i < min<u32>(pattern, count); i++) {
    storeFloat(register + (i << 2), loadFloat(source + (<usize>(<i32>index * step) << 2)));
    if (++index == period) index = 0;
  }
  for (; i + 8 <= count; i += 8) {
    const from = register + ((i - pattern) << 2);
    const low = load4(from);
    const high = load4(from, 16);
    store4(register + (i << 2), low);
    store4(register + (i << 2), high, 16);
  }
  for (; i < count; i++) storeFloat(register + (i << 2), loadFloat(register + ((i - pattern) << 2)));
}

/** The same value in `bytes` bytes of a register, a multiple of 64. */
export function fillRegister(register: usize, value: f32, bytes: usize): void {
  const lanes = f32x4.splat(value);
  for (let i: usize = 0; i < bytes; i += 64) {
    store4(register + i, lanes);
    store4(register + i, lanes, 16);
    store4(register + i, lanes, 32);
    store4(register + i, lanes, 48);
  }
}

/**
 * Fetches `count` elements from flat position `position` on.
 * @param mayAlias whether the operand may stay where it is when the block is contiguous there
 * @returns where the block lies: in memory or in the register
 */
export function fetch(descriptor: usize, register: usize, position: u32, count: u32, mayAlias: bool): usize {
  const rank = loadWord(descriptor, RANK);
  const innerExtent = extent(descriptor, 0);
  const innerStride = stride(descriptor, 0);
  if (mayAlias && rank == 1 && innerStride == 1) return <usize>loadWord(descriptor, POINTER) + (position << 2);
  let rest = position;
  let offset: i32 = 0;
  for (let axis = 0; axis < rank; axis++) {
    const size = extent(descriptor, axis);
    const index = axis == rank - 1 ? rest : rest % size;
    if (axis < rank - 1) rest /= size;
    storeWord(descriptor + INDICES + (<usize>axis << 2), index);
    offset += <i32>index * stride(descriptor, axis);
  }
  const source = <usize>loadWord(descriptor, POINTER);
  let inner: u32 = loadWord(descriptor, INDICES);
  if (mayAlias && innerStride == 1 && innerExtent - inner >= count) return source + (<usize>offset << 2);

  let done: u32 = 0;
  while (true) {
    const run = min<u32>(innerExtent - inner, count - done);
    copyRun(register + (done << 2), source + (<usize>offset << 2), innerStride, run);
    done += run;
    if (done == count) return register;
    offset -= <i32>inner * innerStride;
    inner = 0;
    for (let axis = 1; axis < rank; axis++) {
      const index: u32 = loadWord(descriptor + INDICES + (<usize>axis << 2)) + 1;
      offset += stride(descriptor, axis);
      if (index < extent(descriptor, axis)) {
        storeWord(descriptor + INDICES + (<usize>axis << 2), index);
        break;
      }
      offset -= <i32>index * stride(descriptor, axis);
      storeWord(descriptor + INDICES + (<usize>axis << 2), 0);
    }
  }
}

/** target[i] = source[i · step] for i below `count`; reads and writes nothing else. */
// @ts-ignore: decorator
@inline function copyRun(target: usize, source: usize, step: i32, count: u32): void {
  let i: u32 = 0;
  if (step == 1) {
    for (; i + 8 <= count; i += 8) {
      const low = load4(source + (i << 2));
      const high = load4(source + (i << 2), 16);
      store4(target + (i << 2), low);
      store4(target + (i << 2), high, 16);
    }
    for (; i < count; i++) storeFloat(target + (i << 2), loadFloat(source + (i << 2)));
  } else if (step == 0) {
    const value = loadSplat(source);
    for (; i + 8 <= count; i += 8) {
      store4(target + (i << 2), value);
      store4(target + (i << 2), value, 16);
    }
    for (; i < count; i++) storeFloat(target + (i << 2), f32x4.extract_lane(value, 0));
  } else {
    for (; i < count; i++) {
      storeFloat(target + (i << 2), loadFloat(source));
      source += <usize>step << 2;
    }
  }
}
