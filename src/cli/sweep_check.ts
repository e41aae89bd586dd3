/** What can be known to fail before the first run of a sweep starts. */
import { DuelError, UsageError } from "../core/errors.ts";
import { refuseContradictions } from "./contradictions.ts";
import { requireMetrics } from "./judge.ts";
import { type MetricOfNumber, metricOfNumber } from "./run_judge.ts";
import type { TrainSettings } from "./settings.ts";
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

/**
 * Composes the networks of every run, and finds the metric.
 * @param asked the name of the metric; that which suits the data if undefined.
 * @param others what else is to be measured; everything if undefined.
 * @throws UsageError that names the first run that can't be, or can't be judged so.
 */
export async function requireRunnable(
  runs: readonly PlannedRun[],
  asked: string | undefined,
  others: readonly string[] | undefined,
): Promise<Ranking> {
  const metric = asked ?? (toyOf(runs[0].settings) ? "wasserstein" : "kernel-distance");
  const seen = new Set<string>();
  let found: MetricOfNumber | undefined;
  for (const { name, settings } of runs) {
    const key = compositionOf(settings);
    try {
      refuseContradictions(settings);
      if (seen.has(key)) continue;
      seen.add(key);
      found = await metricOfNumber(settings, metric);
      if (others) requireMetrics(others, toyOf(settings));
      compose(settings);
    } catch (error) {
      if (error instanceof DuelError) throw new UsageError(`${name}: ${error.message}`);
      throw error;
    }
  }
  const { better, source } = found!;
  return { metric, better, measured: others && [...new Set([source, ...others])] };
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
