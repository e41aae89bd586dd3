/** A call of `sample`: which latent vectors, through which state of a run, to which file. */
import { basename, dirname, extname, join } from "node:path";
import { valuesOf } from "../checkpoint/layout.ts";
import { DataError, UsageError } from "../core/errors.ts";
import { fileError, writeFileAtomic } from "../core/files.ts";
import { seedLatent, slerp } from "../gan/latents.ts";
import { Sampler } from "../gan/sampler.ts";
import { Store } from "../graph/store.ts";
import { imageGrid } from "../report/grid.ts";
import { encodeLabelsCsv, encodeNpy, encodePng, imageAt, type Pixels, toBytes } from "../report/image.ts";
import type { Context } from "./command.ts";
import { defaultThreads, startEngine } from "./engine.ts";
import { openRunInput, type RunInput } from "./run_input.ts";
import type { SampleParsed } from "./sample_flags.ts";
import { modelOf } from "./train_networks.ts";
import { gridScale } from "./train_pictures.ts";

/** Which images: their latent vectors, and a word about each. */
interface Selection {
  readonly latents: Float32Array;
  /** Column of `labels.csv`, and its value for each image. */
  readonly label: { readonly name: string; readonly values: readonly string[] };
  /** Part of a file's name. */
  readonly name: string;
}

const MOST_IMAGES = 65536;

/** Draws images as the command line says. */
export async function sample(parsed: SampleParsed, context: Context): Promise<void> {
  const { flags, positionals } = parsed;
  const input = await openRunInput(positionals.run, context.cwd);
  const { latent } = input.config.model;
  const selection = flags.interpolate === undefined ? bySeeds(parsed, latent) : interpolation(parsed, latent);
  const out = await outputOf(parsed, input, selection);
  const pixels = await generate(input, selection.latents, parsed, context);
  await makeDirectory(dirname(out));
  await write(out, pixels, selection, parsed);
  const { count, height, width, channels } = pixels;
  console.log(`${count} images of ${height}×${width}×${channels} after step ${input.checkpoint.step}: ${out}`);
}

function bySeeds({ flags, given }: SampleParsed, length: number): Selection {
  if (flags.seeds !== undefined && (given.has("seed") || given.has("n"))) {
    throw new UsageError("--seeds says which images and how many; --seed and --n do not go with it");
  }
  const seeds = flags.seeds === undefined
    ? Array.from({ length: flags.n ?? 64 }, (_, i) => flags.seed + i)
    : parseSeeds(flags.seeds);
  if (!seeds.every(Number.isSafeInteger)) {
    throw new UsageError(`--seed ${flags.seed} leaves no room for ${seeds.length} seeds; take a lower one`);
  }
  const name = flags.seeds === undefined ? `${seeds[0]}-${seeds.at(-1)}` : flags.seeds.slice(0, 60);
  return {
    latents: joined(seeds.map((seed) => seedLatent(seed, length, flags.truncate))),
    label: { name: "seed", values: seeds.map(String) },
    name: `seeds-${name}`,
  };
}

/** `3,7,20-29` as a list. @throws UsageError */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(",").flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || match === null) {
      throw new UsageError(`${JSON.stringify(part)} is no seed; expected whole numbers and ranges, such as 3,7,20-29`);
    }
    if (last < first) throw new UsageError(`the range ${part.trim()} runs backwards; write ${last}-${first}`);
    if (last - first >= MOST_IMAGES) tooMany();
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (seeds.length > MOST_IMAGES) tooMany();
  return seeds;
}

function tooMany(): never {
  throw new UsageError(`these are more than ${MOST_IMAGES} seeds; draw them in several calls`);
}

function interpolation({ flags, given }: SampleParsed, length: number): Selection {
  if (given.has("seeds") || given.has("seed")) {
    throw new UsageError("--interpolate names its two seeds; leave out --seed and --seeds");
  }
  const seeds = parseSeeds(flags.interpolate!);
  const count = flags.n ?? 8;
  if (seeds.length !== 2) {
    throw new UsageError(`--interpolate is ${JSON.stringify(flags.interpolate)}; expected two seeds, such as 3,7`);
  }
  if (count < 2) throw new UsageError("--n is 1; expected at least 2 images from one seed to another");
  const [from, to] = seeds.map((seed) => seedLatent(seed, length, flags.truncate));
  const places = Array.from({ length: count }, (_, i) => i / (count - 1));
  return {
    latents: joined(places.map((place) => slerp(from, to, place))),
    label: { name: `share of seed ${seeds[1]}`, values: places.map((place) => String(Number(place.toFixed(6)))) },
    name: `from-${seeds[0]}-to-${seeds[1]}`,
  };
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(vectors.length * vectors[0].length);
  vectors.forEach((vector, i) => all.set(vector, i * vector.length));
  return all;
}

/** Images of latent vectors, made with the averaged generator of a checkpoint. */
async function generate(
  { config, checkpoint }: RunInput,
  latents: Float32Array,
  { flags }: SampleParsed,
  { mode }: Context,
): Promise<Pixels> {
  const { size } = config.data;
  const { channels } = config.images;
  const count = latents.length / config.model.latent;
  const model = modelOf(config, channels);
  const store = new Store(config.seed);
  const sampler = new Sampler(store, model, count);
  const { engine } = await startEngine(store, sampler.programs, {
    backend: flags.backend,
    threads: flags.threads ?? defaultThreads(),
    mode,
    exact: config.exact,
  });
  try {
    const needed = new Map([...checkpoint.tensors].filter(([name]) => store.has(name)));
    for (const [name, values] of valuesOf(store.slots(), needed)) engine.write(name, values);
    return { count, height: size, width: size, channels, bytes: toBytes(await sampler.sample(engine, latents)) };
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`cannot use ${checkpoint.path}: ${error.message}`);
    throw error;
  } finally {
    await engine.close();
  }
}

/** The path to write to. @throws UsageError if it exists and may not be overwritten, or has another ending. */
async function outputOf(
  { flags: { out, force, columns, scale, truncate } }: SampleParsed,
  input: RunInput,
  { name }: Selection,
): Promise<string> {
  if (out === undefined) {
    const step = `step-${String(input.checkpoint.step).padStart(6, "0")}`;
    const cut = truncate === undefined ? "" : `-truncated-${truncate}`;
    for (let copy = 1;; copy++) {
      const path = join(input.paths.samples, `${step}-${name}${cut}${copy > 1 ? `-${copy}` : ""}.png`);
      if (!await exists(path)) return path;
    }
  }
  const ending = extname(out).toLowerCase();
  if (/^\.[a-z]{2,4}$/.test(ending) && ending !== ".png" && ending !== ".npy") {
    throw new UsageError(`--out ends in ${ending}; expected .png, .npy, or the name of a folder without an ending`);
  }
  if (ending !== ".png") {
    const grid = columns !== undefined ? "--columns" : scale !== undefined ? "--scale" : undefined;
    if (grid) throw new UsageError(`${grid} is for a grid; leave it out, or give an --out that ends in .png`);
  }
  if (!force && await exists(out)) throw new UsageError(`${out} exists already; choose another --out, or add --force`);
  return out;
}

async function makeDirectory(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true }).catch((error) => {
    throw fileError(error, "make", path);
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function write(out: string, pixels: Pixels, { label }: Selection, { flags }: SampleParsed): Promise<void> {
  switch (extname(out).toLowerCase()) {
    case ".npy":
      return await writeFileAtomic(out, encodeNpy(pixels));
    case ".png": {
      const columns = flags.columns ?? (flags.interpolate === undefined ? undefined : pixels.count);
      const scale = flags.scale ?? gridScale(pixels.count, pixels.height);
      const grid = imageGrid(pixels, { scale, ...(columns === undefined ? {} : { columns }) });
      return await writeFileAtomic(out, encodePng(grid));
    }
    default:
      return await writeFolder(out, pixels, label);
  }
}

async function writeFolder(folder: string, pixels: Pixels, label: Selection["label"]): Promise<void> {
  await makeDirectory(folder);
  const digits = String(pixels.count - 1).length;
  const files = label.values.map((_, i) => join(folder, `${String(i).padStart(digits, "0")}.png`));
  for (const [i, file] of files.entries()) await writeFileAtomic(file, encodePng(imageAt(pixels, i)));
  await writeFileAtomic(join(folder, "labels.csv"), encodeLabelsCsv(files.map((file) => basename(file)), [label]));
}
