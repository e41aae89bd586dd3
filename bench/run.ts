/** Runs the benchmark: measures cases one by one and prints what comes out. */
import { availableParallelism } from "node:os";
import { DuelError } from "../src/core/errors.ts";
import type { Case } from "./cases.ts";
import { type Contender, duel } from "./contenders.ts";
import { coldStarts, peaks } from "./fresh.ts";
import { runTrain } from "./loop.ts";
import { type Effort, Field, measure, type Sample } from "./measure.ts";
import { type BenchRecord, footnote, heading, type Mode, recordOf, tableLines } from "./records.ts";
import { measureRoofs, modeNames, type Roof, roofLines, roofRecords } from "./roofs.ts";
import { mean } from "./statistics.ts";
import { comparisons, type Outcome, summaryLines } from "./summary.ts";

interface Thoroughness extends Effort {
  readonly roofs: number;
  readonly starts: number;
  readonly trainSteps: number;
}

const efforts = {
  thorough: { warmUpMs: 600, blockMs: 250, blocks: 8, roofs: 5, starts: 4, trainSteps: 600 },
  quick: { warmUpMs: 300, blockMs: 100, blocks: 3, roofs: 2, starts: 2, trainSteps: 120 },
} as const satisfies Record<string, Thoroughness>;

/** Load average a core, from which on others disturb the measurement. */
const BUSY = 0.6;

/** All that was measured. */
export interface Results {
  readonly mode: Mode;
  readonly roofs: readonly Roof[];
  readonly outcomes: readonly Outcome[];
  /** Peers that were asked for and could not run: why, and how to install them. */
  readonly missing: readonly string[];
}

export interface Plan {
  readonly native: boolean;
  readonly peers: readonly Contender[];
  readonly effort: keyof typeof efforts;
}

/** Says in which mode duel runs, and whether others use the computer. */
export function printMode(native: boolean): void {
  console.log(`duel in ${modeNames[native ? "native" : "safe"]}`);
  const [load] = Deno.loadavg();
  if (load > BUSY * availableParallelism()) {
    console.log(`the computer is busy (load ${load.toFixed(1)}): best times may mislead, medians and ratios do`);
  }
}

/** Measures the cases on duel and on the peers that can do them; prints the table as it grows, and a summary. */
export async function compare(cases: readonly Case[], { native, peers, effort }: Plan): Promise<Results> {
  const field = new Field();
  const self = duel(native);
  const mode = native ? "native" : "safe";
  const outcomes: Outcome[] = [];
  const thoroughness = efforts[effort];
  printMode(native);
  try {
    const roofs = await measureRoofs(field, native ? ["native", "safe"] : ["safe"], thoroughness.roofs);
    let roof = roofs.find((one) => one.mode === mode)?.gflops.best ?? 0;
    for (const line of roofLines(roofs)) console.log(line);
    console.log(`\n${heading}`);
    for (const oneCase of cases) {
      const entered: Contender[] = [];
      for (const contender of [self, ...peers]) {
        if (contender.can(oneCase) && await field.enter(contender, oneCase)) entered.push(contender);
      }
      if (entered[0] !== self) {
        throw new DuelError(`duel does not start for a measurement: ${field.missing.get(self.name)}`);
      }
      // Others may use the cores as well: the highest roof seen is the one that counts.
      const program = await field.enter(self, oneCase);
      roof = Math.max(roof, (await program!.ask("roof", {})).gflops);
      const samples = await measureCase(field, entered, oneCase, native, thoroughness);
      const records = samples.map((sample) => recordOf(oneCase, sample, mode, roof));
      console.log(tableLines(records, samples).join("\n"));
      outcomes.push({ oneCase, records });
    }
    const missing = peers.filter(({ name }) => field.missing.has(name))
      .map(({ name, install }) => `${name} is missing (${field.missing.get(name)}); to install it: ${install}`);
    const results = { mode, roofs, outcomes, missing } as const;
    printEnd(results, cases);
    return results;
  } finally {
    await field.close();
  }
}

/** Samples of one case, duel's first. */
async function measureCase(
  field: Field,
  contenders: readonly Contender[],
  oneCase: Case,
  native: boolean,
  effort: Thoroughness,
): Promise<Sample[]> {
  const inField = async (blocks: number) => {
    const programs = await Promise.all(contenders.map((contender) => field.enter(contender, oneCase)));
    return await measure(programs.filter((program) => program !== undefined), oneCase, { ...effort, blocks });
  };
  switch (oneCase.suite) {
    case "kernels":
    case "steps":
      return await inField(effort.blocks);
    case "starts":
      return await coldStarts(contenders, oneCase, effort.starts);
    case "memory":
      return await peaks(contenders, oneCase);
    case "loop": {
      const [before] = await inField(Math.ceil(effort.blocks / 2));
      const { startMs, ms } = await runTrain(oneCase, native, effort.trainSteps);
      const [after] = await inField(Math.ceil(effort.blocks / 2));
      const bare = { ...before, ms: [...before.ms, ...after.ms] };
      // Means, because what the loop does now and then is what is asked for.
      return [{ ...bare, ms, overBareStep: mean(ms) / mean(bare.ms), firstStepMs: startMs }, bare];
    }
  }
}

function printEnd({ outcomes, missing }: Results, cases: readonly Case[]): void {
  console.log(`\n${footnote}`);
  const summary = summaryLines(comparisons(outcomes));
  if (summary.length > 0) console.log(`\n${summary.join("\n")}`);
  for (const line of missing) console.log(`\n${line}`);
  const most = Math.max(...cases.map(({ threads }) => threads));
  if (availableParallelism() < most) {
    console.log(`\nthis computer cannot run ${most} threads at once: trust none above`);
  }
}

/** What `--json` holds: the roofs, then all cases in the order in which they were measured. */
export function recordsOf({ roofs, outcomes }: Results): BenchRecord[] {
  return [...roofRecords(roofs), ...outcomes.flatMap(({ records }) => records)];
}
