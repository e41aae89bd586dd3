/** `duel info`: its flags, and what they need of the system. */
import { join } from "node:path";
import { defineCommand, safeFlag } from "./command.ts";
import { isCheckpointPath, runOfCheckpoint } from "./run_argument.ts";

const table = { ...safeFlag } as const;

const run = {
  run: {
    type: "path",
    access: "read",
    help: "A run directory or a .safetensors file, of duel or another tool; this machine if left out",
  },
} as const;

export const command = defineCommand({
  name: "info",
  summary: "Describes this machine, or a run or a checkpoint.",
  flags: table,
  positionals: run,
  examples: [
    ["info", "Versions, processor, mode and its speed, caches."],
    ["info runs/001-faces-dcgan", "Config, layers and newest checkpoint of a run."],
    ["info step-004000.safetensors", "Tensors, metadata and digest of a file."],
  ],
  needs: ({ positionals: { run } }) => ({
    read: run !== undefined && isCheckpointPath(run) ? [join(runOfCheckpoint(run), "config.json")] : [],
  }),
  async run({ positionals }, context) {
    const { info } = await import("./info_run.ts");
    await info(positionals.run, context);
  },
});
