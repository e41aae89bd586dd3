import assert from "node:assert/strict";
import * as v from "valibot";
import { configDifferences, readConfig, requireSameConfig } from "../../src/checkpoint/config.ts";
import { createRun, lockRun, newestRun, openRun, runPaths } from "../../src/checkpoint/run_directory.ts";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { withDirectory } from "./temporary.ts";

const worker = import.meta.dirname + "/worker_processes.ts";
const schema = v.object({ model: v.object({ name: v.string(), channels: v.number() }), seed: v.number() });
const config = { model: { name: "dcgan", channels: 32 }, seed: 7 };
const names = (directory: string) => [...Deno.readDirSync(directory)].map(({ name }) => name).sort();

type ErrorClass = typeof DataError | typeof UsageError;
const isError = (kind: ErrorClass, pattern: RegExp) => (error: unknown) => {
  assert(error instanceof kind, String(error));
  assert.match(error.message, pattern);
  assert(!error.message.includes("\n"));
  return true;
};

Deno.test("runs are numbered from the highest there is, and found again", async () => {
  await withDirectory(async (directory) => {
    const runs = `${directory}/a/runs`;
    const roots = [];
    for (const name of ["faces-dcgan", "my photos/é.mlp"]) roots.push((await createRun({ runs, name }, config)).root);
    assert.deepEqual(roots, [`${runs}/001-faces-dcgan`, `${runs}/002-my-photos-.mlp`]);
    await Deno.mkdir(`${runs}/1041-old`);
    assert.equal((await createRun({ runs, name: "x" }, config)).root, `${runs}/1042-x`);
    assert.deepEqual(names(runs), ["001-faces-dcgan", "002-my-photos-.mlp", "1041-old", "1042-x"]);
    assert.deepEqual(names(roots[0]), ["checkpoints", "config.json", "samples"]);
    const opened = await openRun(roots[0], schema);
    assert.deepEqual(opened, { paths: runPaths(roots[0]), config });
  });
});

Deno.test("processes that make runs at once get different numbers", async () => {
  await withDirectory(async (runs) => {
    const outputs = await Promise.all(
      ["a", "b", "c", "d"].map((name) =>
        new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", worker, "create", runs, name, "10"] })
          .output()
      ),
    );
    assert(outputs.every(({ success }) => success), new TextDecoder().decode(outputs[0].stderr));
    const printed = outputs.flatMap(({ stdout }) => new TextDecoder().decode(stdout).trim().split("\n")).sort();
    assert.deepEqual(printed, names(runs).map((name) => `${runs}/${name}`));
    const numbers = new Set(names(runs).map((name) => name.split("-", 1)[0]));
    assert.equal(numbers.size, 40);
  });
});

Deno.test("a claim that a killed process left behind only costs its number", async () => {
  await withDirectory(async (runs) => {
    await Deno.mkdir(`${runs}/.claim-001`);
    assert.equal((await createRun({ runs, name: "x" }, config)).root, `${runs}/002-x`);
  });
});

Deno.test("a directory that is there is never taken or changed", async () => {
  await withDirectory(async (directory) => {
    for (const make of [Deno.mkdirSync, (path: string) => Deno.writeTextFileSync(path, "mine")]) {
      const out = `${directory}/out`;
      make(out);
      await assert.rejects(createRun({ out }, config), isError(UsageError, /out exists already; choose another --out/));
      assert.deepEqual(names(directory), ["out"]);
      assert(Deno.statSync(out).isFile || names(out).length === 0);
      Deno.removeSync(out);
    }
    Deno.writeTextFileSync(`${directory}/file`, "mine");
    await assert.rejects(createRun({ out: `${directory}/file/run` }, config), isError(DataError, /cannot make/));
    await assert.rejects(
      createRun({ runs: `${directory}/file`, name: "x" }, config),
      isError(DataError, /cannot make/),
    );
    assert.equal(Deno.readTextFileSync(`${directory}/file`), "mine");
  });
});

Deno.test("a place that this process may not write to is an error of one line", async () => {
  await withDirectory(async (runs) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--no-prompt", "--allow-read", worker, "create", runs, "x", "1"],
    }).output();
    assert.equal(code, 1);
    assert.match(new TextDecoder().decode(stderr), /^cannot make .*: the process was started without the permission/);
    assert.deepEqual(names(runs), []);
  });
});

Deno.test("what is not a run directory is refused with what it is", async () => {
  await withDirectory(async (directory) => {
    const { root, config: path } = await createRun({ out: `${directory}/run` }, config);
    const open = (where: string) => openRun(where, schema);
    await assert.rejects(
      open(`${directory}/none`),
      isError(DataError, /cannot open the run .*no such file or directory/),
    );
    await assert.rejects(open(path), isError(DataError, /config\.json is a file; expected the directory of a run/));
    await assert.rejects(open(directory), isError(DataError, /has no config\.json/));
    const cases: [text: string, pattern: RegExp][] = [
      ["", /it is not JSON/],
      [`{"model":`, /it is not JSON/],
      ["[]", /it is not an object of settings/],
      [`{"model":{"name":"dcgan","channels":"many\\n"},"seed":7}`, /model\.channels: .*received "many/],
      [`{"model":{"name":"dcgan","channels":1}}`, /seed: /],
    ];
    for (const [text, pattern] of cases) {
      Deno.writeTextFileSync(path, text);
      await assert.rejects(open(root), isError(DataError, pattern));
    }
    Deno.removeSync(path);
    await assert.rejects(readConfig(path, schema), isError(DataError, /no such file/));
  });
});

Deno.test("the newest run is the one that was started last", async () => {
  await withDirectory(async (runs) => {
    const none = isError(UsageError, /there is no run in/);
    await assert.rejects(newestRun(runs), none);
    await assert.rejects(newestRun(`${runs}/none`), none);
    for (const name of ["001-a", "002-b", "mnist"]) await createRun({ out: `${runs}/${name}` }, config);
    await Deno.mkdir(`${runs}/003-half`);
    const started = (name: string, seconds: number) => Deno.utime(runPaths(`${runs}/${name}`).config, seconds, seconds);
    await started("001-a", 1000);
    await started("002-b", 1000);
    await started("mnist", 999);
    assert.equal(await newestRun(runs), `${runs}/002-b`);
    await started("mnist", 1001);
    assert.equal(await newestRun(runs), `${runs}/mnist`);
  });
});

Deno.test("only one process trains in a run", async () => {
  await withDirectory(async (directory) => {
    const paths = await createRun({ out: `${directory}/run` }, config);
    const first = await lockRun(paths);
    await assert.rejects(lockRun(paths), isError(UsageError, /another process is training in/));
    first[Symbol.dispose]();
    (await lockRun(paths))[Symbol.dispose]();
  });
});

Deno.test("configs are compared field by field", () => {
  assert.deepEqual(configDifferences(config, structuredClone(config)), []);
  const other = { model: { name: "mlp", channels: 32, depth: null }, seed: 7, betas: [0, 0.9] };
  assert.deepEqual(configDifferences({ ...config, betas: [0, 0.5] }, other), [
    { field: "betas.1", recorded: 0.5, requested: 0.9 },
    { field: "model.depth", recorded: undefined, requested: null },
    { field: "model.name", recorded: "dcgan", requested: "mlp" },
  ]);
  assert.deepEqual(configDifferences({ a: [1] }, { a: { 0: 1 } }).map(({ field }) => field), ["a"]);
  assert.doesNotThrow(() => requireSameConfig("runs/001", config, { ...other, betas: undefined }, ["model"]));
  assert.throws(
    () => requireSameConfig("runs/001", config, { ...config, model: { name: "mlp", channels: 32 }, seed: 8 }, ["seed"]),
    isError(UsageError, /^runs\/001 is another kind of run: it differs in model\.name \("dcgan" there, "mlp" here\);/),
  );
});
