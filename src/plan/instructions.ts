/**
 * The instruction set of the WASM backend, described once.
 *
 * From this table come the encoder and decoder (`encode.ts`), the field offsets that the kernels read
 * (`assembly/abi.gen.ts`, written by `scripts/build.ts`) and the operands that the footprints (`footprints.ts`) and
 * the verifier talk about. A program is a list of 32-bit words:
 *
 *     word 0   opcode | team << 8 | barrier << 9        team 0: all threads, 1: thread 0 alone
 *     word 1   length of the instruction in words
 *     word 2…  the fields in the order below, then the records of each list
 *
 * Field types: `pointer` byte address · `size` count of elements · `stride` signed distance in elements ·
 * `int` signed number · `enum` small code · `float` bits of a float32.
 */
import { contraction } from "./instructions/contraction.ts";
import { fast } from "./instructions/fast.ts";
import { fewChannels } from "./instructions/few_channels.ts";
import { movement } from "./instructions/movement.ts";
import { pointwise } from "./instructions/pointwise.ts";
import { resampling } from "./instructions/resampling.ts";
import type { Fields, InstructionSchema } from "./instructions/schema.ts";

export { type Fields, type FieldType, type InstructionSchema, MAX_AXES } from "./instructions/schema.ts";

export const instructions = {
  /** Ends the program. */
  halt: { opcode: 0, fields: {} },
  ...pointwise,
  ...movement,
  ...contraction,
  ...fast,
  ...fewChannels,
  ...resampling,
} as const satisfies Record<string, InstructionSchema>;

export type Mnemonic = keyof typeof instructions;

type Values<F extends Fields> = { -readonly [K in keyof F]: number };
type Lists<L> = { [K in keyof L]: L[K] extends { fields: infer F extends Fields } ? Values<F>[] : never };

/** The operands of one kind of instruction, by name: its fields, and its lists of records. */
export type Operands<M extends Mnemonic> =
  & Values<(typeof instructions)[M]["fields"]>
  & ((typeof instructions)[M] extends { lists: infer L } ? Lists<L> : unknown);

/** One decoded instruction. `single`: thread 0 alone runs it. `barrier`: all threads meet after it. */
export type Instruction<M extends Mnemonic = Mnemonic> = {
  [K in M]: { mnemonic: K; single: boolean; barrier: boolean; operands: Operands<K> };
}[M];
