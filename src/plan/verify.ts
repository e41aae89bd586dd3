/**
 * The proof that a program may run without checks: from its encoded words and the declared footprints of its
 * instructions it follows that every access lies inside a value that the plan names for it, that nothing is read before
 * it is written, that no two live values share memory, that threads do not race, that only state and arena are
 * written, and that every loop ends. `plan.instructions` serves for labels and for the values of each instruction;
 * operands are taken from the words alone.
 */
import { VerifyError } from "../core/errors.ts";
import { decode } from "./encode.ts";
import { type Access, type Footprint, footprint } from "./footprints.ts";
import { refuse } from "./footprints/access.ts";
import type { Instruction } from "./instructions.ts";
import type { Plan } from "./plan.ts";
import { Interval, Written } from "./verify_memory.ts";
import { checkPlan, contains, overlaps, showRange } from "./verify_plan.ts";

/** The value, among those the plan names, that an operand lies in. */
function place(plan: Plan, access: Access, named: readonly number[], verb: "reads" | "writes"): number {
  const index = named.find((index) => contains(plan.values[index].range, access.range));
  if (index !== undefined) return index;
  const values = named.map((index) => `${plan.values[index].label} at ${showRange(plan.values[index].range)}`);
  return refuse(
    `${access.operand} ${verb} ${showRange(access.range)}, expected inside of ${values.join(" or ") || "no value"}`,
  );
}

/** Results go where the instruction reads nothing, or over an operand of which each element is read only for its own. */
function checkAliases({ reads, writes }: Footprint): void {
  writes.forEach((write, i) => {
    const other = writes.slice(0, i).find(({ range }) => overlaps(range, write.range));
    if (other !== undefined) refuse(`${write.operand} and ${other.operand} share memory`);
    for (const read of reads) {
      const inPlace = read.elementwise && read.range.begin === write.range.begin && read.range.end === write.range.end;
      if (!inPlace && overlaps(read.range, write.range)) {
        refuse(`${write.operand} at ${showRange(write.range)} overwrites ${read.operand} at ${showRange(read.range)}`);
      }
    }
  });
}

/** Each thread's scratch is its own piece of the scratch region. */
function checkScratch(plan: Plan, { scratch }: Footprint): void {
  if (scratch === undefined || scratch.bytes === 0) return;
  if (scratch.stride !== plan.scratchStride) {
    refuse(`scratchStride is ${scratch.stride}, expected ${plan.scratchStride} as in all instructions of the program`);
  }
  const { begin } = plan.regions.scratch;
  const piece = { begin, end: begin + plan.scratchStride };
  const used = { begin: scratch.pointer, end: scratch.pointer + scratch.bytes };
  if (used.begin % 4 !== 0 || !contains(piece, used)) {
    refuse(`scratch needs ${showRange(used)}, expected inside of the first thread's ${showRange(piece)}`);
  }
}

/** Follows a program from start to end. */
class Walk {
  readonly #plan: Plan;
  readonly #written: Written;
  readonly #interval = new Interval();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#written = new Written(plan);
  }

  step(instruction: Instruction, at: number): void {
    const plan = this.#plan;
    const named = plan.instructions[at];
    const touched = footprint(instruction);
    checkScratch(plan, touched);
    for (const read of touched.reads) {
      this.#written.require(place(plan, read, named.reads, "reads"), read.range, read.operand);
    }
    const targets = touched.writes.map((write) => place(plan, write, named.writes, "writes"));
    checkAliases(touched);
    this.#interval.add(at, instruction.single, touched.reads, touched.writes, instruction.barrier);
    touched.writes.forEach((write, i) => this.#written.add(targets[i], write));
  }

  end(): void {
    for (const [name, index] of this.#plan.outputs) {
      this.#written.require(index, this.#plan.values[index].range, `output ${name}`);
    }
  }
}

/** Adds to a refusal where it happened. */
function within<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof VerifyError) throw new VerifyError(`${where}: ${error.message}`);
    throw error;
  }
}

function checkWords(plan: Plan, words: Uint32Array): void {
  const { begin, end } = plan.regions.program;
  if (words.byteLength > end - begin) refuse(`${words.byteLength} bytes do not fit into the region program`);
  const program = decode(words);
  const planned = plan.instructions.filter(({ instruction }) => instruction.mnemonic !== "halt").length;
  if (program.length !== planned) refuse(`there are ${program.length} instructions, the plan has ${planned}`);
  const walk = new Walk(plan);
  program.forEach((instruction, i) => {
    const where = `instruction ${i} (${instruction.mnemonic}, ${plan.instructions[i].label})`;
    within(where, () => walk.step(instruction, i));
  });
  walk.end();
}

/**
 * Checks a plan once and returns a function that checks encoded programs against it.
 * @throws VerifyError, here for the plan itself, from the function for the words.
 */
export function verifier(plan: Plan): (words: Uint32Array) => void {
  const where = `program ${plan.name}`;
  within(where, () => checkPlan(plan));
  return (words) => within(where, () => checkWords(plan, words));
}

/**
 * Proves that a program may run.
 * @throws VerifyError in one line: program, instruction, mnemonic, layer, operand, and what is wrong with it.
 */
export function verify(plan: Plan, words: Uint32Array): void {
  verifier(plan)(words);
}
