/** `sweep` with real processes, on points that networks of a few neurons learn in no time. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { latestCheckpoint } from "../../src/checkpoint/checkpoints.ts";
import { readLog } from "../../src/checkpoint/log_file.ts";
import { command, contents, duel, inFolder, refuse, succeed } from "./support/duel.ts";

const tiny = { data: { name: "ring" }, model: { hidden: [8] }, batch: 16, checkpointEvery: 100, sampleEvery: 100_000 };

interface Summary {
  readonly metric: string;
  readonly floor: number;
  readonly groups: readonly { name: string; count: number; failed: number; best?: number; worst?: number }[];
  readonly runs: readonly {
    readonly name: string;
    readonly group: string;
    readonly status: string;
    readonly reason: string | null;
    readonly steps: number;
    readonly seconds: number;
    readonly metrics: Readonly<Record<string, { value: number; floor: number }>>;
  }[];
}

function write(folder: string, name: string, file: unknown): string {
  const path = join(folder, name);
  Deno.writeTextFileSync(path, typeof file === "string" ? file : JSON.stringify(file));
  return path;
}

const summaryOf = (sweep: string): Summary => JSON.parse(Deno.readTextFileSync(join(sweep, "summary.json")));
const read = (...path: string[]) => Deno.readTextFileSync(join(...path));
const there = (...path: string[]) => {
  try {
    return Deno.statSync(join(...path)).isFile;
  } catch {
    return false;
  }
};

Deno.test(
  "a sweep that is interrupted goes on where it was, without making again what is finished",
  { ignore: Deno.build.os === "windows" },
  inFolder(async (folder) => {
    const grid = { "loss.name": ["hinge", "lsgan"] };
    const file = write(folder, "losses.json", { base: tiny, steps: 4000, metric: "wasserstein", grid, seeds: [0, 1] });
    const sweep = join(folder, "sweeps", "losses");
    const [first, second] = ["loss-hinge_seed0", "loss-lsgan_seed0"];
    const child = command(["sweep", file, "--parallel", "1"], folder).spawn();
    const output = child.output();
    const begun = () =>
      there(sweep, "results", `${first}.json`) && there(sweep, "runs", second, "log.jsonl") &&
      read(sweep, "runs", second, "log.jsonl").includes('"step":150,');
    for (let wait = 0; wait < 1200 && !begun(); wait++) await new Promise((resolve) => setTimeout(resolve, 25));
    child.kill("SIGINT");
    const { code, stdout, stderr } = await output;
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 130, said);
    assert.match(said, /^continue with: deno task sweep --resume /m);
    assert.match(said, /^loss-hinge_seed0 {2}wasserstein \d.* \(real samples 0\.\d+\), 4,000 steps in \d+s$/m);
    assert.deepEqual(summaryOf(sweep).runs.map(({ status }) => status), ["done", "not yet", "not yet", "not yet"]);
    const finished = [["results", `${first}.json`], ["logs", `${first}.txt`], ["runs", first, "log.jsonl"]];
    const before = finished.map((path) => read(sweep, ...path));

    const resumed = await succeed(["sweep", "--resume", sweep], folder);
    assert.match(resumed.stdout, /^sweep +4 runs in .*, 1 of them finished already$/m);
    assert.deepEqual(finished.map((path) => read(sweep, ...path)), before);
    assert.match(read(sweep, "logs", `${second}.txt`), /^run .*, from step [1-9]/m);
    const steps = readLog(join(sweep, "runs", second, "log.jsonl")).filter(({ kind }) => kind === "step");
    assert.deepEqual(steps.map(({ step }) => step), Array.from({ length: 4000 }, (_, index) => index + 1));

    const { metric, floor, groups, runs } = summaryOf(sweep);
    assert.equal(metric, "wasserstein");
    assert.deepEqual(groups.map(({ name, count, failed }) => [name, count, failed]), [
      ["loss=hinge", 2, 0],
      ["loss=lsgan", 2, 0],
    ]);
    for (const { group, status, steps, metrics } of runs) {
      const { best, worst } = groups.find(({ name }) => name === group)!;
      const { value } = metrics.wasserstein;
      assert.deepEqual([status, steps, metrics.wasserstein.floor], ["done", 4000, floor]);
      assert.ok(floor < best! && best! <= value && value <= worst!, `${floor} ${best} ${value} ${worst}`);
    }
    assert.match(read(sweep, "table.md"), /^\| loss=hinge \| 2 \| 0 \| /m);
    const [head, ...rows] = read(sweep, "table.csv").trimEnd().split("\r\n");
    assert.match(head, /^variant,run,default,loss\.name,seed,steps,seconds,wasserstein,wasserstein floor,modes,/);
    assert.deepEqual(rows.map((row) => row.split(",")[1]), runs.map(({ name }) => name));
    assert.equal(
      [...read(sweep, "plot.svg").matchAll(/<circle class="dot"/g)].length,
      4 + 1,
      "a dot a run, and one in the legend",
    );

    const again = await succeed(["sweep", file], folder);
    assert.match(again.stdout, /4 of them finished already/);
    assert.deepEqual(summaryOf(sweep).runs, runs);
  }),
);

Deno.test(
  "a run that diverges is recorded with its reason, the others end with their time, and more may be asked for",
  inFolder(async (folder) => {
    const wild = { name: "sgd", discriminatorRate: 1e9, generatorRate: 1e9, clipWeights: null };
    const file = {
      base: tiny,
      minutes: 0.01,
      metrics: ["modes"],
      variants: [{ name: "wild", loss: { name: "wgan" }, optimizer: wild }, { name: "tame" }],
    };
    const sweep = join(folder, "out");
    const path = write(folder, "file.json", file);
    const { stdout, stderr } = await succeed(["sweep", path, "--out", sweep], folder);
    assert.match(stderr, /^wild_seed0 {2}failed after .*: the (loss|gradient) of the .* is not finite/m);
    assert.match(stdout, /^wild +0 +1 *$/m);
    const [bad, good] = summaryOf(sweep).runs;
    assert.deepEqual([bad.status, good.status], ["failed", "done"]);
    assert.match(bad.reason!, /is not finite at step/);
    assert.deepEqual(Object.keys(good.metrics).sort(), ["modes", "wasserstein"], "what is asked for and what ranks");
    assert.ok(good.seconds >= 0.6 && good.seconds < 5, `${good.seconds} s of training`);
    assert.match(read(sweep, "table.md"), /failed: the (loss|gradient)/);
    const once = read(sweep, "logs", "wild_seed0.txt");
    const retried = await succeed(["sweep", "--resume", sweep, "--retry"], folder);
    assert.match(retried.stdout, /1 of them finished already/);
    const log = read(sweep, "logs", "wild_seed0.txt");
    assert.ok(log.startsWith(once) && log.length > once.length, "tried again");
    assert.equal(summaryOf(sweep).runs[0].status, "failed");

    const more = { ...file, minutes: 0.02, random: { count: 1, "optimizer.beta1": { choice: [0, 0.9] } } };
    const kept = { ...more, variants: [{ name: "tame" }], random: { ...more.random, includeDefault: false } };
    write(folder, "file.json", { ...kept, base: { ...tiny, batch: 8 } });
    await succeed(["sweep", path, "--out", sweep], folder);
    const [drawn] = summaryOf(sweep).runs;
    assert.match(drawn.name, /^tame_draw0_seed0$/);
    assert.ok(drawn.seconds >= 1.2 && drawn.seconds < 6, `${drawn.seconds} s of training`);
    assert.equal(read(sweep, "logs", "wild_seed0.txt"), log);

    write(folder, "file.json", { ...file, base: { ...tiny, batch: 8 } });
    await refuse(
      ["sweep", path, "--out", sweep],
      folder,
      2,
      /tame_seed0|wild_seed0.*differs in batch \(16 there, 8 here\)/,
    );
    write(folder, "file.json", { ...file, minutes: 0.015, variants: [{ name: "tame" }] });
    await succeed(["sweep", path, "--out", sweep], folder);
    const [longer] = summaryOf(sweep).runs;
    assert.ok(longer.steps > good.steps && longer.seconds >= 0.9, `${longer.steps} steps after ${good.steps}`);
  }),
);

Deno.test(
  "other metrics have finished runs judged again, not trained; a smaller budget is refused, and nothing is written",
  inFolder(async (folder) => {
    const sweep = join(folder, "out");
    const ask = (file: object) => ["sweep", write(folder, "file.json", { base: tiny, ...file }), "--out", sweep];
    const metrics = { metric: "wasserstein", metrics: ["modes"] };
    await succeed(ask({ steps: 60, ...metrics }), folder);
    const names = () => Object.keys(summaryOf(sweep).runs[0].metrics).sort();
    assert.deepEqual(names(), ["modes", "wasserstein"]);
    const log = read(sweep, "runs", "seed0", "log.jsonl");

    const others = { steps: 60, metric: "jensen-shannon", metrics: ["modes", "high-quality"] };
    const again = await succeed(ask(others), folder);
    assert.match(again.stdout, /^sweep +1 runs in .*, 1 trained and to be judged again$/m);
    assert.match(again.stderr, /^seed0 {2}jensen-shannon \d.*, 60 steps in/m);
    assert.deepEqual(names(), ["high-quality", "jensen-shannon", "modes"]);
    assert.equal(read(sweep, "runs", "seed0", "log.jsonl"), log);
    assert.equal([...read(sweep, "logs", "seed0.txt").matchAll(/^run /gm)].length, 1, "trained once");
    const kept = await succeed(ask({ ...others, metrics: ["modes"] }), folder);
    assert.match(kept.stdout, /, 1 of them finished already$/m);

    for (const budget of [{ steps: 40 }, { steps: 60, minutes: 1e-6 }]) {
      const line = ask({ ...others, ...budget });
      const before = contents(folder);
      await refuse(line, folder, 2, /seed0 has been trained for 60 steps in \ds, and the budget is (40 steps|0s); ask/);
      assert.deepEqual(contents(folder), before, JSON.stringify(budget));
    }
    await succeed(ask({ ...others, steps: 80 }), folder);
    assert.deepEqual(summaryOf(sweep).runs.map(({ status, steps }) => [status, steps]), [["done", 80]]);
  }),
);

Deno.test(
  "where a result or a log can't be written, the other runs are saved before the sweep ends",
  { ignore: Deno.build.os !== "linux" }, // which has /dev/full
  inFolder(async (folder) => {
    const variants = [{ name: "short", steps: 20 }, { name: "long", steps: 1_000_000 }];
    const base = { ...tiny, checkpointEvery: 1_000_000 };
    const file = write(folder, "file.json", { base, metric: "wasserstein", metrics: [], variants });
    const sweep = join(folder, "out");
    const args = ["sweep", file, "--out", sweep, "--parallel", "2"];
    const child = command(args, folder).spawn();
    const output = child.output();
    const begun = () => there(sweep, "sweep.json");
    for (let wait = 0; wait < 1200 && !begun(); wait++) await new Promise((resolve) => setTimeout(resolve, 25));
    Deno.removeSync(join(sweep, "results"));
    Deno.writeTextFileSync(join(sweep, "results"), "not a folder");
    const { code, stderr } = await output;
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 1, said);
    assert.match(said, /^duel: cannot write .*short_seed0\.json: a part of the path is a file/m);
    const saved = async () => {
      const state = await latestCheckpoint(join(sweep, "runs", "long_seed0", "checkpoints"), () => {});
      assert.match(
        read(sweep, "logs", "long_seed0.txt"),
        new RegExp(`^step ${state.step} of .* saved in .*\ncontinue`, "m"),
      );
      return state.step;
    };
    const first = await saved();
    assert.ok(first > 0 && first < 1_000_000);

    Deno.removeSync(join(sweep, "results"));
    Deno.removeSync(join(sweep, "logs", "short_seed0.txt"));
    Deno.symlinkSync("/dev/full", join(sweep, "logs", "short_seed0.txt"));
    const again = await duel(args, folder);
    assert.equal(again.code, 1, again.stderr);
    assert.match(again.stderr, /^duel: cannot write .*short_seed0\.txt: the disk is full/m);
    assert.ok(await saved() >= first);
  }),
);

Deno.test(
  "a sweep that can't be is refused in one line that names the field, and nothing is written",
  inFolder(async (folder) => {
    await duel(["info"], folder); // the launcher remembers in the cache what this Deno accepts
    const cases: [unknown, number, RegExp][] = [
      ["{", 1, /it is not JSON/],
      [{ bass: {} }, 1, /bass/],
      [{ base: { ...tiny, batch: 0.5 } }, 1, /: base\.batch: /],
      [
        { base: tiny, grid: { "optimizer.beta3": [1] } },
        1,
        /grid\.optimizer\.beta3: there is no .*Did you mean optimizer\.beta/,
      ],
      [{ base: tiny, grid: { "loss.name": ["hinje"] } }, 1, /grid\.loss\.name: "hinje": .*"hinge"/],
      [{ base: tiny, random: { count: 1, batch: { uniform: [8, 9] } } }, 1, /batch: \d\.\d+: /],
      [
        { base: tiny, random: { count: 1, batch: { log: [0, 9] } } },
        1,
        /random\.batch\.log: a logarithm needs numbers above 0/,
      ],
      [{ base: tiny, random: { count: 1, batch: {} } }, 1, /random\.batch: expected one of choice, uniform, log/],
      [{ base: tiny, random: { batch: { choice: [8] } } }, 1, /random\.count/],
      [{ base: tiny, seeds: [1, 1] }, 1, /seeds: the same seed is given twice/],
      [{ base: tiny, metrics: ["mode"] }, 2, /there is no metric mode of ring.* Did you mean modes/],
      [
        { base: tiny, metric: "kernel-distance" },
        2,
        /there is no metric kernel-distance of ring; expected one of modes/,
      ],
      [
        { base: tiny, grid: { "view.packed": [1, 3] } },
        2,
        /packed-3_seed0: a batch of 16 does not split into packs of 3/,
      ],
      [{ base: { data: { size: 48 } } }, 2, /seed0: .*not (of )?48/],
    ];
    for (const [file, code, message] of cases) {
      const path = write(folder, "file.json", file);
      const before = contents(folder);
      await refuse(["sweep", path], folder, code, message);
      assert.deepEqual([...contents(folder).keys()], [...before.keys()], JSON.stringify(file));
    }
    const path = write(folder, "file.json", { base: tiny });
    Deno.mkdirSync(join(folder, "full"));
    write(join(folder, "full"), "diary.txt", "dear diary");
    const before = contents(folder);
    await refuse(["sweep"], folder, 2, /FILE is missing/);
    await refuse(["sweep", path, "--out", join(folder, "full")], folder, 2, /exists and is no sweep/);
    await refuse(["sweep", "--resume", join(folder, "full")], folder, 2, /it has no sweep\.json/);
    await refuse(["sweep", path, "--resume", join(folder, "full")], folder, 2, /leave out FILE or --resume/);
    const { stdout } = await succeed(["sweep", path, "--dry-run"], folder);
    assert.match(stdout, /^seed0 +0\n1 runs?, \d+ at a time$/m);
    assert.deepEqual(contents(folder), before);
  }),
);
