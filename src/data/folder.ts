/** A folder of PNG and JPEG pictures of any size. Sub-folders are classes. */
import { basename, join, resolve } from "node:path";
import { DataError, UsageError } from "../core/errors.ts";
import { fileError, readFile } from "../core/files.ts";
import type { FolderAnswer, FolderJob, FolderSetup } from "./folder_worker.ts";
import { keyDigest, throughCache } from "./pack.ts";
import { runPool } from "./pool.ts";
import { type Dataset, type LabelAttribute, requireEnoughImages, type SourceOptions } from "./types.ts";

/** To be raised with every change of how pictures are read or resized. */
const FOLDER_VERSION = 1;
const JOB_FILES = 16;
const READ = /\.(png|jpe?g)$/i;
const NOT_READ = /\.(webp|gif|bmp|tiff?|avif|heic|svg)$/i;

interface PictureFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
}

/**
 * Reads all pictures under `folder`, resized and centre-cropped to size×size; grey ones make a set of one channel if
 * all are grey. When every picture lies in a sub-folder, and there are two sub-folders or more, these are the classes
 * of the attribute "folder". Hidden files, and links to folders, are left out.
 * @throws UsageError if there is no such folder, DataError if it has too few pictures or one that can't be read.
 */
export async function loadFolder(folder: string, options: SourceOptions): Promise<Dataset> {
  const { files, others } = await listPictures(folder);
  if (others > 0) {
    options.onNotice?.(`${folder}: ${others} pictures are neither PNG nor JPEG and are left out; convert them`);
  }
  if (files.length === 0) {
    throw new DataError(`${folder} has no PNG or JPEG pictures (.png, .jpg, .jpeg); give the folder that has them`);
  }
  requireEnoughImages(files.length, folder);
  const { size, cacheDir } = options;
  const key = JSON.stringify({
    folder: FOLDER_VERSION,
    size,
    files: keyDigest(JSON.stringify(files.map(({ path, bytes, modified }) => [path, bytes, modified]))),
  });
  const name = basename(resolve(folder));
  const pack = join(cacheDir, `folder-${keyDigest(resolve(folder))}-${size}px.pack`);
  return await throughCache(pack, key, options.onNotice, async () => {
    const { pixels, channels } = greyIfAllGrey(await decodeAll(folder, files, options));
    return { name, count: files.length, size, channels, pixels, labels: classesOf(files, folder, options) };
  });
}

/** All pictures under a folder, in the order of their paths' characters, which is the same on every machine. */
async function listPictures(folder: string): Promise<{ files: PictureFile[]; others: number }> {
  const files: PictureFile[] = [];
  let others = 0;
  const walk = async (relative: string): Promise<void> => {
    for await (const entry of Deno.readDir(join(folder, relative))) {
      if (entry.name.startsWith(".") || entry.name === "__MACOSX") continue;
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory) await walk(path);
      else if (NOT_READ.test(entry.name)) others++;
      else if (READ.test(entry.name)) {
        const { size, mtime, isFile } = await Deno.stat(join(folder, path));
        if (isFile) files.push({ path, bytes: size, modified: mtime?.getTime() ?? 0 });
      }
    }
  };
  try {
    await walk("");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`${folder} is not a folder; give a folder of PNG or JPEG pictures`);
    }
    throw fileError(error, "read", folder);
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, others };
}

/** N×size×size×3 bytes. */
async function decodeAll(folder: string, files: readonly PictureFile[], options: SourceOptions): Promise<Uint8Array> {
  const { folderWorker } = await import("./workers.gen.ts");
  const { size } = options;
  const imageBytes = size * size * 3;
  const pixels = new Uint8Array(files.length * imageBytes);
  let given = 0;
  let done = 0;
  options.onProgress?.(0, files.length, "decode pictures");
  await runPool<FolderSetup, FolderJob, FolderAnswer>({
    source: folderWorker,
    workers: Math.min(options.threads ?? navigator.hardwareConcurrency, Math.ceil(files.length / JOB_FILES)),
    setup: { size },
    next: async () => {
      if (given >= files.length) return undefined;
      const first = given;
      given += JOB_FILES;
      const job = await Promise.all(
        files.slice(first, given).map(async (file) => {
          const path = join(folder, file.path);
          return { path, bytes: await readFile(path) };
        }),
      );
      return { message: { first, files: job }, transfer: job.map(({ bytes }) => bytes.buffer) };
    },
    onAnswer: (answer) => {
      pixels.set(answer.pixels, answer.first * imageBytes);
      done += answer.count;
      options.onProgress?.(done, files.length, "decode pictures");
    },
  });
  return pixels;
}

function greyIfAllGrey(pixels: Uint8Array): { pixels: Uint8Array; channels: number } {
  for (let at = 0; at < pixels.length; at += 3) {
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return { pixels, channels: 3 };
  }
  const grey = new Uint8Array(pixels.length / 3);
  for (let at = 0; at < grey.length; at++) grey[at] = pixels[3 * at];
  return { pixels: grey, channels: 1 };
}

function classesOf(files: readonly PictureFile[], folder: string, { onNotice }: SourceOptions): LabelAttribute[] {
  const owners = files.map(({ path }) => path.includes("/") ? path.slice(0, path.indexOf("/")) : "");
  const classes = [...new Set(owners)].sort();
  if (classes.length < 2) return [];
  if (classes[0] === "") {
    onNotice?.(`${folder} has pictures beside its sub-folders, so these are no classes; move all into sub-folders`);
    return [];
  }
  const indexOf = new Map(classes.map((name, index) => [name, index]));
  return [{ name: "folder", classes, indices: Uint16Array.from(owners, (owner) => indexOf.get(owner) ?? 0) }];
}
