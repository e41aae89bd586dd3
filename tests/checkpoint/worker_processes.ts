/**
 * What the tests start as processes of their own, to kill them or to race them:
 *
 *     train ROOT SIZE      resumes or starts a run of one-tensor states and goes on until killed
 *     create RUNS NAME N   makes N runs, one after the other
 */
import {
  latestCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  writeCheckpoint,
} from "../../src/checkpoint/checkpoints.ts";
import { LogFile } from "../../src/checkpoint/log_file.ts";
import { createRun, runPaths } from "../../src/checkpoint/run_directory.ts";
import { DuelError } from "../../src/core/errors.ts";

/** The state after `step`: each value is the step. */
export function stateAt(step: number, size: number): Map<string, { shape: number[]; data: Float32Array }> {
  return new Map([["w", { shape: [size], data: new Float32Array(size).fill(step) }]]);
}

async function train(root: string, size: number): Promise<void> {
  const paths = runPaths(root);
  const isResumed = (await listCheckpoints(paths.checkpoints)).length > 0;
  const first = isResumed ? (await latestCheckpoint(paths.checkpoints, console.log)).step : 0;
  using log = LogFile.open(paths.log, first);
  for (let step = first + 1;; step++) {
    log.append({ kind: "step", step, losses: { D: step }, imagesPerSecond: 1, seconds: step });
    await writeCheckpoint(paths.checkpoints, step, stateAt(step, size), {});
    await pruneCheckpoints(paths.checkpoints, 0);
    console.log(step);
  }
}

if (import.meta.main) {
  const [command, path, ...rest] = Deno.args;
  try {
    if (command === "train") await train(path, Number(rest[0]));
    for (let i = 0; command === "create" && i < Number(rest[1]); i++) {
      console.log((await createRun({ runs: path, name: rest[0] }, { model: rest[0] })).root);
    }
  } catch (error) {
    if (!(error instanceof DuelError)) throw error;
    console.error(error.message);
    Deno.exit(error.exitCode);
  }
}
