/** The pictures of a run: grids of samples and of real images, and the report that shows them. */
import { join } from "node:path";
import { readLog } from "../checkpoint/log_file.ts";
import type { RunPaths } from "../checkpoint/run_directory.ts";
import { readFile, writeFileAtomic } from "../core/files.ts";
import { sizeOf } from "../core/shape.ts";
import { writePng } from "../report/grid.ts";
import { runReport } from "../report/run_report.ts";
import type { TrainConfig } from "./settings.ts";
import type { TrainingData } from "./training_data.ts";

const REALS = "reals.png";
/** Grids in a report at most: it holds them all. */
const MOST_IN_REPORT = 40;

/** `fakes_000200.png` */
function fakesName(step: number): string {
  return `fakes_${String(step).padStart(6, "0")}.png`;
}

/** Writes a picture of samples. @returns its path. */
export async function writeFakes(
  directory: string,
  step: number,
  samples: Float32Array,
  data: TrainingData,
  columns?: number,
): Promise<string> {
  const path = join(directory, fakesName(step));
  await writePng(path, data.picture(samples, columns));
  return path;
}

/** As many real samples as a picture has, chosen by the seed and not mirrored. */
export function picturedReals(data: TrainingData, seed: number): Float32Array {
  const real = new Float32Array(data.pictured * sizeOf(data.shape));
  data.source({ batch: data.pictured, seed, flip: false, attributes: [] })(0, { real });
  return real;
}

/** Writes a picture of real samples. */
export async function writeReals(directory: string, data: TrainingData, seed: number): Promise<void> {
  await writePng(join(directory, REALS), data.picture(picturedReals(data, seed)));
}

/** Writes `report.html` from what the run's log names. */
export async function writeReport(paths: RunPaths, config: TrainConfig): Promise<void> {
  const records = readLog(paths.log);
  const sampled = [...new Set(records.filter((record) => record.kind === "sample").map(({ step }) => step))];
  const images = [];
  for (const step of thinned(sampled, MOST_IN_REPORT)) {
    images.push({ step, png: await readFile(join(paths.samples, fakesName(step))) });
  }
  const title = `${config.samples.name}, ${config.model.name}`;
  const reals = await readFile(join(paths.samples, REALS));
  const page = runReport({ title, config, records, images, reals });
  await writeFileAtomic(paths.report, new TextEncoder().encode(page));
}

/** At most `count` items, evenly spread, with the first and the last. */
function thinned<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round(i * (items.length - 1) / (count - 1))]);
}
