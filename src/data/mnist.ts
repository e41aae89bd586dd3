/** Sets in MNIST's four idx files: MNIST, Fashion-MNIST, and any other pair of images and labels. */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { DataError, UsageError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import { download } from "./download.ts";
import { parseIdx, readUnpacked, unpack } from "./idx.ts";
import { fitStack } from "./resample.ts";
import { type Dataset, type LabelAttribute, largest, requireEnoughImages, type SourceOptions } from "./types.ts";

export type Split = "train" | "test";
type Role = "images" | "labels";

/** A published set: where its files are found, and how they are known to be the right ones. */
export interface PublishedSet {
  readonly attribute: string;
  readonly classes: readonly string[];
  /** Folders on the network that hold the four `.gz` files; tried in this order. */
  readonly mirrors: readonly string[];
  /** MD5 of each file: of the `.gz` as downloaded, or of what it unpacks to (the same however it was packed). */
  readonly md5: { readonly of: "packed" | "unpacked" } & Readonly<Record<Split, Readonly<Record<Role, string>>>>;
}

/** All sets that can be downloaded: the one place that knows addresses and digests. */
export const PUBLISHED: Readonly<Record<string, PublishedSet>> = {
  "mnist": {
    attribute: "digit",
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    mirrors: ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"],
    md5: {
      of: "unpacked",
      train: { images: "6bbc9ace898e44ae57da46a324031adb", labels: "a25bea736e30d166cdddb491f175f624" },
      test: { images: "2646ac647ad5339dbf082846283269ea", labels: "27ae3e4e09519cfbb04c329615203637" },
    },
  },
  "fashion-mnist": {
    attribute: "item",
    classes: [
      ...["T-shirt", "trouser", "pullover", "dress", "coat"],
      ...["sandal", "shirt", "sneaker", "bag", "ankle boot"],
    ],
    mirrors: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    md5: {
      of: "packed",
      train: { images: "8d4fb7e6c68d591d4c3dfef9ec88bf0d", labels: "25c81989df183df01b3e8a0aad5dffbe" },
      test: { images: "bef4ecab320f06d8554ea6380940ec79", labels: "bb300cfdad3c16e7a12a480ee83cd310" },
    },
  },
};

const STEMS: Record<Split, string> = { train: "train", test: "t10k" };
const RANKS: Record<Role, number> = { images: 3, labels: 1 };

/** The usual names of a file, the published one first. */
function fileNames(split: Split, role: Role): string[] {
  const stem = `${STEMS[split]}-${role}`;
  const kind = `idx${RANKS[role]}-ubyte`;
  return [`${stem}-${kind}.gz`, `${stem}-${kind}`, `${stem}.${kind}.gz`, `${stem}.${kind}`];
}

/**
 * Loads MNIST or Fashion-MNIST: from the four files in `dataDir` (packed or not), else downloaded once to the cache.
 * Digits and clothes of 28 pixels reach other sizes as `fitStack` says.
 * @param set the entry of `PUBLISHED`; a parameter so that tests can serve their own.
 * @throws DataError naming the file that is missing, damaged, or not of this set.
 */
export async function loadPublished(
  name: string,
  options: SourceOptions & { readonly dataDir?: string; readonly split?: Split },
  set: PublishedSet = PUBLISHED[name],
): Promise<Dataset> {
  const split = options.split ?? "train";
  const files = {
    images: await obtain(name, set, split, "images", options),
    labels: await obtain(name, set, split, "labels", options),
  };
  return assemble(name, files.images, files.labels, set, options.size);
}

/**
 * Loads a pair of idx files. `path` is the file of images (the labels are found beside it: `images-idx3` becomes
 * `labels-idx1`), or a folder with the usual names, or one with a single idx3 file. Without a file of labels, the set
 * has none.
 * @throws DataError
 */
export async function loadIdx(
  path: string,
  options: SourceOptions & { readonly split?: Split },
): Promise<Dataset> {
  const images = await isFolder(path) ? await findImages(path, options.split ?? "train") : path;
  const labels = await findLabels(images);
  return assemble(
    basename(path),
    { path: images, bytes: await readUnpacked(images) },
    labels === undefined ? undefined : { path: labels, bytes: await readUnpacked(labels) },
    { attribute: "label" },
    options.size,
  );
}

/** An unpacked file, with its path for messages. */
interface IdxFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Checks two files against each other and makes the set of them. */
function assemble(
  name: string,
  images: IdxFile,
  labels: IdxFile | undefined,
  known: { readonly attribute: string; readonly classes?: readonly string[] },
  size: number,
): Dataset {
  const { shape, data } = parseIdx(images.bytes, images.path);
  const [count, height, width, channels = 1] = shape;
  if (shape.length < 3 || shape.length > 4 || height * width === 0 || (channels !== 1 && channels !== 3)) {
    throw new DataError(
      `${images.path} has the shape ${shape.join("×")}; expected images: N×H×W, or N×H×W×C with 1 or 3 channels`,
    );
  }
  requireEnoughImages(count, images.path);
  const attributes: LabelAttribute[] = [];
  if (labels !== undefined) {
    const indices = readLabels(labels, count, known.classes?.length);
    const classes = known.classes ?? Array.from({ length: largest(indices) + 1 }, (_, index) => String(index));
    attributes.push({ name: known.attribute, classes, indices });
  }
  const pixels = fitStack(data, count, { width, height, channels }, size);
  return { name, count, size, channels, pixels, labels: attributes };
}

function readLabels({ path, bytes }: IdxFile, count: number, classes = 256): Uint16Array {
  const { data } = parseIdx(bytes, path);
  if (data.length !== count) {
    throw new DataError(`${path} has ${data.length} labels for ${count} images; expected as many: get both again`);
  }
  const wrong = data.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new DataError(`${path}: label ${wrong} is ${data[wrong]}; expected 0 to ${classes - 1}: get the file again`);
  }
  return Uint16Array.from(data);
}

async function findFile(folder: string, names: readonly string[]): Promise<string> {
  const present = await listFolder(folder);
  const found = names.find((name) => present.includes(name));
  if (found !== undefined) return join(folder, found);
  throw new DataError(`${folder} has no ${names[1]} (nor ${names[0]}); give the folder with the four idx files`);
}

async function findImages(folder: string, split: Split): Promise<string> {
  const present = await listFolder(folder);
  const usual = fileNames(split, "images").find((name) => present.includes(name));
  const others = present.filter((name) => /idx[34]-ubyte(\.gz)?$/.test(name));
  const found = usual ?? (others.length === 1 ? others[0] : undefined);
  if (found !== undefined) return join(folder, found);
  throw new DataError(
    `${folder} has ${others.length === 0 ? "no" : `${others.length}`} idx files of images; ` +
      `expected ${fileNames(split, "images")[1]} or one file *idx3-ubyte, packed or not: give the file itself`,
  );
}

async function findLabels(images: string): Promise<string | undefined> {
  const name = basename(images);
  const wanted = name.replace("images", "labels").replace(/idx[34]/, "idx1");
  if (wanted === name) return undefined;
  const present = await listFolder(dirname(images));
  const plain = wanted.replace(/\.gz$/, "");
  const found = [wanted, plain, `${plain}.gz`].find((candidate) => present.includes(candidate));
  return found === undefined ? undefined : join(dirname(images), found);
}

/** One of the four files, unpacked and known to be the right one. */
async function obtain(
  name: string,
  set: PublishedSet,
  split: Split,
  role: Role,
  options: SourceOptions & { readonly dataDir?: string },
): Promise<IdxFile> {
  const names = fileNames(split, role);
  const expected = set.md5[split][role];
  if (options.dataDir === undefined) {
    const path = join(options.cacheDir, name, names[0]);
    const accept = (packed: Uint8Array) =>
      expected === md5Of(set.md5.of === "packed" ? packed : unpackOrNothing(packed));
    const packed = await download({ name, file: names[0], path, mirrors: set.mirrors, accept, ...options });
    return { path, bytes: unpack(packed, path) };
  }
  const path = await findFile(options.dataDir, names);
  const bytes = await readUnpacked(path);
  // A user's file may be packed in another way than the published one, so only what it unpacks to can be compared.
  const md5 = md5Of(bytes);
  if (set.md5.of === "unpacked" && md5 !== expected) {
    throw new DataError(
      `${path} is not the file of ${name}: its MD5 is ${md5}, expected ${expected}; ` +
        `get it again, or use --data idx for another set of this format`,
    );
  }
  return { path, bytes };
}

function unpackOrNothing(packed: Uint8Array): Uint8Array {
  try {
    return unpack(packed, "");
  } catch {
    return new Uint8Array();
  }
}

function md5Of(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** Names in a folder, sorted. @throws UsageError if there is no such folder. */
async function listFolder(folder: string): Promise<string[]> {
  if (!await isFolder(folder)) throw new UsageError(`${folder} is not a folder; give the folder with the idx files`);
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  return names.sort();
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileError(error, "read", path);
  }
}
