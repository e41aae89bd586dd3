/**
 * The networks for mixtures of normal distributions in the plane of ALI (Dumoulin et al. 2017, appendix A) and PacGAN
 * (Lin et al. 2018): batch norm in G, maxout in D.
 */
import { reshape } from "../graph/ops.ts";
import { normal, zeros } from "../nn/initializers.ts";
import { activation } from "../nn/layers/activation.ts";
import { type Layer, sequential } from "../nn/layers/layer.ts";
import { linear, maxout } from "../nn/layers/linear.ts";
import { norm } from "../nn/layers/normalization.ts";
import { defineModel, type Model } from "./model.ts";

export interface PacganToyOptions {
  /** Values of a sample; 2 in the papers. */
  readonly values: number;
  /** Length of a latent vector; 2 in the papers. */
  readonly latent: number;
  /** Values of D's hidden layers, 200 in the papers; G's have twice as many. */
  readonly base: number;
}

const HIDDEN_G = 4;
const HIDDEN_D = 3;
const PIECES = 5;

const start = { initializer: normal(0, 0.02), biasInitializer: zeros };
const dense = (out: number): Layer => (name, x) => linear(name, x, out, start);

/** G: four hidden layers with batch norm and ReLU. D: three of maxout with five pieces. */
export function pacganToy({ values, latent, base }: PacganToyOptions): Model {
  const seen: Layer = (name, x) => maxout(name, x, base, PIECES, start);
  return defineModel({
    name: "pacgan-toy",
    latent,
    sample: [values],
    modulated: true,
    generator(z, mode, condition) {
      const hidden = [dense(2 * base), norm("batch", mode, { condition }), activation("relu")];
      return sequential(z, [...new Array<Layer[]>(HIDDEN_G).fill(hidden).flat(), dense(values)]);
    },
    features: (x) => sequential(x, new Array<Layer>(HIDDEN_D).fill(seen)),
    head: (features) => reshape(sequential(features, [dense(1)], HIDDEN_D), [features.shape[0]]),
  });
}
