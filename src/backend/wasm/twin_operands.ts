/** What the self-test of native-speed mode puts into memory: programs and random operands. */
import { InternalError } from "../../core/errors.ts";
import { uniforms } from "../../core/random.ts";
import { ARENA_BASE } from "../../plan/control.ts";
import type { Instruction, Mnemonic, Operands } from "../../plan/instructions.ts";

/** The seed of all random numbers in the test. */
export const SEED = 20;
const DATA = ARENA_BASE + 65536;
/** Memory that the test needs. */
export const MEMORY_BYTES = DATA + 2 ** 21;

/** One program with its operands in memory, and what it must give. */
export interface Twin {
  readonly name: string;
  readonly program: readonly Instruction[];
  readonly out: number;
  readonly expected: ArrayLike<number>;
}

/** Hands out memory for operands. */
export class Operand {
  #next = DATA;

  constructor(readonly floats: Float32Array) {}

  /** Room for `count` floats: its byte address. @throws InternalError if the operands do not fit the memory. */
  reserve(count: number): number {
    const address = this.#next;
    this.#next = address + Math.ceil(count / 16) * 64;
    if (this.#next > MEMORY_BYTES) throw new InternalError(`the self-test needs more than ${MEMORY_BYTES} bytes`);
    return address;
  }

  /** Numbers in [−1, 1) and their byte address. */
  random(count: number): { address: number; values: Float32Array } {
    const address = this.reserve(count);
    const values = Float32Array.from(uniforms(count, SEED, "twin", address), (x) => 2 * x - 1);
    this.floats.set(values, address / 4);
    return { address, values };
  }
}

/** An instruction for all threads, without a barrier. */
export function instruction<M extends Mnemonic>(mnemonic: M, operands: Operands<M>): Instruction {
  return { mnemonic, single: false, barrier: false, operands } as unknown as Instruction;
}
