/** `config.json` of a run: everything that decides what it computes, fully resolved. */
import { DataError, UsageError } from "../core/errors.ts";
import { fileError, writeFileAtomic } from "../core/files.ts";
import * as v from "valibot";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** A number as JSON takes it: infinities and NaN, which JSON lacks, as text. */
export function writable(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** A field that two configs differ in; a value is undefined where the field is missing. */
export interface ConfigDifference {
  /** Dotted, for instance `optimizer.betas.0`. */
  readonly field: string;
  readonly recorded: Json | undefined;
  readonly requested: Json | undefined;
}

/** Writes a config, whole or not at all. @throws DataError if that fails. */
export async function writeConfig(path: string, config: JsonObject): Promise<void> {
  await writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`));
}

/**
 * Reads a config.
 * @param remedy what to do about a file that is not JSON.
 * @throws DataError if it is missing, not JSON, or does not fit the schema; it names the field.
 */
export async function readConfig<T>(
  path: string,
  schema: v.GenericSchema<unknown, T>,
  remedy = "restore it, or start a new run",
): Promise<T> {
  const text = await Deno.readTextFile(path).catch((error) => {
    throw fileError(error, "read", path);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DataError(`cannot use ${path}: it is not JSON; ${remedy}`);
  }
  if (!isContainer(json as Json) || Array.isArray(json)) {
    throw new DataError(`cannot use ${path}: it is not an object of settings; ${remedy}`);
  }
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const field = v.getDotPath(issue) ?? "the whole of it";
  throw new DataError(`cannot use ${path}: ${field}: ${issue.message.replaceAll(/\s+/g, " ")}`);
}

/** The fields that differ, in the order of their names. Arrays are compared item by item. */
export function configDifferences(recorded: Json | undefined, requested: Json | undefined): ConfigDifference[] {
  return differences("", recorded, requested);
}

function differences(field: string, recorded: Json | undefined, requested: Json | undefined): ConfigDifference[] {
  if (!isContainer(recorded) || !isContainer(requested) || Array.isArray(recorded) !== Array.isArray(requested)) {
    return Object.is(recorded, requested) ? [] : [{ field, recorded, requested }];
  }
  const a = new Map(Object.entries(recorded));
  const b = new Map(Object.entries(requested));
  return [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((key) =>
    differences(field === "" ? key : `${field}.${key}`, a.get(key), b.get(key))
  );
}

function isContainer(value: Json | undefined): value is readonly Json[] | JsonObject {
  return typeof value === "object" && value !== null;
}

/**
 * Checks that what is asked for is what the run in `root` was started with, but for the fields that may change on
 * resume, each with all that lies under it.
 * @throws UsageError naming each other field that differs, with both values.
 */
export function requireSameConfig(
  root: string,
  recorded: JsonObject,
  requested: JsonObject,
  mayDiffer: readonly string[],
): void {
  const free = ({ field }: ConfigDifference) =>
    mayDiffer.some((name) => field === name || field.startsWith(`${name}.`));
  const wrong = configDifferences(recorded, requested).filter((difference) => !free(difference));
  if (wrong.length === 0) return;
  const list = wrong.map(({ field, recorded, requested }) =>
    `${field} (${show(recorded)} there, ${show(requested)} here)`
  );
  throw new UsageError(
    `${root} is another kind of run: it differs in ${list.join(", ")}; leave that out, or start a new run`,
  );
}

function show(value: Json | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
