/**
 * A sweep is a directory:
 *
 *     sweep.json              what was asked for
 *     settings/NAME.json      all settings of a run
 *     runs/NAME/              the run, as train and eval left it
 *     logs/NAME.txt           what they said
 *     results/NAME.json       how it ended
 *     table.md, table.csv, summary.json, plot.svg
 */
import { join } from "node:path";
import * as v from "valibot";
import { type JsonObject, readConfig, requireSameConfig, writable, writeConfig } from "../checkpoint/config.ts";
import { exists, fileError } from "../core/files.ts";
import { mayDiffer, settingsSchema } from "./settings.ts";
import type { PlannedRun } from "./sweep_plan.ts";

/** Where things of a sweep are. */
export interface SweepPaths {
  readonly root: string;
  readonly file: string;
  settings(name: string): string;
  run(name: string): string;
  log(name: string): string;
  result(name: string): string;
}

/** The paths in the directory of a sweep, whether it exists or not. */
export function sweepPaths(root: string): SweepPaths {
  return {
    root,
    file: join(root, "sweep.json"),
    settings: (name) => join(root, "settings", `${name}.json`),
    run: (name) => join(root, "runs", name),
    log: (name) => join(root, "logs", `${name}.txt`),
    result: (name) => join(root, "results", `${name}.json`),
  };
}

/** JSON has neither infinities nor NaN: `eval` writes them as text. */
const figure = v.union([v.number(), v.pipe(v.picklist(["NaN", "Infinity", "-Infinity"]), v.transform(Number))]);

/** The numbers in a file of `eval`. */
export const figuresSchema = v.array(v.object({
  name: v.string(),
  value: figure,
  floor: v.nullable(figure),
  better: v.picklist(["lower", "higher", "neither"]),
  atLeast: v.boolean(),
}));

/** One of them: a metric of the samples, and what as many real samples have. */
export type Measured = v.InferOutput<typeof figuresSchema>[number];

const resultSchema = v.object({
  status: v.picklist(["done", "failed"]),
  /** Why it failed. */
  reason: v.nullable(v.string()),
  /** What it was to use up. */
  budget: v.object({ steps: v.number(), minutes: v.nullable(v.number()) }),
  /** What it did. */
  steps: v.number(),
  seconds: v.number(),
  metrics: figuresSchema,
});

/** How a run ended. */
export type Result = v.InferOutput<typeof resultSchema>;

/** Makes the directories, and writes the sweep and the settings of its runs. @throws DataError if it can't be written. */
export async function writeSweep(paths: SweepPaths, json: JsonObject, runs: readonly PlannedRun[]): Promise<void> {
  for (const folder of ["settings", "runs", "logs", "results"].map((name) => join(paths.root, name))) {
    await Deno.mkdir(folder, { recursive: true }).catch((error) => {
      throw fileError(error, "make", folder);
    });
  }
  for (const { name, settings } of runs) await writeConfig(paths.settings(name), settings);
  await writeConfig(paths.file, json);
}

/**
 * Sees that the runs that a sweep has made are those that it is asked for now; more may have come.
 * @throws UsageError naming the settings that differ.
 */
export async function requireSameRuns(paths: SweepPaths, runs: readonly PlannedRun[]): Promise<void> {
  for (const { name, settings } of runs) {
    if (!await exists(paths.settings(name))) continue;
    requireSameConfig(paths.run(name), await readConfig(paths.settings(name), settingsSchema), settings, mayDiffer);
  }
}

/** How a run ended, if it has. @throws DataError if the file is damaged. */
export async function readResult(paths: SweepPaths, name: string): Promise<Result | undefined> {
  return await exists(paths.result(name)) ? await readConfig(paths.result(name), resultSchema) : undefined;
}

/** Remembers how a run ended. @throws DataError if it can't be written. */
export async function writeResult(paths: SweepPaths, name: string, result: Result): Promise<void> {
  const metrics = result.metrics.map(({ value, floor, ...rest }) => ({
    ...rest,
    value: writable(value),
    floor: floor === null ? null : writable(floor),
  }));
  await writeConfig(paths.result(name), { ...result, metrics });
}
