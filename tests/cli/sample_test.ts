import assert from "node:assert/strict";
import { join } from "node:path";
import { decode } from "fast-png";
import { contents, inFolder, refuse, small, succeed } from "./support/duel.ts";

/** Trains a small run and gives its directory. */
async function trained(folder: string): Promise<string> {
  const run = join(folder, "run");
  // At this rate the images of different seeds soon differ by more than a rounding.
  const flags = ["--learning-rate", "0.01", "--steps", "40", "--checkpoint-every", "20"];
  await succeed([...small(folder), ...flags, "--out", run], folder);
  return run;
}

/** The shape and the bytes of a `.npy` file of bytes. */
function readNpy(file: string) {
  const bytes = Deno.readFileSync(file);
  const start = 10 + new DataView(bytes.buffer).getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, start));
  const shape = /'shape': \(([^)]*)\)/.exec(header)![1].split(",").map(Number);
  return { shape, bytes: bytes.subarray(start) };
}

const readPng = (file: string) => decode(Deno.readFileSync(file));
const pngSize = (file: string) => [readPng(file).width, readPng(file).height];

Deno.test(
  "a seed gives the same image in any batch, from each backend, in each form of output",
  inFolder(async (folder) => {
    const run = await trained(folder);
    const out = (name: string) => join(folder, name);
    await succeed(["sample", run, "--n", "66", "--out", out("many.npy")], folder);
    await succeed(["sample", run, "--seeds", "65,3-5", "--threads", "1", "--safe", "--out", out("some.npy")], folder);
    await succeed(
      ["sample", run, "--seed", "4", "--n", "1", "--backend", "reference", "--out", out("one.npy")],
      folder,
    );
    const [many, some, one] = ["many.npy", "some.npy", "one.npy"].map((name) => readNpy(out(name)));
    assert.deepEqual([many.shape, some.shape, one.shape], [[66, 16, 16, 1], [4, 16, 16, 1], [1, 16, 16, 1]]);
    const image = (index: number) => many.bytes.subarray(index * 256, (index + 1) * 256);
    const near = (a: Uint8Array, b: Uint8Array) => a.every((value, i) => Math.abs(value - b[i]) <= 1);
    [65, 3, 4, 5].forEach((seed, i) => assert.ok(near(some.bytes.subarray(i * 256, (i + 1) * 256), image(seed))));
    assert.ok(near(one.bytes, image(4)));
    assert.ok(!near(image(3), image(4)));

    await succeed(["sample", run, "--seed", "3", "--n", "3", "--out", out("folder")], folder);
    const names = [...Deno.readDirSync(out("folder"))].map(({ name }) => name).sort();
    assert.deepEqual(names, ["0.png", "1.png", "2.png", "labels.csv"]);
    assert.equal(
      Deno.readTextFileSync(join(out("folder"), "labels.csv")),
      "file,seed\r\n0.png,3\r\n1.png,4\r\n2.png,5\r\n",
    );
    const picture = readPng(join(out("folder"), "1.png"));
    assert.deepEqual([picture.width, picture.height, picture.channels], [16, 16, 1]);
    assert.ok(near(Uint8Array.from(picture.data), image(4)));
  }),
);

Deno.test(
  "grids and strips have the rows, columns and scale that are asked for; the newest run is the default",
  inFolder(async (folder) => {
    await succeed([...small(folder), "--steps", "2"], folder);
    const run = join(folder, "runs", "001-noise-images-idx3-ubyte-dcgan");
    const { stdout } = await succeed(["sample", "--n", "6", "--columns", "3", "--scale", "2"], folder);
    const grid = join(run, "samples", "step-000002-seeds-0-5.png");
    assert.ok(stdout.includes(grid), stdout);
    assert.deepEqual(pngSize(grid), [2 + 3 * 34, 2 + 2 * 34]);
    const again = await succeed(["sample", "--n", "6", "--columns", "3", "--scale", "2"], folder);
    assert.match(again.stdout, /step-000002-seeds-0-5-2\.png/, "no file is overwritten");
    const strip = join(folder, "strip.png");
    await succeed(["sample", run, "--interpolate", "3,7", "--n", "5", "--scale", "1", "--out", strip], folder);
    assert.deepEqual(pngSize(strip), [2 + 5 * 18, 2 + 18]);
    await succeed(["sample", run, "--interpolate", "3,7", "--n", "5", "--out", join(folder, "strip.npy")], folder);
    await succeed(["sample", run, "--seeds", "3,7", "--out", join(folder, "ends.npy")], folder);
    const [way, ends] = ["strip.npy", "ends.npy"].map((name) => readNpy(join(folder, name)).bytes);
    assert.deepEqual([way.slice(0, 256), way.slice(-256)], [ends.slice(0, 256), ends.slice(256)]);
  }),
);

Deno.test(
  "a checkpoint can be named, and truncation changes images",
  inFolder(async (folder) => {
    const run = await trained(folder);
    const draw = async (name: string, ...args: string[]) => {
      await succeed(["sample", ...args, "--n", "4", "--out", join(folder, name)], folder);
      return readNpy(join(folder, name)).bytes;
    };
    const newest = await draw("newest.npy", run);
    const named = await draw("named.npy", join(run, "checkpoints", "step-000040.safetensors"));
    const older = await draw("older.npy", join(run, "checkpoints", "step-000020.safetensors"));
    assert.deepEqual(named, newest);
    assert.notDeepEqual(older, newest);
    assert.notDeepEqual(await draw("truncated.npy", run, "--truncate", "0.3"), newest);
  }),
);

Deno.test(
  "bad calls of sample are refused in one line, and nothing is written",
  inFolder(async (folder) => {
    const run = await trained(folder);
    const taken = join(folder, "taken.png");
    Deno.writeTextFileSync(taken, "mine");
    const checkpoint = join(run, "checkpoints", "step-000020.safetensors");
    const broken = join(run, "checkpoints", "step-000060.safetensors");
    await refuse(["sample", run, "--n", "1", "--out", taken], folder, 2, /taken\.png exists already.*--force/);
    const before = contents(folder);
    const cases: [args: string[], code: number, message: RegExp][] = [
      [[run, "--n", "0"], 2, /--n is "0"; expected a whole number from 1 to 65536/],
      [[run, "--seeds", "1,x"], 2, /"x" is no seed/],
      [[run, "--seeds", "1-99999999"], 2, /more than 65536 images/],
      [[run, "--seeds", "1", "--n", "3"], 2, /--seed and --n do not go with it/],
      [[run, "--interpolate", "1,2,3"], 2, /expected two seeds/],
      [[run, "--truncate", "-1"], 2, /--truncate is "-1"/],
      [[run, "--label", "hair=pink"], 2, /there is no "hair"; this generator was trained without labels/],
      [[run, "--out", join(folder, "a.jpg")], 2, /expected \.png, \.npy/],
      [[run, "--out", join(taken, "a.png")], 1, /cannot make .*taken\.png: /],
      [[join(folder, "none")], 1, /cannot open the run .*none: there is no such file/],
      [[folder], 1, /is not the directory of a run: it has no config\.json/],
      [[taken], 1, /taken\.png is a file; expected the directory of a run/],
      [[broken], 1, /cannot read .*step-000060\.safetensors: there is no such file/],
    ];
    for (const [args, code, message] of cases) await refuse(["sample", ...args], folder, code, message);
    assert.deepEqual(contents(folder), before);

    Deno.writeFileSync(broken, Deno.readFileSync(checkpoint).slice(0, 5000));
    await refuse(["sample", broken], folder, 1, /cannot use .*step-000060\.safetensors: /);
    const config = JSON.parse(Deno.readTextFileSync(join(run, "config.json")));
    Deno.writeTextFileSync(
      join(run, "config.json"),
      JSON.stringify({ ...config, model: { ...config.model, latent: 9 } }),
    );
    await refuse(
      ["sample", checkpoint],
      folder,
      1,
      /the file's .*G\.0\.weight has shape .*; it belongs to another model/,
    );
    await succeed(["sample", "--help"], folder);
  }),
);
