/** How far the runs of a sweep are, and whether that suits what is asked for now. */
import { readLog } from "../checkpoint/log_file.ts";
import { runPaths } from "../checkpoint/run_directory.ts";
import { UsageError } from "../core/errors.ts";
import { duration } from "./progress.ts";
import { readResult, type Result, type SweepPaths } from "./sweep_directory.ts";
import type { PlannedRun } from "./sweep_plan.ts";
import { exists } from "../core/files.ts";
import { countText } from "./text.ts";

/** What a run has done so far. */
export interface RunProgress {
  readonly steps: number;
  /** Of training. */
  readonly seconds: number;
  /** Of training, when the last step began: a run ends with the step that its time is up in. */
  readonly secondsBefore: number;
}

/** What the run in a directory has done so far; nothing if it failed before it had a log, or is not there. */
export function progressOf(root: string): RunProgress {
  try {
    const [last, before] = readLog(runPaths(root).log).filter((record) => record.kind === "step").toReversed();
    return { steps: last?.step ?? 0, seconds: last?.seconds ?? 0, secondsBefore: before?.seconds ?? 0 };
  } catch {
    return { steps: 0, seconds: 0, secondsBefore: 0 };
  }
}

/**
 * Sees that no run has been trained for longer than it is asked for now: it would count as one of the smaller budget.
 * @param minutes of training, for each run; null if only steps end it.
 * @throws UsageError that names the first one that has.
 */
export async function requireBudget(
  paths: SweepPaths,
  runs: readonly PlannedRun[],
  minutes: number | null,
): Promise<void> {
  for (const run of runs) {
    const result = await readResult(paths, run.name);
    if (result && hasBudget(result, run, minutes)) continue;
    const { steps, seconds, secondsBefore } = progressOf(paths.run(run.name));
    const tooMany = steps > run.settings.steps;
    const tooLong = minutes !== null && secondsBefore >= 60 * minutes;
    if (!tooMany && !tooLong) continue;
    const budget = tooMany ? `${countText(run.settings.steps)} steps` : duration(60_000 * minutes!);
    throw new UsageError(
      `${paths.run(run.name)} has been trained for ${countText(steps)} steps in ${duration(1000 * seconds)}, and the ` +
        `budget is ${budget}; ask for as much at least, or start another sweep with --out`,
    );
  }
}

/** What of a sweep is there already. */
export interface SweepState {
  /** How runs ended that are finished: they have all their numbers, or failed and are not to be tried again. */
  readonly results: Map<string, Result>;
  /** Names of the runs that are trained and lack numbers. */
  readonly trained: ReadonlySet<string>;
}

/**
 * Reads what is there already with the same budget.
 * @param numbers by the name of a run, the names of the numbers that it is to have.
 * @param retry whether failed runs are to be tried again.
 */
export async function stateOfSweep(
  paths: SweepPaths,
  runs: readonly PlannedRun[],
  minutes: number | null,
  numbers: ReadonlyMap<string, readonly string[]>,
  retry: boolean,
): Promise<SweepState> {
  const results = new Map<string, Result>();
  const trained = new Set<string>();
  for (const run of runs) {
    const { name } = run;
    const result = await readResult(paths, name);
    if (!result || !hasBudget(result, run, minutes)) continue;
    const found = new Set(result.metrics.map(({ name }) => name));
    const judged = numbers.get(name)!.every((number) => found.has(number));
    if (result.status === "failed" ? !retry : judged) results.set(name, result);
    else if (result.status === "done" && await exists(runPaths(paths.run(name)).config)) trained.add(name);
  }
  return { results, trained };
}

function hasBudget({ budget }: Result, { settings }: PlannedRun, minutes: number | null): boolean {
  return budget.steps === settings.steps && budget.minutes === minutes;
}
