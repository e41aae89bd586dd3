/** Opening the run that a command is about. */
import { resolve } from "node:path";
import { type Checkpoint, latestCheckpoint, readCheckpoint } from "../checkpoint/checkpoints.ts";
import { newestRun, openRun, type RunPaths } from "../checkpoint/run_directory.ts";
import { isCheckpointPath, runOfCheckpoint, RUNS } from "./run_argument.ts";
import { configSchema, type TrainConfig } from "./settings.ts";

/** A run and one state of it. */
export interface RunInput {
  readonly paths: RunPaths;
  readonly config: TrainConfig;
  readonly checkpoint: Checkpoint;
}

/**
 * Opens a run with its newest whole checkpoint, or with the one that is named.
 * @param run a run directory, a checkpoint in one, or undefined for the newest run.
 * @throws UsageError or DataError if there is none, or if it is damaged.
 */
export async function openRunInput(run: string | undefined, cwd: string): Promise<RunInput> {
  if (run !== undefined && isCheckpointPath(run)) {
    const checkpoint = await readCheckpoint(run);
    return { ...await openRun(runOfCheckpoint(run), configSchema), checkpoint };
  }
  const { paths, config } = await openRun(run ?? await newestRun(resolve(cwd, RUNS)), configSchema);
  const checkpoint = await latestCheckpoint(paths.checkpoints, (line) => console.error(`duel: ${line}`));
  return { paths, config, checkpoint };
}
