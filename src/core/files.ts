/** Files: written whole or not at all, and errors that name in one line what went wrong with which. */
import { basename, dirname, join } from "node:path";
import { DataError } from "./errors.ts";

/** What to tell a person about the errors that a disk, or the permissions on it, can give. */
const causes: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space, or write to another disk",
  EROFS: "the disk is read-only; write to another place",
  EACCES: "permission denied; choose a place that you may use",
  EPERM: "permission denied; choose a place that you may use",
  ENOENT: "there is no such file or directory; check the path",
  ENOTDIR: "a part of the path is a file; expected a directory",
  EISDIR: "it is a directory; expected a file",
  EEXIST: "it exists already; choose another name",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
};

/**
 * Turns what a file operation threw into an error of one line: `cannot <action> <path>: <why>; <what to do>`.
 * An error that no file operation throws is a bug, and comes back as it is.
 */
export function fileError(error: unknown, action: string, path: string): unknown {
  if (error instanceof Deno.errors.NotCapable) {
    return new DataError(`cannot ${action} ${path}: the process was started without the permission for it`);
  }
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : undefined;
  // Deno gives some system errors, such as EFBIG and EDQUOT, no code.
  if (code === undefined && !/\(os error \d+\)/.test(error.message)) return error;
  return new DataError(`cannot ${action} ${path}: ${causes[code ?? ""] ?? error.message.split("\n", 1)[0]}`);
}

/**
 * Replaces or makes the file at `path`: whatever happens, even a SIGKILL or a power cut, it holds afterwards either
 * its former bytes or all of `bytes`. The directory must exist. A SIGKILL can leave a `.<name>.<id>.tmp` beside it.
 * @throws DataError if it can't be written; the former file and no temporary one is left then.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    await writeSynced(temporary, bytes);
    await Deno.rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw fileError(error, "write", path);
  }
}

/** Writes a new file, which is on the disk itself when this returns. */
async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  await file.sync();
}

/** All bytes of a file. @throws DataError if it can't be read. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(path).catch((error) => {
    throw fileError(error, "read", path);
  });
}

/** Whether there is something at a path. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** The names in a directory, in no order. @throws DataError if it can't be read. */
export async function listNames(directory: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  } catch (error) {
    throw fileError(error, "list", directory);
  }
}

/** Makes a rename inside of `path` durable. Windows can't open a directory, and does not need it. */
async function syncDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using directory = await Deno.open(path, { read: true });
  await directory.sync();
}
