/** What only new processes can tell: how long a first step takes from the start, and how much memory steps need. */
import { DuelError } from "../src/core/errors.ts";
import type { Case } from "./cases.ts";
import type { Contender } from "./contenders.ts";
import { type Sample, startFirst } from "./measure.ts";
import type { BenchProgram } from "./program.ts";
import { median } from "./statistics.ts";

/** The step whose time is compared with a steady one, counted from one. */
const WATCHED = 5;
/** Steps after it, and how many of these, the last ones, count as steady. */
const SETTLING = 14;
const STEADY = 8;
/** Steps whose memory is measured. */
const MEMORY_STEPS = 4;

/** Starts a contender that was started before. */
async function restart(contender: Contender, oneCase: Case): Promise<BenchProgram> {
  const program = await startFirst(contender.starts(oneCase));
  if (typeof program === "string") throw new DuelError(`${contender.name} starts no more: ${program}`);
  return program;
}

/**
 * Milliseconds from the start of a process to the end of its first step, `rounds` times for each contender in turns;
 * and whether the fifth step is as quick as those after it. What a process reads comes from the system's cache: the
 * contenders have been started before.
 */
export async function coldStarts(
  contenders: readonly Contender[],
  oneCase: Case,
  rounds: number,
): Promise<Sample[]> {
  const turns = contenders.map((contender) => ({
    contender,
    implementation: contender.name,
    variant: "",
    ms: [] as number[],
    fifth: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const turn of turns) {
      const start = performance.now();
      const program = await restart(turn.contender, oneCase);
      turn.implementation = program.implementation;
      ({ variant: turn.variant } = await program.ask("prepare", { work: oneCase.work, cold: true }));
      await program.ask("run", { count: 1 });
      turn.ms.push(performance.now() - start);
      const { ms } = await program.ask("run", { count: WATCHED - 1 + SETTLING });
      turn.fifth.push(ms[WATCHED - 2] / median(ms.slice(-STEADY)));
      await program.close();
    }
  }
  return turns.map(({ implementation, variant, ms, fifth }) => ({
    implementation,
    variant,
    ms,
    fifthOverSteady: median(fifth),
  }));
}

/** The most memory that a process of each contender has had after a few steps. */
export async function peaks(contenders: readonly Contender[], oneCase: Case): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const contender of contenders) {
    const program = await restart(contender, oneCase);
    const { implementation } = program;
    const { variant } = await program.ask("prepare", { work: oneCase.work, cold: true });
    const { ms } = await program.ask("run", { count: MEMORY_STEPS });
    const { mebibytes } = await program.ask("peak", {});
    await program.close();
    samples.push({ implementation, variant, ms, peakMiB: mebibytes });
  }
  return samples;
}
