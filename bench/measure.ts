/** Interleaved measurement: contenders take turns in short blocks, so that a busy moment of the machine hits all. */
import type { Case } from "./cases.ts";
import type { Contender } from "./contenders.ts";
import { BenchProgram } from "./program.ts";

export interface Effort {
  /** Milliseconds of repetitions before the first measured one: V8 moves kernels to its optimising tier meanwhile. */
  readonly warmUpMs: number;
  readonly blockMs: number;
  readonly blocks: number;
}

/** Milliseconds of every repetition of one contender. */
export interface Sample {
  readonly implementation: string;
  readonly variant: string;
  readonly ms: readonly number[];
  /** The most memory that its process ever had, where that was measured. */
  readonly peakMiB?: number;
  /** How long the fifth step after a start took, as a share of a steady one, where that was measured. */
  readonly fifthOverSteady?: number;
  /** Mean time as a share of the bare step's, where both were measured. */
  readonly overBareStep?: number;
  /** From the start of the process to the end of the first step, where that was measured beside other times. */
  readonly firstStepMs?: number;
}

/** Keeps one process for each contender and environment, for as long as the benchmark runs. */
export class Field {
  readonly #programs = new Map<string, Promise<BenchProgram | string>>();
  /** Why contenders are missing, by name. */
  readonly missing = new Map<string, string>();

  /** The contender's process, or undefined if it cannot run. */
  async enter(contender: Contender, oneCase: Case): Promise<BenchProgram | undefined> {
    const starts = contender.starts(oneCase);
    const key = JSON.stringify(starts);
    let program = this.#programs.get(key);
    if (!program) this.#programs.set(key, program = startFirst(starts));
    const started = await program;
    if (typeof started !== "string") return started;
    this.missing.set(contender.name, started);
    return undefined;
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    for (const program of await Promise.all(this.#programs.values())) {
      if (typeof program !== "string") await program.close();
    }
  }
}

/** The first that starts, or why the last one did not. */
export async function startFirst(starts: ReturnType<Contender["starts"]>): Promise<BenchProgram | string> {
  let program: BenchProgram | string = "it has no way to start";
  for (const start of starts) {
    program = await BenchProgram.start(start);
    if (typeof program !== "string") return program;
  }
  return program;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Measures one piece of work on programs that can do it, in turns. */
export async function measure(
  programs: readonly BenchProgram[],
  { work }: Case,
  { warmUpMs, blockMs, blocks }: Effort,
): Promise<Sample[]> {
  const turns = [];
  for (const program of programs) {
    const { variant } = await program.ask("prepare", { work, cold: false });
    let last: readonly number[] = [];
    for (let spent = 0; spent < warmUpMs || last.length === 0; spent += total(last)) {
      ({ ms: last } = await program.ask("run", { count: 1 }));
    }
    turns.push({ program, variant, count: Math.max(1, Math.round(blockMs / last[0])), ms: [] as number[] });
  }
  for (let block = 0; block < blocks; block++) {
    for (const { program, count, ms } of turns) ms.push(...(await program.ask("run", { count })).ms);
  }
  return turns.map(({ program, variant, ms }) => ({ implementation: program.implementation, variant, ms }));
}
