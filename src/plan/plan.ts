/** A planned program: every value has its place, every instruction its operands. This is what gets verified and run. */
import type { Instruction } from "./instructions.ts";

/**
 * The parts of the shared memory, in address order. program and constants are never written by a program; state holds
 * the Store's slots, inputs what the host fills before a run, arena all other values, scratch one piece a thread.
 */
export type RegionName = "program" | "constants" | "state" | "inputs" | "arena" | "scratch";

/** Byte addresses, [begin, end). */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

export interface PlannedValue {
  /** For people: the tensor and layer it stands for. */
  readonly label: string;
  readonly region: RegionName;
  readonly range: Range;
}

/** An instruction and the values it may touch, by index into `Plan.values`. */
export interface PlannedInstruction {
  readonly instruction: Instruction;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** The layer it works for: profiles and errors show it. */
  readonly label: string;
  /** Floating-point operations, for speed figures (a multiply-add counts two). */
  readonly flops: number;
}

/**
 * A straight-line program. A value lives from the first instruction that writes it (or from the start: constants,
 * state, inputs) to the last that names it (or to the end: state and outputs). Values whose lives meet do not overlap,
 * except that a `map` may write an output over an input of exactly the same range that it reads element by element
 * and that no later instruction reads.
 */
export interface Plan {
  readonly name: string;
  readonly regions: Readonly<Record<RegionName, Range>>;
  readonly values: readonly PlannedValue[];
  readonly instructions: readonly PlannedInstruction[];
  /** Values that the host reads after the run. */
  readonly outputs: ReadonlyMap<string, number>;
  /** Values that the host fills before it. */
  readonly inputs: ReadonlyMap<string, number>;
  /** Bytes of scratch each thread needs; piece t of the region starts at begin + t·scratchStride. */
  readonly scratchStride: number;
  readonly threads: number;
}
