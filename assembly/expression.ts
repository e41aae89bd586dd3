/**
 * The interpreter of fused pointwise expressions, shared by `map` and `reduce`.
 *
 * Computes     a list of register operations on one block of at most BLOCK elements
 * Layout       register r of a thread is a block of floats in its scratch; contiguous operands are read where they lie,
 *              scalars and repeated rows are fetched once if their registers have no other use
 * Requires     register and input numbers below the instruction's counts, inputs before their use (the verifier)
 * Writes       the thread's registers beyond the block's end too (up to a multiple of 16 elements)
 * Error        that of each function in math.ts; add, mul … are exact to the last bit
 * Chosen because a block amortises the dispatch over BLOCK elements, and what an expression computes with stays in level 1
 */
import * as abi from "./abi.gen";
import { describe, DESCRIPTOR_BYTES, fetch, fetchPeriodic, fetchScalar, fillRegister, periodOf } from "./operands";
import { compute, copyBlock, TURN } from "./operations";
import { floatWord, loadFloat, loadWord, storeWord, word } from "./simd";

// A frame describes one instruction to one thread; it lies on the thread's workbench. Byte offsets:
const CODE: usize = 0;
const CODE_END: usize = 4;
const SCRATCH: usize = 8;
const REGISTER_COUNT: usize = 12;
/** Where the code of all blocks but the first begins: it need not bring again what it begins with if that stays. */
const VARYING: usize = 16;
/** One record a register: where its block lies now, its step (see `compute`), how it is used, the phase it holds. */
const REGISTERS: usize = 64;
const REGISTER_BYTES: usize = 16;
const REGISTER_POINTER: usize = 0;
const REGISTER_STEP: usize = 4;
const REGISTER_USE: usize = 8;
const REGISTER_PHASE: usize = 12;
const DESCRIPTORS: usize = REGISTERS + <usize>abi.MAX_REGISTERS * REGISTER_BYTES;
/** Room for one vector of 16 sums an output of `reduce`. */
const ACCUMULATORS: usize = DESCRIPTORS + <usize>abi.MAX_INPUTS * DESCRIPTOR_BYTES;
const REGISTER_STRIDE: usize = abi.BLOCK << 2;
const NO_PHASE: i32 = -1;
/** Of a register's use: how many operations write it; whether it must not be read in place, or not be cut short. */
const WRITERS: i32 = 0xffff;
const PINNED: i32 = 1 << 16;
const WHOLE: i32 = 1 << 17;

// @ts-ignore: decorator
@inline function registerRecord(frame: usize, register: i32): usize {
  return frame + REGISTERS + <usize>register * REGISTER_BYTES;
}

/** Where the block of a register lies: in its scratch, or in an operand that needed no copy. */
// @ts-ignore: decorator
@inline export function registerPointer(frame: usize, register: i32): usize {
  return <usize>loadWord(registerRecord(frame, register), REGISTER_POINTER);
}

/** Whether nothing writes the register behind a register, so that this one may spread over it. */
// @ts-ignore: decorator
@inline function hasRoom(frame: usize, register: i32): bool {
  return register + 1 < loadWord(frame, REGISTER_COUNT) &&
    (loadWord(registerRecord(frame, register + 1), REGISTER_USE) & WRITERS) == 0;
}

/** Where `reduce` keeps partial results between blocks. */
// @ts-ignore: decorator
@inline export function accumulators(frame: usize): usize {
  return frame + ACCUMULATORS;
}

/**
 * Prepares a frame.
 * @param lists first list of the instruction: the inputs, behind them the code
 * @returns the address behind the code (where outputs are listed), or 0 if the workbench is too small for it
 */
export function prepare(
  frame: usize,
  instruction: usize,
  lists: usize,
  inputCount: i32,
  codeCount: i32,
  registers: i32,
  scratch: usize,
): usize {
  if (<u32>inputCount > <u32>abi.MAX_INPUTS || <u32>registers > <u32>abi.MAX_REGISTERS) return 0;
  const code = lists + <usize>inputCount * abi.MAP_INPUTS_RECORD;
  const end = code + <usize>codeCount * abi.MAP_CODE_RECORD;
  for (let i = 0; i < inputCount; i++) {
    describe(
      frame + DESCRIPTORS + <usize>i * DESCRIPTOR_BYTES,
      instruction,
      lists + <usize>i * abi.MAP_INPUTS_RECORD,
    );
  }
  for (let r = 0; r < registers; r++) {
    const record = registerRecord(frame, r);
    storeWord(record, <i32>(scratch + <usize>r * REGISTER_STRIDE), REGISTER_POINTER);
    storeWord(record, <i32>TURN, REGISTER_STEP);
    storeWord(record, 0, REGISTER_USE);
    storeWord(record, NO_PHASE, REGISTER_PHASE);
  }
  for (let at = code; at < end; at += abi.MAP_CODE_RECORD) {
    const record = registerRecord(frame, <i32>word(at, abi.MAP_CODE_TARGET));
    storeWord(record, min<i32>(loadWord(record, REGISTER_USE) + 1, WRITERS), REGISTER_USE);
  }
  storeWord(frame, <i32>code, CODE);
  storeWord(frame, <i32>end, CODE_END);
  storeWord(frame, <i32>varying(frame, code, end), VARYING);
  storeWord(frame, <i32>scratch, SCRATCH);
  storeWord(frame, registers, REGISTER_COUNT);
  return end;
}

/** The end of the constants and scalars at the beginning of the code whose registers have no other use. */
// @ts-ignore: decorator
@inline function varying(frame: usize, code: usize, end: usize): usize {
  let at = code;
  for (; at < end; at += abi.MAP_CODE_RECORD) {
    const op = <i32>word(at, abi.MAP_CODE_OP);
    if (op > abi.EXPRESSION_CONSTANT) break;
    if (op != abi.EXPRESSION_CONSTANT && periodOf(descriptorOf(frame, at)) != 1) break;
    if ((loadWord(registerRecord(frame, <i32>word(at, abi.MAP_CODE_TARGET)), REGISTER_USE) & WRITERS) != 1) break;
  }
  return at;
}

/** The descriptor of what a `load` fetches. */
// @ts-ignore: decorator
@inline function descriptorOf(frame: usize, at: usize): usize {
  return frame + DESCRIPTORS + <usize>word(at, abi.MAP_CODE_A) * DESCRIPTOR_BYTES;
}

/** Keeps a register from being read in place: its block must outlive writes to the inputs. */
export function pin(frame: usize, register: i32): void {
  use(frame, register, PINNED | WHOLE);
}

/** Has a register hold whole blocks, even of a scalar. */
export function keepWhole(frame: usize, register: i32): void {
  use(frame, register, WHOLE);
}

// @ts-ignore: decorator
@inline function use(frame: usize, register: i32, how: i32): void {
  const record = registerRecord(frame, register);
  storeWord(record, loadWord(record, REGISTER_USE) | how, REGISTER_USE);
}

/** The register that the last operation writes, if that is a computation (not a fetch); else −1. */
export function lastTarget(frame: usize): i32 {
  const code = <usize>loadWord(frame, CODE);
  const end = <usize>loadWord(frame, CODE_END);
  if (code == end) return -1;
  const last = end - abi.MAP_CODE_RECORD;
  return <i32>word(last, abi.MAP_CODE_OP) > abi.EXPRESSION_CONSTANT ? <i32>word(last, abi.MAP_CODE_TARGET) : -1;
}

/**
 * Runs the code on `count` elements from flat position `position` on.
 * @param direct 0, or where the last operation shall write instead of its register (`count` a multiple of 16)
 */
export function evaluate(frame: usize, position: u32, count: u32, direct: usize): void {
  let at = <usize>loadWord(frame, CODE);
  const end = <usize>loadWord(frame, CODE_END);
  const scratch = <usize>loadWord(frame, SCRATCH);
  const bytes = <usize>((count + 15) & ~15) << 2;
  for (; at < end; at += abi.MAP_CODE_RECORD) {
    const op = <i32>word(at, abi.MAP_CODE_OP);
    const target = <i32>word(at, abi.MAP_CODE_TARGET);
    const record = registerRecord(frame, target);
    const own = scratch + <usize>target * REGISTER_STRIDE;
    if (op <= abi.EXPRESSION_CONSTANT) {
      bring(frame, at, op, record, target, own, position, count);
      continue;
    }
    const out = direct != 0 && at + abi.MAP_CODE_RECORD == end ? direct : own;
    const a = registerRecord(frame, <i32>word(at, abi.MAP_CODE_A));
    const b = op >= abi.EXPRESSION_ADD ? registerRecord(frame, <i32>word(at, abi.MAP_CODE_B)) : a;
    const c = op >= abi.EXPRESSION_SELECT ? registerRecord(frame, <i32>word(at, abi.MAP_CODE_C)) : a;
    if (op == abi.EXPRESSION_SELECT && loadWord(a, REGISTER_STEP) == 0) {
      // A scalar selects a whole block, which often is where it shall be.
      const chosen = loadFloat(<usize>loadWord(a, REGISTER_POINTER)) != 0 ? b : c;
      const source = <usize>loadWord(chosen, REGISTER_POINTER);
      if (out != own || source != own) copyBlock(out, source, <usize>loadWord(chosen, REGISTER_STEP), bytes);
      storeWord(record, <i32>out, REGISTER_POINTER);
      continue;
    }
    compute(
      op,
      out,
      <usize>loadWord(a, REGISTER_POINTER),
      <usize>loadWord(a, REGISTER_STEP),
      <usize>loadWord(b, REGISTER_POINTER),
      <usize>loadWord(b, REGISTER_STEP),
      <usize>loadWord(c, REGISTER_POINTER),
      <usize>loadWord(c, REGISTER_STEP),
      bytes,
    );
    storeWord(record, <i32>out, REGISTER_POINTER);
  }
  storeWord(frame, loadWord(frame, VARYING), CODE);
}

/**
 * `load` and `constant`. A register that nothing else writes keeps what does not change from block to block; of a scalar
 * it then holds one turn only.
 */
// @ts-ignore: decorator
@inline function bring(
  frame: usize,
  at: usize,
  op: i32,
  record: usize,
  target: i32,
  own: usize,
  position: u32,
  count: u32,
): void {
  const use = loadWord(record, REGISTER_USE);
  const alone = (use & WRITERS) == 1;
  const constant = op == abi.EXPRESSION_CONSTANT;
  const descriptor = constant ? 0 : descriptorOf(frame, at);
  const period = constant ? 1 : periodOf(descriptor);
  if (period == 0) {
    const mayAlias = (count & 15) == 0 && (use & PINNED) == 0;
    storeWord(record, <i32>fetch(descriptor, own, position, count, mayAlias), REGISTER_POINTER);
    return;
  }
  const known = loadWord(record, REGISTER_PHASE);
  if (period == 1) {
    if (alone && known == 0) return;
    const short = alone && (use & WHOLE) == 0;
    const value = constant ? floatWord(at, abi.MAP_CODE_VALUE) : fetchScalar(descriptor);
    fillRegister(own, value, short ? TURN : REGISTER_STRIDE);
    if (short) storeWord(record, 0, REGISTER_STEP);
    storeWord(record, 0, REGISTER_PHASE);
    storeWord(record, <i32>own, REGISTER_POINTER);
    return;
  }
  const phase = position % period;
  if (alone && hasRoom(frame, target)) {
    // The next register holds the rest of a table in which a block of every phase lies.
    if (known == NO_PHASE) fetchPeriodic(descriptor, own, period, 0, abi.BLOCK + period);
    storeWord(record, 0, REGISTER_PHASE);
    storeWord(record, <i32>(own + (phase << 2)), REGISTER_POINTER);
    return;
  }
  if (!alone || <u32>known != phase) fetchPeriodic(descriptor, own, period, phase, abi.BLOCK);
  storeWord(record, <i32>phase, REGISTER_PHASE);
  storeWord(record, <i32>own, REGISTER_POINTER);
}
