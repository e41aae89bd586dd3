/** What a generative adversarial network is made of, seen from the training programs. */
import type { Shape } from "../core/shape.ts";
import type { Store } from "../graph/store.ts";
import { scope, type Tensor } from "../graph/tensor.ts";
import { input, trace } from "../graph/trace.ts";
import { type LayerSummary, type Mode, observeLayers } from "../nn/layers/layer.ts";

/** Names of the two networks: the first part of the names of their slots. */
export const GENERATOR = "G";
export const DISCRIMINATOR = "D";

export interface Model {
  readonly name: string;
  /** Length of a latent vector. */
  readonly latent: number;
  /** One sample: [height, width, channels] in [−1, 1], or [values]. */
  readonly sample: Shape;
  /** Latent vectors [batch, latent] → samples [batch, …sample]. */
  generator(z: Tensor, mode: Mode): Tensor;
  /** Samples [batch, …sample] → one logit each, [batch]. */
  discriminator(x: Tensor, mode: Mode): Tensor;
}

/** Builds a model whose slots are called `G.…` and `D.…`. */
export function defineModel(model: Model): Model {
  return {
    ...model,
    generator: (z, mode) => scope(GENERATOR, () => model.generator(z, mode)),
    discriminator: (x, mode) => scope(DISCRIMINATOR, () => model.discriminator(x, mode)),
  };
}

/** The layers of G and D with their output shapes for a batch of one and their parameters; makes missing slots. */
export function describeModel(model: Model, store: Store): LayerSummary[] {
  return observeLayers(() => {
    trace(store, "describe", () => ({
      samples: model.generator(input("z", [1, model.latent]), "evaluate"),
      logits: model.discriminator(input("x", [1, ...model.sample]), "evaluate"),
    }));
  });
}
