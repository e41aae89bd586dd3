/** `duel sample`: what it needs of the system, and how it is called. */
import { join } from "node:path";
import { defineCommand } from "./command.ts";
import { isCheckpointPath, newestSync, runOfCheckpoint, RUNS } from "./run_argument.ts";
import { sampleArguments, sampleFlags } from "./sample_flags.ts";

export const command = defineCommand({
  name: "sample",
  summary: "Draws images from a trained generator.",
  description: "An image is a function of the run and a seed, however many are drawn at once.",
  flags: sampleFlags,
  positionals: sampleArguments,
  examples: [
    ["sample", "A grid of 64 images of the newest run."],
    ["sample runs/001-faces-dcgan --seeds 3,7,20-29 --out some.png", "The images of twelve seeds."],
    ["sample --n 10000 --out samples.npy", "An array for other tools to judge."],
    ["sample --interpolate 3,7", "A strip from one image to another."],
    ["sample --label hair=pink,glasses=none", "Images on demand, of a generator trained with labels."],
  ],
  needs({ flags, positionals: { run } }, cwd) {
    const root = run === undefined ? newestSync(join(cwd, RUNS)) : isCheckpointPath(run) ? runOfCheckpoint(run) : run;
    return {
      read: [join(cwd, RUNS), ...(root === undefined ? [] : [root])],
      write: root === undefined || flags.out !== undefined ? [] : [join(root, "samples")],
    };
  },
  async run(parsed, context) {
    const { sample } = await import("./sample_run.ts");
    await sample(parsed, context);
  },
});
