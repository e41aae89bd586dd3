/** The flags of `duel sweep`. */
import { MAX_THREADS } from "../plan/control.ts";
import { safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";

/** In the order of `--help`. */
export const sweepFlags = {
  out: {
    type: "path",
    access: "output",
    placeholder: "DIR",
    help: "Directory of the sweep; sweeps/NAME-OF-FILE if left out. One that exists goes on: what is finished stays",
  },
  resume: { type: "path", access: "folder", placeholder: "DIR", help: "Go on with a sweep, without its FILE" },
  retry: { type: "boolean", help: "Try failed runs again" },
  dryRun: { type: "boolean", help: "List the runs; train nothing, write nothing" },
  cacheDir: {
    type: "path",
    access: "folder",
    placeholder: "DIR",
    help: "Where drawn, decoded and downloaded images are kept; the user's cache if left out",
  },
  parallel: {
    type: "integer",
    min: 1,
    max: 1024,
    group: "Engine",
    help: "Runs at a time; as many as the cores suffice for if left out",
  },
  threadsPerRun: {
    type: "integer",
    min: 1,
    max: MAX_THREADS,
    default: 1,
    group: "Engine",
    help: "Threads of each run, which do not change what a step computes",
  },
  safe: { ...safeFlag.safe, group: "Engine" },
} as const;

/** See `sweepFlags`. */
export const sweepArguments = {
  file: { type: "path", access: "read", help: "What to try, in JSON; see the description" },
} as const;

/** A command line of `sweep`. */
export type SweepParsed = Parsed<typeof sweepFlags, typeof sweepArguments>;
