/** What a generative adversarial network is made of, seen from the training programs. */
import type { Shape } from "../core/shape.ts";
import { scope, type Tensor } from "../graph/tensor.ts";
import type { Mode } from "../nn/layers/layer.ts";

/** Names of the two networks: the first part of the names of their slots. */
export const GENERATOR = "G";
export const DISCRIMINATOR = "D";

/** The two networks, as a model's file writes them. */
export interface Networks {
  readonly name: string;
  /** Length of a latent vector. */
  readonly latent: number;
  /** One sample: [height, width, channels] in [−1, 1], or [values]. */
  readonly sample: Shape;
  /** Whether G has batch norms that a condition can modulate; without, a condition is joined to the latent vector. */
  readonly modulated: boolean;
  /**
   * Latent vectors [batch, L] → samples [batch, …sample]. L is at least `latent`: conditions may have been joined.
   * @param condition [batch, K], for the norms of a modulated G: γ and β become functions of it.
   */
  generator(z: Tensor, mode: Mode, condition?: Tensor): Tensor;
  /**
   * The body of D: samples [batch, …sample] → what it sees in them, [batch, F] or a map [batch, H, W, C]. The last axis
   * of x may be longer than the sample's: conditions and packed samples are joined there.
   */
  features(x: Tensor, mode: Mode): Tensor;
  /** The head of D: features → one logit each, [batch]. Features may have got further channels. */
  head(features: Tensor, mode: Mode): Tensor;
}

export interface Model extends Networks {
  /** The whole of D: samples [batch, …sample] → one logit each, [batch]. */
  discriminator(x: Tensor, mode: Mode): Tensor;
}

/** Builds a model whose slots are called `G.…` and `D.…`. */
export function defineModel(networks: Networks): Model {
  const features = (x: Tensor, mode: Mode) => scope(DISCRIMINATOR, () => networks.features(x, mode));
  const head = (y: Tensor, mode: Mode) => scope(DISCRIMINATOR, () => networks.head(y, mode));
  return {
    ...networks,
    generator: (z, mode, condition) => scope(GENERATOR, () => networks.generator(z, mode, condition)),
    features,
    head,
    discriminator: (x, mode) => head(features(x, mode), mode),
  };
}
