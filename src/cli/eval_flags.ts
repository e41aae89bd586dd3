/** The flags and arguments of `duel eval`. */
import { MAX_THREADS } from "../plan/control.ts";
import { safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";

/** In the order of `--help`. */
export const evalFlags = {
  metrics: {
    type: "text",
    placeholder: "LIST",
    help: "Metrics, such as kernel-distance,coverage; all that can be computed if left out; --list describes them",
  },
  list: { type: "boolean", help: "Describe all metrics, and do nothing else" },
  n: {
    type: "integer",
    min: 100,
    max: 100_000,
    unit: "samples",
    help:
      "How many samples to judge; if left out as many images as real ones are held out, which is the most (10,000, of " +
      "stacked digits 26,000), or 2,500 points",
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
  force: { type: "boolean", help: "Overwrite the file at --out" },
  cacheDir: {
    type: "path",
    access: "folder",
    placeholder: "DIR",
    help:
      "Where drawn, decoded and downloaded images are kept, and what was seen in them; the user's cache if left out",
  },
  backend: { type: "choice", choices: ["wasm", "reference"], default: "wasm", group: "Engine", help: "What computes" },
  threads: { type: "integer", min: 1, max: MAX_THREADS, group: "Engine", help: "Threads; one a core if left out" },
  safe: { ...safeFlag.safe, group: "Engine" },
} as const;

/** What is judged. */
export const evalArguments = {
  run: { type: "path", access: "read", help: "A run directory or one of its checkpoints; the newest run if left out" },
} as const;

/** A command line of `eval`. */
export type EvalParsed = Parsed<typeof evalFlags, typeof evalArguments>;
