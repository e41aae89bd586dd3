/** All sources of images by name: the way from `--data` to a data set in memory. */
import { UsageError } from "../core/errors.ts";
import { type FacesOptions, loadFaces } from "./faces.ts";
import { FACE_ATTRIBUTES } from "./faces_parts.ts";
import { loadFolder } from "./folder.ts";
import { loadIdx, loadPublished, PUBLISHED, type Split } from "./mnist.ts";
import { loadStacked, STACKED_CHANNELS, STACKED_SOURCE } from "./stacked.ts";
import { type Dataset, DATASET_NAMES, type LabelAttribute } from "./types.ts";

export { type Dataset, DATASET_NAMES, type LabelAttribute } from "./types.ts";

/** What to load, and how. */
export interface DatasetSpec extends FacesOptions {
  /** A name of `DATASET_NAMES`, or the path of a folder of pictures or of an idx file. */
  readonly name: string;
  /** Folder of the files; needed by `idx` and `folder`, else downloaded or drawn. */
  readonly dataDir?: string;
  /** Of sets that have both: the images to learn from (the default), or the others. */
  readonly split?: Split;
}

/** What is known of every image of a set. */
type Classes = Pick<LabelAttribute, "name" | "classes">;

/** What is known of sets with names before they are loaded. */
export const namedSets: Readonly<
  Record<string, { readonly channels: number; readonly attributes: readonly Classes[] }>
> = {
  "faces": { channels: 3, attributes: FACE_ATTRIBUTES },
  ...Object.fromEntries(
    Object.entries(PUBLISHED).map(([name, { attribute, classes }]) => [
      name,
      { channels: 1, attributes: [{ name: attribute, classes }] },
    ]),
  ),
  "stacked-mnist": {
    channels: STACKED_CHANNELS.length,
    attributes: STACKED_CHANNELS.map((name) => ({ name, classes: PUBLISHED[STACKED_SOURCE].classes })),
  },
};

const MIN_SIZE = 8;
const MAX_SIZE = 1024;

/**
 * Loads a data set into memory, at size×size pixels.
 * @throws UsageError for an unknown name, a size out of range, or a missing path; DataError for files that are
 * damaged or of the wrong kind.
 */
export async function loadDataset(spec: DatasetSpec): Promise<Dataset> {
  const { name, size, dataDir } = spec;
  requireInteger("the image size", size, MIN_SIZE, MAX_SIZE);
  if (spec.count !== undefined) requireInteger("the number of faces", spec.count, 1, 2 ** 24);
  switch (name as typeof DATASET_NAMES[number]) {
    case "faces":
      if (dataDir !== undefined) {
        throw new UsageError(
          `faces are drawn, not read: leave out --data-dir, or use --data folder for your own pictures`,
        );
      }
      return await loadFaces(spec);
    case "mnist":
    case "fashion-mnist":
      return await loadPublished(name, spec);
    case "stacked-mnist":
      return await loadStacked(spec);
    case "idx":
      return await loadIdx(requireDir(name, dataDir), spec);
    case "folder":
      return await loadFolder(requireDir(name, dataDir), spec);
  }
  return await loadPath(spec);
}

async function loadPath(spec: DatasetSpec): Promise<Dataset> {
  const { name } = spec;
  const found = await Deno.stat(name).catch(() => undefined);
  if (found?.isDirectory) return await loadFolder(name, spec);
  if (found?.isFile && /idx[34]-ubyte(\.gz)?$/.test(name)) return await loadIdx(name, spec);
  const known = `expected ${DATASET_NAMES.join(", ")}, or the path of a folder of pictures or of an idx3-ubyte file`;
  if (found?.isFile) throw new UsageError(`--data ${name} is a file that is no data set; ${known}`);
  throw new UsageError(`--data ${name} is neither the name of a data set nor a path that exists; ${known}`);
}

function requireDir(name: string, dataDir: string | undefined): string {
  if (dataDir !== undefined) return dataDir;
  throw new UsageError(`--data ${name} needs to know where the files are: give --data-dir`);
}

function requireInteger(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(`${what} is ${value}; expected an integer from ${least} to ${most}`);
}
