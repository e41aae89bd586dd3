import assert from "node:assert/strict";
import { join } from "node:path";
import { listCheckpoints, readCheckpoint } from "../../src/checkpoint/checkpoints.ts";
import { encodeSafetensors } from "../../src/checkpoint/safetensors.ts";
import { lockRun, runPaths } from "../../src/checkpoint/run_directory.ts";
import { readLog } from "../../src/checkpoint/log_file.ts";
import { command, contents, duel, inFolder, refuse, small, succeed, writeImages } from "./support/duel.ts";

const steps = (run: string) =>
  readLog(join(run, "log.jsonl")).filter((record) => record.kind === "step").map(({ step, losses }) => [step, losses]);
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test(
  "a run leaves its config, log, samples, checkpoints and report behind, and says what it did",
  inFolder(async (folder) => {
    const cadence = ["--sample-every", "4", "--checkpoint-every", "3", "--keep-every", "6"];
    const flags = [...small(folder), "--steps", "10", "--seed", "7", ...cadence];
    const { stdout, stderr } = await succeed(flags, folder);
    for (const line of [/^data .*40 images of 16×16×1; loading took/m, /^model .*dcgan/m, /^seed +7$/m]) {
      assert.match(stdout, line);
    }
    assert.match(stdout, /^engine .*wasm, \d+ threads?, (native-speed|safe) mode \(.+\), .* of memory$/m);
    assert.match(stdout, /^roof +\d+(\.\d+)? GFLOP\/s, measured just now; percentages are of this$/m);
    assert.match(stderr, /^train 10\/10 +D \d+\.\d+ G \d+\.\d+ +\d+ images\/s +\d+ GFLOP\/s \(\d+ %\)$/m);
    assert.ok(!(stdout + stderr).includes("\x1b"), "plain text in a pipe");

    const run = join(folder, "runs", names(join(folder, "runs"))[0]);
    assert.match(run, /001-noise-images-idx3-ubyte-dcgan$/);
    assert.deepEqual(names(run), [".lock", "checkpoints", "config.json", "log.jsonl", "report.html", "samples"]);
    assert.deepEqual(names(join(run, "samples")), [
      ...["000000", "000004", "000008", "000010"].map((step) => `fakes_${step}.png`),
      "reals.png",
    ]);
    assert.deepEqual((await listCheckpoints(join(run, "checkpoints"))).map(({ step }) => step), [6, 9, 10]);
    assert.deepEqual(steps(run).map(([step]) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const config = JSON.parse(Deno.readTextFileSync(join(run, "config.json")));
    assert.deepEqual([config.seed, config.steps, config.data.flip, config.samples.count], [7, 10, false, 40]);
    assert.deepEqual(config.optimizer, {
      name: "adam",
      beta1: 0.5,
      beta2: 0.999,
      discriminatorRate: 4e-4,
      generatorRate: 8e-4,
      clipWeights: null,
      clipGradients: null,
    });
    const { metadata } = await readCheckpoint(join(run, "checkpoints", "step-000010.safetensors"));
    assert.deepEqual([metadata.kernels, metadata.plan], [config.plan.kernels, config.plan.digest]);
    assert.match(Deno.readTextFileSync(join(run, "report.html")), /fakes|step 10/);
  }),
);

Deno.test(
  "a resumed run, and one on another number of threads, end as the one that ran through",
  inFolder(async (folder) => {
    const flags = [...small(folder), "--d-steps", "2", "--loss", "relativistic"];
    const out = (name: string) => join(folder, name);
    await succeed([...flags, "--steps", "12", "--threads", "1", "--out", out("whole")], folder);
    await succeed([...flags, "--steps", "7", "--threads", "2", "--out", out("parts")], folder);
    const { stdout } = await succeed(["train", "--resume", out("parts"), "--steps", "12"], folder);
    assert.match(stdout, /from step 7$/m);
    const final = (run: string) => Deno.readFileSync(join(out(run), "checkpoints", "step-000012.safetensors"));
    assert.deepEqual(final("parts"), final("whole"));
    assert.deepEqual(steps(out("parts")), steps(out("whole")));
    assert.deepEqual(
      Deno.readFileSync(join(out("parts"), "samples", "fakes_000012.png")),
      Deno.readFileSync(join(out("whole"), "samples", "fakes_000012.png")),
    );
  }),
);

Deno.test(
  "with --exact every product is made, which the run remembers and says",
  inFolder(async (folder) => {
    const flags = [...small(folder), "--base", "8", "--steps", "3"];
    const out = (name: string) => join(folder, name);
    const config = (name: string) => JSON.parse(Deno.readTextFileSync(join(out(name), "config.json")));
    const final = (name: string) => Deno.readFileSync(join(out(name), "checkpoints", "step-000005.safetensors"));
    const fast = await succeed([...flags, "--out", out("fast")], folder);
    const exact = await succeed([...flags, "--exact", "--steps", "5", "--out", out("exact")], folder);
    assert.match(fast.stdout, /^engine .*, fast convolutions, .* of memory$/m);
    assert.match(exact.stdout, /^engine .*, every product made \(--exact\), .* of memory$/m);
    assert.deepEqual([config("fast").exact, config("exact").exact], [false, true]);
    assert.notEqual(config("fast").plan.digest, config("exact").plan.digest);

    await succeed([...flags, "--exact", "--out", out("parts")], folder);
    const resumed = await succeed(["train", "--resume", out("parts"), "--steps", "5"], folder);
    assert.match(resumed.stdout, /every product made/);
    assert.deepEqual(final("parts"), final("exact"));
    const other = await succeed(["train", "--resume", out("fast"), "--exact", "--steps", "5"], folder);
    assert.match(other.stderr, /^duel: this run goes on with another plan .*; bits may differ from now on$/m);
    assert.deepEqual([config("fast").exact, config("fast").plan], [true, config("exact").plan]);
  }),
);

Deno.test(
  "the reference backend trains too, and resumes exactly",
  inFolder(async (folder) => {
    const flags = [
      ...small(folder),
      "--backend",
      "reference",
      "--base",
      "1",
      "--batch",
      "2",
      "--checkpoint-every",
      "2",
    ];
    await succeed([...flags, "--steps", "4", "--out", join(folder, "whole")], folder);
    await succeed([...flags, "--steps", "2", "--out", join(folder, "parts")], folder);
    await succeed(["train", "--steps", "4", "--resume", join(folder, "parts")], folder);
    const final = (run: string) => Deno.readFileSync(join(folder, run, "checkpoints", "step-000004.safetensors"));
    assert.deepEqual(final("parts"), final("whole"));
  }),
);

Deno.test(
  "Ctrl-C saves, ends with code 130, and the newest run goes on from there as if nothing had happened",
  { ignore: Deno.build.os === "windows" },
  inFolder(async (folder) => {
    const flags = [...small(folder), "--steps", "3000"];
    const child = command(flags, folder).spawn();
    const log = join(folder, "runs", "001-noise-images-idx3-ubyte-dcgan", "log.jsonl");
    const begun = () => {
      try {
        return Deno.readTextFileSync(log).includes('"step":20,');
      } catch {
        return false; // not there yet
      }
    };
    for (let wait = 0; wait < 600 && !begun(); wait++) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGINT");
    const { code, stdout, stderr } = await child.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(code, 130, text(stdout) + text(stderr));
    assert.match(text(stderr), /^duel: interrupted$/m);
    const stopped = Number(/^step (\d+) of 3000 .*saved in/m.exec(text(stdout))?.[1]);
    assert.ok(stopped >= 20 && stopped < 3000, `${stopped}`);

    const total = String(stopped + 5);
    await succeed(["train", "--resume", "--steps", total], folder);
    await succeed([...flags, "--steps", total, "--out", join(folder, "whole")], folder);
    const final = (run: string) =>
      Deno.readFileSync(join(folder, run, "checkpoints", `step-${total.padStart(6, "0")}.safetensors`));
    assert.deepEqual(final("runs/001-noise-images-idx3-ubyte-dcgan"), final("whole"));
  }),
);

Deno.test(
  "a run that diverges goes back three times with lower rates, then ends in one line and leaves what was good",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    const data = ["--data", "idx", "--data-dir", writeImages(folder), "--size", "16"];
    const wild = [
      "--model",
      "mlp",
      "--optimizer",
      "sgd",
      "--learning-rate",
      "10",
      "--loss",
      "wgan",
      "--clip-weights",
      "0",
    ];
    const flags = [...wild, "--batch", "4", "--steps", "300", "--checkpoint-every", "1", "--out", run];
    const { code, stderr } = await duel(["train", ...data, ...flags], folder);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^duel: the (loss|gradient) of the .* is not finite at step \d+, .*; try a lower .*\n$/m);
    const rollbacks = readLog(join(run, "log.jsonl")).filter((record) => record.kind === "rollback");
    assert.deepEqual(rollbacks.map(({ rateFactor }) => rateFactor), [0.5, 0.25, 0.125]);
    for (const { step, failedStep, rateFactor } of rollbacks) {
      const line = `step ${failedStep}: the .* is not finite; back to step ${step}, learning rates × ${rateFactor}`;
      assert.match(stderr, new RegExp(`^${line}$`, "m"));
    }
    const checkpoints = await listCheckpoints(join(run, "checkpoints"));
    assert.ok(checkpoints.length > 0);
    for (const { path } of checkpoints) {
      const { tensors } = await readCheckpoint(path);
      assert.ok([...tensors.values()].every(({ data }) => data.every(Number.isFinite)), path);
    }
  }),
);

Deno.test(
  "a dry run shows layers, parameters, memory and work, and writes nothing",
  inFolder(async (folder) => {
    Deno.mkdirSync(join(folder, "cache"));
    await duel(["info"], folder); // remembers in the cache what this Deno accepts
    const before = contents(folder);
    const { stdout } = await succeed(["train", "--dry-run", "--size", "64", "--base", "64", "--latent", "100"], folder);
    assert.match(stdout, /^G\.12 +transposed conv 4×4, stride 2 +64×64×3 +3,072$/m);
    assert.match(stdout, /^parameters: G 3,576,704, D 2,765,568$/m, "as in PyTorch's example");
    for (const region of ["program", "constants", "state", "inputs", "arena", "scratch", "in all"]) {
      assert.match(stdout, new RegExp(`^${region} .* (B|KiB|MiB)$`, "m"));
    }
    assert.match(stdout, /^a step \(D × 1, G\) +\d+ GFLOP +\d+ GFLOP$/m);
    assert.match(stdout, /^arithmetic: fast convolutions$/m);
    assert.deepEqual(contents(folder), before);
  }),
);

Deno.test(
  "a run is resumed with its own settings, or not at all",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    await succeed([...small(folder), "--steps", "4", "--out", run], folder);
    const before = contents(run);
    const resume = ["train", "--resume", run];
    await refuse([...resume, "--batch", "8"], folder, 2, /batch \(4 there, 8 here\)/);
    await refuse([...resume, "--model", "mlp"], folder, 2, /model\.name \("dcgan" there, "mlp" here\)/);
    await refuse([...resume, "--steps", "3"], folder, 2, /is at step 4 already/);
    await refuse([...resume, "--out", join(folder, "new")], folder, 2, /leave out --out/);
    await refuse(["train", "--resume", join(folder, "none")], folder, 1, /cannot open the run .*no such file/);
    await refuse(["train", "--resume"], folder, 2, /there is no run in .*runs; start one/);
    const images = join(folder, "noise-images-idx3-ubyte");
    const bytes = Deno.readFileSync(images);
    Deno.writeFileSync(images, bytes.map((byte, i) => i === 500 ? byte ^ 1 : byte));
    await refuse([...resume, "--steps", "5"], folder, 2, /samples\.digest/);
    Deno.writeFileSync(images, bytes);
    assert.deepEqual(contents(run), before);

    const config = JSON.parse(Deno.readTextFileSync(join(run, "config.json")));
    Deno.writeTextFileSync(
      join(run, "config.json"),
      JSON.stringify({ ...config, model: { ...config.model, base: 5 } }),
    );
    await refuse([...resume, "--steps", "5"], folder, 1, /the file's .* has shape .*; it belongs to another model/);
    Deno.writeTextFileSync(join(run, "config.json"), "{");
    await refuse(resume, folder, 1, /config\.json: it is not JSON/);
  }),
);

Deno.test(
  "a damaged checkpoint is passed over for the one before it; without any whole one the run is refused",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    await succeed([...small(folder), "--steps", "6", "--checkpoint-every", "3", "--out", run], folder);
    const last = join(run, "checkpoints", "step-000006.safetensors");
    const bytes = Deno.readFileSync(last);
    const damaged = bytes.map((byte, i) => i === bytes.length - 9 ? byte ^ 4 : byte);
    Deno.writeFileSync(last, damaged);
    const { stderr, stdout } = await succeed(["train", "--resume", run], folder);
    assert.match(stderr, /step-000006.*does not match its digest; trying the one before it/);
    assert.match(stdout, /from step 3$/m);
    assert.deepEqual(Deno.readFileSync(last), bytes, "the same state again");
    for (const name of ["step-000003.safetensors", "step-000006.safetensors"]) {
      Deno.writeFileSync(join(run, "checkpoints", name), damaged.slice(0, 100));
    }
    const ended = await duel(["train", "--resume", run, "--steps", "9"], folder);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /none of the 2 checkpoints .* can be used; start a new run\n$/);
  }),
);

Deno.test(
  "a run may go on with another plan, says so, and is trained in by one process at a time",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    await succeed([...small(folder), "--steps", "2", "--out", run], folder);
    const file = join(run, "checkpoints", "step-000002.safetensors");
    const { tensors, metadata } = await readCheckpoint(file);
    Deno.writeFileSync(file, encodeSafetensors(tensors, { ...metadata, plan: "that of another version" }));
    const { stderr } = await succeed(["train", "--resume", run, "--steps", "3"], folder);
    assert.match(stderr, /^duel: this run goes on with another plan .*; bits may differ from now on$/m);

    using _lock = await lockRun(runPaths(run));
    const before = contents(run);
    await refuse(["train", "--resume", run, "--steps", "4"], folder, 2, /another process is training in/);
    assert.deepEqual(contents(run), before);
  }),
);
