/** `duel eval`: what it needs of the system, and how it is called. */
import { join } from "node:path";
import { defineCommand } from "./command.ts";
import { evalArguments, evalFlags } from "./eval_flags.ts";
import { dataNeeds, isCheckpointPath, newestSync, runOfCheckpoint, RUNS } from "./run_argument.ts";

export const command = defineCommand({
  name: "eval",
  summary: "Measures how good the samples of a generator are.",
  description:
    "Every number stands beside its floor: the same number of real samples that the generator has not seen. " +
    "Images are compared through a classifier that duel trained, named with its digest: numbers of another one, such " +
    "as the usual FID, can't be compared with these.",
  flags: evalFlags,
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
