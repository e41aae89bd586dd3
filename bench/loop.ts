/** The command `train` under measurement: how long until its first step, and what all that surrounds a step costs. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuelError } from "../src/core/errors.ts";
import { parseLog } from "../src/report/log.ts";
import type { Case } from "./cases.ts";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Between two looks whether the first step is made. */
const POLL_MS = 2;

export interface TrainRun {
  /** From the start of the process to the end of the first step. */
  readonly startMs: number;
  /** Milliseconds from the end of each step to the end of the next, all that happens in between included. */
  readonly ms: readonly number[];
}

/**
 * Runs `train` on its default data, drawn faces, with its default sampling, logging and checkpoints.
 * @throws DuelError if it fails.
 */
export async function runTrain({ work, threads }: Case, native: boolean, steps: number): Promise<TrainRun> {
  if (work.kind !== "gan") throw new DuelError(`train is not measured with ${work.kind}`);
  const folder = await Deno.makeTempDir();
  try {
    const out = join(folder, "run");
    const { size, base, latent, batch } = work;
    const settings = { size, base, latent, batch, threads, steps, out };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const start = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-all", path("../scripts/launch.ts"), "train", ...flags].concat(
        native ? [] : ["--safe"],
      ),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const log = join(out, "log.jsonl");
    const [startMs, { success, stderr }] = await Promise.all([
      firstStep(log, start, child.status),
      child.output(),
    ]);
    if (!success) throw new DuelError(`train failed: ${new TextDecoder().decode(stderr).trim()}`);
    const seconds = parseLog(await Deno.readFile(log)).flatMap((line) => line.kind === "step" ? [line.seconds] : []);
    return { startMs, ms: seconds.slice(1).map((end, index) => 1000 * (end - seconds[index])) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Milliseconds from `start` until the log tells of a step, or until the process has ended. */
async function firstStep(log: string, start: number, status: Promise<unknown>): Promise<number> {
  let ended = false;
  status.then(() => ended = true);
  while (!ended && !(await readText(log)).includes(`"kind":"step"`)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return performance.now() - start;
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return ""; // the run has not come so far yet
  }
}
