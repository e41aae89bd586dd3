/** What can be known to fail before the first run of a sweep starts. */
import { DuelError, UsageError } from "../core/errors.ts";
import { refuseContradictions } from "./contradictions.ts";
import { numbersOf, type RunNumber } from "./run_judge.ts";
import type { TrainSettings } from "./settings.ts";
import { hint } from "./suggest.ts";
import type { PlannedRun } from "./sweep_plan.ts";
import { buildNetworks, foreseenKind } from "./train_networks.ts";
import { toyOf } from "./training_data.ts";

/** What runs are ranked by. */
export interface Ranking {
  readonly metric: string;
  readonly better: "lower" | "higher";
  /** What is measured of each run; everything if undefined. */
  readonly measured: readonly string[] | undefined;
}

/** How the runs of a sweep are judged. */
export interface Judgement {
  readonly ranking: Ranking;
  /** By the name of a run, the names of the numbers that it is to have. */
  readonly numbers: ReadonlyMap<string, readonly string[]>;
}

/**
 * Composes the networks of every run, and finds the numbers that it will have.
 * @param asked the name of the number to rank by; that which suits the data if undefined.
 * @param others the metrics that are to be measured as well; everything if undefined.
 * @throws UsageError that names the first run that can't be, or can't be judged so.
 */
export async function requireRunnable(
  runs: readonly PlannedRun[],
  asked: string | undefined,
  others: readonly string[] | undefined,
): Promise<Judgement> {
  const metric = asked ?? (toyOf(runs[0].settings) ? "wasserstein" : "kernel-distance");
  const known = new Map<string, readonly RunNumber[]>();
  for (const { name, settings } of runs) {
    const key = compositionOf(settings);
    try {
      refuseContradictions(settings);
      if (known.has(key)) continue;
      const numbers = await numbersOf(settings);
      requireRankable(metric, numbers, settings);
      requireMeasurable(others ?? [], numbers, settings);
      compose(settings);
      known.set(key, numbers);
    } catch (error) {
      if (error instanceof DuelError) throw new UsageError(`${name}: ${error.message}`);
      throw error;
    }
  }
  const numbersOfRun = ({ settings }: PlannedRun) => known.get(compositionOf(settings))!;
  const { metric: source, better } = numbersOfRun(runs[0]).find(({ name }) => name === metric)!;
  const measured = others && [...new Set([source, ...others])];
  const wanted = (run: PlannedRun) => numbersOfRun(run).filter(({ metric }) => measured?.includes(metric) ?? true);
  return {
    ranking: { metric, better: better as Ranking["better"], measured },
    numbers: new Map(runs.map((run) => [run.name, wanted(run).map(({ name }) => name)])),
  };
}

/** @throws UsageError unless runs with these numbers can be ranked by this one. */
function requireRankable(metric: string, numbers: readonly RunNumber[], { data }: TrainSettings): void {
  const found = numbers.find(({ name }) => name === metric);
  if (!found) {
    throw noMetric(
      metric,
      numbers.filter(({ better }) => better !== "neither").map(({ name }) => name),
      data,
    );
  }
  if (found.better !== "neither") return;
  throw new UsageError(`${metric} is to be as that of real samples, neither low nor high; runs can't be ranked by it`);
}

/** @throws UsageError for a metric that runs with these numbers do not have. */
function requireMeasurable(
  metrics: readonly string[],
  numbers: readonly RunNumber[],
  { data }: TrainSettings,
): void {
  const possible = [...new Set(numbers.map(({ metric }) => metric))];
  const stranger = metrics.find((name) => !possible.includes(name));
  if (stranger !== undefined) throw noMetric(stranger, possible, data);
}

function noMetric(metric: string, possible: readonly string[], { name }: TrainSettings["data"]): UsageError {
  return new UsageError(
    `there is no metric ${metric} of ${name}; expected one of ${possible.join(", ")}, which samples of these ` +
      `settings have.${hint(metric, possible)}`,
  );
}

/** The settings without what the networks and programs of a run, if they can be composed, take as it comes. */
function compositionOf({ optimizer, ...settings }: TrainSettings): string {
  return JSON.stringify({
    ...settings,
    optimizer: optimizer.name,
    seed: 0,
    average: 0,
    steps: 0,
    discriminatorSteps: 0,
  });
}

function compose(settings: TrainSettings): void {
  const kind = foreseenKind(settings);
  if (kind) buildNetworks(settings, kind, []);
}
