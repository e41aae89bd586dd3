/** Runs the benchmark: measures cases one by one and prints what comes out. */
import { availableParallelism } from "node:os";
import { DuelError } from "../src/core/errors.ts";
import type { Case } from "./cases.ts";
import { type Contender, duel, peers } from "./contenders.ts";
import { type Effort, Field, measure } from "./measure.ts";
import { profileTable } from "./profile_table.ts";
import type { BenchProgram } from "./program.ts";
import { type BenchRecord, heading, recordOf, tableLines } from "./records.ts";

const efforts = {
  thorough: { warmUpMs: 600, blockMs: 250, blocks: 8 },
  quick: { warmUpMs: 300, blockMs: 100, blocks: 3 },
} as const satisfies Record<string, Effort>;

/** Load average a core, from which on others disturb the measurement. */
const BUSY = 0.6;
const PROFILE_ROUNDS = 10;
const PROFILE_LONGEST = 30;

function printMode(native: boolean): void {
  console.log(`duel in ${native ? "native-speed mode" : "safe mode, without V8 flags"}`);
  const [load] = Deno.loadavg();
  if (load > BUSY * availableParallelism()) {
    console.log(`the computer is busy (load ${load.toFixed(1)}): best times may mislead, medians and ratios do`);
  }
}

/** @throws DuelError if duel itself does not start. */
async function enterDuel(field: Field, contender: Contender, oneCase: Case): Promise<BenchProgram> {
  const program = await field.enter(contender, oneCase);
  if (!program) throw new DuelError(`duel does not start for a measurement: ${field.missing.get(contender.name)}`);
  return program;
}

/** Measures the cases on duel and, if asked for, on the peers that can do them; prints the table as it grows. */
export async function compare(
  cases: readonly Case[],
  native: boolean,
  withPeers: boolean,
  effort: keyof typeof efforts,
): Promise<BenchRecord[]> {
  const field = new Field();
  const self = duel(native);
  const records: BenchRecord[] = [];
  let roof = 0;
  printMode(native);
  try {
    for (const oneCase of cases) {
      const programs = [await enterDuel(field, self, oneCase)];
      for (const peer of withPeers ? peers : []) {
        const program = peer.kinds.includes(oneCase.work.kind) ? await field.enter(peer, oneCase) : undefined;
        if (program) programs.push(program);
      }
      const now = await programs[0].ask("roof", {});
      // Others may use the cores as well: the highest roof seen is the one that counts.
      roof = Math.max(roof, now.gflops);
      if (records.length === 0) {
        console.log(`roof of a thread: ${now.gflops.toFixed(0)} GFLOP/s, ${now.gigabytes.toFixed(1)} GB/s copied`);
        console.log(`GFLOP/s and share of the roof at the best time; speed-up of duel by medians\n\n${heading}`);
      }
      const samples = await measure(programs, oneCase, efforts[effort]);
      const lines = samples.map((sample) => recordOf(oneCase, sample, native ? "native" : "safe", roof));
      console.log(tableLines(lines, samples).join("\n"));
      records.push(...lines);
    }
  } finally {
    await field.close();
  }
  for (const { name, install } of peers) {
    const reason = field.missing.get(name);
    if (reason !== undefined) console.log(`\n${name} is missing (${reason}); to install it: ${install}`);
  }
  const most = Math.max(...cases.map(({ threads }) => threads));
  if (availableParallelism() < most) {
    console.log(`\nthis computer cannot run ${most} threads at once: trust none above`);
  }
  return records;
}

/** Prints where duel's time goes. */
export async function printProfiles(cases: readonly Case[], native: boolean, threads?: number): Promise<void> {
  const field = new Field();
  printMode(native);
  try {
    for (const oneCase of cases) {
      const used = { ...oneCase, threads: threads ?? oneCase.threads };
      const program = await enterDuel(field, duel(native), used);
      const { profiles } = await program.ask("profile", { work: used.work, rounds: PROFILE_ROUNDS });
      for (const one of profiles) {
        console.log(`\n${used.name}, threads: ${used.threads}\n${profileTable(one, PROFILE_LONGEST).join("\n")}`);
      }
    }
  } finally {
    await field.close();
  }
}
