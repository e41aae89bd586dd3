/** The command line of `deno task bench`. */
import { UsageError } from "../src/core/errors.ts";
import { writeFileAtomic } from "../src/core/files.ts";
import { defineCommand, safeFlag } from "../src/cli/command.ts";
import { cases, chooseCases, suites } from "./cases.ts";
import { compare, printProfiles } from "./run.ts";

export const bench = defineCommand({
  name: "bench",
  summary: "Measure kernels and training steps against this computer's roof and against peers.",
  description:
    "Every program under measurement is a process of its own, and they take turns in short blocks. The roof " +
    "is what multiply-adds in registers reach in the same mode. Keep the computer idle otherwise.",
  positionals: {
    what: {
      type: "choice",
      choices: [...suites, "profile"],
      help:
        "`kernels`: products and convolutions; `steps`: whole training steps; `profile`: where duel's own time goes, " +
        "by instruction. Kernels and steps if left out.",
    },
  },
  flags: {
    filter: { type: "text", help: "Only work with this text in its name, extra work included." },
    all: { type: "boolean", help: "Extra work too: more sizes, DCGAN-64." },
    quick: { type: "boolean", help: "Fewer repetitions." },
    alone: { type: "boolean", help: "Leave out the peers." },
    threads: { type: "integer", min: 1, max: 64, help: "Threads of a profile; the work's own number if left out." },
    json: { type: "path", access: "output", placeholder: "FILE", help: "Write the records into this file." },
    ...safeFlag,
  },
  examples: [
    ["bench steps", "A DCGAN step against PyTorch's."],
    ["bench kernels --filter gemm --json gemm.json", "Products of all sizes, also as records."],
    ["bench profile --threads 1", "Each instruction of a DCGAN step on one thread."],
  ],
  async run({ flags, positionals: { what } }, { mode: { native } }) {
    const { filter, all, quick, threads } = flags;
    const named = filter === undefined && what === "profile" ? ["steps"] as const : suites;
    const chosen = chooseCases(what === "kernels" || what === "steps" ? [what] : named, filter, all);
    if (chosen.length === 0) {
      const names = [...new Set(cases.map(({ name }) => name))].join(", ");
      throw new UsageError(`no work has ${JSON.stringify(filter)} in its name; there are ${names}`);
    }
    if (what === "profile") return await printProfiles(chosen, native, threads);
    const records = await compare(chosen, native, !flags.alone, quick ? "quick" : "thorough");
    if (flags.json !== undefined) {
      await writeFileAtomic(flags.json, new TextEncoder().encode(`${JSON.stringify(records, undefined, 2)}\n`));
    }
  },
});
