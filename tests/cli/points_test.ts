/** Runs on points: pictures, arrays, and numbers of their samples. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { decode } from "fast-png";
import { readLog } from "../../src/checkpoint/log_file.ts";
import { toyMetrics } from "../../src/metrics/toys.ts";
import { inFolder, refuse, small, succeed } from "./support/duel.ts";

const METRICS = Object.keys(toyMetrics);

/** The header and the numbers of a `.npy` file. */
function readNpy(file: string) {
  const bytes = Deno.readFileSync(file);
  const start = 10 + new DataView(bytes.buffer).getUint16(8, true);
  return {
    header: new TextDecoder().decode(bytes.subarray(10, start)),
    values: new Float32Array(bytes.slice(start).buffer),
  };
}

Deno.test(
  "a run on points is pictured, measured, sampled and judged, and the same seed is the same point",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    const game = ["--loss", "wgan", "--latents", "uniform", "--latent", "3", "--steps", "6", "--eval-every", "4"];
    const flags = ["--data", "ring", "--batch", "16", "--hidden", "8", "--threads", "1", "--out", run];
    const { stdout, stderr } = await succeed(["train", ...flags, ...game], folder);
    assert.match(stdout, /^data +ring, 8 Gaussians on a circle/m);
    assert.match(stdout, /^game +wgan loss, weights of D within ±0\.01$/m);
    assert.match(stderr, /\d+ points\/s/);
    const picture = decode(Deno.readFileSync(join(run, "samples", "fakes_000006.png")));
    assert.ok(picture.width > 100 && picture.width === picture.height);
    const measured = readLog(join(run, "log.jsonl")).filter((record) => record.kind === "metric");
    assert.deepEqual(measured.map(({ step, values }) => [step, Object.keys(values)]), [
      [4, METRICS],
      [6, ["diversity"]],
      [6, METRICS],
    ]);
    assert.match(stderr, /^step 4: modes \d \(8\), high-quality/m);

    const draw = async (name: string, ...args: string[]) => {
      await succeed(["sample", run, ...args, "--out", join(folder, name)], folder);
      return readNpy(join(folder, name));
    };
    const many = await draw("many.npy", "--n", "20");
    assert.match(many.header, /'<f4'.*\(20, 2\)/);
    assert.deepEqual((await draw("one.npy", "--seeds", "7")).values, many.values.slice(14, 16));
    await succeed(["sample", run, "--out", join(folder, "points.png")], folder);
    assert.equal(decode(Deno.readFileSync(join(folder, "points.png"))).width, picture.width);
    await refuse(
      ["sample", run, "--out", join(folder, "points")],
      folder,
      2,
      /points go into a \.png, or into a \.npy/,
    );

    const judged = await succeed(["eval", run, "--n", "500"], folder);
    assert.match(judged.stdout, /^metric +samples +real \(floor\) +of each/m);
    for (const name of METRICS) assert.match(judged.stdout, new RegExp(`^${name} .* 500  .*is better$`, "m"));
    const numbers = JSON.parse(Deno.readTextFileSync(join(run, "eval-step-000006.json")));
    assert.deepEqual([numbers.step, numbers.samples, numbers.seed, numbers.extractor], [6, 500, 0, null]);
    assert.deepEqual(numbers.metrics.map(({ name }: { name: string }) => name), METRICS);
    const modes = numbers.metrics.find(({ name }: { name: string }) => name === "modes");
    assert.deepEqual(modes.floor, 8);
    await succeed(["eval", run, "--metrics", "modes, wasserstein", "--out", join(folder, "two.json")], folder);
    await refuse(["eval", run, "--out", join(folder, "two.json")], folder, 2, /two\.json exists already.*--force/);
    const two = JSON.parse(Deno.readTextFileSync(join(folder, "two.json")));
    assert.deepEqual(two.metrics.map(({ name }: { name: string }) => name), ["modes", "wasserstein"]);
    // The same samples as those that were measured at the end of the run.
    assert.deepEqual(two.metrics[1].value, measured[2].values.wasserstein);
    await refuse(
      ["eval", run, "--metrics", "wasserstien"],
      folder,
      2,
      /no metric wasserstien of points.*Did you mean wass/,
    );
  }),
);

Deno.test(
  "points without modes are not judged by modes: the metrics that they have are named",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    const flags = ["--data", "moons", "--batch", "16", "--hidden", "8", "--steps", "1", "--threads", "1", "--out", run];
    await succeed(["train", ...flags], folder);
    const message =
      /moons has no modes to judge by modes; expected some of total-variation, jensen-shannon, wasserstein$/;
    await refuse(["eval", run, "--metrics", "wasserstein,modes"], folder, 2, message);
    const { stdout } = await succeed(["eval", run, "--n", "100"], folder);
    assert.match(stdout, /^wasserstein /m);
    assert.doesNotMatch(stdout, /^modes /m);
  }),
);

Deno.test(
  "data that nothing can judge are refused in one line, before training and after it",
  inFolder(async (folder) => {
    const run = join(folder, "run");
    const message = /duel has no classifier to judge samples of idx with; it has them for .*mnist/;
    await refuse([...small(folder), "--steps", "2", "--eval-every", "1", "--out", run], folder, 2, message);
    assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name === "run"));
    await succeed([...small(folder), "--steps", "2", "--out", run], folder);
    await refuse(["eval", run], folder, 2, message);
    const { stdout } = await succeed(["eval", "--list"], folder);
    for (const name of ["frechet-distance", ...METRICS]) assert.match(stdout, new RegExp(`^${name} `, "m"));
  }),
);
