/** Loading images for a command: progress, the time it took, and what identifies the result. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { UsageError } from "../core/errors.ts";
import { type Dataset, DATASET_NAMES, type DatasetSpec, loadDataset } from "../data/dataset.ts";
import { dataFolder } from "./cache.ts";
import { Progress } from "./progress.ts";
import { hint } from "./suggest.ts";
import { isDataName, type TrainSettings } from "./settings.ts";

export interface LoadedData {
  readonly dataset: Dataset;
  /** How long it took to read, decode, draw or download. */
  readonly seconds: number;
}

/**
 * Loads the images of a run.
 * @param folder where they are cached; the user's cache if undefined.
 * @param other which images of the set, if not those to learn from.
 * @throws UsageError or DataError, see `loadDataset`.
 */
export async function loadData(
  { name, dir, size, faces }: TrainSettings["data"],
  folder: string | undefined,
  threads: number,
  other: Pick<DatasetSpec, "split" | "seed" | "count"> = {},
): Promise<LoadedData> {
  if (!isDataName(name) && !await Deno.stat(name).then(() => true, () => false)) {
    const guess = hint(basename(name), DATASET_NAMES);
    throw new UsageError(
      `--data: there is no ${name}; expected ${DATASET_NAMES.join(", ")}, or the path of a folder or file.${guess}`,
    );
  }
  const start = performance.now();
  let progress: Progress | undefined;
  try {
    const dataset = await loadDataset({
      name,
      size: size!,
      threads,
      cacheDir: dataFolder(folder),
      ...(dir === null ? {} : { dataDir: dir }),
      ...(faces === null ? {} : { count: faces }),
      ...other,
      onProgress(done, total, what) {
        if (progress?.label !== what || progress.total !== total) {
          progress?.end();
          progress = new Progress(total, what);
        }
        progress.update(done);
      },
      onNotice: (line) => console.error(`duel: ${line}`),
    });
    return { dataset, seconds: (performance.now() - start) / 1000 };
  } finally {
    progress?.end();
  }
}

/** SHA-256 of all pixels. */
export function digestOf({ pixels }: Dataset): string {
  return createHash("sha256").update(pixels).digest("hex");
}
