/** Models by name, with the defaults and checks of the settings that users give. */
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import type { Norm } from "../nn/layers/normalization.ts";
import { dcgan } from "./dcgan.ts";
import { infogan } from "./infogan.ts";
import { mlp } from "./mlp.ts";
import type { Model } from "./model.ts";
import { pacganToy } from "./pacgan_toy.ts";
import { r3gan } from "./r3gan.ts";
import { resnet } from "./resnet.ts";
import { dcgan28, type SmallDcganOptions, unrolledDcgan } from "./small_dcgan.ts";
import { doublingsTo, imageOf, squareImage, vectorOf } from "./sizes.ts";

/** What a user chooses; each model uses the settings that it knows. */
export interface ModelSettings {
  /** Length of a latent vector. */
  readonly latent: number;
  /** Channels of the largest maps inside of D; pacgan-toy: values of D's hidden layers. */
  readonly base: number;
  /** mlp: widths of the hidden layers. r3gan: channels of the maps, from the smallest on; from `base` when empty. */
  readonly hidden: readonly number[];
  /** r3gan: residual blocks at each size. */
  readonly blocks: number;
  /** Norm of D, in models that have a choice; the one of its paper when left out. */
  readonly discriminatorNorm?: Norm | undefined;
}

export interface ModelEntry {
  readonly about: string;
  readonly defaults: ModelSettings;
  /** The settings that make a difference, besides `latent`. */
  readonly uses: readonly (keyof ModelSettings)[];
  /** @throws UsageError if the model cannot make such samples. */
  create(sample: Shape, settings: ModelSettings): Model;
}

/** What trains within minutes on two cores; papers take larger ones. */
const defaults: ModelSettings = { latent: 64, base: 32, hidden: [], blocks: 2 };

/** Channels of maps from the smallest to the largest, which has `base`: twice as many at half the size, up to 4·base. */
function doublingWidths(size: number, base: number, model: string): number[] {
  const { doublings } = doublingsTo(size, model);
  return Array.from({ length: doublings + 1 }, (_, i) => base * Math.min(4, 2 ** (doublings - i)));
}

/** The entry of a model whose options are those of `small_dcgan.ts`. */
function smallDcgan(name: string, build: (options: SmallDcganOptions) => Model, about: string, own: ModelSettings) {
  return {
    about,
    defaults: own,
    uses: ["base", "discriminatorNorm"],
    create: (sample, { latent, base, discriminatorNorm }) =>
      build({ ...squareImage(sample, name), latent, base, ...discriminatorNorm && { discriminatorNorm } }),
  } satisfies ModelEntry;
}

export const models = {
  dcgan: {
    about: "convolutions with batch norm, as PyTorch's example; square images of 16, 32, 64 or 128 pixels",
    defaults,
    uses: ["base", "discriminatorNorm"],
    create(sample, { latent, base, discriminatorNorm }) {
      return dcgan({ ...squareImage(sample, "dcgan"), latent, base, ...discriminatorNorm && { discriminatorNorm } });
    },
  },
  mlp: {
    about: "fully connected layers; images of any size, or plain vectors",
    defaults: { ...defaults, hidden: [256, 256] },
    uses: ["hidden"],
    create: (sample, { latent, hidden }) => mlp({ sample, latent, hidden }),
  },
  r3gan: {
    about: "residual networks without norms, for the relativistic loss with R1 and R2; square images such as 28 or 32",
    defaults: { ...defaults, base: 16 },
    uses: ["base", "hidden", "blocks"],
    create(sample, { latent, base, hidden, blocks }) {
      const { size, channels } = squareImage(sample, "r3gan");
      const widths = hidden.length > 0 ? hidden : doublingWidths(size, base, "r3gan");
      return r3gan({ size, channels, latent, widths, blocks });
    },
  },
  resnet: {
    about: "residual networks of SN-GAN, batch norm in G, none in D; square images such as 28, 32 or 64",
    defaults: { ...defaults, latent: 128 },
    uses: ["base"],
    create: (sample, { latent, base }) => resnet({ ...squareImage(sample, "resnet"), latent, base }),
  },
  infogan: {
    about: "two convolutions and two linear layers, the same networks for all losses of a well-known comparison",
    defaults: { ...defaults, base: 64 },
    uses: ["base", "discriminatorNorm"],
    create(sample, { latent, base, discriminatorNorm }) {
      return infogan({
        sample: imageOf(sample, "infogan"),
        latent,
        base,
        ...discriminatorNorm && { discriminatorNorm },
      });
    },
  },
  "dcgan-28": smallDcgan(
    "dcgan-28",
    dcgan28,
    "DCGAN with 5×5 filters as VEEGAN and PacGAN train it on Stacked MNIST; square images of more than 16 pixels",
    defaults,
  ),
  unrolled: smallDcgan(
    "unrolled",
    unrolledDcgan,
    "a small DCGAN with a far smaller D, which Unrolled GAN made to collapse; square images of more than 8 pixels",
    { ...defaults, latent: 256, base: 4 },
  ),
  "pacgan-toy": {
    about: "batch norm in G, maxout in D, as ALI and PacGAN take them for mixtures in the plane; plain vectors",
    defaults: { ...defaults, latent: 2, base: 200 },
    uses: ["base"],
    create: (sample, { latent, base }) => pacganToy({ values: vectorOf(sample, "pacgan-toy"), latent, base }),
  },
} as const satisfies Record<string, ModelEntry>;

export type ModelName = keyof typeof models;

/** The models that a setting makes a difference to. */
export function modelsUsing(setting: keyof ModelSettings): ModelName[] {
  const entries: Readonly<Record<ModelName, ModelEntry>> = models;
  return (Object.keys(entries) as ModelName[]).filter((name) => entries[name].uses.includes(setting));
}

/**
 * @param name one of `models`.
 * @param sample [height, width, channels], or [values].
 * @throws UsageError for an unknown model, a setting that is not a positive whole number, or samples it cannot make.
 */
export function createModel(name: string, sample: Shape, settings: Partial<ModelSettings> = {}): Model {
  const entry: ModelEntry | undefined = Object.hasOwn(models, name) ? models[name as ModelName] : undefined;
  if (!entry) throw new UsageError(`there is no model ${name}; expected one of ${Object.keys(models).join(", ")}`);
  const full = { ...entry.defaults, ...settings };
  const { latent, base, hidden, blocks } = full;
  for (const [setting, values] of Object.entries({ sample, latent, base, hidden, blocks })) {
    for (const value of [values].flat()) {
      if (!Number.isInteger(value) || value < 1) {
        throw new UsageError(`${name}: ${setting} contains ${value}; expected whole numbers of at least 1`);
      }
    }
  }
  return entry.create(sample, full);
}
