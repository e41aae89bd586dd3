/** Models by name, with the defaults and checks of the settings that users give. */
import { UsageError } from "../core/errors.ts";
import { type Shape, showShape } from "../core/shape.ts";
import { dcgan } from "./dcgan.ts";
import { mlp } from "./mlp.ts";
import type { Norm } from "../nn/layers/normalization.ts";
import type { Model } from "./model.ts";

/** What a user chooses; each model uses the settings that it knows. */
export interface ModelSettings {
  /** Length of a latent vector. */
  readonly latent: number;
  /** dcgan: channels of its widest layers. */
  readonly base: number;
  /** mlp: widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** Norm of D, in models that have a choice; the one of its paper when left out. */
  readonly discriminatorNorm?: Norm | undefined;
}

export interface ModelEntry {
  readonly about: string;
  readonly defaults: ModelSettings;
  /** @throws UsageError if the model cannot make such samples. */
  create(sample: Shape, settings: ModelSettings): Model;
}

const defaults: ModelSettings = { latent: 100, base: 64, hidden: [256, 256] };

export const models = {
  dcgan: {
    about: "convolutions with batch norm, as PyTorch's example; square images of 16, 32, 64 or 128 pixels",
    defaults,
    create(sample, { latent, base, discriminatorNorm }) {
      const [size, width, channels] = sample;
      if (sample.length !== 3 || size !== width) {
        throw new UsageError(`dcgan makes square images, not samples of shape ${showShape(sample)}; use the model mlp`);
      }
      return dcgan({ size, channels, latent, base, ...discriminatorNorm && { discriminatorNorm } });
    },
  },
  mlp: {
    about: "fully connected layers; images of any size, or plain vectors",
    defaults,
    create: (sample, { latent, hidden }) => mlp({ sample, latent, hidden }),
  },
} as const satisfies Record<string, ModelEntry>;

export type ModelName = keyof typeof models;

/**
 * @param name one of `models`.
 * @param sample [height, width, channels], or [values].
 * @throws UsageError for an unknown model, a setting that is not a positive whole number, or samples it cannot make.
 */
export function createModel(name: string, sample: Shape, settings: Partial<ModelSettings> = {}): Model {
  const entry: ModelEntry | undefined = Object.hasOwn(models, name) ? models[name as ModelName] : undefined;
  if (!entry) throw new UsageError(`there is no model ${name}; expected one of ${Object.keys(models).join(", ")}`);
  const full = { ...entry.defaults, ...settings };
  const { latent, base, hidden } = full;
  for (const [setting, values] of Object.entries({ sample, latent, base, hidden })) {
    for (const value of [values].flat()) {
      if (!Number.isInteger(value) || value < 1) {
        throw new UsageError(`${name}: ${setting} contains ${value}; expected whole numbers of at least 1`);
      }
    }
  }
  return entry.create(sample, full);
}
