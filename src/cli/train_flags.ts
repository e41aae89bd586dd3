/** The flags of `duel train`. */
import { DATASET_NAMES } from "../data/types.ts";
import { toys } from "../data/toys.ts";
import { type OptimizerName, optimizers } from "../nn/optimizers.ts";
import { MAX_THREADS } from "../plan/control.ts";
import { safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";
import { gameFlags, keysOf } from "./game_flags.ts";
import { type PresetName, presets } from "./presets.ts";

/** What `--resume` without a value means. */
export const NEWEST = "newest";

/** In the order of `--help`. */
export const trainFlags = {
  preset: {
    type: "choice",
    choices: keysOf<PresetName>(presets),
    placeholder: "NAME",
    group: "Recipe",
    help: "Settings that go together, which --config and other flags overrule; --list describes them",
  },
  config: {
    type: "path",
    access: "read",
    placeholder: "FILE",
    group: "Recipe",
    help: "Settings in JSON, as --schema describes them, or the config.json of a run; they overrule the preset, and " +
      "other flags overrule them. A flag that names other data, another model, loss or optimiser drops what in the " +
      "file belongs to the old one",
  },
  schema: { type: "boolean", group: "Recipe", help: "Print the JSON schema of --config, and do nothing else" },
  list: {
    type: "boolean",
    group: "Recipe",
    help: "Describe all presets, models, losses, penalties and conditions, and do nothing else",
  },

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
    help: "Height and width of images; pictures are resized to it",
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

  ...gameFlags,

  steps: {
    type: "integer",
    min: 1,
    max: 10_000_000,
    default: 4000,
    group: "Training",
    help: "Updates of the generator, in all, also when a run is resumed",
  },
  minutes: {
    type: "number",
    above: 0,
    max: 1_000_000,
    group: "Training",
    help:
      "End after so many minutes of training, in all, also when a run is resumed; --steps is then an upper bound. " +
      "Samples and checkpoints count, evaluations do not",
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
    unit: "samples",
    group: "Training",
    help: "Samples an update; 64 images or 256 points if left out",
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
  learningRateD: {
    type: "text",
    placeholder: "X",
    group: "Training",
    help: "Learning rate of the discriminator alone",
  },
  learningRateG: {
    type: "text",
    placeholder: "X",
    group: "Training",
    help: "Learning rate of the generator alone, instead of twice --learning-rate",
  },
  beta1: {
    type: "number",
    min: 0,
    below: 1,
    default: 0.5,
    group: "Training",
    help: "adam, adamw: decay of the mean of gradients",
  },
  beta2: {
    type: "text",
    placeholder: "X",
    default: "0.999",
    group: "Training",
    help: "adam, adamw: decay of the mean of their squares",
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
      "0.01 for wgan without spectral norm and without a penalty on slopes",
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
    help: "Steps between measurements of samples, as eval makes them but fewer; 0 for none",
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
