/** The checkpoints of a run: `step-000200.safetensors` in a directory of their own. */
import { DataError } from "../core/errors.ts";
import { fileError, listNames, readFile, writeFileAtomic } from "../core/files.ts";
import type { FileTensor } from "./layout.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { join } from "node:path";

/** The state of a run after `step`. */
export interface Checkpoint {
  readonly step: number;
  readonly path: string;
  readonly tensors: Map<string, FileTensor>;
  readonly metadata: Record<string, string>;
}

/** A checkpoint that is there by name; whether it can be read is not known yet. */
export interface CheckpointEntry {
  readonly step: number;
  readonly path: string;
}

/** How many of the newest checkpoints stay. Two: should the newest be damaged, there is one before it. */
const kept = 2;

const namePattern = /^step-(\d{6,})\.safetensors$/;
/** What `writeFileAtomic` leaves when its process is killed. */
const temporaryPattern = /^\.step-\d+\.safetensors\..+\.tmp$/;

/** `step-000200.safetensors`. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, "0")}.safetensors`;
}

/**
 * Writes the state after `step`, whole or not at all, and gives the file's path. Equal states give equal bytes.
 * @throws DataError if it can't be written; older checkpoints are as they were.
 */
export async function writeCheckpoint(
  directory: string,
  step: number,
  tensors: ReadonlyMap<string, FileTensor>,
  metadata: Readonly<Record<string, string>>,
): Promise<string> {
  const path = join(directory, checkpointName(step));
  await writeFileAtomic(path, encodeSafetensors(tensors, { ...metadata, step: String(step) }));
  return path;
}

/**
 * Reads a checkpoint that `writeCheckpoint` made, by its path.
 * @throws DataError naming the file, if it is missing, damaged, or another kind of safetensors file.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path);
  try {
    const { tensors, metadata, sealed } = decodeSafetensors(bytes);
    const step = Number(metadata.step);
    if (!sealed || !Number.isSafeInteger(step)) {
      throw new DataError("it is no checkpoint: expected digests and a step in its metadata");
    }
    return { step, path, tensors, metadata };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`cannot use ${path}: ${error.message}`);
  }
}

/** The checkpoints in a directory, oldest step first. @throws DataError if it can't be read. */
export async function listCheckpoints(directory: string): Promise<CheckpointEntry[]> {
  const entries: CheckpointEntry[] = [];
  for (const name of await listNames(directory)) {
    const match = namePattern.exec(name);
    if (match) entries.push({ step: Number(match[1]), path: join(directory, name) });
  }
  return entries.sort((a, b) => a.step - b.step);
}

/**
 * The newest checkpoint that is whole. For each newer one that is not, `notice` gets a line.
 * @throws DataError if there is none.
 */
export async function latestCheckpoint(directory: string, notice: (line: string) => void): Promise<Checkpoint> {
  const entries = await listCheckpoints(directory);
  for (const { step, path } of entries.reverse()) {
    try {
      const checkpoint = await readCheckpoint(path);
      if (checkpoint.step === step) return checkpoint;
      notice(`cannot use ${path}: it is of step ${checkpoint.step}; trying the one before it`);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      notice(`${error.message}; trying the one before it`);
    }
  }
  throw new DataError(
    entries.length === 0
      ? `there is no checkpoint in ${directory}; start a new run`
      : `none of the ${entries.length} checkpoints in ${directory} can be used; start a new run`,
  );
}

/**
 * Removes all but the two newest checkpoints and each whose step is a multiple of `keepEvery` (0: none), and the
 * temporary files of a process that was killed.
 * @throws DataError if one can't be removed.
 */
export async function pruneCheckpoints(directory: string, keepEvery: number): Promise<void> {
  const old = (await listCheckpoints(directory)).slice(0, -kept);
  const surplus = old.filter(({ step }) => keepEvery === 0 || step % keepEvery !== 0).map(({ path }) => path);
  const leftovers = (await listNames(directory)).filter((name) => temporaryPattern.test(name));
  for (const path of [...surplus, ...leftovers.map((name) => join(directory, name))]) {
    await Deno.remove(path).catch((error) => {
      throw fileError(error, "remove", path);
    });
  }
}
