/** The file of a sweep: its schema, and what is wrong with it in one line that names the field. */
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { type Json, type JsonObject, readConfig } from "../checkpoint/config.ts";
import { DataError } from "../core/errors.ts";
import { type PresetName, presets } from "./presets.ts";
import { resolveSettings, type SomeSettings, someSettingsEntries } from "./settings.ts";
import { hint } from "./suggest.ts";

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const layerEntries: v.ObjectEntries = {
  preset: v.optional(v.picklist(Object.keys(presets) as PresetName[])),
  ...someSettingsEntries,
};

/** Some settings, on top of those of a preset if it names one. */
export type Layer = SomeSettings & { readonly preset?: PresetName };
const layerSchema = v.strictObject(layerEntries) as unknown as v.GenericSchema<unknown, Layer>;
const variantSchema = v.strictObject({ name: v.pipe(v.string(), v.trim(), v.nonEmpty()), ...layerEntries });

const distinct = <T>(items: readonly T[]) => new Set(items.map((item) => JSON.stringify(item))).size === items.length;
const values = v.pipe(v.array(v.unknown()), v.nonEmpty(), v.check(distinct, "the same value is given twice"));
const interval = v.pipe(
  v.tuple([v.pipe(v.number(), v.finite()), v.pipe(v.number(), v.finite())]),
  v.check(([low, high]) => low < high, "expected [low, high], the lower number first"),
);

const kinds = ["choice", "uniform", "log", "integer", "of"] as const;

/** Where the values of a setting are drawn from: one of `kinds`. */
const distributionSchema = v.pipe(
  v.strictObject({
    choice: v.optional(values),
    uniform: v.optional(interval),
    /** Evenly spread over the logarithm. */
    log: v.optional(v.pipe(interval, v.check(([low]) => low > 0, "a logarithm needs numbers above 0"))),
    /** Whole numbers, both ends included. */
    integer: v.optional(
      v.pipe(interval, v.check((ends) => ends.every(Number.isSafeInteger), "expected whole numbers")),
    ),
    /** Not drawn, but as another setting, times a factor. */
    of: v.optional(v.string()),
    times: v.optional(v.pipe(v.number(), v.finite())),
  }),
  v.check(
    (given) => kinds.filter((kind) => given[kind] !== undefined).length === 1,
    `expected one of ${kinds.join(", ")}, such as {"log": [1e-5, 1e-3]}`,
  ),
  v.check(({ of, times }) => times === undefined || of !== undefined, '"times" belongs to "of"'),
);

export type Distribution = v.InferOutput<typeof distributionSchema>;

/** What belongs to random search itself; every other name is that of a setting. */
const searchEntries = {
  count: positive,
  seed: v.optional(natural, 0),
  /** Whether each variant is also run without any random change. */
  includeDefault: v.optional(v.boolean(), true),
};

const fileSchema = v.strictObject({
  base: v.optional(layerSchema, {}),
  /** The budget of each run: minutes of training, steps, or whichever comes first. */
  minutes: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000))),
  steps: v.optional(v.pipe(positive, v.maxValue(10_000_000))),
  /** What runs are ranked by. */
  metric: v.optional(v.string()),
  /** What else is measured of them; everything if left out. */
  metrics: v.optional(v.array(v.string())),
  grid: v.optional(v.record(v.string(), values), {}),
  random: v.optional(v.objectWithRest(searchEntries, distributionSchema)),
  variants: v.optional(v.pipe(
    v.array(variantSchema),
    v.nonEmpty(),
    v.check((items) => distinct(items.map(({ name }) => name)), "two variants have the same name"),
  )),
  seeds: v.optional(v.pipe(v.array(natural), v.nonEmpty(), v.check(distinct, "the same seed is given twice"))),
  /** Where relative paths of data start, itself relative to the file's folder; that folder if left out. */
  folder: v.optional(v.string(), "."),
});

/** A sweep as it was asked for. */
export interface SweepFile {
  readonly base: Layer;
  readonly minutes: number | undefined;
  readonly steps: number | undefined;
  readonly metric: string | undefined;
  readonly metrics: readonly string[] | undefined;
  /** Values by the dotted name of a setting. */
  readonly grid: Readonly<Record<string, readonly Json[]>>;
  readonly random: {
    readonly count: number;
    readonly seed: number;
    readonly includeDefault: boolean;
    readonly distributions: Readonly<Record<string, Distribution>>;
  } | undefined;
  readonly variants: readonly { readonly name: string; readonly layer: Layer }[] | undefined;
  readonly seeds: readonly number[] | undefined;
  /** Absolute. */
  readonly folder: string;
  /** The file's text as JSON, which names the folder. */
  readonly json: JsonObject;
}

/**
 * Reads the file of a sweep.
 * @param path absolute; relative paths in the file start from its folder, or from the one that it names.
 * @throws DataError if it is missing or damaged, or asks for what is no setting; it names the field.
 */
export async function readSweepFile(path: string): Promise<SweepFile> {
  const { base, grid, random, variants, ...rest } = await readConfig(path, fileSchema);
  const folder = resolve(dirname(path), rest.folder);
  const { minutes, steps, metric, metrics, seeds } = rest;
  const json = await readConfig(path, v.record(v.string(), v.unknown())) as JsonObject;
  const { count = 0, seed = 0, includeDefault = true, ...distributions } = random ?? {};
  const file: SweepFile = {
    ...{ base, minutes, steps, metric, metrics, seeds, folder, json: { ...json, folder } },
    grid: grid as Record<string, Json[]>,
    random: random && { count, seed, includeDefault, distributions: distributions as Record<string, Distribution> },
    variants: variants?.map(({ name, ...layer }) => ({ name, layer: layer as Layer })),
  };
  try {
    requireSettings(file);
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`cannot use ${path}: ${error.message}`);
    throw error;
  }
  return file;
}

/** @throws DataError if the grid or the draws are not of settings, or of values that these can't have. */
function requireSettings({ grid, random, seeds }: SweepFile): void {
  if (seeds && Object.hasOwn(grid, "seed")) throw new DataError('grid.seed: "seeds" gives the seeds already');
  for (const [name, items] of Object.entries(grid)) {
    for (const item of items) layerOf(`grid.${name}`, name, item);
  }
  const { distributions = {} } = random ?? {};
  for (const [name, { choice = [], of }] of Object.entries(distributions)) {
    const label = `random.${name}`;
    requireName(label, name);
    for (const item of choice) layerOf(label, name, item as Json);
    if (Object.hasOwn(grid, name)) throw new DataError(`${label}: the grid has its values already`);
    const drawn = of !== undefined && Object.hasOwn(distributions, of) && distributions[of].of === undefined;
    if (of !== undefined && !drawn && !Object.hasOwn(grid, of)) {
      throw new DataError(`${label}.of: ${of} is neither drawn nor in the grid; name a setting that is`);
    }
  }
}

/** One setting by its dotted name. @throws DataError, which begins with `label`, if there is none, or no such value. */
export function layerOf(label: string, name: string, value: Json): Layer {
  requireName(label, name);
  const nested = name.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const result = v.safeParse(layerSchema, nested);
  if (result.success) return result.output;
  const { message } = result.issues[0];
  throw new DataError(`${label}: ${JSON.stringify(value)}: ${message.replaceAll(/\s+/g, " ")}`);
}

/** All settings, with the dotted names of nested ones. */
const settingNames: readonly string[] = [
  "preset",
  ...Object.entries(resolveSettings({})).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? [name, ...Object.keys(value).map((key) => `${name}.${key}`)]
      : [name]
  ),
];

function requireName(label: string, name: string): void {
  if (settingNames.includes(name)) return;
  throw new DataError(`${label}: there is no setting ${name}.${hint(name, settingNames)}`);
}
