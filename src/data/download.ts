/** Files of published data sets: downloaded once, kept in the cache, never trusted without a look at their digest. */
import { dirname } from "node:path";
import { DataError } from "../core/errors.ts";
import { fileError, writeFileAtomic } from "../core/files.ts";
import type { SourceOptions } from "./types.ts";

export interface DownloadOptions extends Pick<SourceOptions, "onProgress" | "onNotice"> {
  /** Name of the data set, for messages. */
  readonly name: string;
  readonly file: string;
  /** Where it is kept. */
  readonly path: string;
  /** Addresses of folders, tried in this order. */
  readonly mirrors: readonly string[];
  /** Whether these bytes are the file. */
  readonly accept: (bytes: Uint8Array) => boolean;
}

/**
 * The bytes of a published file, from the cache or else from the first mirror that has the right ones.
 * @throws DataError with each mirror's reason, saying how to do without the network.
 */
export async function download(options: DownloadOptions): Promise<Uint8Array> {
  const { name, file, path } = options;
  const kept = await readIfThere(path);
  if (kept !== undefined) {
    if (options.accept(kept)) return kept;
    options.onNotice?.(`${path} is damaged; downloading it again`);
  }
  const reasons: string[] = [];
  for (const mirror of options.mirrors) {
    try {
      const bytes = await fetchBytes(
        mirror + file,
        (done, total) => options.onProgress?.(done, total, `download ${file}`),
      );
      if (!options.accept(bytes)) throw new Error("not the expected file (its digest differs)");
      await keep(path, bytes, options.onNotice);
      return bytes;
    } catch (error) {
      reasons.push(`${new URL(mirror).host}: ${reasonOf(error)}`);
    }
  }
  throw new DataError(
    `could not download ${file} of ${name} (${reasons.join("; ")}); ` +
      `get the set's idx files on another machine and give their folder with --data-dir`,
  );
}

/** A mirror that sends nothing for so long is given up. */
const SILENCE_MS = 20_000;

async function fetchBytes(address: string, onProgress: (done: number, total: number) => void): Promise<Uint8Array> {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error(`no answer for ${SILENCE_MS / 1000} seconds`));
  let timer = setTimeout(giveUp, SILENCE_MS);
  try {
    const response = await fetch(address, { signal: abort.signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    const total = Number(response.headers.get("content-length") ?? 0);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let done = 0;
    for await (const part of response.body) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE_MS);
      parts.push(part);
      done += part.length;
      onProgress(done, Math.max(total, done));
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  } finally {
    clearTimeout(timer);
  }
}

async function keep(path: string, bytes: Uint8Array, onNotice: SourceOptions["onNotice"]): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, bytes);
  } catch (error) {
    onNotice?.(`the download is not kept: ${reasonOf(fileError(error, "write", path))}`);
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(error, "read", path);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "this process may not use the network";
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
}
