/** Programs put together by hand: values get addresses one after the other, instructions name what they touch. */
import { ARENA_BASE } from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import type { Instruction, Mnemonic, Operands } from "../../src/plan/instructions.ts";
import type { Plan, PlannedInstruction, PlannedValue, Range, RegionName } from "../../src/plan/plan.ts";

/** A program as the verifier gets it. */
export interface Sample {
  readonly plan: Plan;
  readonly words: Uint32Array;
}

/** Bytes of scratch for each thread: enough for the widest expression and the largest blocks of the cases. */
export const SCRATCH_STRIDE = 512 * 1024;

const THREADS = 3;
const sizes: Readonly<Record<RegionName, number>> = {
  program: 256 * 1024,
  constants: 64 * 1024,
  state: 4 * 1024 * 1024,
  inputs: 1024 * 1024,
  arena: 4 * 1024 * 1024,
  scratch: THREADS * SCRATCH_STRIDE,
};

function regionsFrom(begin: number): Record<RegionName, Range> {
  const regions: Partial<Record<RegionName, Range>> = {};
  for (const name of ["program", "constants", "state", "inputs", "arena", "scratch"] as const) {
    regions[name] = { begin, end: begin + sizes[name] };
    begin += sizes[name];
  }
  return regions as Record<RegionName, Range>;
}

export class Sketch {
  readonly regions = regionsFrom(ARENA_BASE);
  readonly values: PlannedValue[] = [];
  readonly #instructions: PlannedInstruction[] = [];
  readonly #outputs = new Map<string, number>();
  readonly #inputs = new Map<string, number>();
  readonly #next = Object.fromEntries(
    Object.entries(this.regions).map(([name, { begin }]) => [name, begin]),
  ) as Record<RegionName, number>;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  get scratch(): { readonly scratch: number; readonly scratchStride: number } {
    return { scratch: this.regions.scratch.begin, scratchStride: SCRATCH_STRIDE };
  }

  /** A new value behind all others of its region. */
  value(label: string, region: RegionName, elements: number): number {
    const begin = this.#next[region];
    this.#next[region] = begin + Math.ceil(elements / 4) * 16;
    if (this.#next[region] > this.regions[region].end) throw new RangeError(`the sketch's ${region} is full`);
    const index = this.overlay(label, region, begin, elements);
    if (region === "inputs") this.#inputs.set(label, index);
    return index;
  }

  /** A value at a given address, for instance where another one has died. */
  overlay(label: string, region: RegionName, begin: number, elements: number): number {
    return this.values.push({ label, region, range: { begin, end: begin + 4 * elements } }) - 1;
  }

  /** The address of element `element` of a value. */
  at(value: number, element = 0): number {
    return this.values[value].range.begin + 4 * element;
  }

  emit<M extends Mnemonic>(
    mnemonic: M,
    operands: Operands<M>,
    reads: readonly number[],
    writes: readonly number[],
    { single = false, barrier = true } = {},
  ): void {
    this.add({ mnemonic, single, barrier, operands } as unknown as Instruction, reads, writes);
  }

  add(instruction: Instruction, reads: readonly number[], writes: readonly number[]): void {
    this.#instructions.push({
      instruction,
      reads,
      writes,
      label: `${this.name}/${this.#instructions.length}`,
      flops: 0,
    });
  }

  output(name: string, value: number): void {
    this.#outputs.set(name, value);
  }

  finish(): Sample {
    const plan: Plan = {
      name: this.name,
      regions: this.regions,
      values: this.values,
      instructions: this.#instructions,
      outputs: this.#outputs,
      inputs: this.#inputs,
      scratchStride: SCRATCH_STRIDE,
      threads: THREADS,
    };
    return { plan, words: encode(this.#instructions.map(({ instruction }) => instruction)) };
  }
}
