/** `duel course`: what it needs of the system, and how it is called. */
import { defineCommand } from "./command.ts";
import { courseArguments, courseFlags } from "./course_flags.ts";
import { mirrorHosts } from "./run_argument.ts";

export const command = defineCommand({
  name: "course",
  summary: "Runs an experiment of the course: why GANs, step by step.",
  description:
    "Each step of the argument that leads to GANs is an experiment that trains in minutes, draws its figures " +
    "and measures what it claims. Its report is a page to look at and to play with.",
  flags: courseFlags,
  positionals: courseArguments,
  conducts: ({ positionals: { name } }) => name === "all",
  examples: [
    ["course list", "All experiments, in the order of the lecture."],
    ["course discriminator-alone --lang zh-TW", "One of them, in Traditional Chinese."],
    ["course all", "All of them, as many at a time as there are cores (four at most), with an index page."],
  ],
  needs: ({ flags: { dataDir }, positionals: { name } }) => ({
    net: dataDir === undefined && name !== "list" ? mirrorHosts("mnist") : [],
  }),
  async run(parsed, context) {
    const { course } = await import("./course_run.ts");
    await course(parsed, context);
  },
});
