/** `deno task bench profile`: where duel's time goes. */
import { DuelError } from "../src/core/errors.ts";
import type { Case } from "./cases.ts";
import { duel } from "./contenders.ts";
import { Field } from "./measure.ts";
import { profileTable, totalOf } from "./profile_table.ts";
import { printMode } from "./run.ts";
import { median } from "./statistics.ts";
import type { ProfiledWork } from "./trace.ts";

/** Rounds of the profiler and of the bare step. */
const rounds = { thorough: 10, quick: 3 } as const;

/**
 * Profiles the cases and prints tables. The profiler walks programs from JavaScript, one call an instruction; how much
 * longer that takes than a real step, which is one call, is said as well.
 * @throws DuelError if duel does not start.
 */
export async function printProfiles(
  cases: readonly Case[],
  native: boolean,
  effort: keyof typeof rounds,
  threads?: number,
): Promise<ProfiledWork[]> {
  const field = new Field();
  const all: ProfiledWork[] = [];
  printMode(native);
  try {
    for (const oneCase of cases) {
      const used = { ...oneCase, threads: threads ?? oneCase.threads };
      const { name, work } = used;
      const program = await field.enter(duel(native), used);
      if (!program) throw new DuelError(`duel does not start for a profile: ${field.missing.get("duel")}`);
      const { profiles } = await program.ask("profile", { work, rounds: rounds[effort] });
      for (const profile of profiles) {
        console.log(`\n${name}, threads: ${used.threads}\n${profileTable(profile).join("\n")}`);
      }
      await program.ask("prepare", { work, cold: false });
      await program.ask("run", { count: rounds[effort] });
      const { ms } = await program.ask("run", { count: rounds[effort] });
      const profiled = profiles.reduce((sum, profile) => sum + totalOf(profile), 0);
      console.log(
        `\n${name}: ${profiled.toFixed(2)} ms in all, profiled; ` +
          `the step itself: ${Math.min(...ms).toFixed(2)} ms at best, ${median(ms).toFixed(2)} ms median`,
      );
      all.push({ name: `${name}, threads: ${used.threads}`, profiles });
    }
  } finally {
    await field.close();
  }
  return all;
}
