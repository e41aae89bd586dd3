/**
 * The memory below the planned regions: what the host and the team tell each other, and each thread's workbench.
 * `scripts/build.ts` turns these numbers into constants of the kernels (`assembly/abi.gen.ts`).
 *
 *     0          never used, so that address 0 can mean "none"
 *     64         the control block, below
 *     1 KiB      constant tables of the kernels
 *     8 KiB      one workbench a thread: descriptors of the pointwise interpreter, partial sums
 *     576 KiB    the planned regions begin (`ARENA_BASE`)
 */

/**
 * Byte addresses of the control block's words. Words that threads contend for have a cache line of their own.
 * All are 32 bits wide except `error`, which has 64.
 */
export const control = {
  /** Raised by the host to start a run (or, with `stop` set, to end the team); workers but the first sleep on it. */
  generation: 64,
  /** The same for the first worker, whose part the host may play. */
  leaderGeneration: 96,
  /** Workers that have finished the present run. */
  done: 128,
  /** The generation whose run is over; written by the last worker, awaited by the host. */
  finished: 192,
  /** Workers that have arrived at the present barrier. */
  barrierArrived: 256,
  /** Workers that sleep at the present barrier. */
  barrierSleepers: 260,
  /** Barriers passed; those who wait watch it. */
  barrierRound: 320,
  /** Byte address of the program to run, and its length in words. */
  program: 384,
  programWords: 388,
  /** 1: workers return from `work` when the generation changes. */
  stop: 392,
  /** Key and draw number of the random numbers. */
  seedLow: 396,
  seedHigh: 400,
  draw: 404,
  /** 1: another program is likely to follow soon, so workers look for it a while before they sleep. */
  hurry: 408,
  /** 1: V8 pairs 128-bit operations into 256-bit ones, so register tiles are twice as wide. */
  paired: 416,
  /** Raised by a thread that fails; the others then leave the barriers that it will not reach. */
  failed: 412,
  /**
   * The first error of a run, in program order: word offset of the instruction << 36 | code << 32 | detail;
   * all ones when there is none.
   */
  error: 448,
} as const;

/** What went wrong in an instruction. */
export const errorCodes = {
  /** Unknown opcode, a length that leaves the program, or more operands than the kernel can hold. */
  badInstruction: 1,
  /** An index that is not a whole number inside its range; the detail is its position in the list of indices. */
  badIndex: 2,
} as const;

/** First byte of the constant tables; `scripts/build.ts` checks that they end before the workbenches. */
export const TABLES_BASE = 1024;
export const WORKBENCH_BASE = 8192;
export const WORKBENCH_STRIDE = 8192;
export const MAX_THREADS = 64;
/** Planned regions begin here: a page boundary beyond the last workbench. */
export const ARENA_BASE = 9 * 65536;

/** Largest numbers of inputs, registers and (in `reduce`) outputs of an expression: what a workbench can describe. */
export const MAX_INPUTS = 64;
export const MAX_REGISTERS = 64;
export const MAX_OUTPUTS = 16;
