/** The flags and arguments of `duel course`. */
import { LANGUAGES } from "../course/experiment.ts";
import { EXPERIMENT_NAMES } from "../course/experiments.ts";
import { MAX_THREADS } from "../plan/control.ts";
import { safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";

/** In the order of `--help`. */
export const courseFlags = {
  quick: { type: "boolean", help: "Smaller and shorter, some 20 seconds at most: to see that it works" },
  steps: {
    type: "integer",
    min: 1,
    max: 10_000_000,
    help: "Updates of each training; what the experiment needs if left out",
  },
  seed: { type: "integer", min: 0, max: Number.MAX_SAFE_INTEGER, default: 0, help: "Seed of all random numbers" },
  lang: { type: "choice", choices: LANGUAGES, default: "en", help: "Language of all texts" },
  out: {
    type: "path",
    access: "folder",
    placeholder: "DIR",
    default: "runs/course",
    help: "Where reports and pictures go, a folder for each experiment",
  },
  data: {
    type: "path",
    access: "read",
    placeholder: "FILE",
    help: "structure: a text to learn from, one sentence or verse a line, instead of the built-in grammar",
  },
  dataDir: {
    type: "path",
    access: "read",
    placeholder: "DIR",
    help: "Folder of MNIST's four files; downloaded once if left out",
  },
  cacheDir: {
    type: "path",
    access: "folder",
    placeholder: "DIR",
    help: "Where drawn, decoded and downloaded images are kept; the user's cache if left out",
  },
  threads: { type: "integer", min: 1, max: MAX_THREADS, group: "Engine", help: "Threads; one a core if left out" },
  safe: { ...safeFlag.safe, group: "Engine" },
} as const;

/** What to do. */
export const courseArguments = {
  name: {
    type: "choice",
    choices: ["list", "all", ...EXPERIMENT_NAMES],
    default: "list",
    help: "An experiment; or all of them, or the list",
  },
} as const;

/** A command line of `course`. */
export type CourseParsed = Parsed<typeof courseFlags, typeof courseArguments>;
