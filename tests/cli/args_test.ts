import assert from "node:assert/strict";
import { parse } from "../../src/cli/args.ts";
import { defineCommand } from "../../src/cli/command.ts";
import type { Flags } from "../../src/cli/flags.ts";
import { closest, editDistance } from "../../src/cli/suggest.ts";
import { UsageError } from "../../src/core/errors.ts";

const flags = {
  steps: { type: "integer", min: 0, max: 10_000_000, default: 100, help: "Steps to train", unit: "steps" },
  rate: { type: "number", above: 0, max: 1, default: 2e-4, help: "Learning rate", group: "Optimiser" },
  seed: { type: "integer", min: 0, help: "Seed" },
  model: { type: "choice", choices: ["dcgan", "mlp"], default: "dcgan", help: "Network" },
  dataDir: { type: "path", access: "read", placeholder: "DIR", help: "Folder with images" },
  out: { type: "path", access: "output", help: "Folder to make", default: "runs" },
  resume: { type: "path", access: "folder", placeholder: "RUN", implied: "newest", help: "Continue a run" },
  label: { type: "text", multiple: true, placeholder: "NAME=VALUE", help: "Condition" },
  safe: { type: "boolean", help: "No flags" },
  flip: { type: "boolean", default: true, help: "Mirror images at random" },
} as const satisfies Flags;

const positionals = { run: { type: "path", access: "read", help: "the run directory" } } as const;

const grammar = { name: "train", flags, positionals };
const caller = { cwd: "/home/ada", shell: "deno task" };
const parsed = (...args: string[]) => parse(grammar, args, caller);

function refused(args: readonly string[], message: RegExp): void {
  assert.throws(() => parse(grammar, args, caller), (error) => {
    assert.ok(error instanceof UsageError, `not a usage error: ${error}`);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"), "more than one line");
    assert.equal(error.exitCode, 2);
    return true;
  });
}

Deno.test("defaults fill in what is not typed, and paths are made absolute", () => {
  const { flags, positionals, given } = parsed();
  assert.deepEqual({ ...flags }, {
    steps: 100,
    rate: 2e-4,
    model: "dcgan",
    out: "/home/ada/runs",
    label: [],
    safe: false,
    flip: true,
  });
  assert.deepEqual({ ...positionals }, {});
  assert.equal(given.size, 0);
});

Deno.test("values follow a flag after a space or an equals sign", () => {
  const { flags, given } = parsed(
    "--steps",
    "5",
    "--rate=1e-3",
    "--data-dir=a=b",
    "--out",
    "x y/z",
    "--safe",
    "--no-flip",
  );
  assert.equal(flags.steps, 5);
  assert.equal(flags.rate, 0.001);
  assert.equal(flags.dataDir, "/home/ada/a=b");
  assert.equal(flags.out, "/home/ada/x y/z");
  assert.equal(flags.safe, true);
  assert.equal(flags.flip, false);
  assert.deepEqual([...given].sort(), ["dataDir", "flip", "out", "rate", "safe", "steps"]);
});

Deno.test("types of the values follow from the table", () => {
  const { flags } = parsed();
  const steps: number = flags.steps;
  const model: "dcgan" | "mlp" = flags.model;
  const labels: readonly string[] = flags.label;
  // @ts-expect-error: without a default the flag may be absent
  const seed: number = flags.seed;
  assert.deepEqual([steps, model, labels, seed], [100, "dcgan", [], undefined]);
});

Deno.test("a flag with an implied value may stand alone", () => {
  assert.equal(parsed("--resume").flags.resume, "newest");
  assert.equal(parsed("--resume", "--steps", "7").flags.resume, "newest");
  assert.equal(parsed("--resume", "runs/3").flags.resume, "/home/ada/runs/3");
  assert.equal(parsed("--resume=newest").flags.resume, "/home/ada/newest");
});

Deno.test("repeated flags are collected where the table allows it, else the last one counts", () => {
  assert.deepEqual(parsed("--label", "hair=pink", "--label=beard=yes").flags.label, ["hair=pink", "beard=yes"]);
  assert.equal(parsed("--steps", "1", "--steps", "2").flags.steps, 2);
});

Deno.test("words are positionals, and everything is one after a double dash", () => {
  assert.equal(parsed("runs/1", "--steps", "3").positionals.run, "/home/ada/runs/1");
  assert.equal(parsed("--", "--strange").positionals.run, "/home/ada/--strange");
  refused(["a", "b"], /unexpected argument "b"/);
  refused(["a", "steps"], /unexpected argument "steps"\. Did you mean --steps\?/);
});

Deno.test("a missing positional is named", () => {
  const required = { run: { type: "path", access: "read", required: true, help: "the run directory" } } as const;
  assert.throws(
    () => parse({ name: "sample", flags: {}, positionals: required }, [], caller),
    /^UsageError: RUN is missing: the run directory/,
  );
});

Deno.test("unknown flags are refused with a suggestion", () => {
  refused(["--stpes", "5"], /^unknown flag --stpes\. Did you mean --steps\? `deno task train --help` lists all flags$/);
  refused(["--datadir", "x"], /Did you mean --data-dir\?/);
  refused(["-steps", "5"], /unknown flag -steps\. Did you mean --steps\?/);
  refused(["--no-steps"], /unknown flag --no-steps/);
  refused(["--dataDir", "x"], /Did you mean --data-dir\?/);
  refused(["--zzzzzzzzz"], /^unknown flag --zzzzzzzzz\. `deno task train --help`/);
  refused(["--constructor", "x"], /unknown flag --constructor/);
});

Deno.test("numbers that make no sense are refused with the range", () => {
  const whole = /^--steps is ".*"; expected a whole number from 0 to 10000000$/;
  for (const bad of ["-1", "1.5", "abc", "NaN", "Infinity", "1e99", "0x10", "", " 5", "1_000", "5,000", "--5"]) {
    refused([`--steps=${bad}`], whole);
  }
  refused(["--steps", "-1"], whole);
  for (const bad of ["0", "-0", "1.01", "nan", "1e-400"]) {
    refused([`--rate=${bad}`], /^--rate is ".*"; expected a number above 0 and up to 1$/);
  }
  refused(["--seed", "9007199254740993"], /^--seed is "9007199254740993"; expected a whole number, 0 or more$/);
  assert.equal(parsed("--steps", "1e3").flags.steps, 1000);
  assert.equal(parsed("--rate", ".5").flags.rate, 0.5);
  assert.equal(parsed("--steps=+7").flags.steps, 7);
});

Deno.test("missing, superfluous, empty and wrong values are refused", () => {
  refused(["--steps"], /^--steps needs a value: --steps N$/);
  refused(["--data-dir", "--safe"], /^--data-dir needs a value: --data-dir DIR$/);
  refused(["--safe=yes"], /^--safe takes no value/);
  refused(["--data-dir="], /^--data-dir is empty; expected DIR$/);
  refused(["--out=a\0b"], /NUL/);
  refused(["--model", "dcgn"], /^--model is "dcgn"; expected one of dcgan, mlp\. Did you mean dcgan\?$/);
});

Deno.test("the edit distance counts insertions, deletions, replacements and swaps", () => {
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("kitten", "sitting"), 3);
  assert.equal(editDistance("stpes", "steps"), 1);
  assert.equal(editDistance("same", "same"), 0);
  assert.equal(closest("res", ["seed", "resume"]), "resume");
  assert.equal(closest("x", ["seed", "resume"]), undefined);
});

const command = defineCommand({
  name: "train",
  summary: "Trains a network.",
  flags,
  positionals,
  examples: [["train --steps 200", "A short run."]],
  needs: ({ flags }) => ({ write: ["runs"], net: flags.dataDir ? [] : ["example.com"] }),
  run: () => Promise.resolve(),
});

Deno.test("help names every flag with range, unit and default, and fits the width", () => {
  const text = command.help({ shell: "deno task", width: 72 });
  for (
    const part of [
      "deno task train [RUN] [flags]",
      "--data-dir DIR",
      "--resume [RUN]",
      "--no-flip",
      "--help",
      "Optimiser",
    ]
  ) {
    assert.ok(text.includes(part), `${part} is missing in\n${text}`);
  }
  const flat = text.replace(/\s+/g, " ");
  assert.ok(flat.includes("Steps to train (a whole number from 0 to 10000000, in steps; default 100)"), flat);
  assert.ok(flat.includes("one of dcgan, mlp; default dcgan"), flat);
  assert.ok(flat.includes("deno task train --steps 200 A short run."), flat);
  for (const line of text.split("\n")) assert.ok(line.length <= 72, `too long: ${line}`);
});

Deno.test("paths on the command line become needs", () => {
  const { needs, safe } = command.parse(
    ["--data-dir", "faces", "--out", "a/b", "--resume", "--safe", "r"],
    caller,
  );
  assert.deepEqual([...needs.read].sort(), ["/home/ada/faces", "/home/ada/r"]);
  assert.deepEqual([...needs.write].sort(), ["/home/ada/a", "/home/ada/runs"]);
  assert.deepEqual(needs.net, []);
  assert.equal(safe, true);
  assert.deepEqual(command.parse(["--resume", "old"], caller).needs.write.includes("/home/ada/old"), true);
  assert.deepEqual(command.parse([], caller).needs.net, ["example.com"]);
});
