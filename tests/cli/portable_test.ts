import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/bundle.ts";
import { cksum, makePortable } from "../../scripts/portable.ts";

const ignore = Deno.build.os === "windows";
const testProgram = fileURLToPath(new URL("support/program.ts", import.meta.url));

/** Stands for Deno where only unpacking is tested: shows how it was started. */
const FAKE_DENO = `#!/bin/sh
[ "$1" = --version ] && exit
echo "from $(dirname "$0") umask $(umask) cache $DUEL_CACHE dir $DENO_DIR"
for word; do echo "<$word>"; done
`;

/** Text that gzip cannot make much shorter. */
function ballast(): string {
  let state = 1;
  return Array.from({ length: 20_000 }, () => (state = Math.imul(state, 48271) >>> 0).toString(36)).join("");
}

interface Place {
  /** A temporary folder with a space in its name, removed afterwards. */
  readonly folder: string;
  /** The portable executable, alone in a folder of its own. */
  readonly duel: string;
}

/** Runs `body` with a portable executable around the fake Deno. */
function withFake(body: (place: Place) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "duel portable " }));
    try {
      const deno = join(folder, "fake");
      Deno.writeTextFileSync(deno, `${FAKE_DENO}# ${ballast()}\n`);
      const duel = join(folder, "some where", "duel");
      Deno.mkdirSync(dirname(duel));
      await makePortable(duel, { deno, program: "// program\n", version: "1.2.3", level: 1 });
      await body({ folder, duel });
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

/** Starts an executable with exactly this environment, besides PATH. */
async function start(file: string, args: string[], env: Record<string, string>, cwd = "/") {
  const { code, stdout, stderr } = await new Deno.Command(file, {
    args,
    cwd,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, ...env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The one folder in `cache` that holds the unpacked files. */
function unpacked(cache: string): string {
  const names = [...Deno.readDirSync(cache)].map((entry) => entry.name).filter((name) => name.startsWith("portable-"));
  assert.equal(names.length, 1, `expected one unpacked folder in ${cache}`);
  return join(cache, names[0]);
}

const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;

Deno.test({
  name: "the first start unpacks into a private folder, the second only starts",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    assert.equal(mode(duel), 0o755);
    const env = { HOME: join(folder, "home dir") };
    const first = await start(duel, ["sample", "a b", "", "--n=2"], env);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /^duel: first start: unpacking into .*\n$/);
    const cache = join(folder, "home dir/.cache/duel");
    const app = unpacked(cache);
    assert.ok(first.stdout.startsWith(`from ${app} umask 0022 cache ${cache} dir ${cache}/deno\n<run>\n<--no-prompt>`));
    assert.ok(first.stdout.endsWith(`<${app}/duel.js>\n<--launch>\n<sample>\n<a b>\n<>\n<--n=2>\n`), first.stdout);
    assert.deepEqual([mode(cache), mode(app), mode(join(app, "deno"))], [0o700, 0o700, 0o700]);
    assert.deepEqual([...Deno.readDirSync(app)].map(({ name }) => name).sort(), ["checked", "deno", "duel.js"]);
    const before = Deno.statSync(join(app, "deno")).ino;
    const second = await start(duel, ["info"], env);
    assert.deepEqual([second.code, second.stderr], [0, ""]);
    assert.equal(Deno.statSync(join(app, "deno")).ino, before);
  }),
});

Deno.test({
  name: "starts at the same time all succeed and leave nothing behind",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const results = await Promise.all(Array.from({ length: 8 }, () => start(duel, ["info"], { HOME: folder })));
    for (const { code, stdout, stderr } of results) {
      assert.equal(code, 0, stderr);
      assert.match(stdout, /<info>\n$/);
    }
    const app = unpacked(join(folder, ".cache/duel"));
    assert.deepEqual([...Deno.readDirSync(app)].map(({ name }) => name).sort(), ["checked", "deno", "duel.js"]);
  }),
});

Deno.test({
  name: "files that were changed, cut or removed are unpacked again; files only touched are not",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const env = { XDG_CACHE_HOME: folder };
    const good = await start(duel, ["info"], env);
    assert.equal(good.code, 0, good.stderr);
    const app = unpacked(join(folder, "duel"));
    const damages: Record<string, (path: string) => void> = {
      changed: (path) => {
        using file = Deno.openSync(path, { write: true });
        file.writeSync(new TextEncoder().encode("X"));
      },
      longer: (path) => Deno.writeTextFileSync(path, "echo evil\n", { append: true }),
      cut: (path) => Deno.truncateSync(path, 10),
      removed: (path) => Deno.removeSync(path),
    };
    for (const file of ["deno", "duel.js", "checked"]) {
      for (const [how, damage] of Object.entries(damages)) {
        if (file === "checked" && how === "longer") continue; // only its first line means anything
        damage(join(app, file));
        const repaired = await start(duel, ["info"], env);
        assert.equal(repaired.stdout, good.stdout, `${file} ${how}`);
        assert.match(repaired.stderr, /unpacking/, `${file} ${how}`);
      }
    }
    await new Deno.Command("touch", { args: [join(app, "deno")] }).output();
    assert.deepEqual(await start(duel, ["info"], env), { ...good, stderr: "" });
  }),
});

Deno.test({
  name: "without HOME a private folder among the temporary files is used",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const { code, stderr } = await start(duel, ["info"], { TMPDIR: folder });
    assert.equal(code, 0, stderr);
    const shared = join(folder, `duel-${Deno.uid()}`);
    assert.equal(mode(shared), 0o700);
    unpacked(shared);
  }),
});

Deno.test({
  name: "a home that can't be written is passed over",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    for (const HOME of ["/dev/null", join(folder, "file"), "/proc", "relative"]) {
      const { code, stdout, stderr } = await start(duel, ["info"], { HOME, TMPDIR: folder });
      assert.equal(code, 0, stderr);
      assert.ok(stdout.includes(`cache ${folder}/duel-${Deno.uid()}`), stdout);
    }
  }),
});

Deno.test({
  name: "a link or a stranger's folder among the temporary files is refused",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const trap = join(folder, `duel-${Deno.uid()}`);
    const elsewhere = join(folder, "elsewhere");
    Deno.mkdirSync(elsewhere, { mode: 0o755 });
    Deno.symlinkSync(elsewhere, trap);
    const refusal = /^duel: found no private folder to unpack into; set DUEL_CACHE to .*\n$/;
    const linked = await start(duel, ["info"], { TMPDIR: folder });
    assert.equal(linked.code, 1);
    assert.match(linked.stderr, refusal);
    assert.deepEqual([...Deno.readDirSync(elsewhere)], []);
    assert.equal(mode(elsewhere), 0o755);
    if (Deno.uid() !== 0) return; // only root can give a folder away
    Deno.removeSync(trap);
    Deno.mkdirSync(trap, { mode: 0o777 });
    Deno.chownSync(trap, 12345, 12345);
    const strange = await start(duel, ["info"], { TMPDIR: folder });
    assert.equal(strange.code, 1);
    assert.match(strange.stderr, refusal);
    assert.deepEqual([...Deno.readDirSync(trap)], []);
  }),
});

Deno.test({
  name: "a folder of one's own that is open to others is closed",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const shared = join(folder, `duel-${Deno.uid()}`);
    Deno.mkdirSync(shared);
    Deno.chmodSync(shared, 0o777);
    assert.equal((await start(duel, ["info"], { TMPDIR: folder })).code, 0);
    assert.equal(mode(shared), 0o700);
  }),
});

Deno.test({
  name: "it starts from a read-only place, by a relative path, by a link, through PATH and through sh",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const env = { HOME: folder };
    const place = dirname(duel);
    Deno.symlinkSync(duel, join(folder, "link"));
    Deno.chmodSync(duel, 0o555);
    Deno.chmodSync(place, 0o555);
    try {
      for (
        const [file, args, cwd] of [
          [duel, [], "/"],
          ["./duel", [], place],
          [join(folder, "link"), [], "/"],
          ["sh", [duel], "/"],
          ["sh", ["duel"], place],
          ["sh", ["-c", 'PATH="$0:$PATH"; duel "$@"', place], "/"],
        ] as const
      ) {
        const { code, stdout, stderr } = await start(file, [...args, "info"], env, cwd);
        assert.equal(code, 0, `${file} ${args} ${stderr}`);
        assert.match(stdout, /<info>\n$/);
        Deno.removeSync(join(folder, ".cache"), { recursive: true });
      }
    } finally {
      Deno.chmodSync(place, 0o755);
    }
  }),
});

Deno.test({
  name: "a damaged executable says so and starts nothing",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const bytes = Deno.readFileSync(duel);
    for (const damage of ["cut", "changed"]) {
      const damaged = bytes.slice(0, damage === "cut" ? bytes.length - 100 : undefined);
      if (damage === "changed") damaged[damaged.length - 50_000] ^= 1;
      Deno.writeFileSync(duel, damaged);
      const { code, stdout, stderr } = await start(duel, ["info"], { HOME: folder, TMPDIR: "/nonexistent" });
      assert.equal(code, 1, `${damage} ${stderr}`);
      assert.equal(stdout, "");
      assert.match(stderr, /^duel: cannot unpack into .* or .* is damaged$/m);
      const app = unpacked(join(folder, ".cache/duel"));
      assert.deepEqual([...Deno.readDirSync(app)], [], "leaves nothing behind");
    }
  }),
});

Deno.test({
  name: "without a tool for SHA-256 the checksum of POSIX is used, and it agrees with ours",
  ignore,
  fn: withFake(async ({ folder, duel }) => {
    const tools = join(folder, "bin");
    Deno.mkdirSync(tools);
    const needed = [
      "sh",
      "dd",
      "tail",
      "gzip",
      "ls",
      "find",
      "mkdir",
      "mv",
      "rm",
      "chmod",
      "id",
      "cksum",
      "date",
      "touch",
    ];
    for (const tool of [...needed, "dirname"]) {
      const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${tool}`] }).output();
      Deno.symlinkSync(new TextDecoder().decode(stdout).trim(), join(tools, tool));
    }
    const { code, stdout, stderr } = await start(duel, ["info"], { HOME: folder, PATH: tools });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /<info>\n$/);
    assert.equal(stderr.split("\n").length, 2, stderr);
    assert.equal(cksum(new TextEncoder().encode("123456789")), 930766865); // of `printf 123456789 | cksum`
    assert.equal(cksum(new Uint8Array()), 4294967295);
  }),
});

Deno.test({
  name: "with the real Deno: help, a worker on shared memory, errors and exit codes work in one file",
  ignore,
  async fn() {
    const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "duel real " }));
    try {
      const duel = join(folder, "duel");
      const program = await bundle(testProgram);
      await makePortable(duel, { deno: Deno.execPath(), program, version: "1.2.3", level: 1 });
      const env = { TMPDIR: folder, NO_COLOR: "1" };
      const help = await start(duel, ["--help"], env, folder);
      assert.equal(help.code, 0, help.stderr);
      assert.match(help.stdout, /^ {2}work +Adds in a worker\.$/m);
      assert.match((await start(duel, ["work"], env, folder)).stdout, /^answer 42\n$/);
      const shown = await start(duel, ["show", "--out", "a/b"], env, folder);
      const { mode, cwd, may, flags } = JSON.parse(shown.stdout);
      assert.deepEqual([cwd, flags.out, may.run, may["write out"]], [folder, join(folder, "a/b"), "prompt", "granted"]);
      if (Deno.build.arch === "x86_64") assert.equal(mode.native, true, mode.reason);
      const typo = await start(duel, ["show", "--stpes=1"], env, folder);
      assert.deepEqual([typo.code, typo.stdout], [2, ""]);
      assert.match(typo.stderr, /^duel: unknown flag --stpes\. Did you mean --steps\?.*\n$/);
      assert.equal((await start(duel, ["missing"], env, folder)).code, 1);
      assert.equal((await start(duel, ["broken"], env, folder)).code, 70);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
