/** `deno task bench profile`: where duel's time goes. */
import { DuelError } from "../src/core/errors.ts";
import type { Case } from "./cases.ts";
import { duel } from "./contenders.ts";
import { Field } from "./measure.ts";
import { profileTable, totalOf } from "./profile_table.ts";
import { printMode } from "./run.ts";
import { median } from "./statistics.ts";
import type { ProfiledWork } from "./trace.ts";

/** Milliseconds that a profile may take, and the fewest and most rounds: short steps need many for a quiet one. */
const budgets = { thorough: 5000, quick: 600 } as const;
const fewest = 3;
const most = 200;

/**
 * Profiles the cases and prints tables. The profiler walks programs from JavaScript, one call an instruction, on threads
 * that are awake. A real step is one call for all of them, which wakes the team; its time is said beside the sum.
 * @throws DuelError if duel does not start.
 */
export async function printProfiles(
  cases: readonly Case[],
  native: boolean,
  effort: keyof typeof budgets,
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
      await program.ask("prepare", { work, cold: false });
      const { ms: [, last] } = await program.ask("run", { count: 2 });
      const rounds = Math.min(most, Math.max(fewest, Math.round(budgets[effort] / last)));
      await program.ask("run", { count: rounds });
      const { ms } = await program.ask("run", { count: rounds });
      const { profiles } = await program.ask("profile", { work, rounds });
      for (const profile of profiles) {
        console.log(`\n${name}, threads: ${used.threads}\n${profileTable(profile).join("\n")}`);
      }
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
