/** Footprints of single instructions, for tests that state them. */
import { type Access, footprint } from "../../src/plan/footprints.ts";
import type { Instruction, Mnemonic, Operands } from "../../src/plan/instructions.ts";

/** The footprint of an instruction, told by its operands. */
export function footprintOf<M extends Mnemonic>(mnemonic: M, operands: Operands<M>) {
  return footprint({ mnemonic, single: false, barrier: false, operands } as unknown as Instruction);
}

/** From the first to the last element of each operand, in elements. */
export function floatsOf(accesses: readonly Access[]): Record<string, number> {
  return Object.fromEntries(accesses.map(({ operand, range }) => [operand, (range.end - range.begin) / 4]));
}
