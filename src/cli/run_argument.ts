/** The run that a command is about: a directory, one of its checkpoints, or the newest run when none is named. */
import { dirname, join } from "node:path";
import { PUBLISHED } from "../data/mnist.ts";
import type { Needs } from "./command.ts";

/** Where runs without `--out` go, and where the newest one is looked for. */
export const RUNS = "runs";

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
  const recorded = readData(run ?? newestSync(join(cwd, RUNS)));
  const { name, dir } = recorded;
  const read = [dir, name?.includes("/") || name?.includes("\\") ? name : undefined].filter((path) =>
    path !== undefined
  );
  return { read, net: dir === undefined ? mirrorHosts(name) : [] };
}

/** The hosts that a data set is downloaded from. */
export function mirrorHosts(data: string | undefined): string[] {
  if (data === undefined || !Object.hasOwn(PUBLISHED, data)) return [];
  return PUBLISHED[data].mirrors.map((mirror) => new URL(mirror).host);
}

function readData(run: string | undefined): { name?: string; dir?: string } {
  if (run === undefined) return {};
  try {
    const { data } = JSON.parse(Deno.readTextFileSync(join(run, "config.json")));
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
