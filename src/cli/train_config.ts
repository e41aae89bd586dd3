/** `config.json` of a run: its schema, and how it follows from the command line and, on resume, from the recorded one. */
import { resolve } from "node:path";
import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { DATASET_NAMES } from "../data/types.ts";
import { losses, type LossName } from "../gan/losses.ts";
import { type ModelName, models, modelsUsing } from "../models/registry.ts";
import { type OptimizerName, optimizers } from "../nn/optimizers.ts";
import type { TrainParsed } from "./train_flags.ts";

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const number = v.number();
const names = <Name extends string>(table: Readonly<Record<Name, unknown>>) => v.picklist(Object.keys(table) as Name[]);

/** What decides which program is run with which inputs. */
const settingsEntries = {
  data: v.object({
    /** A name of `DATASET_NAMES`, or a path. */
    name: v.string(),
    /** Folder of its files; null where there is none. */
    dir: v.nullable(v.string()),
    size: positive,
    /** Faces to draw; null for data that are not drawn. */
    faces: v.nullable(positive),
    flip: v.boolean(),
  }),
  model: v.object({ name: names<ModelName>(models), latent: positive, base: positive, hidden: v.array(positive) }),
  loss: names<LossName>(losses),
  optimizer: v.object({
    name: names<OptimizerName>(optimizers),
    beta1: number,
    beta2: number,
    discriminatorRate: number,
    generatorRate: number,
  }),
  discriminatorSteps: positive,
  batch: positive,
  average: number,
  seed: natural,
  steps: positive,
  sampleEvery: positive,
  checkpointEvery: positive,
  keepEvery: natural,
  backend: v.picklist(["wasm", "reference"]),
  /** Whether every product of a convolution is made; runs that do not say were made before there were fast forms. */
  exact: v.optional(v.boolean(), true),
};

const settingsSchema = v.object(settingsEntries);

/** The settings and what they met: the images, the plan, the machine. */
export const configSchema = v.object({
  ...settingsEntries,
  images: v.object({
    name: v.string(),
    count: positive,
    channels: positive,
    /** SHA-256 of all pixels. */
    digest: v.string(),
  }),
  /** What decides how results are rounded. */
  plan: v.object({ kernels: v.string(), digest: v.string() }),
  machine: v.object({ threads: natural, native: v.boolean(), versions: v.string() }),
});

export type TrainSettings = v.InferOutput<typeof settingsSchema>;
export type TrainConfig = v.InferOutput<typeof configSchema>;

/** What may change on resume: how long, how often, where, with how many threads, with which roundings. */
export const mayDiffer: readonly string[] = [
  ...["steps", "sampleEvery", "checkpointEvery", "keepEvery", "backend", "exact"],
  ...["data.dir", "images.name", "plan", "machine"],
];

/**
 * G learns twice as fast as D unless told otherwise: two rates keep both in the game (Heusel et al. 2017), and with one
 * rate D is soon too sure here; digits and faces came out clearer after the same number of steps.
 */
const GENERATOR_PACE = 2;

/**
 * The settings of a command line; what the user did not type comes from the recorded run, if there is one.
 * @throws UsageError for flags that don't fit each other.
 */
export function settingsOf({ flags, given }: TrainParsed, cwd: string, recorded?: TrainConfig): TrainSettings {
  const choose = <K extends keyof typeof flags, T>(key: K, typed: T, before: (recorded: TrainConfig) => T): T =>
    recorded && !given.has(key) ? before(recorded) : typed;
  const isName = (DATASET_NAMES as readonly string[]).includes(flags.data);
  const name = choose("data", isName ? flags.data : resolve(cwd, flags.data), (before) => before.data.name);
  const model = choose("model", flags.model, (before) => before.model.name);
  const optimizer = choose("optimizer", flags.optimizer, (before) => before.optimizer.name);
  const adaptive = optimizer === "adam" || optimizer === "adamw";
  refuse(given.has("beta1") && !adaptive, "--beta1", "--optimizer adam or adamw");
  refuse(given.has("beta2") && !adaptive, "--beta2", "--optimizer adam or adamw");
  for (const setting of ["base", "hidden"] as const) {
    const users = modelsUsing(setting);
    refuse(given.has(setting) && !users.includes(model), `--${setting}`, `--model ${users.join(", ")}`);
  }
  refuse(given.has("faces") && name !== "faces", "--faces", "--data faces");
  const rate = (own: "learningRateD" | "learningRateG", key: "discriminatorRate" | "generatorRate", factor: number) =>
    flags[own] ?? choose("learningRate", factor * flags.learningRate, (before) => before.optimizer[key]);
  return {
    data: {
      name,
      dir: choose("dataDir", flags.dataDir ?? null, (before) => before.data.dir),
      size: choose("size", flags.size, (before) => before.data.size),
      faces: choose("faces", name === "faces" ? flags.faces : null, (before) => before.data.faces),
      // A mirrored face is a face; a mirrored digit or a mirrored letter on a picture is none.
      flip: choose("flip", given.has("flip") ? flags.flip : name === "faces", (before) => before.data.flip),
    },
    model: {
      name: model,
      latent: choose("latent", flags.latent, (before) => before.model.latent),
      base: choose("base", flags.base, (before) => before.model.base),
      hidden: choose(
        "hidden",
        flags.hidden.length > 0 ? [...flags.hidden] : [...models[model].defaults.hidden],
        (before) => before.model.hidden,
      ),
    },
    loss: choose("loss", flags.loss, (before) => before.loss),
    optimizer: {
      name: optimizer,
      beta1: choose("beta1", flags.beta1, (before) => before.optimizer.beta1),
      beta2: choose("beta2", flags.beta2, (before) => before.optimizer.beta2),
      discriminatorRate: rate("learningRateD", "discriminatorRate", 1),
      generatorRate: rate("learningRateG", "generatorRate", GENERATOR_PACE),
    },
    discriminatorSteps: choose("dSteps", flags.dSteps, (before) => before.discriminatorSteps),
    batch: choose("batch", flags.batch, (before) => before.batch),
    average: choose("average", flags.average, (before) => before.average),
    seed: choose("seed", flags.seed, (before) => before.seed),
    steps: choose("steps", flags.steps, (before) => before.steps),
    sampleEvery: choose("sampleEvery", flags.sampleEvery, (before) => before.sampleEvery),
    checkpointEvery: choose("checkpointEvery", flags.checkpointEvery, (before) => before.checkpointEvery),
    keepEvery: choose("keepEvery", flags.keepEvery, (before) => before.keepEvery),
    backend: choose("backend", flags.backend, (before) => before.backend),
    exact: choose("exact", flags.exact, (before) => before.exact),
  };
}

function refuse(wrong: boolean, flag: string, place: string): void {
  if (wrong) throw new UsageError(`${flag} belongs to ${place}; leave it out, or add that`);
}
