/**
 * The networks of InfoGAN (Chen et al. 2016, appendix C.1) as "Are GANs Created Equal?" (Lucic et al. 2018) took them
 * for all the losses it compared. One difference: tanh in place of sigmoid, as images lie in [−1, 1] here.
 */
import { UsageError } from "../core/errors.ts";
import { flatten, reshape, unflatten } from "../graph/ops.ts";
import { normal, zeros } from "../nn/initializers.ts";
import { activation } from "../nn/layers/activation.ts";
import { conv2d, convTranspose2d } from "../nn/layers/convolution.ts";
import { type Layer, sequential } from "../nn/layers/layer.ts";
import { linear } from "../nn/layers/linear.ts";
import { type Norm, norm } from "../nn/layers/normalization.ts";
import { defineModel, type Model } from "./model.ts";

export interface InfoganOptions {
  /** Height, width and channels of the images; both sides are multiples of 4. */
  readonly sample: readonly [height: number, width: number, channels: number];
  /** Length of a latent vector; 64 in the comparison. */
  readonly latent: number;
  /** Channels of the maps of half size, 64 in the papers; a quarter has twice as many, a vector 16 times as many. */
  readonly base: number;
  /** Norm of D; batch norm, as in the papers, when left out. */
  readonly discriminatorNorm?: Norm;
}

const start = { initializer: normal(0, 0.02), biasInitializer: zeros };
const window = { kernel: 4, stride: 2, padding: 1, ...start };
const lrelu = activation("leakyRelu");

const dense = (out: number): Layer => (name, x) => linear(name, x, out, start);
const down = (out: number): Layer => (name, x) => conv2d(name, x, out, window);
const up = (out: number): Layer => (name, x) => convTranspose2d(name, x, out, window);

/** @throws UsageError for images whose sides are not multiples of 4, and for a norm that vectors cannot have. */
export function infogan({ sample, latent, base, discriminatorNorm = "batch" }: InfoganOptions): Model {
  const [height, width, channels] = sample;
  if (height % 4 !== 0 || width % 4 !== 0) {
    throw new UsageError(`infogan makes images whose sides are multiples of 4, not ${height} × ${width}`);
  }
  if (discriminatorNorm === "instance") {
    throw new UsageError("infogan: D ends with vectors, which have no instance norm; expected batch, layer or none");
  }
  const [mapHeight, mapWidth, vector] = [height / 4, width / 4, 16 * base];

  return defineModel({
    name: "infogan",
    latent,
    sample,
    modulated: true,
    generator(z, mode, condition) {
      const normalize = norm("batch", mode, { condition });
      const toMap: Layer = (_, x) => unflatten(x, mapHeight, mapWidth);
      return sequential(z, [
        ...[dense(vector), normalize, lrelu],
        ...[dense(2 * base * mapHeight * mapWidth), normalize, lrelu, toMap],
        ...[up(base), normalize, lrelu],
        ...[up(channels), activation("tanh")],
      ]);
    },
    features(x, mode) {
      const normalize = norm(discriminatorNorm, mode);
      const toVector: Layer = (_, y) => flatten(y);
      return sequential(x, [
        ...[down(base), lrelu],
        ...[down(2 * base), normalize, lrelu, toVector],
        ...[dense(vector), normalize, lrelu],
      ]);
    },
    head: (features) => reshape(sequential(features, [dense(1)], 9), [features.shape[0]]),
  });
}
