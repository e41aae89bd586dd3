/** The run that a command is about: a directory, one of its checkpoints, or the newest run when none is named. */
import { dirname, join, resolve } from "node:path";
import { PUBLISHED } from "../data/mnist.ts";
import { STACKED_SOURCE } from "../data/stacked.ts";
import { isToy } from "../data/toys.ts";
import { DATASET_NAMES } from "../data/types.ts";
import type { Needs } from "./command.ts";

/** Where runs without `--out` go, and where the newest one is looked for. */
export const RUNS = "runs";

/** The usual names of idx files with images. */
const IDX_FILE = /idx[34]-ubyte(\.gz)?$/;

/** Whether a path is that of a file of tensors, as checkpoints are. */
export function isCheckpointPath(path: string): boolean {
  return path.endsWith(".safetensors");
}

/** The directory of the run that a checkpoint belongs to. */
export function runOfCheckpoint(path: string): string {
  return dirname(dirname(path));
}

/**
 * What loading the data of a recorded run needs. This only decides about permissions: whatever is wrong with the run is
 * left for the command to find.
 * @param run the directory of a run, or undefined for the newest one in `cwd`.
 */
export function dataNeeds(run: string | undefined, cwd: string): Partial<Needs> {
  const root = run ?? newestSync(join(cwd, RUNS));
  return root === undefined ? {} : configNeeds(join(root, "config.json"));
}

/** What loading the data that a file of settings names needs. */
export function configNeeds(file: string): Partial<Needs> {
  const { name, dir } = readData(file);
  const folder = dirname(file);
  return {
    read: [...dataPaths(name, folder), ...dataPaths(dir, folder)],
    net: dir === undefined ? mirrorHosts(name) : [],
  };
}

/** What is read for `--data` or `--data-dir`: nothing for a name; for an idx file its folder, which has the labels. */
export function dataPaths(data: string | undefined, cwd: string): string[] {
  if (data === undefined || (DATASET_NAMES as readonly string[]).includes(data) || isToy(data)) return [];
  const path = resolve(cwd, data);
  return IDX_FILE.test(path) ? [dirname(path)] : [path];
}

/** The hosts that a data set is downloaded from. */
export function mirrorHosts(data: string | undefined): string[] {
  const source = data === "stacked-mnist" ? STACKED_SOURCE : data;
  if (source === undefined || !Object.hasOwn(PUBLISHED, source)) return [];
  return PUBLISHED[source].mirrors.map((mirror) => new URL(mirror).host);
}

function readData(file: string): { name?: string; dir?: string } {
  try {
    const { data } = JSON.parse(Deno.readTextFileSync(file));
    return {
      ...(typeof data?.name === "string" ? { name: data.name } : {}),
      ...(typeof data?.dir === "string" ? { dir: data.dir } : {}),
    };
  } catch {
    return {};
  }
}

/** The newest run in a folder, or undefined if there is none that can be seen. */
export function newestSync(runs: string): string | undefined {
  try {
    const timed = [...Deno.readDirSync(runs)].flatMap(({ name }) => {
      try {
        return [{ root: join(runs, name), time: Deno.statSync(join(runs, name, "config.json")).mtime?.getTime() ?? 0 }];
      } catch {
        return []; // no run
      }
    });
    return timed.sort((a, b) => b.time - a.time || (a.root < b.root ? 1 : -1))[0]?.root;
  } catch {
    return undefined;
  }
}
