/** From the file of a sweep to its runs, and from results to tables. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Result } from "../../src/cli/sweep_directory.ts";
import { readSweepFile } from "../../src/cli/sweep_file.ts";
import { drawnValue, type PlannedRun, plannedRuns } from "../../src/cli/sweep_plan.ts";
import { summaries, writeTables } from "../../src/cli/sweep_table.ts";
import { inFolder } from "./support/duel.ts";

async function runsOf(folder: string, file: unknown): Promise<PlannedRun[]> {
  const path = join(folder, "sweep.json");
  Deno.writeTextFileSync(path, JSON.stringify(file));
  return plannedRuns(await readSweepFile(path));
}

const rate = "optimizer.discriminatorRate";

Deno.test(
  "variants × grid × draws × seeds, each with the settings of all its layers",
  inFolder(async (folder) => {
    const runs = await runsOf(folder, {
      base: { data: { name: "ring" }, batch: 32, optimizer: { beta1: 0.25 } },
      steps: 70,
      grid: { discriminatorSteps: [1, 5] },
      random: { count: 3, [rate]: { log: [1e-5, 1e-3] }, "optimizer.generatorRate": { of: rate, times: 2 } },
      variants: [{ name: "a" }, {
        name: "W GAN/gp",
        loss: { name: "wgan" },
        penalties: [{ name: "wgan-gp", weight: 10 }],
      }],
      seeds: [3, 4],
    });
    assert.equal(runs.length, 2 * 2 * (1 + 3) * 2);
    assert.equal(new Set(runs.map(({ name }) => name)).size, runs.length);
    assert.ok(runs.every(({ name }) => /^[\w.~+-]+$/.test(name)), "names suit every file system");
    assert.deepEqual(runs.slice(0, runs.length / 2).map(({ settings }) => settings.seed), Array(16).fill(3));
    const found = runs.find(({ name }) => name === "W-GAN-gp_discriminatorSteps-5_draw1_seed4")!;
    const { settings, group, varied, isDefault } = found;
    assert.deepEqual([group, isDefault], ["W GAN/gp, discriminatorSteps=5", false]);
    assert.deepEqual(Object.keys(varied), ["discriminatorSteps", rate, "optimizer.generatorRate"]);
    assert.deepEqual(
      [settings.seed, settings.steps, settings.batch, settings.discriminatorSteps, settings.loss.name],
      [4, 70, 32, 5, "wgan"],
    );
    assert.deepEqual(settings.penalties, [{ name: "wgan-gp", weight: 10 }]);
    assert.equal(settings.optimizer.beta1, 0.25);
    assert.equal(settings.optimizer.discriminatorRate, varied[rate]);
    assert.equal(settings.optimizer.generatorRate, Number((2 * (varied[rate] as number)).toPrecision(4)));
    const unchanged = runs.filter(({ isDefault }) => isDefault);
    assert.equal(unchanged.length, 8);
    assert.ok(unchanged.every(({ settings }) => settings.optimizer.discriminatorRate === 4e-4));
  }),
);

Deno.test(
  "more draws, seeds and settings keep the runs that there were",
  inFolder(async (folder) => {
    const base = { data: { name: "ring" } };
    const beta = { "optimizer.beta1": { choice: [0, 0.5, 0.9] } };
    const few = await runsOf(folder, { base, random: { count: 3, seed: 5, ...beta }, seeds: [0] });
    const many = await runsOf(folder, { base, random: { count: 25, seed: 5, ...beta }, seeds: [0, 1] });
    const wide = await runsOf(folder, { base, random: { count: 3, seed: 5, [rate]: { log: [1e-5, 1] }, ...beta } });
    for (const run of few) assert.deepEqual(many.find(({ name }) => name === run.name), run);
    const drawn = (runs: PlannedRun[]) => runs.slice(1, 4).map(({ varied }) => varied["optimizer.beta1"]);
    assert.deepEqual(drawn(wide), drawn(few));
    assert.ok(new Set(many.map(({ varied }) => varied["optimizer.beta1"])).size === 4, "all choices, and none");
  }),
);

Deno.test("draws stay within their bounds and fill them evenly", () => {
  const draws = (distribution: object) =>
    Array.from({ length: 4000 }, (_, i) => drawnValue(distribution, 1, "x", i) as number);
  const share = (values: number[], holds: (value: number) => boolean) => values.filter(holds).length / values.length;
  const log = draws({ log: [1e-5, 1e-1] });
  assert.ok(log.every((value) => value >= 1e-5 && value <= 1e-1));
  assert.ok(Math.abs(share(log, (value) => value < 1e-3) - 0.5) < 0.03, "half of them below the middle power of ten");
  const uniform = draws({ uniform: [-1, 3] });
  assert.ok(uniform.every((value) => value >= -1 && value <= 3));
  assert.ok(Math.abs(share(uniform, (value) => value < 0) - 0.25) < 0.03);
  const integers = draws({ integer: [2, 4] });
  assert.deepEqual([...new Set(integers)].sort(), [2, 3, 4]);
  for (const value of [2, 3, 4]) assert.ok(Math.abs(share(integers, (one) => one === value) - 1 / 3) < 0.03);
  assert.deepEqual(drawnValue({ log: [1e-5, 1e-3] }, 0, rate, 0), drawnValue({ log: [1e-5, 1e-3] }, 0, rate, 0));
  assert.notEqual(drawnValue({ uniform: [0, 1] }, 0, "x", 0), drawnValue({ uniform: [0, 1] }, 0, "y", 0));
});

Deno.test(
  "a budget of minutes lifts the limit of steps, unless the file has one",
  inFolder(async (folder) => {
    const base = { preset: "faces" };
    const steps = async (file: unknown) => (await runsOf(folder, file)).map(({ settings }) => settings.steps);
    assert.deepEqual(await steps({ base }), [4000]);
    assert.deepEqual(await steps({ base, minutes: 1 }), [10_000_000]);
    assert.deepEqual(await steps({ base: { ...base, steps: 9 }, minutes: 1 }), [9]);
    assert.deepEqual(await steps({ base: { ...base, steps: 9 }, minutes: 1, steps: 7 }), [7]);
  }),
);

Deno.test(
  "relative paths start from the folder of the file, or from the one that it names, which a sweep remembers",
  inFolder(async (folder) => {
    const base = { data: { name: "pictures", dir: "../there" } };
    const paths = async (file: unknown) => {
      const [{ settings: { data: { name, dir } } }] = await runsOf(folder, file);
      return [name, dir];
    };
    assert.deepEqual(await paths({ base }), [join(folder, "pictures"), join(folder, "..", "there")]);
    assert.deepEqual(await paths({ base, folder: "a/b" }), [
      join(folder, "a", "b", "pictures"),
      join(folder, "a/there"),
    ]);
    const { json } = await readSweepFile(join(folder, "sweep.json"));
    Deno.mkdirSync(join(folder, "sweeps"));
    assert.deepEqual(
      (await runsOf(join(folder, "sweeps"), json))[0].settings.data,
      (await runsOf(folder, { base, folder: "a/b" }))[0].settings.data,
    );
  }),
);

/** A result whose metric m is `value`; none is a failure. */
function ended(value: number | undefined): Result {
  const facts = { budget: { steps: 5, minutes: null }, steps: 5, seconds: 1.25 };
  if (value === undefined) return { status: "failed", reason: 'out of "luck", again', metrics: [], ...facts };
  return {
    ...{ status: "done", reason: null, ...facts },
    metrics: [{ name: "m", value, floor: 0.5, better: "higher", atLeast: false }],
  };
}

Deno.test(
  "tables rank the runs of each group and sum them up",
  inFolder(async (folder) => {
    const runs = await runsOf(folder, {
      base: { data: { name: "ring" } },
      variants: [{ name: "a" }, { name: "b" }],
      seeds: [0, 1, 2, 3],
    });
    const values: Readonly<Record<string, (number | undefined)[]>> = { a: [2, 8, undefined, 5], b: [Infinity] };
    const endings = runs.map((run) => {
      const value = values[run.group];
      const { seed } = run.settings;
      return { run, result: seed < value.length ? ended(value[seed]) : undefined };
    });
    const ranking = { metric: "m", better: "higher", measured: undefined } as const;
    const [a, b] = summaries(endings, ranking);
    assert.deepEqual(a, {
      ...{ name: "a", count: 3, failed: 1 },
      values: { best: 8, median: 5, worst: 2, mean: 5, deviation: 3, unchanged: undefined },
    });
    assert.deepEqual(b, { name: "b", count: 0, failed: 0, values: undefined });
    await writeTables(folder, endings, ranking);
    const csv = Deno.readTextFileSync(join(folder, "table.csv")).trimEnd().split("\r\n");
    assert.deepEqual(csv.slice(0, 5), [
      "variant,run,default,seed,steps,seconds,m,m floor,status,reason",
      ...[1, 3, 0].map((seed) => `a,a_seed${seed},false,${seed},5,1.25,${values.a[seed]},0.5,done,`),
      'a,a_seed2,false,2,5,1.25,,,failed,"out of ""luck"", again"',
    ]);
    const summary = JSON.parse(Deno.readTextFileSync(join(folder, "summary.json")));
    assert.deepEqual(summary.groups[0], {
      name: "a",
      count: 3,
      failed: 1,
      best: 8,
      median: 5,
      worst: 2,
      mean: 5,
      deviation: 3,
      unchanged: null,
    });
    assert.deepEqual(summary.runs[4].metrics.m, { value: "Infinity", floor: 0.5 });
    assert.match(Deno.readTextFileSync(join(folder, "table.md")), /^\| a \| 3 \| 1 \| 8 \| 5 \| 2 \| 5 \| 3 \|$/m);
    assert.match(Deno.readTextFileSync(join(folder, "plot.svg")), />n = 3<.*>1 failed<.*>n = 0<.*>4 missing</);
  }),
);
