import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { permissions } from "../../src/cli/launch.ts";
import { announce, announced, nativeFlags } from "../../src/cli/mode.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const launcher = path("support/launcher.ts");
const program = path("support/program.ts");
const onX64 = Deno.build.arch === "x86_64";

/** Starts `deno run -A module args…` in `cwd` with a fresh cache. */
function command(module: string, args: string[], options: Deno.CommandOptions = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", module, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  });
}

async function start(module: string, args: string[], options: Deno.CommandOptions = {}) {
  const { code, stdout, stderr } = await command(module, args, options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

function inFolder(body: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "duel launch " }));
    try {
      await body(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

Deno.test(
  "the engine may do what its command line needs, and nothing else",
  inFolder(async (folder) => {
    const cache = join(folder, "cache");
    Deno.mkdirSync(cache);
    const { code, stdout, stderr } = await start(
      launcher,
      ["show", "runs/1", "--data-dir", "my, faces", "--out", "grids/a.png"],
      { cwd: folder, env: { DUEL_CACHE: cache } },
    );
    assert.equal(code, 0, stderr);
    const seen = JSON.parse(stdout);
    assert.deepEqual(seen.may, {
      read: "prompt",
      write: "prompt",
      net: "prompt",
      env: "prompt",
      run: "prompt",
      sys: "prompt",
      ffi: "prompt",
      "net example.com": "granted",
      "env DUEL_CACHE": "granted",
      "read dataDir": "granted",
      "write dataDir": "prompt",
      "write out": "granted",
      "write run": "granted",
    });
    assert.equal(seen.cwd, folder);
    assert.equal(seen.cache, cache);
    assert.equal(seen.flags.dataDir, join(folder, "my, faces"));
    assert.deepEqual(seen.mode, onX64 ? { native: true, reason: "this Deno accepts the flags" } : seen.mode);
    const remembered = JSON.parse(Deno.readTextFileSync(join(cache, "v8-flags.json")));
    assert.deepEqual(Object.values(remembered), onX64 ? [true] : []);
  }),
);

Deno.test(
  "a command that conducts others starts engines that may do what they need, and hears of mistakes",
  inFolder(async (folder) => {
    const { code, stdout, stderr } = await start(launcher, ["conduct"], { cwd: folder, env: { DUEL_CACHE: folder } });
    const seen = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(seen.map(({ flags, may }) => [flags.steps, may.run, may["net example.com"], may.write]), [
      [1, "prompt", "granted", "prompt"],
      [2, "prompt", "granted", "prompt"],
    ]);
    assert.deepEqual([code, stderr.trim().split("\n").at(-1)], [
      2,
      'duel: --steps is "0"; expected a whole number from 1 to 1000',
    ]);
  }),
);

Deno.test(
  "what was learnt about the flags is remembered, and a refusal is told in one line",
  inFolder(async (folder) => {
    const { deno, v8 } = Deno.version;
    const key = `${deno} ${v8} ${Deno.build.target} ${nativeFlags.join(",")}`;
    Deno.writeTextFileSync(join(folder, "v8-flags.json"), JSON.stringify({ [key]: false }));
    const { code, stdout, stderr } = await start(launcher, ["show"], { env: { DUEL_CACHE: folder } });
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).mode.native, false);
    assert.match(stderr, /^duel: native-speed mode is off \(.*\); everything works, but slower\n$/);
  }),
);

Deno.test(
  "--safe starts without flags and without a remark",
  inFolder(async (folder) => {
    const { stdout, stderr } = await start(launcher, ["show", "--safe"], { env: { DUEL_CACHE: folder } });
    assert.deepEqual(JSON.parse(stdout).mode, { native: false, reason: "--safe" });
    assert.equal(stderr, "");
  }),
);

Deno.test(
  "mistakes are one line and exit code 2, errors exit code 1, bugs show a stack and exit code 70",
  inFolder(async (folder) => {
    const env = { DUEL_CACHE: folder, NO_COLOR: "1" };
    for (const [module, shell] of [[launcher, "deno task"], [program, "duel"]]) {
      const typo = await start(module, ["shwo"], { env });
      assert.deepEqual(typo, {
        code: 2,
        stdout: "",
        stderr: `duel: unknown command shwo. Did you mean show? \`${shell} --help\` lists the commands\n`,
      });
      const flag = await start(module, ["show", "--stpes", "3"], { env });
      assert.equal(flag.code, 2);
      assert.match(flag.stderr, /^duel: unknown flag --stpes\. Did you mean --steps\?.*\n$/);
      const missing = await start(module, ["missing"], { env });
      assert.deepEqual(missing, { code: 1, stdout: "", stderr: "duel: cannot read faces.png: no such file\n" });
      const broken = await start(module, ["broken"], { env });
      assert.equal(broken.code, 70);
      assert.match(broken.stderr, /TypeError: x is not a function\n +at .*\nduel: this is a bug in duel; .*\n$/s);
    }
  }),
);

Deno.test("help and version are answered on standard output", async () => {
  const help = await start(program, ["--help"]);
  assert.equal(help.code, 0);
  for (const name of ["show", "wait", "shout"]) assert.match(help.stdout, new RegExp(`^  ${name} `, "m"));
  assert.match((await start(program, ["--version"])).stdout, /^duel \d+\.\d+\.\d+ \(Deno .*\)\n$/);
  const page = await start(program, ["show", "--help"]);
  assert.match(page.stdout, /Usage {2}duel show \[RUN\] \[flags\]/);
  assert.equal((await start(program, ["help", "show"])).stdout, page.stdout);
  const without = await start(program, []);
  assert.equal(without.code, 2);
  assert.match(without.stderr, /no command; expected one of show, wait, /);
});

Deno.test(
  "standard input reaches the engine",
  inFolder(async (folder) => {
    const child = command(launcher, ["shout"], { stdin: "piped", env: { DUEL_CACHE: folder } }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("hello\n"));
    await writer.close();
    const { stdout } = await child.output();
    assert.equal(new TextDecoder().decode(stdout), "hello!\n");
  }),
);

/** Starts `wait` through the launcher and returns once the engine listens, with the engine's process id. */
async function waiting(folder: string) {
  const child = command(launcher, ["wait"], { env: { DUEL_CACHE: folder } }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const engine = Number(/^ready (\d+)\n$/.exec(new TextDecoder().decode(value))![1]);
  const rest = async () => {
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += new TextDecoder().decode(part.value);
    }
    return text;
  };
  return { child, engine, rest };
}

Deno.test({
  name: "Ctrl-C lets the engine finish, counts once though the launcher passes it on, and ends with 130",
  ignore: Deno.build.os === "windows",
  fn: inFolder(async (folder) => {
    const { child, engine, rest } = await waiting(folder);
    Deno.kill(engine, "SIGINT"); // a terminal signals every process of the group
    child.kill("SIGINT");
    assert.equal(await rest(), "saved after 1 interruption\n");
    const { code } = await child.status;
    assert.equal(code, 130);
    assert.equal((await new Response(child.stderr).text()).replace(/^duel: native.*\n/, ""), "duel: interrupted\n");
  }),
});

Deno.test({
  name: "a polite end of the launcher is passed on too",
  ignore: Deno.build.os === "windows",
  fn: inFolder(async (folder) => {
    const { child, rest } = await waiting(folder);
    child.kill("SIGTERM");
    assert.equal(await rest(), "saved after 1 interruption\n");
    assert.equal((await child.status).code, 143);
    await child.stderr.cancel();
  }),
});

Deno.test({
  name: "the engine ends when the launcher is killed",
  ignore: Deno.build.os === "windows",
  fn: inFolder(async (folder) => {
    const { child, rest } = await waiting(folder);
    child.kill("SIGKILL");
    assert.equal(await rest(), ""); // the pipe closes when the last process that holds it is gone
    await child.status;
    await child.stderr.cancel();
  }),
});

Deno.test("permissions are joined without doubles, and a path with a comma is granted by its parent", () => {
  const needs = { read: ["/a", "/b,c/d"], write: ["/w"], net: [], sys: [] };
  assert.deepEqual(permissions(needs, "/w"), ["--allow-read=/a,/,/w", "--allow-write=/w", "--allow-env=DUEL_CACHE"]);
});

Deno.test("a mode survives its way through the command line", () => {
  const announcement = { mode: { native: true, reason: "a: b, c" }, launcher: 17, shell: "deno task" };
  assert.deepEqual(announced(announce(announcement)), announcement);
  assert.equal(announced("--steps=3"), undefined);
  assert.equal(announced(undefined), undefined);
});

Deno.test({
  name: "the reservation of 4 GiB is noticed when it holds and when it does not",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const module = `import { reservationHolds } from ${JSON.stringify(import.meta.resolve("../../src/cli/mode.ts"))};
      console.log(reservationHolds());
      const memories = [];
      for (let count = 0; count < 64 && reservationHolds(); count++) {
        memories.push(new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }));
      }
      console.log(reservationHolds());`;
    const limited = 'ulimit -v 70000000; exec "$0" eval "$1"'; // V8 itself takes about 50 GiB of addresses
    const { stdout } = await new Deno.Command("sh", { args: ["-c", limited, Deno.execPath(), module] }).output();
    assert.equal(new TextDecoder().decode(stdout), "true\nfalse\n");
  },
});
