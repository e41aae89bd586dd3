/** Memory planning: live ranges of a program's values, and a place in the arena for each. */
import type { DraftInstruction, ProgramBuilder, ValueId } from "./builder.ts";
import { addressOf } from "./builder.ts";
import type { Instruction, Operands } from "./instructions.ts";
import { broadcastStrides, extentFields, strideFields } from "./space.ts";

/** Values begin at cache lines. */
const ALIGNMENT = 64;

/** Bytes rounded up to whole cache lines: what a value takes in its region. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** The part of the program in which a value must keep its place: indices of instructions, both ends included. */
interface Life {
  first: number;
  last: number;
}

/** Values that share one place because one dies where the next is born. */
interface Tenancy {
  readonly values: ValueId[];
  readonly bytes: number;
  readonly life: Life;
}

export interface ArenaPlan {
  /** Byte offset of each arena value. */
  readonly offsets: ReadonlyMap<ValueId, number>;
  readonly bytes: number;
}

/**
 * Packs the arena: larger values first, each at the lowest offset where nothing alive at the same time lies (greedy by
 * size, as in Pisarchyk & Lee, "Efficient memory management for deep neural net inference", 2020). A pointwise result
 * moves into the place of an operand that dies there.
 * @param kept values that are read after the program.
 */
export function planArena({ values, instructions }: ProgramBuilder, kept: ReadonlySet<ValueId>): ArenaPlan {
  const lives = livesOf(instructions, kept);
  const tenancies = shareInPlace(values, instructions, lives);
  tenancies.sort((a, b) => b.bytes - a.bytes || a.life.first - b.life.first);

  const placed: { readonly tenancy: Tenancy; readonly offset: number }[] = [];
  for (const tenancy of tenancies) {
    const neighbours = placed
      .filter(({ tenancy: { life } }) => life.first <= tenancy.life.last && tenancy.life.first <= life.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of neighbours) {
      if (offset + tenancy.bytes <= other.offset) break;
      offset = Math.max(offset, other.offset + other.tenancy.bytes);
    }
    placed.push({ tenancy, offset });
  }
  return {
    offsets: new Map(placed.flatMap(({ tenancy, offset }) => tenancy.values.map((value) => [value, offset] as const))),
    bytes: placed.reduce((end, { tenancy, offset }) => Math.max(end, offset + tenancy.bytes), 0),
  };
}

function livesOf(instructions: readonly DraftInstruction[], kept: ReadonlySet<ValueId>): Map<ValueId, Life> {
  const lives = new Map<ValueId, Life>();
  instructions.forEach(({ reads, writes }, index) => {
    for (const value of [...reads, ...writes]) {
      const life = lives.get(value);
      if (life) life.last = index;
      else lives.set(value, { first: index, last: index });
    }
  });
  for (const value of kept) {
    const life = lives.get(value);
    if (life) life.last = instructions.length;
  }
  return lives;
}

function shareInPlace(
  values: ProgramBuilder["values"],
  instructions: readonly DraftInstruction[],
  lives: ReadonlyMap<ValueId, Life>,
): Tenancy[] {
  const tenancyOf = new Map<ValueId, Tenancy>();
  const inArena = (value: ValueId) => values[value].region === "arena";
  for (const [value, life] of lives) {
    if (inArena(value)) {
      tenancyOf.set(value, { values: [value], bytes: aligned(values[value].bytes), life: { ...life } });
    }
  }
  instructions.forEach(({ instruction, reads, writes }, index) => {
    if (instruction.mnemonic !== "map") return;
    const dying = reads.filter((value) =>
      inArena(value) && lives.get(value)!.last === index && isReadDensely(instruction, value)
    );
    for (const output of writes) {
      if (!inArena(output) || lives.get(output)!.first !== index) continue;
      const position = dying.findIndex((value) => values[value].bytes === values[output].bytes);
      if (position < 0) continue;
      const [input] = dying.splice(position, 1);
      const host = tenancyOf.get(input)!;
      host.values.push(output);
      host.life.last = Math.max(host.life.last, lives.get(output)!.last);
      tenancyOf.set(output, host);
    }
  });
  return [...new Set(tenancyOf.values())];
}

/** Whether a map reads the whole of a value in the order in which it writes its results. */
function isReadDensely(instruction: Instruction, value: ValueId): boolean {
  const operands = instruction.operands as Operands<"map">;
  const extents = Object.keys(extentFields([])).map((name) => operands[name as "d0"]);
  const dense = strideFields(broadcastStrides(extents, extents));
  return operands.inputs
    .filter(({ pointer }) => addressOf(value) <= pointer && pointer < addressOf(value + 1))
    .every((input) =>
      input.pointer === addressOf(value) &&
      extents.every((extent, axis) => extent === 1 || input[`s${axis}` as "s0"] === dense[`s${axis}` as "s0"])
    );
}
