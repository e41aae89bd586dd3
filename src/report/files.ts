/** Files that are written whole or not at all: a reader never meets half of one, whatever ends the process. */
import { basename, dirname, join } from "node:path";
import { FileError } from "../core/errors.ts";

/**
 * Writes `parts`, one after the other, to `path`: into a temporary file of the same folder, which is flushed to the
 * disk and then renamed. On an error the temporary file is removed and an older `path` is left as it was.
 * @throws FileError naming the path and what stands in the way (disk full, read-only, missing folder …).
 */
export async function writeFileAtomic(path: string, ...parts: readonly Uint8Array[]): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  let created = false;
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true });
    created = true;
    for (const part of parts) await writeAll(file, part);
    await file.sync();
  } catch (error) {
    if (created) await removeQuietly(temporary);
    throw writeError(path, error);
  }
  try {
    await Deno.rename(temporary, path);
  } catch (error) {
    await removeQuietly(temporary);
    throw writeError(path, error);
  }
}

/** Makes a folder and the ones above it; nothing happens if it is there. @throws FileError */
export async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(path, error);
  }
}

/** The one-line error for a failure of the operating system while writing `path`. */
export function writeError(path: string, error: unknown): FileError {
  const code = errorCode(error);
  const known = code === undefined ? undefined : REASONS[code];
  const reason = known ?? (error instanceof Error ? error.message : String(error));
  return new FileError(`cannot write ${path}: ${reason}`, { cause: error });
}

/** What the operating system's error codes mean to the user, and what to do about them. */
const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full; free some space, or choose a place on another disk",
  EDQUOT: "the disk quota is used up; free some space, or choose another place",
  EROFS: "the file system is read-only; choose a place that can be written",
  EACCES: "permission denied; choose a place that can be written",
  EPERM: "permission denied; choose a place that can be written",
  NotCapable: "this process was started without the permission to write there; choose a folder it was given",
  ENOENT: "its folder does not exist; create it first, or choose another place",
  ENOTDIR: "a part of its path is a file, not a folder; choose another place",
  EISDIR: "a folder of this name exists; choose another name",
  EEXIST: "a file of this name exists where a folder is needed; choose another name",
  EFBIG: "the file is larger than this file system or the process's limit allows",
};

function errorCode(error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotCapable) return "NotCapable";
  if (!(error instanceof Error)) return undefined;
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** Removes the left-over of a failed write; the failure itself is what the user should hear about. */
async function removeQuietly(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch {
    // Nothing else can be done for a temporary file that neither opens nor goes.
  }
}
