/** One run of a sweep: a process that trains, then one that judges. */
import { join } from "node:path";
import * as v from "valibot";
import { readConfig } from "../checkpoint/config.ts";
import { runPaths } from "../checkpoint/run_directory.ts";
import { exists, fileError } from "../core/files.ts";
import { type Conducting, type Ended, runLogged } from "./logged_process.ts";
import { figuresSchema, type Measured, type Result, type SweepPaths } from "./sweep_directory.ts";
import type { PlannedRun } from "./sweep_plan.ts";
import { progressOf } from "./sweep_state.ts";

export interface ProcessOptions extends Conducting {
  readonly paths: SweepPaths;
  /** Minutes of training; null if only steps end it. */
  readonly minutes: number | null;
  /** Metrics of each run; all if undefined. */
  readonly measured: readonly string[] | undefined;
  /** Flags of both commands. */
  readonly flags: readonly string[];
}

/**
 * Trains a run, or goes on with it, and judges it.
 * @param trained whether its training is over.
 * @returns undefined if it was interrupted, so that it can go on later.
 * @throws DataError if its log can't be written, when the process has ended.
 */
export async function makeRun(
  run: PlannedRun,
  trained: boolean,
  options: ProcessOptions,
): Promise<Result | undefined> {
  const { paths, minutes } = options;
  const root = paths.run(run.name);
  const budget = { steps: run.settings.steps, minutes };
  const done = () => {
    const { steps, seconds } = progressOf(root);
    return { steps, seconds };
  };
  const failed = ({ reason, interrupted }: Ended): Result | undefined => {
    if (interrupted) return undefined;
    return { status: "failed", reason, budget, ...done(), metrics: [] };
  };
  if (!trained) {
    const training = await runLogged(await trainArguments(run, options), paths.log(run.name), options);
    if (training.code !== 0) return failed(training);
  }
  const out = join(root, "eval.json");
  const metrics = options.measured ? ["--metrics", options.measured.join(",")] : [];
  const args = ["eval", root, ...metrics, "--out", out, "--force", ...options.flags];
  const judged = await runLogged(args, paths.log(run.name), options);
  if (judged.code !== 0) return failed(judged);
  const { metrics: figures } = await readConfig(out, v.object({ metrics: figuresSchema }));
  return { status: "done", reason: null, budget, ...done(), metrics: figures };
}

/** A run with a config is one that can be resumed; what was killed before that starts anew. */
async function trainArguments({ name, settings }: PlannedRun, options: ProcessOptions): Promise<string[]> {
  const { paths, minutes } = options;
  const root = paths.run(name);
  const limits = ["--steps", String(settings.steps), ...minutes === null ? [] : ["--minutes", String(minutes)]];
  if (await exists(runPaths(root).config)) return ["train", "--resume", root, ...limits, ...options.flags];
  await Deno.remove(root, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "remove", root);
  });
  const { data } = settings;
  return [
    ...["train", "--config", paths.settings(name), "--out", root],
    // Said here as well, so that the process is allowed to read and to download them.
    ...["--data", data.name, ...data.dir === null ? [] : ["--data-dir", data.dir]],
    ...limits,
    ...options.flags,
  ];
}

/** The number that runs are ranked by; undefined if a result lacks it. */
export function measuredOf(result: Result | undefined, metric: string): Measured | undefined {
  return result?.metrics.find(({ name }) => name === metric);
}
