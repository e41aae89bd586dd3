/** `duel eval`: what it needs of the system, and how it is called. */
import { join } from "node:path";
import { MAX_THREADS } from "../plan/control.ts";
import { defineCommand, safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";
import { dataNeeds, isCheckpointPath, newestSync, runOfCheckpoint, RUNS } from "./run_argument.ts";

const table = {
  metrics: {
    type: "text",
    placeholder: "LIST",
    help: "Metrics, such as kernel-distance,coverage; all that can be computed if left out. --list tells of them",
  },
  list: { type: "boolean", help: "Tell of all metrics, and do nothing else" },
  n: {
    type: "integer",
    min: 100,
    max: 100_000,
    unit: "samples",
    help: "How many samples to judge; 10,000 images, 26,000 stacked digits or 2,500 points if left out",
  },
  seed: {
    type: "integer",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    help: "Seed of the first sample; the next sample has the next seed",
  },
  out: {
    type: "path",
    access: "output",
    placeholder: "FILE",
    help: "Where the numbers go, as JSON; eval-step-N.json in the run's directory if left out",
  },
  cacheDir: {
    type: "path",
    access: "folder",
    placeholder: "DIR",
    help: "Where drawn, decoded and downloaded images are kept; the user's cache if left out",
  },
  backend: { type: "choice", choices: ["wasm", "reference"], default: "wasm", group: "Engine", help: "What computes" },
  threads: { type: "integer", min: 1, max: MAX_THREADS, group: "Engine", help: "Threads; one a core if left out" },
  safe: { ...safeFlag.safe, group: "Engine" },
} as const;

const evalArguments = {
  run: { type: "path", access: "read", help: "A run directory or one of its checkpoints; the newest run if left out" },
} as const;

/** A command line of `eval`. */
export type EvalParsed = Parsed<typeof table, typeof evalArguments>;

export const command = defineCommand({
  name: "eval",
  summary: "Measures how good the samples of a generator are.",
  description:
    "Every number stands beside its floor: the same number of real samples that the generator has not seen. " +
    "Images are compared through a classifier that duel trained, named with its digest: numbers of another one, such " +
    "as the usual FID, can't be compared with these.",
  flags: table,
  positionals: evalArguments,
  examples: [
    ["eval", "All metrics of the newest run."],
    ["eval runs/001-mnist-dcgan --metrics kernel-distance,coverage", "Two of them."],
  ],
  needs({ flags, positionals: { run } }, cwd) {
    const root = run === undefined ? newestSync(join(cwd, RUNS)) : isCheckpointPath(run) ? runOfCheckpoint(run) : run;
    const data = root === undefined ? {} : dataNeeds(root, cwd);
    return {
      ...data,
      read: [join(cwd, RUNS), ...(root === undefined ? [] : [root]), ...data.read ?? []],
      write: root === undefined || flags.out !== undefined ? [] : [root],
    };
  },
  async run(parsed, context) {
    const { evaluate } = await import("./eval_run.ts");
    await evaluate(parsed, context);
  },
});
