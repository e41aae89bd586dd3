/** Where this user's reusable files lie: rendered faces, downloads, what was learnt about this Deno. */
import { isAbsolute, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { DuelError } from "../core/errors.ts";

/**
 * The folder for cached files, made if it isn't there: `$DUEL_CACHE`, else `duel` in `$XDG_CACHE_HOME` (on Windows
 * `$LOCALAPPDATA`) or `$HOME/.cache`, else a private one among the temporary files.
 * @throws DuelError if none can be made.
 */
export function cacheFolder(): string {
  const chosen = Deno.env.get("DUEL_CACHE");
  if (chosen) return resolve(chosen);
  const base = Deno.build.os === "windows" ? "LOCALAPPDATA" : "XDG_CACHE_HOME";
  const home = Deno.env.get("HOME");
  for (const folder of [Deno.env.get(base), home && join(home, ".cache")]) {
    if (folder && isAbsolute(folder) && makePrivate(join(folder, "duel"))) return join(folder, "duel");
  }
  const folder = join(tmpdir(), `duel-${Deno.uid() ?? "user"}`);
  if (makePrivate(folder) && isOwn(folder)) return folder;
  throw new DuelError(`cannot use ${folder}, which is not this user's; set DUEL_CACHE to a folder that can be written`);
}

/** The folder for data that are made or downloaded once. @param chosen that which the user chose, if any. */
export function dataFolder(chosen: string | undefined): string {
  return chosen ?? join(cacheFolder(), "data");
}

function makePrivate(folder: string): boolean {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    return true;
  } catch {
    return false; // read-only or not there; the next candidate may do
  }
}

/** Temporary files are anyone's: a folder or link that another user put there is not to be trusted. */
function isOwn(folder: string): boolean {
  if (Deno.build.os === "windows") return true;
  const { isDirectory, uid, mode } = Deno.lstatSync(folder);
  return isDirectory && uid === Deno.uid() && ((mode ?? 0) & 0o077) === 0;
}
