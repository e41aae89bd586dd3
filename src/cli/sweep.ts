/** `duel sweep`: how it is called. */
import { MAX_THREADS } from "../plan/control.ts";
import { defineCommand, safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";

const table = {
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

const sweepArguments = {
  file: { type: "path", access: "read", help: "What to try, in JSON; see the description" },
} as const;

/** A command line of `sweep`. */
export type SweepParsed = Parsed<typeof table, typeof sweepArguments>;

export const command = defineCommand({
  name: "sweep",
  summary: "Trains many runs of different settings, a few at a time, and compares what came out.",
  description: `FILE asks for variants × grid × random draws × seeds; all but one of these may be left out:

{
  "base": { "preset": "faces", "batch": 64 },
  "minutes": 5,
  "metric": "kernel-distance",
  "variants": [{ "name": "wgan-gp", "loss": { "name": "wgan" }, "penalties": [{ "name": "wgan-gp", "weight": 10 }] }],
  "grid": { "discriminatorSteps": [1, 5] },
  "random": { "count": 5, "seed": 0, "optimizer.discriminatorRate": { "log": [1e-5, 1e-3] },
    "optimizer.generatorRate": { "of": "optimizer.discriminatorRate", "times": 2 } },
  "seeds": [0, 1, 2]
}

base, variants and the names of settings are those of train --config. The budget of a run is "minutes" of training, ` +
    `"steps", or whichever comes first; without either, the settings say how many steps. A setting is drawn from ` +
    `{"choice": [...]}, {"uniform": [low, high]}, {"log": [low, high]} or {"integer": [low, high]}; more draws keep ` +
    `the earlier ones. Each variant is also run without random changes, unless "includeDefault" is false. The ` +
    "directory gets table.md, table.csv, summary.json and plot.svg.",
  flags: table,
  positionals: sweepArguments,
  conducts: true,
  examples: [
    ["sweep rates.json", "Into sweeps/rates."],
    ["sweep rates.json --out sweeps/rates --parallel 4 --threads-per-run 2", "Four at a time, on eight cores."],
    ["sweep --resume sweeps/rates", "Go on after Ctrl-C."],
  ],
  async run(parsed, context) {
    const { sweep } = await import("./sweep_run.ts");
    await sweep(parsed, context);
  },
});
