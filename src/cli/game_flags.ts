/** The flags of `duel train` that decide what plays against what: networks, losses, and what helps them. */
import { augmentations } from "../gan/augment.ts";
import { type ConditioningName, conditionings } from "../gan/conditioning.ts";
import { latentDistributions } from "../gan/latents.ts";
import { losses, type LossName } from "../gan/losses.ts";
import { penalties } from "../gan/penalties.ts";
import { type ModelName, models } from "../models/registry.ts";
import { norms } from "../nn/layers/normalization.ts";

/** The names in a table. */
export const keysOf = <Name extends string>(table: Readonly<Record<Name, unknown>>) => Object.keys(table) as Name[];

/** Losses with a border between the scores of real and of generated samples. */
export const bordered = keysOf<LossName>(losses).filter((name) => losses[name].border !== undefined);

/** Losses whose D has a target for real samples, which can be smoothed. */
export const targeted = keysOf<LossName>(losses).filter((name) => losses[name].hasTarget);

/** In the order of `--help`. */
export const gameFlags = {
  model: {
    type: "choice",
    choices: keysOf<ModelName>(models),
    group: "Networks",
    help: "Model; dcgan for images and mlp for points if left out; --list describes them",
  },
  base: {
    type: "integer",
    min: 1,
    max: 1024,
    group: "Networks",
    help:
      "Channels at the largest size, in pacgan-toy values of hidden layers; the model's own if left out, 32 for dcgan",
  },
  hidden: {
    type: "integer",
    min: 1,
    max: 65536,
    multiple: true,
    group: "Networks",
    help: "Widths, the flag once for each. mlp: of hidden layers, 256 and 256 for images, three of 128 for points if " +
      "left out; r3gan: channels at every size, the smallest first, instead of --base",
  },
  blocks: {
    type: "integer",
    min: 1,
    max: 8,
    group: "Networks",
    help: "r3gan: residual blocks at each size; 2 if left out",
  },
  latent: {
    type: "integer",
    min: 1,
    max: 65536,
    group: "Networks",
    help: "Length of latent vectors; the model's own if left out, 64 for dcgan, 2 for points",
  },
  latents: {
    type: "choice",
    choices: latentDistributions,
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
    help: "What both networks minimise; --list describes them",
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
    help: `Make samples on demand. ${
      keysOf<ConditioningName>(conditionings).map((name) => `${name}: ${conditionings[name].about}`).join("; ")
    }`,
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
    help: `Augment only as often as keeps the discriminator from learning the images by heart; with --loss ${
      bordered.join(", ")
    }`,
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
} as const;
