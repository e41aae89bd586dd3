/** `duel train`: what it needs of the system, and how it is called. */
import { join } from "node:path";
import { defineCommand } from "./command.ts";
import { configNeeds, dataNeeds, dataPaths, mirrorHosts, RUNS } from "./run_argument.ts";
import { presets } from "./presets.ts";
import type { SomeSettings } from "./settings.ts";
import { NEWEST, trainFlags } from "./train_flags.ts";

export const command = defineCommand({
  name: "train",
  summary: "Trains a generative adversarial network.",
  description:
    "Without flags: drawn faces of 32×32 pixels, a DCGAN. A run is a directory with its config, log, sample " +
    "grids, checkpoints and a report to look at.",
  flags: trainFlags,
  positionals: {},
  examples: [
    ["train", "Faces, a few minutes on two cores."],
    ["train --data mnist --steps 3000 --out runs/mnist", "Handwritten digits, downloaded once."],
    ["train --data ~/pictures --size 64", "Your own pictures, PNG or JPEG of any size."],
    ["train --data mnist --condition projection", "Digits on demand: sample --label digit=7."],
    ["train --data ring --eval-every 500", "Points in eight heaps on a ring, and how many of the heaps samples reach."],
    ["train --resume --steps 8000", "Continue the newest run up to step 8000."],
  ],
  needs({ flags }, cwd) {
    const recorded = flags.resume === undefined
      ? {}
      : dataNeeds(flags.resume === NEWEST ? undefined : flags.resume, cwd);
    const configured = flags.config === undefined ? {} : configNeeds(flags.config);
    const preset: SomeSettings = flags.preset === undefined ? {} : presets[flags.preset].settings;
    return {
      read: [
        ...[...dataPaths(flags.data, cwd), ...dataPaths(flags.dataDir, cwd)],
        ...[...recorded.read ?? [], ...configured.read ?? []],
      ],
      write: flags.out === undefined ? [join(cwd, RUNS)] : [],
      net: [
        ...(flags.dataDir === undefined ? [...mirrorHosts(flags.data), ...mirrorHosts(preset.data?.name)] : []),
        ...[...recorded.net ?? [], ...configured.net ?? []],
      ],
    };
  },
  async run(parsed, context) {
    const { train } = await import("./train_run.ts");
    await train(parsed, context);
  },
});
