/**
 * The instruction loop. Every thread of the team walks the same list; an instruction is run by all threads, which
 * share out its work, or by thread 0 alone.
 */
import * as abi from "./abi.gen";
import { fastConvolution } from "./conv/fast_convolution";
import { fastFilter } from "./conv/fast_filter";
import { fastFilterGrad, fastGradient } from "./conv/fast_filter_grad";
import { narrowConv } from "./conv/narrow_conv";
import { narrowFilterGrad } from "./conv/narrow_filter_grad";
import { narrowInputGrad } from "./conv/narrow_input_grad";
import { contract } from "./gemm/gemm";
import { matvec } from "./gemm/matvec";
import { pack } from "./gemm/pack_instruction";
import { gather, oneHot, scatterAdd } from "./lookup";
import { map } from "./map";
import { fill, move } from "./move";
import { averagePool, averagePoolGrad, maxPoolPick, maxPoolScatter } from "./pool";
import { random } from "./random";
import { reduce } from "./reduce";
import { bilinear, bilinearGrad } from "./resample";
import { argmax, cumulativeSum } from "./scan";
import { word } from "./simd";
import {
  awaitProgram,
  awaitTeam,
  EXPECTATION,
  expectProgram,
  finish,
  meet,
  PATIENCE,
  program,
  programWords,
  report,
  stopped,
} from "./team";

/** Bits of an instruction's word 0. */
const OPCODE_BITS: u32 = 0xff;
const SINGLE_BIT: u32 = 1 << 8;
const BARRIER_BIT: u32 = 1 << 9;
/** Opcode word and length word. */
const HEADER_WORDS: u32 = 2;

/** Runs a thread's share of one instruction; false if the opcode is unknown. */
export function execute(instruction: usize, thread: i32, threads: i32): bool {
  switch (<i32>(word(instruction, 0) & OPCODE_BITS)) {
    case abi.OPCODE_FILL: fill(instruction, thread, threads); return true;
    case abi.OPCODE_MAP: map(instruction, thread, threads); return true;
    case abi.OPCODE_REDUCE: reduce(instruction, thread, threads); return true;
    case abi.OPCODE_MOVE: move(instruction, thread, threads); return true;
    case abi.OPCODE_PACK: pack(instruction, thread, threads); return true;
    case abi.OPCODE_CONTRACT: contract(instruction, thread, threads); return true;
    case abi.OPCODE_GATHER: gather(instruction, thread, threads); return true;
    case abi.OPCODE_SCATTER_ADD: scatterAdd(instruction, thread, threads); return true;
    case abi.OPCODE_ONE_HOT: oneHot(instruction, thread, threads); return true;
    case abi.OPCODE_ARGMAX: argmax(instruction, thread, threads); return true;
    case abi.OPCODE_CUMULATIVE_SUM: cumulativeSum(instruction, thread, threads); return true;
    case abi.OPCODE_AVERAGE_POOL: averagePool(instruction, thread, threads); return true;
    case abi.OPCODE_AVERAGE_POOL_GRAD: averagePoolGrad(instruction, thread, threads); return true;
    case abi.OPCODE_MAX_POOL_PICK: maxPoolPick(instruction, thread, threads); return true;
    case abi.OPCODE_MAX_POOL_SCATTER: maxPoolScatter(instruction, thread, threads); return true;
    case abi.OPCODE_BILINEAR: bilinear(instruction, thread, threads); return true;
    case abi.OPCODE_BILINEAR_GRAD: bilinearGrad(instruction, thread, threads); return true;
    case abi.OPCODE_RANDOM: random(instruction, thread, threads); return true;
    case abi.OPCODE_FAST_FILTER: fastFilter(instruction, thread, threads); return true;
    case abi.OPCODE_FAST_CONVOLUTION: fastConvolution(instruction, thread, threads); return true;
    case abi.OPCODE_FAST_GRADIENT: fastGradient(instruction, thread, threads); return true;
    case abi.OPCODE_FAST_FILTER_GRAD: fastFilterGrad(instruction, thread, threads); return true;
    case abi.OPCODE_NARROW_CONV: narrowConv(instruction, thread, threads); return true;
    case abi.OPCODE_NARROW_FILTER_GRAD: narrowFilterGrad(instruction, thread, threads); return true;
    case abi.OPCODE_NARROW_INPUT_GRAD: narrowInputGrad(instruction, thread, threads); return true;
    case abi.OPCODE_MATVEC: matvec(instruction, thread, threads); return true;
    default: return false;
  }
}

/** Walks a program of `words` words to its `halt`. Each instruction moves on, so the walk is bounded by the length. */
export function walk(program: usize, words: u32, thread: i32, threads: i32): void {
  let at: u32 = 0;
  let patience = PATIENCE;
  while (at + HEADER_WORDS <= words) {
    const instruction = program + (at << 2);
    const head = word(instruction, 0);
    if ((head & OPCODE_BITS) == abi.OPCODE_HALT) return;
    const length = word(instruction, 4);
    if (length < HEADER_WORDS || length > words - at) {
      report(instruction, abi.ERROR_BAD_INSTRUCTION, 0);
      return;
    }
    let known = true;
    if ((head & SINGLE_BIT) == 0) known = execute(instruction, thread, threads);
    else if (thread == 0) known = execute(instruction, 0, 1);
    if (!known) report(instruction, abi.ERROR_BAD_INSTRUCTION, 0);
    if (head & BARRIER_BIT) patience = meet(threads, patience);
    at += length;
  }
}

/** A worker's life: sleeps until there is a program, walks it, reports, and sleeps again until it is stopped. */
export function work(thread: i32, threads: i32): void {
  let generation: i32 = 0;
  let expectation = EXPECTATION;
  while (true) {
    expectation = expectProgram(thread, generation, expectation);
    generation = awaitProgram(thread, generation);
    if (stopped()) return;
    walk(program(), programWords(), thread, threads);
    finish(generation, threads);
  }
}

/** Walks the program that is put up in the first worker's place, and waits for the others. */
export function lead(generation: i32, threads: i32): void {
  walk(program(), programWords(), 0, threads);
  finish(generation, threads);
  awaitTeam(generation);
}
