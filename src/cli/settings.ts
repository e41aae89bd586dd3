/** The settings of a run: their schema, which `config.json` and `--config` share, and what is filled in. */
import * as v from "valibot";
import { isToy } from "../data/toys.ts";
import { DATASET_NAMES } from "../data/types.ts";
import { augmentations } from "../gan/augment.ts";
import { type ConditioningName, conditionings } from "../gan/conditioning.ts";
import { latentDistributions } from "../gan/latents.ts";
import { losses, type LossName } from "../gan/losses.ts";
import { penalties, type PenaltyName } from "../gan/penalties.ts";
import { type ModelName, models } from "../models/registry.ts";
import { norms } from "../nn/layers/normalization.ts";
import { type OptimizerName, optimizers } from "../nn/optimizers.ts";

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const notNegative = v.pipe(v.number(), v.finite(), v.minValue(0));
const share = v.pipe(notNegative, v.ltValue(1));
const names = <Name extends string>(table: Readonly<Record<Name, unknown>>) => v.picklist(Object.keys(table) as Name[]);

/** A number, or one that goes from one value to another over the first steps. */
const scheduled = v.union([
  notNegative,
  v.object({ shape: v.picklist(["linear", "cosine"]), from: notNegative, to: notNegative, steps: natural }),
]);

/** What decides which program is run with which inputs. */
const entries = {
  data: v.object({
    /** A name of `DATASET_NAMES`, or a path. */
    name: v.string(),
    /** Folder of its files; null where there is none. */
    dir: v.nullable(v.string()),
    /** Height and width of images; null for points. */
    size: v.nullable(positive),
    /** Faces to draw; null for data that are not drawn. */
    faces: v.nullable(positive),
    flip: v.boolean(),
  }),
  model: v.object({
    name: names<ModelName>(models),
    latent: positive,
    base: positive,
    hidden: v.array(positive),
    /** Residual blocks at each size. */
    blocks: positive,
    /** Norm of D; null for the one that the model was published with. */
    norm: v.nullable(v.picklist(norms)),
    /** Distribution of latent numbers. */
    latents: v.picklist(latentDistributions),
  }),
  loss: v.object({
    name: names<LossName>(losses),
    /** What is taken off the target of real samples. */
    labelSmoothing: share,
  }),
  penalties: v.array(v.object({ name: names<PenaltyName>(penalties), weight: scheduled })),
  condition: v.nullable(v.object({
    kind: names<ConditioningName>(conditionings),
    /** Attributes of the data; null for all. */
    labels: v.nullable(v.array(v.string())),
    /** Classes of each categorical code, for kinds that draw codes. */
    codes: v.array(v.pipe(positive, v.minValue(2))),
    /** Continuous codes among the latent numbers. */
    continuous: natural,
  })),
  view: v.object({
    packed: positive,
    noise: scheduled,
    augment: v.array(v.picklist(augmentations)),
    /** Whether samples are changed as often as keeps D from learning the data by heart. */
    adaptive: v.boolean(),
    minibatchDeviation: v.boolean(),
    spectralNorm: v.boolean(),
  }),
  optimizer: v.object({
    name: names<OptimizerName>(optimizers),
    beta1: share,
    beta2: scheduled,
    discriminatorRate: scheduled,
    generatorRate: scheduled,
    /** Limits; null for none. */
    clipWeights: v.nullable(notNegative),
    clipGradients: v.nullable(notNegative),
  }),
  discriminatorSteps: positive,
  batch: positive,
  average: scheduled,
  seed: natural,
  steps: positive,
  sampleEvery: positive,
  checkpointEvery: positive,
  keepEvery: natural,
  /** Steps between evaluations; 0 for none. */
  evalEvery: natural,
  backend: v.picklist(["wasm", "reference"]),
  /** Whether every product of a convolution is made. */
  exact: v.boolean(),
};

/** Its schema. */
export const settingsSchema = v.object(entries);

/** The settings and what they met: the data, the plan, the machine. */
export const configSchema = v.object({
  ...entries,
  samples: v.object({
    name: v.string(),
    /** null where they are drawn anew for each batch. */
    count: v.nullable(positive),
    shape: v.array(positive),
    /** What the samples are labelled with and trained on. */
    attributes: v.array(v.object({ name: v.string(), classes: v.array(v.string()) })),
    /** SHA-256 of all pixels; null where there are none. */
    digest: v.nullable(v.string()),
  }),
  /** What decides how results are rounded. */
  plan: v.object({ kernels: v.string(), digest: v.string() }),
  machine: v.object({ threads: natural, native: v.boolean(), versions: v.string() }),
});

export type TrainSettings = v.InferOutput<typeof settingsSchema>;
export type TrainConfig = v.InferOutput<typeof configSchema>;

/** Some settings; what is left out is filled in. A condition, a list or a schedule is given as a whole. */
export type SomeSettings = {
  readonly [K in keyof TrainSettings]?: TrainSettings[K] extends readonly unknown[] | null | string | number | boolean
    ? TrainSettings[K]
    : K extends "condition" | "average" ? TrainSettings[K]
    : Partial<TrainSettings[K]>;
};

/** The schema of `--config`: any of the settings. Unknown names are mistakes. */
export const someSettingsSchema = v.strictObject(Object.fromEntries(
  Object.entries<v.GenericSchema>(entries).map(([name, schema]) => [
    name,
    v.optional(isObject(schema) ? v.strictObject(optionalEntries(schema.entries)) : schema),
  ]),
)) as unknown as v.GenericSchema<unknown, SomeSettings>;

function isObject(schema: v.GenericSchema): schema is v.GenericSchema & v.ObjectSchema<v.ObjectEntries, undefined> {
  return schema.type === "object";
}

function optionalEntries(inner: v.ObjectEntries): v.ObjectEntries {
  return Object.fromEntries(
    Object.entries(inner).map(([name, schema]) => [name, v.optional(schema as v.GenericSchema)]),
  );
}

/** Later settings over earlier ones; nested settings one by one. */
export function mergeSettings(...layers: readonly SomeSettings[]): SomeSettings {
  const merged: Record<string, unknown> = {};
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer))) {
    const before = merged[name];
    const nested = isPlain(value) && isPlain(before) && name !== "condition" && name !== "average";
    merged[name] = nested ? { ...before, ...value } : value;
  }
  return merged as SomeSettings;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Settings that do not depend on others. */
const defaults = {
  loss: { name: "non-saturating", labelSmoothing: 0 },
  penalties: [],
  condition: null,
  view: { packed: 1, noise: 0, augment: [], adaptive: false, minibatchDeviation: false, spectralNorm: false },
  optimizer: {
    name: "adam",
    beta1: 0.5,
    beta2: 0.999,
    discriminatorRate: 4e-4,
    generatorRate: 8e-4,
    clipGradients: null,
  },
  discriminatorSteps: 1,
  average: 0.998,
  seed: 0,
  steps: 4000,
  sampleEvery: 500,
  checkpointEvery: 500,
  keepEvery: 0,
  evalEvery: 0,
  backend: "wasm",
  exact: false,
} as const satisfies SomeSettings;

/** All settings from those that were asked for. */
export function resolveSettings(asked: SomeSettings): TrainSettings {
  const name = asked.data?.name ?? "faces";
  const points = isToy(name);
  const model = asked.model?.name ?? (points ? "mlp" : "dcgan");
  const { hidden, blocks } = models[model].defaults;
  const own: SomeSettings = {
    data: {
      name,
      dir: null,
      size: points ? null : 32,
      faces: name === "faces" ? 8192 : null,
      // A mirrored face is a face; a mirrored digit or a mirrored letter on a picture is none.
      flip: name === "faces",
    },
    model: {
      name: model,
      latent: points ? 2 : 64,
      base: 32,
      hidden: points ? [128, 128, 128] : [...hidden],
      blocks,
      norm: null,
      latents: "normal",
    },
    // Points cost next to nothing: larger batches show D more of them at once.
    batch: points ? 256 : 64,
  };
  const merged = mergeSettings(defaults, own, asked) as TrainSettings;
  return { ...merged, optimizer: { ...merged.optimizer, clipWeights: clipOf(merged) } };
}

/** Wasserstein's loss without anything else that keeps D smooth gets the weights clipped, at its authors' limit. */
function clipOf({ optimizer, loss, penalties, view }: TrainSettings): number | null {
  if (optimizer.clipWeights !== undefined) return optimizer.clipWeights;
  return loss.name === "wgan" && penalties.length === 0 && !view.spectralNorm ? 0.01 : null;
}

/** What may change on resume: how long, how often, where, with how many threads, with which roundings. */
export const mayDiffer: readonly string[] = [
  ...["steps", "sampleEvery", "checkpointEvery", "keepEvery", "evalEvery", "backend", "exact"],
  ...["data.dir", "samples.name", "plan", "machine"],
];

/** Whether `--data` is a name, not a path. */
export function isDataName(name: string): boolean {
  return (DATASET_NAMES as readonly string[]).includes(name) || isToy(name);
}
