/** What a GAN is composed of: networks, loss, and whatever helps them. */
import type { Shape } from "../core/shape.ts";
import type { Slot } from "../graph/store.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Model } from "../models/model.ts";
import type { Augmentation } from "./augment.ts";
import type { Conditioning } from "./conditioning.ts";
import type { GanLoss } from "./losses.ts";
import type { Penalty } from "./penalties.ts";
import type { Scheduled } from "./schedule.ts";

/** An optimiser with its settings: gives parameters new values. */
export type Update = (parameters: readonly Slot[], gradients: readonly Tensor[], learningRate: Tensor) => void;

/** A penalty of D and its factor. */
export interface WeightedPenalty {
  /** Part of the name of the input `penalty.NAME`, if the weight follows a schedule. */
  readonly name: string;
  readonly penalty: Penalty;
  readonly weight: Scheduled;
}

/** How D looks at samples. All of it applies to real and generated ones alike. */
export interface View {
  /** Samples that D judges together (PacGAN; Lin et al. 2018, section 3); one when left out. */
  readonly packed?: number;
  /** Deviation of normal noise added to samples (Sønderby et al. 2017, section 3.2); the input `noise` if it changes. */
  readonly noise?: Scheduled;
  /**
   * Random changes of images; adaptive ones, for losses with a border, only as often as keeps D from learning the real
   * images by heart.
   */
  readonly augmentation?: { readonly policies: readonly Augmentation[]; readonly adaptive: boolean };
  /** Tells D how much the samples of a batch differ (Karras et al. 2018, section 3). */
  readonly minibatchDeviation?: boolean;
  /** Divides D's weights by their largest singular value (Miyato et al. 2018, section 2.1). */
  readonly spectralNorm?: boolean;
}

export interface GanSettings {
  readonly model: Model;
  readonly loss: GanLoss;
  /** Samples a step. */
  readonly batch: number;
  readonly updateDiscriminator: Update;
  readonly updateGenerator: Update;
  readonly penalties?: readonly WeightedPenalty[];
  readonly conditioning?: Conditioning | undefined;
  readonly view?: View;
  /** What is taken off D's target for real samples; for losses with a target. */
  readonly labelSmoothing?: number;
  /** D's weights are cut off at ± this after each update (Arjovsky et al. 2017, algorithm 1). */
  readonly clipWeights?: number;
  /** Gradients of a network that are longer than this, all together, are shortened to it. */
  readonly clipGradients?: number;
  /** Where latent vectors come from, by the name of the draw; standard normal numbers when left out. */
  readonly latents?: (name: string, shape: Shape) => Tensor;
}
