/**
 * A run that is killed at a random moment and resumed ends, byte for byte, as the one that was never killed. How many
 * moments are tried is said by the environment variable DUEL_KILLS (3 if it is not set); which, by DUEL_SEED.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { uniform } from "../../src/core/random.ts";
import { command, duel, inFolder, small, succeed } from "./support/duel.ts";

const KILLS = Number(Deno.env.get("DUEL_KILLS") ?? 3);
const SEED = Number(Deno.env.get("DUEL_SEED") ?? Date.now());
const STEPS = 240;

const final = (run: string) =>
  Deno.readFileSync(join(run, "checkpoints", `step-${String(STEPS).padStart(6, "0")}.safetensors`));

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Starts the engine and kills it after `delay` milliseconds. @returns whether it was still alive. */
async function kill(args: string[], folder: string, delay: number): Promise<boolean> {
  const child = command(args, folder, "engine").spawn();
  const output = child.output();
  await new Promise((resolve) => setTimeout(resolve, delay));
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  return (await output).signal === "SIGKILL";
}

Deno.test(
  `a run killed at a random moment and resumed equals the one never killed, ${KILLS} times, on 1 thread or 2`,
  inFolder(async (folder) => {
    const cadence = ["--checkpoint-every", "15", "--sample-every", "40", "--steps", String(STEPS)];
    const flags = [...small(folder), ...cadence];
    const whole = join(folder, "whole");
    const start = performance.now();
    await succeed([...flags, "--threads", "1", "--out", whole], folder);
    const wholeTime = performance.now() - start;
    let killed = 0;
    for (let trial = 0; killed < KILLS; trial++) {
      assert.ok(trial < 10 * KILLS, "the runs end before they can be killed");
      const run = join(folder, `run${trial}`);
      const delay = Math.round(wholeTime * uniform(SEED, "kill", trial, 0));
      const threads = ["--threads", String(1 + trial % 2)];
      const alive = await kill([...flags, ...threads, "--out", run], folder, delay);
      // Before a run has its config there is nothing to resume; after its end, nothing to kill.
      if (!alive || !await exists(join(run, "config.json"))) continue;
      killed++;
      const resumed = await duel(["train", "--resume", run], folder);
      const story = `killed after ${delay} ms (DUEL_SEED=${SEED})\n${resumed.stdout}${resumed.stderr}`;
      assert.equal(resumed.code, 0, story);
      assert.deepEqual(final(run), final(whole), story);
      assert.ok(!await exists(join(run, "checkpoints", "step-000030.safetensors")), "old checkpoints are gone");
      assert.ok([...Deno.readDirSync(join(run, "checkpoints"))].every(({ name }) => /^step-\d+\.saf/.test(name)));
      Deno.removeSync(run, { recursive: true });
    }
  }),
);
