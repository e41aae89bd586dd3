/** The runs of a sweep: variants × grid points × random draws × seeds. */
import { resolve } from "node:path";
import type { Json } from "../checkpoint/config.ts";
import { DataError, InternalError } from "../core/errors.ts";
import { uniform } from "../core/random.ts";
import { presets } from "./presets.ts";
import { isDataName, mergeSettings, resolveSettings, type TrainSettings } from "./settings.ts";
import { layeredSettings } from "./settings_layers.ts";
import { type Distribution, type Layer, layerOf, type SweepFile } from "./sweep_file.ts";

/** Settings by dotted name. */
export type Point = Readonly<Record<string, Json>>;

/** A run that a sweep makes. */
export interface PlannedRun {
  /** Of its directory; it depends on nothing but the run itself, so that a sweep may grow. */
  readonly name: string;
  /** What it is compared as: its variant and its place in the grid. */
  readonly group: string;
  /** What differs from the other runs of its variant. */
  readonly varied: Point;
  /** Whether it is its group's run without random changes, where others have some. */
  readonly isDefault: boolean;
  readonly settings: TrainSettings;
}

/** Enough steps for any time. */
const MOST_STEPS = 10_000_000;

/**
 * All runs, the first seed of everything first, so that a sweep that ends early has compared everything.
 * @throws DataError for a drawn value that its setting can't have.
 */
export function plannedRuns(file: SweepFile): PlannedRun[] {
  const variants = file.variants ?? [undefined];
  const draws = drawsOf(file.random);
  const seeds = file.seeds ?? [undefined];
  const keys = Object.keys(file.grid);
  const taken = new Set<string>();
  const runs: PlannedRun[] = [];
  for (const seed of seeds) {
    for (const draw of draws) {
      for (const variant of variants) {
        for (const place of gridPoints(file.grid)) {
          const varied = { ...place, ...draw?.point(place) };
          const settings = settingsOfRun(file, variant?.layer ?? {}, varied, seed);
          const group = [variant?.name, ...keys.map((key) => `${shortName(key, keys)}=${valueText(place[key])}`)];
          const parts = [
            ...[variant?.name, ...keys.map((key) => `${shortName(key, keys)}-${valueText(place[key])}`)],
            ...[draw?.name, `seed${settings.seed}`],
          ];
          const name = unique(parts.flatMap((part) => part === undefined ? [] : [slug(part)]).join("_"), taken);
          const isDefault = draw !== undefined && draw.index < 0;
          runs.push({ name, group: group.filter(Boolean).join(", ") || "all", varied, isDefault, settings });
        }
      }
    }
  }
  return runs;
}

function settingsOfRun(file: SweepFile, variant: Layer, varied: Point, seed: number | undefined): TrainSettings {
  const layers = [file.base, variant, ...Object.entries(varied).map(([name, value]) => layerOf(name, name, value))];
  const preset = layers.findLast((layer) => layer.preset !== undefined)?.preset;
  const own = mergeSettings(...layers.map(({ preset: _, ...settings }) => settings));
  // A preset's steps were not meant for a budget of minutes.
  const steps = file.steps ?? own.steps ?? (file.minutes === undefined ? undefined : MOST_STEPS);
  const settings = resolveSettings(layeredSettings(
    preset === undefined ? {} : presets[preset].settings,
    own,
    ...steps === undefined ? [] : [{ steps }],
    ...seed === undefined ? [] : [{ seed }],
  ));
  return { ...settings, data: withPaths(settings.data, file.folder) };
}

function withPaths(data: TrainSettings["data"], folder: string): TrainSettings["data"] {
  const absolute = (path: string) => resolve(folder, path);
  return {
    ...data,
    name: isDataName(data.name) ? data.name : absolute(data.name),
    dir: data.dir === null ? null : absolute(data.dir),
  };
}

/** All combinations, the last setting changing fastest. */
function gridPoints(grid: SweepFile["grid"]): Point[] {
  return Object.entries(grid).reduce<Point[]>(
    (points, [name, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

interface Draw {
  readonly name: string;
  /** −1 for the one without changes. */
  readonly index: number;
  /** Its values, at a place in the grid. */
  point(place: Point): Point;
}

function drawsOf(random: SweepFile["random"]): (Draw | undefined)[] {
  if (!random) return [undefined];
  const { count, seed, includeDefault, distributions } = random;
  const unchanged: Draw = { name: "default", index: -1, point: () => ({}) };
  return [
    ...includeDefault ? [unchanged] : [],
    ...Array.from({ length: count }, (_, index): Draw => ({
      name: `draw${index}`,
      index,
      point(place) {
        const drawn = Object.entries(distributions).filter(([, { of }]) => of === undefined)
          .map(([name, distribution]): [string, Json] => [name, drawnValue(distribution, seed, name, index)]);
        const all: Point = { ...place, ...Object.fromEntries(drawn) };
        return Object.fromEntries(
          Object.entries(distributions).map(([name, { of, times = 1 }]) => {
            if (of === undefined) return [name, all[name]];
            const value = all[of];
            if (typeof value === "number") return [name, significant(value * times)];
            if (times === 1) return [name, value];
            throw new DataError(`random.${name}: ${of} is ${valueText(value)}; "times" needs a number`);
          }),
        );
      },
    })),
  ];
}

/**
 * Draw number `index` of a setting: a function of the seed, the setting's name and the index, so that neither more
 * draws nor more settings change it.
 */
export function drawnValue(
  { choice, uniform: range, log, integer }: Distribution,
  seed: number,
  name: string,
  index: number,
): Json {
  const share = uniform(seed, `sweep ${name}`, index, 0);
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * share;
  if (choice) return choice[Math.floor(share * choice.length)] as Json;
  if (integer) return integer[0] + Math.floor(share * (integer[1] - integer[0] + 1));
  if (log) return significant(Math.exp(between([Math.log(log[0]), Math.log(log[1])])));
  if (range) return significant(between(range));
  throw new InternalError(`random.${name} draws nothing`);
}

/** Four digits: what a table shows is then what was run. */
function significant(value: number): number {
  return Number(value.toPrecision(4));
}

/** The last word of a dotted name that tells it from the others: `loss` for `loss.name`. */
export function shortName(name: string, all: readonly string[]): string {
  const brief = (full: string) => full.replace(/\.name$/, "").split(".").at(-1)!;
  return all.filter((other) => brief(other) === brief(name)).length > 1 ? name : brief(name);
}

/** A value of a setting, for people. */
export function valueText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function slug(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}.+-]+/gu, "-").replaceAll(/^[-.]+|-+$/g, "").slice(0, 60) || "x";
}

/** Names that differ only in case are one on some file systems. */
function unique(name: string, taken: Set<string>): string {
  const short = name.slice(0, 150);
  let result = short;
  for (let number = 2; taken.has(result.toLowerCase()); number++) result = `${short}~${number}`;
  taken.add(result.toLowerCase());
  return result;
}
