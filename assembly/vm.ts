/**
 * The instruction loop. Every thread of the team walks the same list; an instruction is run by all threads, which
 * share out its work, or by thread 0 alone.
 */
import {
  CONTROL_DONE,
  CONTROL_FINISHED,
  CONTROL_GENERATION,
  CONTROL_PROGRAM,
  CONTROL_PROGRAM_WORDS,
  CONTROL_STOP,
  ERROR_BAD_INSTRUCTION,
  OPCODE_CONTRACT,
  OPCODE_FILL,
  OPCODE_HALT,
  OPCODE_MAP,
  OPCODE_PACK,
} from "./abi.gen";
import { contract } from "./gemm/gemm";
import { pack } from "./gemm/pack_instruction";
import { map } from "./map";
import { fill } from "./move";
import { meet, report } from "./team";

/** Bits of an instruction's word 0 above the opcode. */
const SINGLE_BIT: u32 = 1 << 8;
const BARRIER_BIT: u32 = 1 << 9;
/** Opcode word and length word. */
const HEADER_WORDS: u32 = 2;

/** Runs a thread's share of one instruction; false if the opcode is unknown. */
export function execute(instruction: usize, thread: i32, threads: i32): bool {
  switch (<i32>load<u8>(instruction)) {
    case OPCODE_FILL: fill(instruction, thread, threads); return true;
    case OPCODE_MAP: map(instruction, thread, threads); return true;
    case OPCODE_PACK: pack(instruction, thread, threads); return true;
    case OPCODE_CONTRACT: contract(instruction, thread, threads); return true;
    default: return false;
  }
}

/** Walks a program of `words` words to its `halt`. Each instruction moves on, so the walk is bounded by the length. */
export function walk(program: usize, words: u32, thread: i32, threads: i32): void {
  let at: u32 = 0;
  while (at + HEADER_WORDS <= words) {
    const instruction = program + (at << 2);
    const head = load<u32>(instruction);
    if ((head & 0xff) == OPCODE_HALT) return;
    const length = load<u32>(instruction, 4);
    if (length < HEADER_WORDS || length > words - at) {
      report(instruction, ERROR_BAD_INSTRUCTION, 0);
      return;
    }
    let known = true;
    if ((head & SINGLE_BIT) == 0) known = execute(instruction, thread, threads);
    else if (thread == 0) known = execute(instruction, 0, 1);
    if (!known) report(instruction, ERROR_BAD_INSTRUCTION, 0);
    if (head & BARRIER_BIT) meet(threads);
    at += length;
  }
}

/** A worker's life: sleeps until the generation changes, walks the program, reports, and sleeps again until `stop`. */
export function work(thread: i32, threads: i32): void {
  let seen: i32 = 0;
  while (true) {
    while (atomic.load<i32>(CONTROL_GENERATION) == seen) atomic.wait<i32>(CONTROL_GENERATION, seen, -1);
    seen = atomic.load<i32>(CONTROL_GENERATION);
    if (load<u32>(CONTROL_STOP)) return;
    walk(load<u32>(CONTROL_PROGRAM), load<u32>(CONTROL_PROGRAM_WORDS), thread, threads);
    if (atomic.add<i32>(CONTROL_DONE, 1) == threads - 1) {
      atomic.store<i32>(CONTROL_DONE, 0);
      atomic.store<i32>(CONTROL_FINISHED, seen);
      atomic.notify(CONTROL_FINISHED, -1);
    }
  }
}
