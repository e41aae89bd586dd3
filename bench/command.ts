/** The command line of `deno task bench`. */
import { UsageError } from "../src/core/errors.ts";
import { writeFileAtomic } from "../src/core/files.ts";
import { defineCommand, safeFlag } from "../src/cli/command.ts";
import { versions } from "../src/cli/version.ts";
import { cases, chooseCases, type Suite, suites } from "./cases.ts";
import { peers } from "./contenders.ts";
import { benchPage } from "./page.ts";
import { printProfiles } from "./profiles.ts";
import { compare, recordsOf } from "./run.ts";
import { traceFile } from "./trace.ts";

/** What the first argument chooses from. `peers` is all that a peer can do as well. */
const chosenSuites = {
  kernels: ["kernels"],
  steps: ["steps", "starts", "memory", "loop"],
  peers: suites,
  profile: ["kernels", "steps"],
} as const satisfies Record<string, readonly Suite[]>;

export const bench = defineCommand({
  name: "bench",
  summary: "Measure kernels and training steps against this computer's roof and against peers.",
  description:
    "Every program under measurement is a process of its own, and they take turns in short blocks. The roof " +
    "is what multiply-adds in registers reach in the same mode. Keep the computer idle otherwise.",
  positionals: {
    what: {
      type: "choice",
      choices: ["kernels", "steps", "peers", "profile"],
      help: "`kernels`: products and convolutions; `steps`: whole training steps, cold starts, memory, and what the " +
        "training loop costs; `peers`: all work that a peer can do, peers from npm fetched first; `profile`: where " +
        "duel's own time goes, by instruction. Kernels and steps if left out.",
    },
  },
  flags: {
    filter: { type: "text", help: "Only work with this text in its name, extra work included." },
    all: { type: "boolean", help: "Extra work too: more sizes, DCGAN-64." },
    quick: { type: "boolean", help: "Fewer repetitions." },
    alone: { type: "boolean", help: "Leave out the peers." },
    threads: { type: "integer", min: 1, max: 64, help: "Threads of a profile; the work's own number if left out." },
    json: { type: "path", access: "output", placeholder: "FILE", help: "Write the records into this file." },
    html: { type: "path", access: "output", placeholder: "FILE", help: "Write a page with plots into this file." },
    trace: {
      type: "path",
      access: "output",
      placeholder: "FILE",
      help: "Write a profile into this file, for chrome://tracing or Perfetto.",
    },
    ...safeFlag,
  },
  examples: [
    ["bench steps", "A DCGAN step against PyTorch's, cold starts, memory."],
    ["bench kernels --filter gemm --json gemm.json", "Products of all sizes, also as records."],
    ["bench --filter sweep --html sweep.html", "Products of 64 to 1024, one thread, as a page with plots."],
    ["bench profile --threads 1", "Each instruction of a DCGAN step on one thread."],
    ["bench profile --filter mlp --trace mlp.json", "The steps of small networks, as a trace."],
  ],
  async run({ flags, positionals: { what } }, { mode: { native } }) {
    const { filter, all, threads } = flags;
    const effort = flags.quick ? "quick" : "thorough";
    const isProfile = what === "profile";
    refuse(!isProfile && flags.trace !== undefined, "--trace belongs to `bench profile`");
    refuse(!isProfile && threads !== undefined, "--threads belongs to `bench profile`");
    refuse(isProfile && (flags.json ?? flags.html) !== undefined, "a profile is written with --trace");
    refuse(what === "peers" && flags.alone === true, "--alone leaves out the peers; leave it out, or `peers`");

    const wanted = what === undefined ? suites : chosenSuites[what];
    const known = peers(what === "peers");
    const possible = chooseCases(isProfile && filter === undefined ? ["steps"] : wanted, filter, all === true);
    const chosen = what === "peers" ? possible.filter((one) => known.some((peer) => peer.can(one))) : possible;
    if (chosen.length === 0) throw new UsageError(nothingFound(filter, wanted));

    if (isProfile) {
      const works = await printProfiles(chosen, native, effort, threads);
      if (flags.trace !== undefined) await writeText(flags.trace, traceFile(works));
      return;
    }
    const results = await compare(chosen, { native, peers: flags.alone ? [] : known, effort });
    if (flags.json !== undefined) {
      await writeText(flags.json, `${JSON.stringify(recordsOf(results), undefined, 2)}\n`);
    }
    if (flags.html !== undefined) await writeText(flags.html, benchPage(results, versions(), new Date()));
  },
});

function refuse(wrong: boolean, message: string): void {
  if (wrong) throw new UsageError(message);
}

function nothingFound(filter: string | undefined, wanted: readonly Suite[]): string {
  const groups = Map.groupBy(cases.filter(({ suite }) => wanted.includes(suite)), ({ group }) => group);
  const lines = [...groups.values()].map((members) => {
    const names = [...new Set(members.map(({ name }) => name))];
    return `  ${names[0]}${names.length > 1 ? ` and ${names.length - 1} more like it` : ""}`;
  });
  return `no such work has ${JSON.stringify(filter)} in its name; there are\n${lines.join("\n")}`;
}

async function writeText(path: string, text: string): Promise<void> {
  await writeFileAtomic(path, new TextEncoder().encode(text));
}
