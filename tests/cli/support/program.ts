/** A program with small commands around the real command line, launcher and dispatch. */
import { defineCommand, safeFlag } from "../../../src/cli/command.ts";
import type { Commands } from "../../../src/cli/dispatch.ts";
import { interruptSignal } from "../../../src/cli/interrupt.ts";
import { start } from "../../../src/cli/main.ts";
import { DataError } from "../../../src/core/errors.ts";

const state = async (descriptor: Deno.PermissionDescriptor) => (await Deno.permissions.query(descriptor)).state;

/** Prints what it was given and what it may do. */
const show = defineCommand({
  name: "show",
  summary: "Shows its arguments and permissions.",
  flags: {
    steps: { type: "integer", min: 1, max: 1000, default: 10, help: "Steps" },
    dataDir: { type: "path", access: "read", help: "Folder to read" },
    out: { type: "path", access: "output", help: "File to write" },
    ...safeFlag,
  },
  positionals: { run: { type: "path", access: "folder", help: "Run directory" } },
  examples: [],
  needs: () => ({ net: ["example.com"] }),
  async run({ flags, positionals }, { mode, cwd }) {
    const may: Record<string, string> = {};
    const ask = async (label: string, descriptor: Deno.PermissionDescriptor) => may[label] = await state(descriptor);
    for (const kind of ["read", "write", "net", "env", "run", "sys", "ffi"] as const) await ask(kind, { name: kind });
    await ask("net example.com", { name: "net", host: "example.com" });
    await ask("env DUEL_CACHE", { name: "env", variable: "DUEL_CACHE" });
    if (flags.dataDir) {
      await ask("read dataDir", { name: "read", path: flags.dataDir });
      await ask("write dataDir", { name: "write", path: flags.dataDir });
    }
    if (flags.out) await ask("write out", { name: "write", path: flags.out });
    if (positionals.run) await ask("write run", { name: "write", path: `${positionals.run}/log.jsonl` });
    console.log(JSON.stringify({ flags, positionals, mode, cwd, may, cache: Deno.env.get("DUEL_CACHE") }));
  },
});

/** Waits for Ctrl-C, "saves", and ends. */
const wait = defineCommand({
  name: "wait",
  summary: "Waits for Ctrl-C.",
  flags: {},
  positionals: {},
  examples: [],
  async run() {
    const signal = interruptSignal();
    const keepAlive = setInterval(() => {}, 1000);
    const { promise, resolve } = Promise.withResolvers<void>();
    let count = 0;
    signal.addEventListener("abort", () => {
      count++;
      setTimeout(resolve, 300); // a second signal of the same keystroke would arrive now
    });
    console.log(`ready ${Deno.pid}`);
    await promise;
    clearInterval(keepAlive);
    console.log(`saved after ${count} interruption`);
    throw signal.reason;
  },
});

const failing = (name: string, error: () => Error) =>
  defineCommand({
    name,
    summary: "Fails.",
    flags: {},
    positionals: {},
    examples: [],
    run: () => Promise.reject(error()),
  });

/** Copies standard input to standard output, with an exclamation mark. */
const shout = defineCommand({
  name: "shout",
  summary: "Repeats standard input.",
  flags: {},
  positionals: {},
  examples: [],
  async run() {
    console.log(`${(await new Response(Deno.stdin.readable).text()).trim()}!`);
  },
});

/** Starts `show` twice at once, in the launcher's process, and passes on what both say. */
const conduct = defineCommand({
  name: "conduct",
  summary: "Starts others.",
  flags: {},
  positionals: {},
  conducts: () => true,
  examples: [],
  async run(_, { startEngine }) {
    const outputs = await Promise.all(["1", "2"].map(async (steps) => {
      return await (await startEngine!(["show", "--steps", steps])).output();
    }));
    for (const { stdout } of outputs) console.log(new TextDecoder().decode(stdout).trim());
    await startEngine!(["show", "--steps", "0"]);
  },
});

/** Computes in a worker made from a data: URL, on shared WebAssembly memory, as the engine does. */
const work = defineCommand({
  name: "work",
  summary: "Adds in a worker.",
  flags: {},
  positionals: {},
  examples: [],
  async run() {
    const source = "onmessage = ({ data }) => { new Int32Array(data.buffer)[0] += 41; postMessage('done'); };";
    const worker = new Worker(`data:application/javascript,${encodeURIComponent(source)}`, { type: "module" });
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    new Int32Array(memory.buffer)[0] = 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.onmessage = () => resolve();
    worker.postMessage(memory);
    await promise;
    console.log(`answer ${new Int32Array(memory.buffer)[0]}`);
    worker.terminate();
  },
});

/** The commands of the test program. */
export const commands: Commands = {
  show: () => Promise.resolve(show),
  wait: () => Promise.resolve(wait),
  shout: () => Promise.resolve(shout),
  work: () => Promise.resolve(work),
  conduct: () => Promise.resolve(conduct),
  broken: () => Promise.resolve(failing("broken", () => new TypeError("x is not a function"))),
  missing: () => Promise.resolve(failing("missing", () => new DataError("cannot read faces.png: no such file"))),
};

if (import.meta.main) Deno.exit(await start(Deno.args, commands));
