/**
 * A program in the making. Lowering speaks of values, not of addresses: a pointer operand holds a *virtual* address, a
 * value's number and a distance in bytes from its start, until memory planning has given every value its place.
 */
import { InternalError } from "../core/errors.ts";
import { type Fields, type Instruction, instructions, type Mnemonic, type Operands } from "./instructions.ts";
import type { RegionName } from "./plan.ts";

/** Index of a value. */
export type ValueId = number;

/** A value before it has an address. */
export interface DraftValue {
  readonly label: string;
  readonly region: RegionName;
  /** Size in bytes. */
  readonly bytes: number;
  /** Distance in bytes from the start of its region; in the arena it is planned, everywhere else given. */
  readonly offset?: number;
}

export interface DraftInstruction {
  readonly instruction: Instruction;
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
  readonly label: string;
  readonly flops: number;
}

const VALUE_STEP = 2 ** 32;

/** The virtual address `bytes` behind the start of a value. */
export function addressOf(value: ValueId, bytes = 0): number {
  return (value + 1) * VALUE_STEP + bytes;
}

/** What a virtual address points into; undefined for 0, the null pointer. */
function pointee(address: number): ValueId | undefined {
  return address === 0 ? undefined : Math.floor(address / VALUE_STEP) - 1;
}

/** Work below this many element steps (about 3 µs) is left to one thread: meeting the others would take longer. */
const SINGLE_THREAD_STEPS = 32768;

/** Names of pointer operands that are written. `scratch` is neither: each thread has its own piece. */
const written: ReadonlySet<string> = new Set(["out", "target", "outputs.pointer"]);

/** Calls `visit` for every pointer operand of an instruction, with a setter. */
function eachPointer(
  { mnemonic, operands }: Instruction,
  visit: (name: string, address: number, set: (address: number) => void) => void,
): void {
  const walk = (fields: Fields, record: Record<string, number>, prefix: string) => {
    for (const [name, type] of Object.entries(fields)) {
      if (type === "pointer") visit(prefix + name, record[name], (address) => record[name] = address);
    }
  };
  const schema: { fields: Fields; lists?: Readonly<Record<string, { fields: Fields }>> } = instructions[mnemonic];
  walk(schema.fields, operands as Record<string, number>, "");
  for (const [name, list] of Object.entries(schema.lists ?? {})) {
    const records = (operands as unknown as Record<string, Record<string, number>[]>)[name];
    for (const record of records) walk(list.fields, record, `${name}.`);
  }
}

/** Replaces virtual addresses by real ones; `scratch` operands become the start of the scratch region. */
export function resolve(instruction: Instruction, begin: (value: ValueId) => number, scratch: number): Instruction {
  const copy = structuredClone(instruction);
  eachPointer(copy, (name, address, set) => {
    if (name === "scratch") return set(scratch);
    const value = pointee(address);
    if (value !== undefined) set(begin(value) + address - addressOf(value));
  });
  return copy;
}

/** Collects the values and instructions of one program, in the order in which they will run. */
export class ProgramBuilder {
  readonly values: DraftValue[] = [];
  readonly instructions: DraftInstruction[] = [];
  /** Bytes of scratch a thread needs. */
  scratchBytes = 0;
  /** The layer that following instructions work for. */
  label = "";

  /** Adds a value and returns its number. */
  value(value: DraftValue): ValueId {
    this.values.push(value);
    return this.values.length - 1;
  }

  /** A value of the arena. */
  temporary(label: string, elements: number): ValueId {
    return this.value({ label, region: "arena", bytes: 4 * elements });
  }

  /**
   * Appends an instruction. What it reads and writes follows from its pointer operands.
   * @param steps how many element steps it takes; few of them are left to one thread.
   */
  emit<M extends Mnemonic>(
    mnemonic: M,
    operands: Operands<M>,
    { steps, flops = 0, scratchBytes = 0 }: { steps: number; flops?: number; scratchBytes?: number },
  ): void {
    const single = steps < SINGLE_THREAD_STEPS;
    const instruction = { mnemonic, single, barrier: false, operands } as unknown as Instruction;
    const reads = new Set<ValueId>();
    const writes = new Set<ValueId>();
    eachPointer(instruction, (name, address) => {
      if (name === "scratch") return;
      const value = pointee(address);
      if (value === undefined) return;
      if (!this.values[value]) throw new InternalError(`${mnemonic}.${name} points at no value`);
      (written.has(name) ? writes : reads).add(value);
    });
    this.scratchBytes = Math.max(this.scratchBytes, scratchBytes);
    this.instructions.push({ instruction, reads: [...reads], writes: [...writes], label: this.label, flops });
  }
}
