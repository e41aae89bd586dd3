/** The flags of `duel train`. */
import { DATASET_NAMES } from "../data/types.ts";
import { toys } from "../data/toys.ts";
import { augmentations } from "../gan/augment.ts";
import { type ConditioningName, conditionings } from "../gan/conditioning.ts";
import { losses, type LossName } from "../gan/losses.ts";
import { penalties } from "../gan/penalties.ts";
import { type ModelName, models } from "../models/registry.ts";
import { norms } from "../nn/layers/normalization.ts";
import { type OptimizerName, optimizers } from "../nn/optimizers.ts";
import { MAX_THREADS } from "../plan/control.ts";
import { safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";
import { type PresetName, presets } from "./presets.ts";

const keysOf = <Name extends string>(table: Readonly<Record<Name, unknown>>) => Object.keys(table) as Name[];

/** What `--resume` without a value means. */
export const NEWEST = "newest";

/** In the order of `--help`. */
export const trainFlags = {
  preset: {
    type: "choice",
    choices: keysOf<PresetName>(presets),
    placeholder: "NAME",
    group: "Recipe",
    help: `Settings that go together, which other flags change: ${keysOf<PresetName>(presets).join(", ")}`,
  },
  config: {
    type: "path",
    access: "read",
    placeholder: "FILE",
    group: "Recipe",
    help: "Settings in JSON, of the schema that --schema prints; after those of the preset, before other flags",
  },
  schema: { type: "boolean", group: "Recipe", help: "Print the JSON schema of --config, and do nothing else" },

  data: {
    type: "text",
    default: "faces",
    group: "Data",
    help: `What to learn from: ${DATASET_NAMES.join(", ")}; points: ${
      Object.keys(toys).join(", ")
    }; or the path of a folder of pictures or of an idx file`,
  },
  dataDir: { type: "path", access: "read", placeholder: "DIR", group: "Data", help: "Folder of the data's files" },
  size: {
    type: "integer",
    min: 8,
    max: 1024,
    default: 32,
    unit: "pixels",
    group: "Data",
    help: "Height and width of the images; pictures are resized to it",
  },
  flip: {
    type: "boolean",
    group: "Data",
    help: "Mirror every second image at random; so it is for faces unless --no-flip says otherwise",
  },
  faces: { type: "integer", min: 16, max: 1_000_000, default: 8192, group: "Data", help: "Faces to draw" },
  cacheDir: {
    type: "path",
    access: "folder",
    placeholder: "DIR",
    group: "Data",
    help: "Where drawn, decoded and downloaded images are kept; the user's cache if left out",
  },

  model: {
    type: "choice",
    choices: keysOf<ModelName>(models),
    group: "Networks",
    help: "Model; dcgan for images and mlp for points if left out",
  },
  base: { type: "integer", min: 1, max: 1024, default: 32, group: "Networks", help: "Channels at the largest size" },
  hidden: {
    type: "integer",
    min: 1,
    max: 65536,
    multiple: true,
    group: "Networks",
    help: "mlp: width of a hidden layer, once for each; 256 and 256 for images, three of 128 for points if left out",
  },
  blocks: {
    type: "integer",
    min: 1,
    max: 8,
    default: 1,
    group: "Networks",
    help: "r3gan: residual blocks at each size",
  },
  latent: {
    type: "integer",
    min: 1,
    max: 65536,
    group: "Networks",
    help: "Length of latent vectors; 64 for images, 2 for points if left out",
  },
  latents: {
    type: "choice",
    choices: ["normal", "uniform"],
    default: "normal",
    group: "Networks",
    help: "Distribution of latent numbers",
  },
  normD: {
    type: "choice",
    choices: [...norms, "spectral"],
    group: "Networks",
    help: "Norm of the discriminator: of its values, or spectral, of its weights; the model's own if left out",
  },

  loss: {
    type: "choice",
    choices: keysOf<LossName>(losses),
    default: "non-saturating",
    group: "Game",
    help: "Loss of both networks",
  },
  penalty: {
    type: "text",
    placeholder: "NAME[=WEIGHT]",
    multiple: true,
    group: "Game",
    help: `Added to the discriminator's loss, once for each: ${
      Object.entries(penalties).map(([name, { weight }]) => `${name}=${weight}`).join(", ")
    }`,
  },
  condition: {
    type: "choice",
    choices: [...keysOf<ConditioningName>(conditionings), "none"],
    group: "Game",
    help: "How samples are made on demand",
  },
  labels: {
    type: "text",
    placeholder: "LIST",
    group: "Game",
    help: "The labels to condition on, such as hair,glasses; all that the data have if left out",
  },
  codes: {
    type: "integer",
    min: 2,
    max: 4096,
    multiple: true,
    group: "Game",
    help: "infogan: number of classes of a categorical code, once for each; 10 if left out",
  },
  continuous: {
    type: "integer",
    min: 0,
    max: 1024,
    default: 2,
    group: "Game",
    help: "infogan: latent numbers that are codes as well",
  },
  pack: {
    type: "integer",
    min: 1,
    max: 64,
    default: 1,
    unit: "samples",
    group: "Game",
    help: "Samples that the discriminator judges together",
  },
  minibatchDeviation: {
    type: "boolean",
    group: "Game",
    help: "Tell the discriminator how much the samples of a batch differ",
  },
  augment: {
    type: "text",
    placeholder: "LIST",
    group: "Game",
    help: `Change all images at random before they are judged: ${augmentations.join(", ")}, or all`,
  },
  adaptive: {
    type: "boolean",
    group: "Game",
    help: "Augment only as often as keeps the discriminator from learning the images by heart",
  },
  noise: {
    type: "text",
    placeholder: "X",
    group: "Game",
    help: "Deviation of noise on all samples before they are judged; a schedule may fade it out",
  },
  labelSmoothing: {
    type: "number",
    min: 0,
    below: 1,
    default: 0,
    group: "Game",
    help: "Taken off the target of real samples, for losses that have one",
  },

  steps: {
    type: "integer",
    min: 1,
    max: 10_000_000,
    default: 4000,
    group: "Training",
    help: "Updates of the generator, in all, also when a run is resumed",
  },
  dSteps: {
    type: "integer",
    min: 1,
    max: 100,
    default: 1,
    group: "Training",
    help: "Updates of the discriminator for each of the generator",
  },
  batch: {
    type: "integer",
    min: 1,
    max: 65536,
    default: 64,
    unit: "images",
    group: "Training",
    help: "Images an update",
  },
  optimizer: {
    type: "choice",
    choices: keysOf<OptimizerName>(optimizers),
    default: "adam",
    group: "Training",
    help: "Optimiser of both networks",
  },
  learningRate: {
    type: "text",
    placeholder: "X",
    default: "4e-4",
    group: "Training",
    help: "Learning rate; the generator's is twice that",
  },
  learningRateD: { type: "text", placeholder: "X", group: "Training", help: "That of the discriminator alone" },
  learningRateG: {
    type: "text",
    placeholder: "X",
    group: "Training",
    help: "That of the generator alone, instead of twice",
  },
  beta1: { type: "number", min: 0, below: 1, default: 0.5, group: "Training", help: "Adam: decay of the mean" },
  beta2: {
    type: "text",
    placeholder: "X",
    default: "0.999",
    group: "Training",
    help: "Adam: decay of the mean square",
  },
  average: {
    type: "text",
    placeholder: "X",
    default: "0.998",
    group: "Training",
    help: "Decay of the moving average of the generator, which makes the samples",
  },
  burnIn: {
    type: "integer",
    min: 0,
    max: 10_000_000,
    default: 1000,
    unit: "steps",
    group: "Training",
    help:
      "How long schedules take. Rates, weights of penalties, --beta2, --average and --noise may be A..B: from A to B " +
      "along a cosine, or linear:A..B",
  },
  clipWeights: {
    type: "number",
    min: 0,
    max: 1000,
    group: "Training",
    help: "Cut the discriminator's weights off at ± this after each update, 0 for not at all; " +
      "0.01 for wgan without penalty and spectral norm",
  },
  clipGradients: {
    type: "number",
    min: 0,
    max: 1e6,
    group: "Training",
    help: "Shorten gradients that are longer than this, 0 for not at all",
  },
  seed: {
    type: "integer",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    group: "Training",
    help: "Seed of all random numbers: the same seed gives the same run, bit for bit",
  },

  out: {
    type: "path",
    access: "output",
    placeholder: "DIR",
    group: "Run",
    help: "Directory of the run, which must not exist yet; runs/NNN-data-model if left out",
  },
  resume: {
    type: "path",
    access: "folder",
    implied: NEWEST,
    placeholder: "RUN",
    group: "Run",
    help: "Continue a run",
  },
  sampleEvery: {
    type: "integer",
    min: 1,
    max: 10_000_000,
    default: 500,
    unit: "steps",
    group: "Run",
    help: "Steps between grids of samples, after the first few",
  },
  checkpointEvery: {
    type: "integer",
    min: 1,
    max: 10_000_000,
    default: 500,
    unit: "steps",
    group: "Run",
    help: "Steps between checkpoints, of which the last two are kept",
  },
  keepEvery: {
    type: "integer",
    min: 0,
    max: 10_000_000,
    default: 0,
    unit: "steps",
    group: "Run",
    help: "Keep each checkpoint at a multiple of this as well; 0 keeps none",
  },
  evalEvery: {
    type: "integer",
    min: 0,
    max: 10_000_000,
    default: 0,
    unit: "steps",
    group: "Run",
    help: "Steps between measurements of the samples; 0 for none",
  },
  dryRun: {
    type: "boolean",
    group: "Run",
    help: "Show layers, parameters, memory and operations of a step; train nothing, write no run",
  },

  backend: {
    type: "choice",
    choices: ["wasm", "reference"],
    default: "wasm",
    group: "Engine",
    help: "What computes; the reference is for checks: plain loops in double precision, very slow",
  },
  exact: {
    type: "boolean",
    group: "Engine",
    help: "Make every product of a convolution: no fast forms; slower, with rounding errors a few times smaller",
  },
  threads: {
    type: "integer",
    min: 1,
    max: MAX_THREADS,
    group: "Engine",
    help: "Threads of the engine, which do not change results; one a core if left out",
  },
  safe: { ...safeFlag.safe, group: "Engine" },
} as const;

/** A command line of `train`. */
export type TrainParsed = Parsed<typeof trainFlags, Record<never, never>>;
