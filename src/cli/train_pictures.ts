/** The pictures of a run: grids of samples and of real images, and the report that shows them. */
import { join } from "node:path";
import { readLog } from "../checkpoint/log_file.ts";
import type { RunPaths } from "../checkpoint/run_directory.ts";
import { fileError, writeFileAtomic } from "../core/files.ts";
import type { Dataset } from "../data/dataset.ts";
import { BatchFeeder } from "../data/feeder.ts";
import { imageGrid, writePng } from "../report/grid.ts";
import { type Pixels, toBytes } from "../report/image.ts";
import { runReport } from "../report/run_report.ts";
import type { TrainConfig } from "./settings.ts";

const REALS = "reals.png";
/** Grids in a report at most: it holds them all. */
const MOST_IN_REPORT = 40;
/** Grids are magnified to about so many pixels. */
const GRID_PIXELS = 512;

/** `fakes_000200.png` */
function fakesName(step: number): string {
  return `fakes_${String(step).padStart(6, "0")}.png`;
}

/** Writes a grid of samples, values in [−1, 1] like the images of `dataset`. @returns its path. */
export async function writeFakes(
  directory: string,
  step: number,
  samples: Float32Array,
  dataset: Dataset,
): Promise<string> {
  const path = join(directory, fakesName(step));
  await writeGrid(path, samples, dataset);
  return path;
}

/** Writes a grid of `count` real images, chosen by the seed and not mirrored. */
export async function writeReals(directory: string, dataset: Dataset, seed: number, count: number): Promise<void> {
  const values = new Float32Array(count * dataset.size ** 2 * dataset.channels);
  new BatchFeeder(dataset, { batch: count, seed, flip: false }).fill(0, values);
  await writeGrid(join(directory, REALS), values, dataset);
}

async function writeGrid(path: string, values: Float32Array, { size, channels }: Dataset): Promise<void> {
  const count = values.length / (size * size * channels);
  const pixels: Pixels = { count, height: size, width: size, channels, bytes: toBytes(values) };
  await writePng(path, imageGrid(pixels, { scale: gridScale(count, size) }));
}

/** How much to magnify the images of a grid so that it is seen well. */
export function gridScale(count: number, size: number): number {
  return Math.max(1, Math.floor(GRID_PIXELS / (Math.ceil(Math.sqrt(count)) * size)));
}

/** Writes `report.html` from what the run's log names. */
export async function writeReport(paths: RunPaths, config: TrainConfig): Promise<void> {
  const records = readLog(paths.log);
  const sampled = [...new Set(records.filter((record) => record.kind === "sample").map(({ step }) => step))];
  const images = [];
  for (const step of thinned(sampled, MOST_IN_REPORT)) {
    images.push({ step, png: await readPicture(join(paths.samples, fakesName(step))) });
  }
  const title = `${config.images.name}, ${config.model.name}`;
  const reals = await readPicture(join(paths.samples, REALS));
  const page = runReport({ title, config, records, images, reals });
  await writeFileAtomic(paths.report, new TextEncoder().encode(page));
}

async function readPicture(path: string): Promise<Uint8Array> {
  return await Deno.readFile(path).catch((error) => {
    throw fileError(error, "read", path);
  });
}

/** At most `count` items, evenly spread, with the first and the last. */
function thinned<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round(i * (items.length - 1) / (count - 1))]);
}
