/** `duel sweep`: how it is called. */
import { defineCommand } from "./command.ts";
import { sweepArguments, sweepFlags } from "./sweep_flags.ts";

export const command = defineCommand({
  name: "sweep",
  summary: "Trains many runs of different settings, a few at a time, and compares what came out.",
  description: `FILE asks for variants × grid × random draws × seeds, each of which may be left out:

{
"base": { "preset": "faces", "batch": 64 },
"minutes": 5,
"metric": "kernel-distance", "metrics": ["coverage"],
"variants": [{ "name": "plain" }, { "name": "least squares", "loss": { "name": "lsgan" } }],
"grid": { "discriminatorSteps": [1, 5] },
"random": { "count": 5, "seed": 0, "optimizer.discriminatorRate": { "log": [1e-5, 1e-3] },
"optimizer.generatorRate": { "of": "optimizer.discriminatorRate", "times": 2 } },
"seeds": [0, 1, 2]
}

The names of settings are those of train --config. Relative paths of data start from FILE's folder, or from the ` +
    `one that "folder" names. The budget of a run is "minutes" of training, "steps", or whichever comes first; without ` +
    `either, the settings say how many steps. Runs are ranked by "metric", a number of eval such as ` +
    `"label-accuracy-digit"; "metrics" are measured as well, and all there are if left out, which takes a minute or ` +
    `more for images. A setting is drawn from {"choice": [...]}, {"uniform": [low, high]}, {"log": [low, high]} or ` +
    `{"integer": [low, high]}; more draws keep the earlier ones. Each variant is also run without random changes, ` +
    `unless "includeDefault": false is among the random settings. All runs are resolved and composed before the first ` +
    "one starts. The directory gets table.md, table.csv, summary.json and plot.svg, anew after each run. A sweep that " +
    "exists may be asked for more runs, for a larger budget, up to which its runs are trained on, and for other " +
    "metrics, by which they are judged again.",
  flags: sweepFlags,
  positionals: sweepArguments,
  conducts: () => true,
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
