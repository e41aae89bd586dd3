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
import { hint } from "./suggest.ts";

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const notNegative = v.pipe(v.number(), v.finite(), v.minValue(0));
const share = v.pipe(notNegative, v.ltValue(1));
/** A limit, which 0 takes away, as it does in flags. */
const limit = v.pipe(v.nullable(notNegative), v.transform((value) => value || null));
const names = <Name extends string>(table: Readonly<Record<Name, unknown>>) => v.picklist(Object.keys(table) as Name[]);

/** An object in which unknown names are mistakes. */
function strict<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, ({ expected, received, input, message }) => {
    if (expected === "never") {
      return `there is no such setting.${hint(String(input), Object.keys(entries))}`.replace(/\.$/, "");
    }
    return received === "undefined" ? "it is missing" : message;
  });
}

/** A number, or one that goes from one value to another over the first steps. */
const scheduled = v.union(
  [
    notNegative,
    strict({ shape: v.picklist(["linear", "cosine"]), from: notNegative, to: notNegative, steps: natural }),
  ],
  'expected a number from 0, or a schedule such as {"shape": "cosine", "from": 1, "to": 0.1, "steps": 1000}',
);
/** Whether a setting is below 1 at all times, as decays must be. */
export function isDecay(setting: v.InferOutput<typeof scheduled>): boolean {
  return typeof setting === "number" ? setting < 1 : setting.from < 1 && setting.to < 1;
}

const decay = v.pipe(
  scheduled,
  v.check(
    isDecay,
    ({ input }) => `${JSON.stringify(input)} is no decay; expected numbers from 0 and below 1`,
  ),
);
const about = v.description;

/** What decides which program is run with which inputs. The descriptions are part of what `--schema` prints. */
const entries = {
  data: v.object({
    name: v.pipe(v.string(), about("A name that --data knows, or a path, in a file relative to its folder")),
    dir: v.pipe(v.nullable(v.string()), about("Folder of the data's files; null where there is none")),
    size: v.pipe(v.nullable(positive), about("Height and width of images; null for points")),
    faces: v.pipe(v.nullable(positive), about("Faces to draw; null for data that are not drawn")),
    flip: v.pipe(v.boolean(), about("Mirror every second image at random")),
  }),
  model: v.object({
    name: names<ModelName>(models),
    latent: v.pipe(positive, about("Length of latent vectors")),
    base: v.pipe(positive, about("Channels at the largest size; values of hidden layers in pacgan-toy")),
    hidden: v.pipe(
      v.array(positive),
      about("Widths of the hidden layers of mlp; channels at each size of r3gan, the smallest first, instead of base"),
    ),
    blocks: v.pipe(positive, about("Residual blocks at each size")),
    norm: v.pipe(v.nullable(v.picklist(norms)), about("Norm of D; null for the one that the model was published with")),
    latents: v.pipe(v.picklist(latentDistributions), about("Distribution of latent numbers")),
  }),
  loss: v.object({
    name: names<LossName>(losses),
    labelSmoothing: v.pipe(share, about("What is taken off the target of real samples")),
  }),
  penalties: v.pipe(
    v.array(strict({ name: names<PenaltyName>(penalties), weight: scheduled })),
    about("Added to D's loss"),
  ),
  condition: v.nullable(strict({
    kind: names<ConditioningName>(conditionings),
    labels: v.pipe(v.nullable(v.array(v.string())), about("Attributes of the data; null for all")),
    codes: v.pipe(
      v.array(v.pipe(positive, v.minValue(2))),
      about("Classes of each categorical code, for kinds that draw codes"),
    ),
    continuous: v.pipe(natural, about("Continuous codes among the latent numbers")),
  })),
  view: v.object({
    packed: v.pipe(positive, about("Samples that D judges together")),
    noise: v.pipe(scheduled, about("Deviation of noise on all samples before D sees them")),
    augment: v.pipe(v.array(v.picklist(augmentations)), about("Random changes of all images before D sees them")),
    adaptive: v.pipe(v.boolean(), about("Augment only as often as keeps D from learning the images by heart")),
    minibatchDeviation: v.pipe(v.boolean(), about("Tell D how much the samples of a batch differ")),
    spectralNorm: v.pipe(v.boolean(), about("Divide D's weights by their largest singular values")),
  }),
  optimizer: v.object({
    name: names<OptimizerName>(optimizers),
    beta1: share,
    beta2: decay,
    discriminatorRate: scheduled,
    generatorRate: scheduled,
    clipWeights: v.pipe(limit, about("Cut off D's weights at ± this; null or 0 for not at all")),
    clipGradients: v.pipe(limit, about("Shorten longer gradients; null or 0 for not at all")),
  }),
  discriminatorSteps: v.pipe(positive, about("Updates of D for each of G")),
  batch: positive,
  average: v.pipe(decay, about("Decay of the moving average of G, which makes the samples")),
  seed: natural,
  steps: v.pipe(positive, about("Updates of G in all")),
  sampleEvery: positive,
  checkpointEvery: positive,
  keepEvery: v.pipe(natural, about("Checkpoints at multiples of this are kept; 0 for none")),
  evalEvery: v.pipe(natural, about("Steps between evaluations; 0 for none")),
  backend: v.picklist(["wasm", "reference"]),
  exact: v.pipe(v.boolean(), about("Make every product of a convolution")),
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

/** What else is in the `config.json` of a run; it decides nothing. */
const met = v.optional(
  v.pipe(v.unknown(), about("What a run met; not read, so that config.json of a run can be used")),
);

/** The fields of `someSettingsSchema` that are settings. */
export const someSettingsEntries: v.ObjectEntries = Object.fromEntries(
  Object.entries<v.GenericSchema>(entries).map(([name, schema]) => [
    name,
    v.optional(isObject(schema) ? strict(optionalEntries(schema.entries)) : schema),
  ]),
);

/** The schema of `--config`: any of the settings. Unknown names are mistakes. */
export const someSettingsSchema = v.pipe(
  strict({ ...someSettingsEntries, ...{ samples: met, plan: met, machine: met } }),
  v.transform(({ samples: _samples, plan: _plan, machine: _machine, ...settings }) => settings),
) as unknown as v.GenericSchema<unknown, SomeSettings>;

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
  const { latent, base, hidden, blocks } = models[model].defaults;
  const small = points && model === "mlp";
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
      latent: small ? 2 : latent,
      base,
      hidden: small ? [128, 128, 128] : [...hidden],
      blocks,
      norm: null,
      latents: "normal",
    },
    // Points cost next to nothing: larger batches show D more of them at once.
    batch: points ? 256 : 64,
  };
  const merged = mergeSettings(defaults, own, asked);
  const { clipWeights = defaultClip(merged) } = merged.optimizer ?? {};
  return mergeSettings(merged, { optimizer: { clipWeights } }) as TrainSettings;
}

/** Wasserstein's loss without anything else that keeps D smooth gets the weights clipped, at its authors' limit. */
export function defaultClip({ loss, penalties: terms = [], view }: SomeSettings): number | null {
  const smooth = view?.spectralNorm || terms.some(({ name }) => penalties[name].boundsSlope);
  return loss?.name === "wgan" && !smooth ? 0.01 : null;
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
