/** A call of `sample`: which latent vectors, through which state of a run, to which file. */
import { basename, dirname, extname, join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { fileError, writeFileAtomic } from "../core/files.ts";
import { type Shape, showShape } from "../core/shape.ts";
import { toys } from "../data/toys.ts";
import { imageGrid } from "../report/grid.ts";
import { encodeLabelsCsv, encodeNpy, encodePng, imageAt, type Pixels, toBytes } from "../report/image.ts";
import type { Context } from "./command.ts";
import { defaultThreads } from "./engine.ts";
import { runGenerator, withGenerator } from "./run_generator.ts";
import { openRunInput, type RunInput } from "./run_input.ts";
import type { SampleParsed } from "./sample_flags.ts";
import { select, type Selection } from "./sample_selection.ts";
import { gridScale, pointData } from "./training_data.ts";

/** What was made: values [count, …shape]. */
interface Made {
  readonly values: Float32Array;
  readonly count: number;
  readonly shape: Shape;
  /** Name of the data that the generator was trained on. */
  readonly data: string;
}

/** Draws samples as the command line says. */
export async function sample(parsed: SampleParsed, context: Context): Promise<void> {
  const { flags, positionals } = parsed;
  const input = await openRunInput(positionals.run, context.cwd);
  const generator = runGenerator(input);
  const { latent, latents: distribution } = input.config.model;
  const selection = select(parsed, latent, distribution, generator.conditioning?.attributes ?? []);
  const out = await outputOf(parsed, input, selection);
  const { latents, labels } = selection;
  const count = latents.length / latent;
  const options = { backend: flags.backend, threads: flags.threads ?? defaultThreads(), mode: context.mode };
  const values = await withGenerator(input, generator, count, options, (draw) => draw(latents, labels));
  const { name: data, shape } = input.config.samples;
  await makeDirectory(dirname(out));
  await write(out, { values, count, shape, data }, selection, parsed);
  console.log(`${count} samples of ${showShape(shape)} after step ${input.checkpoint.step}: ${out}`);
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
  if (input.config.samples.shape.length === 1 && ending !== ".png" && ending !== ".npy") {
    throw new UsageError(`--out is a folder; points go into a .png, or into a .npy as an array N×dimensions`);
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

async function write(out: string, made: Made, selection: Selection, { flags }: SampleParsed): Promise<void> {
  const { values, count, shape, data } = made;
  const ending = extname(out).toLowerCase();
  if (shape.length === 1) {
    if (ending === ".npy") return await writeFileAtomic(out, encodeNpy(values, [count, ...shape]));
    return await writeFileAtomic(out, encodePng(pointData(toys[data as keyof typeof toys]).picture(values)));
  }
  const [height, width, channels] = shape;
  const pixels: Pixels = { count, height, width, channels, bytes: toBytes(values) };
  if (ending === ".npy") return await writeFileAtomic(out, encodeNpy(pixels.bytes, [count, ...shape]));
  if (ending !== ".png") return await writeFolder(out, pixels, selection);
  const columns = flags.columns ?? selection.row;
  const scale = flags.scale ?? gridScale(count, height);
  const grid = imageGrid(pixels, { scale, ...(columns === undefined ? {} : { columns }) });
  await writeFileAtomic(out, encodePng(grid));
}

async function writeFolder(folder: string, pixels: Pixels, { columns }: Selection): Promise<void> {
  await makeDirectory(folder);
  const digits = String(pixels.count - 1).length;
  const names = Array.from({ length: pixels.count }, (_, i) => join(folder, `${String(i).padStart(digits, "0")}.png`));
  for (const [i, file] of names.entries()) await writeFileAtomic(file, encodePng(imageAt(pixels, i)));
  await writeFileAtomic(join(folder, "labels.csv"), encodeLabelsCsv(names.map((file) => basename(file)), columns));
}
