/**
 * DCGAN (Radford, Metz & Chintala 2015) in the layout of PyTorch's example, for square images of 16 to 128 pixels.
 * Slots are numbered as the example's `Sequential` numbers its layers: `G.0.weight`, `G.1.running_mean` …
 */
import { UsageError } from "../core/errors.ts";
import { reshape } from "../graph/ops.ts";
import { normal } from "../nn/initializers.ts";
import { activation } from "../nn/layers/activation.ts";
import { conv2d, convTranspose2d } from "../nn/layers/convolution.ts";
import { type Layer, sequential } from "../nn/layers/layer.ts";
import { type Norm, norm } from "../nn/layers/normalization.ts";
import { defineModel, type Model } from "./model.ts";

export interface DcganOptions {
  /** Height and width of the images: 16, 32, 64 or 128. */
  readonly size: number;
  /** Channels of the images. */
  readonly channels: number;
  /** Length of a latent vector. */
  readonly latent: number;
  /** Channels of the widest layers (half of the image's size); each smaller layer has twice as many. */
  readonly base: number;
  /** Norm of D; batch norm, as in the paper, when left out. */
  readonly discriminatorNorm?: Norm;
}

export const dcganSizes: readonly number[] = [16, 32, 64, 128];

const filters = { kernel: 4, bias: false, initializer: normal(0, 0.02) };
/** From or to a single pixel. */
const whole = { ...filters, stride: 1, padding: 0 };
/** Doubles or halves height and width. */
const strided = { ...filters, stride: 2, padding: 1 };

/** What γ of the norms starts with. */
const scales = normal(1, 0.02);

/** @throws UsageError for a size that is not one of `dcganSizes`. */
export function dcgan({ size, channels, latent, base, discriminatorNorm = "batch" }: DcganOptions): Model {
  if (!dcganSizes.includes(size)) {
    throw new UsageError(
      `dcgan makes images of ${
        dcganSizes.join(", ")
      } pixels, not ${size}; choose one of these, images are resized to it`,
    );
  }
  /** Layers between 4×4 and the image that double the size, counted so that the last one makes the image. */
  const doublings = Math.log2(size / 4);
  /** Channels `steps` halvings below the image's size. */
  const width = (steps: number) => base * 2 ** (steps - 1);

  const up = (out: number, window: typeof strided): Layer => (name, x) => convTranspose2d(name, x, out, window);
  const down = (out: number, window: typeof strided): Layer => (name, x) => conv2d(name, x, out, window);

  return defineModel({
    name: "dcgan",
    latent,
    sample: [size, size, channels],
    modulated: true,
    generator(z, mode, condition) {
      const bn = norm("batch", mode, { initializer: scales, condition });
      const layers = [up(width(doublings), whole), bn, activation("relu")];
      for (let steps = doublings - 1; steps >= 1; steps--) {
        layers.push(up(width(steps), strided), bn, activation("relu"));
      }
      layers.push(up(channels, strided), activation("tanh"));
      return sequential(reshape(z, [z.shape[0], 1, 1, z.shape[1]]), layers);
    },
    features(x, mode) {
      const normalize = norm(discriminatorNorm, mode, { initializer: scales });
      const layers = [down(width(1), strided), activation("leakyRelu")];
      for (let steps = 2; steps <= doublings; steps++) {
        layers.push(down(width(steps), strided), normalize, activation("leakyRelu"));
      }
      return sequential(x, layers);
    },
    head: (features) => reshape(sequential(features, [down(1, whole)], 3 * doublings - 1), [features.shape[0]]),
  });
}
