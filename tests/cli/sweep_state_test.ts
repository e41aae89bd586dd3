/** What a sweep finds of itself: runs that are finished, that lack numbers, or that had more than is asked for. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { LogFile } from "../../src/checkpoint/log_file.ts";
import { runPaths } from "../../src/checkpoint/run_directory.ts";
import { UsageError } from "../../src/core/errors.ts";
import { type Result, sweepPaths, writeResult, writeSweep } from "../../src/cli/sweep_directory.ts";
import { readSweepFile } from "../../src/cli/sweep_file.ts";
import { plannedRuns } from "../../src/cli/sweep_plan.ts";
import { requireBudget, stateOfSweep } from "../../src/cli/sweep_state.ts";
import { inFolder } from "./support/duel.ts";

async function runOf(folder: string, budget: { readonly steps?: number; readonly minutes?: number }) {
  const path = join(folder, "file.json");
  Deno.writeTextFileSync(path, JSON.stringify({ base: { data: { name: "ring" } }, ...budget }));
  const file = await readSweepFile(path);
  return { file, runs: plannedRuns(file), minutes: file.minutes ?? null };
}

/** A run that has made a step at each of these seconds of training. */
function writeRun(root: string, seconds: readonly number[]): void {
  const { config, log: path } = runPaths(root);
  Deno.mkdirSync(dirname(config), { recursive: true });
  Deno.writeTextFileSync(config, "{}");
  using log = LogFile.open(path, 0);
  const step = { losses: { D: 1, G: 1 }, accuracy: { real: 1, fake: 1 }, gradients: { D: 1, G: 1 } };
  seconds.forEach((seconds, i) => log.append({ kind: "step", step: i + 1, ...step, imagesPerSecond: 1, seconds }));
}

const result: Result = {
  ...{ status: "done", reason: null, budget: { steps: 3, minutes: 1 }, steps: 3, seconds: 60.2 },
  metrics: [{ name: "wasserstein", value: 1, floor: 0.5, better: "lower", atLeast: false }],
};

Deno.test(
  "a budget that a run has exceeded is refused; the step that its time was up in belongs to it",
  inFolder(async (folder) => {
    const paths = sweepPaths(join(folder, "sweep"));
    const { file, runs } = await runOf(folder, { steps: 3, minutes: 1 });
    await writeSweep(paths, file.json, runs);
    writeRun(paths.run("seed0"), [0.1, 59.9, 60.2]);
    const asked = async (budget: { steps?: number; minutes?: number }) => {
      const { runs, minutes } = await runOf(folder, budget);
      await requireBudget(paths, runs, minutes);
    };
    const refused = (budget: { steps?: number; minutes?: number }, message: RegExp) =>
      assert.rejects(asked(budget), (error) => error instanceof UsageError && message.test(error.message));
    const check = async () => {
      for (const minutes of [1, 0.999, 7]) await asked({ steps: 3, minutes });
      await asked({ steps: 4 });
      await asked({ minutes: 1 });
      await refused(
        { steps: 2, minutes: 1 },
        /^\S.*seed0 has been trained for 3 steps in 1m 00s, .* budget is 2 steps;/,
      );
      await refused({ steps: 2 }, /budget is 2 steps; ask for as much at least/);
      await refused({ minutes: 0.5 }, /budget is 30s; /);
      await refused({ steps: 3, minutes: 0.998 }, /budget is 1m 00s; /);
    };
    await check();
    await writeResult(paths, "seed0", result);
    await check();
  }),
);

Deno.test(
  "a run is finished if it has all its numbers, with the same budget; one that is trained is only judged again",
  inFolder(async (folder) => {
    const paths = sweepPaths(join(folder, "sweep"));
    const { file, runs } = await runOf(folder, { steps: 3, minutes: 1 });
    await writeSweep(paths, file.json, runs);
    const state = async (names: string[], { minutes = 1, retry = false } = {}) => {
      const { results, trained } = await stateOfSweep(paths, runs, minutes, new Map([["seed0", names]]), retry);
      return [[...results.keys()], [...trained]];
    };
    const [finished, toJudge, toTrain] = [[["seed0"], []], [[], ["seed0"]], [[], []]];
    assert.deepEqual(await state(["wasserstein"]), toTrain);
    await writeResult(paths, "seed0", result);
    assert.deepEqual(await state(["wasserstein"]), finished);
    assert.deepEqual(await state(["wasserstein", "modes"]), toTrain, "its directory is gone");
    writeRun(paths.run("seed0"), [0.1, 59.9, 60.2]);
    assert.deepEqual(await state(["wasserstein", "modes"]), toJudge);
    assert.deepEqual(await state(["wasserstein", "modes"], { minutes: 2 }), toTrain);
    assert.deepEqual(await state(["wasserstein"], { retry: true }), finished);
    await writeResult(paths, "seed0", { ...result, status: "failed", reason: "bad luck", metrics: [] });
    assert.deepEqual(await state(["wasserstein"]), finished);
    assert.deepEqual(await state(["wasserstein"], { retry: true }), toTrain);
  }),
);
