/**
 * A run is a directory:
 *
 *     config.json                             fully resolved, with seed, plan and versions
 *     log.jsonl                               one record a line (report/log.ts)
 *     samples/                                grids of images
 *     checkpoints/step-000200.safetensors     the last two, and each `--keep-every`
 *     report.html                             what a person looks at
 *     .lock                                   held by the process that trains
 */
import { DataError, UsageError } from "../core/errors.ts";
import { fileError, listNames } from "../core/files.ts";
import { type JsonObject, readConfig, writeConfig } from "./config.ts";
import { basename, dirname, join } from "node:path";
import type * as v from "valibot";

/** Where things are in a run directory. */
export interface RunPaths {
  readonly root: string;
  readonly config: string;
  readonly log: string;
  readonly samples: string;
  readonly checkpoints: string;
  readonly report: string;
  readonly lock: string;
}

/** The paths in a run directory, whether it exists or not. */
export function runPaths(root: string): RunPaths {
  return {
    root,
    config: join(root, "config.json"),
    log: join(root, "log.jsonl"),
    samples: join(root, "samples"),
    checkpoints: join(root, "checkpoints"),
    report: join(root, "report.html"),
    lock: join(root, ".lock"),
  };
}

/** Where a new run goes: a directory that must not exist yet, or the next number in one that holds all runs. */
export type RunPlace = { readonly out: string } | { readonly runs: string; readonly name: string };

/**
 * Makes a run directory: `out`, or `runs/NNN-name` with the next free number. Two processes never get the same one.
 * @throws UsageError if `out` exists; DataError if the directory can't be made: nothing is left of it then.
 */
export async function createRun(place: RunPlace, config: JsonObject): Promise<RunPaths> {
  const root = "out" in place ? await makeOut(place.out) : await makeNumbered(place.runs, place.name);
  const paths = runPaths(root);
  try {
    await makeDirectory(paths.samples);
    await makeDirectory(paths.checkpoints);
    await writeConfig(paths.config, config); // last: a directory with a config is a run
    return paths;
  } catch (error) {
    await Deno.remove(root, { recursive: true }).catch(() => {});
    throw error;
  }
}

async function makeOut(out: string): Promise<string> {
  await makeDirectory(dirname(out), { recursive: true });
  if (!await tryMakeDirectory(out)) {
    throw new UsageError(`${out} exists already; choose another --out, or continue that run with --resume`);
  }
  return out;
}

/**
 * A number is claimed by making the directory `.claim-NNN`, which only one process can do; the number is then taken
 * unless a run has got it in the meantime. (Making `NNN-name` at once would not do: names differ.)
 */
async function makeNumbered(runs: string, name: string): Promise<string> {
  await makeDirectory(runs, { recursive: true });
  const label = name.replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(0, 80);
  for (let number = 1 + Math.max(0, ...await takenNumbers(runs));; number++) {
    const digits = String(number).padStart(3, "0");
    const claim = join(runs, `.claim-${digits}`);
    if (!await tryMakeDirectory(claim)) continue;
    try {
      if ((await takenNumbers(runs)).includes(number)) continue;
      const root = join(runs, `${digits}-${label}`);
      await makeDirectory(root);
      return root;
    } finally {
      await Deno.remove(claim);
    }
  }
}

async function takenNumbers(runs: string): Promise<number[]> {
  const names = await listNames(runs);
  return names.map((name) => /^(\d{3,})-/.exec(name)).filter((match) => match !== null).map(([, digits]) =>
    Number(digits)
  );
}

/**
 * Opens a run directory, and reads its config with the schema of the caller.
 * @throws DataError if there is none, if it is a file, or if its config is missing, damaged or of another kind.
 */
export async function openRun<C>(
  root: string,
  schema: v.GenericSchema<unknown, C>,
): Promise<{ readonly paths: RunPaths; readonly config: C }> {
  const paths = runPaths(root);
  const { isDirectory } = await Deno.stat(root).catch((error) => {
    throw fileError(error, "open the run", root);
  });
  if (!isDirectory) throw new DataError(`${root} is a file; expected the directory of a run, or a .safetensors file`);
  if (!(await listNames(root)).includes(basename(paths.config))) {
    throw new DataError(`${root} is not the directory of a run: it has no config.json; give one that train has made`);
  }
  return { paths, config: await readConfig(paths.config, schema) };
}

/**
 * The run in `runs` that was started last, by the time of its config; of equal ones, the last by name.
 * @throws UsageError if there is none.
 */
export async function newestRun(runs: string): Promise<string> {
  const none = new UsageError(`there is no run in ${runs}; start one with train, or name its directory`);
  await Deno.stat(runs).catch((error) => {
    throw error instanceof Deno.errors.NotFound ? none : fileError(error, "list", runs);
  });
  const names = (await listNames(runs)).sort();
  let newest: { root: string; time: number } | undefined;
  for (const root of names.map((name) => join(runs, name))) {
    const time = await Deno.stat(runPaths(root).config).then((info) => info.mtime?.getTime() ?? 0, () => undefined);
    if (time !== undefined && time >= (newest?.time ?? 0)) newest = { root, time };
  }
  if (!newest) throw none;
  return newest.root;
}

/**
 * Makes this process the only one that trains in a run, until disposed of or ended, however it ends. Where the file
 * system has no locks, nothing is guarded.
 * @throws UsageError if another process trains in it; DataError if it can't be written.
 */
export async function lockRun(paths: RunPaths): Promise<Disposable> {
  const file = await Deno.open(paths.lock, { write: true, create: true }).catch((error) => {
    throw fileError(error, "open", paths.lock);
  });
  if (await file.tryLock(true).catch(() => true)) return file;
  file.close();
  throw new UsageError(`another process is training in ${paths.root}; wait for its end, or start a new run`);
}

async function makeDirectory(path: string, options: Deno.MkdirOptions = {}): Promise<void> {
  await Deno.mkdir(path, options).catch((error) => {
    throw fileError(error, "make", path);
  });
}

/** Whether it was this call that made the directory, as one of many processes that try. */
async function tryMakeDirectory(path: string): Promise<boolean> {
  try {
    await Deno.mkdir(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw fileError(error, "make", path);
  }
}
