/**
 * Computes     a fused pointwise expression over the iteration space d0 × … × d5
 * Shapes       inputs broadcast by strides of 0; outputs dense
 * Layout       blocks of BLOCK elements of the flat space; a thread takes a run of whole blocks
 * Requires     an output overlaps an input only if both cover the same range, element for element
 * Writes       each output element once; a block is read whole before it is written
 * Error        that of the expression's operations
 * Chosen because blocks stay in level 1 between operations, so that a chain reads and writes memory once
 */
import * as abi from "./abi.gen";
import { evaluate, lastTarget, pin, prepare, registerPointer } from "./expression";
import { load4, loadFloat, store4, storeFloat, word } from "./simd";
import { report, shareBegin, shareEnd, workbench } from "./team";

/** Number of elements of an iteration space that begins at the field of `MAP_D0` (as in all instructions that have one). */
// @ts-ignore: decorator
@inline function spaceSize(instruction: usize): u32 {
  return word(instruction, abi.MAP_D0) * word(instruction, abi.MAP_D1) * word(instruction, abi.MAP_D2) *
    word(instruction, abi.MAP_D3) * word(instruction, abi.MAP_D4) * word(instruction, abi.MAP_D5);
}

export function map(instruction: usize, thread: i32, threads: i32): void {
  const frame = workbench(thread);
  const outputs = prepare(
    frame,
    instruction,
    instruction + abi.MAP_LISTS,
    <i32>word(instruction, abi.MAP_INPUT_COUNT),
    <i32>word(instruction, abi.MAP_CODE_COUNT),
    <i32>word(instruction, abi.MAP_REGISTERS),
    <usize>(word(instruction, abi.MAP_SCRATCH) + <u32>thread * word(instruction, abi.MAP_SCRATCH_STRIDE)),
  );
  if (outputs == 0) {
    report(instruction, abi.ERROR_BAD_INSTRUCTION, 0);
    return;
  }
  const outputsEnd = outputs + <usize>word(instruction, abi.MAP_OUTPUT_COUNT) * abi.MAP_OUTPUTS_RECORD;
  // The last operation writes straight to memory if its result is one output.
  const last = lastTarget(frame);
  let lastOutput: usize = 0;
  for (let output = outputs; output < outputsEnd; output += abi.MAP_OUTPUTS_RECORD) {
    const register = <i32>word(output, abi.MAP_OUTPUTS_REGISTER);
    pin(frame, register);
    if (register == last && lastOutput == 0) lastOutput = output;
  }

  const total = spaceSize(instruction);
  const blocks = (total + abi.BLOCK - 1) / abi.BLOCK;
  const end = min<u32>(shareEnd(blocks, thread, threads) * abi.BLOCK, total);
  for (let position = shareBegin(blocks, thread, threads) * abi.BLOCK; position < end; position += abi.BLOCK) {
    const count = min<u32>(abi.BLOCK, end - position);
    const bytes = position << 2;
    const straight = lastOutput != 0 && (count & 15) == 0;
    const direct = straight ? <usize>(word(lastOutput, abi.MAP_OUTPUTS_POINTER) + bytes) : 0;
    evaluate(frame, position, count, direct);
    for (let output = outputs; output < outputsEnd; output += abi.MAP_OUTPUTS_RECORD) {
      if (straight && output == lastOutput) continue;
      const register = registerPointer(frame, <i32>word(output, abi.MAP_OUTPUTS_REGISTER));
      storeBlock(<usize>(word(output, abi.MAP_OUTPUTS_POINTER) + bytes), register, count);
    }
  }
}

/** Stores `count` elements of a register. */
// @ts-ignore: decorator
@inline function storeBlock(out: usize, register: usize, count: u32): void {
  let i: u32 = 0;
  for (; i + 8 <= count; i += 8) {
    const low = load4(register + (i << 2));
    const high = load4(register + (i << 2), 16);
    store4(out + (i << 2), low);
    store4(out + (i << 2), high, 16);
  }
  for (; i < count; i++) storeFloat(out + (i << 2), loadFloat(register + (i << 2)));
}
