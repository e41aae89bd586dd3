import assert from "node:assert/strict";
import {
  checkpointName,
  latestCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  readCheckpoint,
  writeCheckpoint,
} from "../../src/checkpoint/checkpoints.ts";
import { LogFile, readLog } from "../../src/checkpoint/log_file.ts";
import { encodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import { DataError } from "../../src/core/errors.ts";
import { createRun, runPaths } from "../../src/checkpoint/run_directory.ts";
import { withDirectory, withSmallDisk } from "./temporary.ts";
import { stateAt } from "./worker_processes.ts";

const worker = import.meta.dirname + "/worker_processes.ts";
const names = (directory: string) => [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
const isDataError = (pattern: RegExp) => (error: unknown) => {
  assert(error instanceof DataError, String(error));
  assert.match(error.message, pattern);
  assert(!error.message.includes("\n"));
  return true;
};

Deno.test("a checkpoint gives back step, tensors and metadata, and equal states are equal files", async () => {
  await withDirectory(async (directory) => {
    const path = await writeCheckpoint(directory, 200, stateAt(200, 3), { rateFactor: "0.5" });
    assert.equal(path, `${directory}/step-000200.safetensors`);
    const { step, tensors, metadata } = await readCheckpoint(path);
    assert.deepEqual([step, metadata], [200, { rateFactor: "0.5", step: "200" }]);
    assert.deepEqual(tensors, stateAt(200, 3));
    const first = await Deno.readFile(path);
    await writeCheckpoint(directory, 200, stateAt(200, 3), { rateFactor: "0.5" });
    assert.deepEqual(await Deno.readFile(path), first);
    assert.deepEqual(names(directory), [checkpointName(200)]);
  });
});

Deno.test("pruning keeps the last two, each keepEvery, and other files, but no half-written ones", async () => {
  await withDirectory(async (directory) => {
    for (let step = 100; step <= 1_000_000; step = step < 1000 ? step + 100 : step * 10) {
      await writeCheckpoint(directory, step, stateAt(step, 1), {});
    }
    await Deno.writeTextFile(`${directory}/notes.txt`, "");
    await Deno.writeTextFile(`${directory}/.step-000300.safetensors.5e3f.tmp`, "");
    await pruneCheckpoints(directory, 400);
    const expected = ["000400", "000800", "010000", "100000", "1000000"].map((step) => `step-${step}.safetensors`);
    assert.deepEqual(names(directory), ["notes.txt", ...expected].sort());
    assert.deepEqual((await listCheckpoints(directory)).map(({ step }) => step), [
      400,
      800,
      10_000,
      100_000,
      1_000_000,
    ]);
    await pruneCheckpoints(directory, 0);
    assert.deepEqual((await listCheckpoints(directory)).map(({ step }) => step), [100_000, 1_000_000]);
  });
});

Deno.test("a damaged newest checkpoint gives way to the one before it, with a notice", async () => {
  await withDirectory(async (directory) => {
    const older = await writeCheckpoint(directory, 1, stateAt(1, 100), {});
    const newest = await writeCheckpoint(directory, 2, stateAt(2, 100), {});
    const whole = await Deno.readFile(newest);
    const flipped = whole.with(whole.length - 1, 1);
    const foreign = encodeSafetensors(stateAt(2, 1), {});
    const cases: [bytes: Uint8Array, notice: RegExp][] = [
      [whole.subarray(0, 300), /ends inside|cut off/],
      [whole.subarray(0, whole.length - 4), /cut off/],
      [new Uint8Array(0), /not a safetensors file/],
      [new Uint8Array(whole.length), /./],
      [flipped, /data does not match its digest/],
      [foreign, /it is no checkpoint/],
      [await Deno.readFile(older), /it is of step 1/],
    ];
    for (const [bytes, pattern] of cases) {
      await Deno.writeFile(newest, bytes);
      const notices: string[] = [];
      const { step, tensors } = await latestCheckpoint(directory, (line) => notices.push(line));
      assert.equal(step, 1);
      assert.deepEqual(tensors, stateAt(1, 100));
      assert.equal(notices.length, 1);
      assert.match(notices[0], pattern);
      assert(notices[0].includes(newest) && notices[0].endsWith("trying the one before it"));
    }
    await Deno.truncate(older, 9);
    await assert.rejects(latestCheckpoint(directory, () => {}), isDataError(/none of the 2 checkpoints/));
  });
});

Deno.test("an empty, missing or mistaken checkpoint directory is an error of one line", async () => {
  await withDirectory(async (directory) => {
    await assert.rejects(latestCheckpoint(directory, () => {}), isDataError(/there is no checkpoint in/));
    await assert.rejects(latestCheckpoint(`${directory}/none`, () => {}), isDataError(/no such file or directory/));
    await Deno.writeTextFile(`${directory}/file`, "");
    await assert.rejects(listCheckpoints(`${directory}/file`), isDataError(/expected a directory/));
    await assert.rejects(writeCheckpoint(`${directory}/file`, 1, stateAt(1, 1), {}), isDataError(/a part of the path/));
    await assert.rejects(readCheckpoint(directory), isDataError(/it is a directory/));
    await assert.rejects(readCheckpoint(`${directory}/none`), isDataError(/cannot read/));
  });
});

Deno.test("a process killed while it writes checkpoints leaves a whole newest one, twenty times", async () => {
  await withDirectory(async (directory) => {
    const size = 200_000;
    const { root, checkpoints, log } = await createRun({ out: `${directory}/run` }, {});
    let reached = 0;
    for (let round = 0; round < 20; round++) {
      const process = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", worker, "train", root, String(size)],
        stdout: "piped",
      }).spawn();
      const output = process.stdout.getReader();
      const first = new TextDecoder().decode((await output.read()).value);
      assert.match(first, /^\d+\n/, "a checkpoint of the process before could not be used");
      output.releaseLock();
      const drained = process.stdout.pipeTo(new WritableStream());
      await new Promise((resolve) => setTimeout(resolve, (round * 37) % 50));
      process.kill("SIGKILL");
      await process.status;
      await drained;

      const notices: string[] = [];
      const { step, tensors } = await latestCheckpoint(checkpoints, (line) => notices.push(line));
      assert.deepEqual(notices, []);
      assert(step > reached, `round ${round}: step ${step} after ${reached}`);
      assert(tensors.get("w")!.data.every((value) => value === step));
      reached = step;
    }
    LogFile.open(log, reached)[Symbol.dispose]();
    assert.deepEqual(readLog(log).map(({ step }) => step), Array.from({ length: reached }, (_, index) => index + 1));
    await pruneCheckpoints(checkpoints, 0);
    assert.equal(names(checkpoints).length, 2);
  });
});

Deno.test("a write that the system refuses leaves the checkpoints as they were and nothing half-written", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withDirectory(async (directory) => {
    const { root, checkpoints } = await createRun({ out: `${directory}/run` }, {});
    await writeCheckpoint(checkpoints, 1, stateAt(1, 10), {});
    // A limit on file sizes, its signal ignored, makes writes fail half-way as a full disk does.
    const command = `trap '' XFSZ; ulimit -f 64; exec "$0" run -A --no-check "$@"`;
    const { code, stderr } = await new Deno.Command("bash", {
      args: ["-c", command, Deno.execPath(), worker, "train", root, "200000"],
      stderr: "piped",
    }).output();
    assert.equal(code, 1);
    const message = new TextDecoder().decode(stderr).trimEnd();
    assert.match(
      message,
      /^cannot write .*step-000002\.safetensors: File too large/,
    );
    assert(!message.includes("\n"), message);
    assert.deepEqual(names(checkpoints), [checkpointName(1)]);
    assert.equal((await latestCheckpoint(checkpoints, assert.fail)).step, 1);
  });
});

const canMount = await withSmallDisk(16, () => Promise.resolve());

Deno.test("a full disk is an error of one line, and leaves runs, logs and checkpoints as they were", {
  ignore: !canMount,
}, async () => {
  await withSmallDisk(64, async (disk) => {
    const { checkpoints, log } = await createRun({ out: `${disk}/run` }, {});
    await writeCheckpoint(checkpoints, 1, stateAt(1, 10), {});
    await assert.rejects(writeCheckpoint(checkpoints, 2, stateAt(2, 100_000), {}), isDataError(/the disk is full/));
    assert.deepEqual(names(checkpoints), [checkpointName(1)]);

    using file = LogFile.open(log, 0);
    let written = 0;
    const fill = () => {
      for (;; written++) file.append({ kind: "sample", step: written, file: "x".repeat(999) });
    };
    assert.throws(fill, isDataError(/the disk is full/));
    assert.equal(readLog(log).length, written);
    assert(Deno.readTextFileSync(log).endsWith("\n"));

    await assert.rejects(
      createRun({ out: `${disk}/other` }, { note: "y".repeat(5000) }),
      isDataError(/the disk is full/),
    );
    assert.deepEqual(names(disk), ["run"]);
    assert.deepEqual(names(runPaths(`${disk}/run`).root), ["checkpoints", "config.json", "log.jsonl", "samples"]);
  });
});
