/**
 * The two kinds of DCGAN that papers on mode collapse train on Stacked MNIST: that of VEEGAN (Srivastava et al. 2017) and
 * that of Unrolled GAN (Metz et al. 2017, appendix), both as PacGAN (Lin et al. 2018) repeats them.
 *
 * Strided filters of odd size halve a side rounded up: 28, 14, 7, 4, 2. They are padded by the same number of pixels on
 * both sides; TensorFlow, in which the papers' code is written, pads even sides with one pixel more behind than before.
 */
import { UsageError } from "../core/errors.ts";
import { flatten, leakyRelu, reshape, unflatten } from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";
import { normal, zeros } from "../nn/initializers.ts";
import { activation } from "../nn/layers/activation.ts";
import { conv2d, convTranspose2d } from "../nn/layers/convolution.ts";
import { type Layer, type Mode, sequential } from "../nn/layers/layer.ts";
import { linear } from "../nn/layers/linear.ts";
import { type Norm, norm } from "../nn/layers/normalization.ts";
import { defineModel, type Model } from "./model.ts";

export interface SmallDcganOptions {
  /** Height and width of the images: 28 in the papers. */
  readonly size: number;
  /** Channels of the images. */
  readonly channels: number;
  /** Length of a latent vector. */
  readonly latent: number;
  /** Channels of the largest maps inside of D; each smaller map has twice as many. */
  readonly base: number;
  /** Norm of D; batch norm, as in the papers, when left out. */
  readonly discriminatorNorm?: Norm;
}

const start = { initializer: normal(0, 0.02), biasInitializer: zeros };

/** Halves height and width, rounded up. */
const halve = (kernel: number, out: number): Layer => (name, x) =>
  conv2d(name, x, out, { kernel, stride: 2, padding: (kernel - 1) / 2, ...start });

/** Makes maps of `size`, which is twice theirs or one less. */
const double = (kernel: number, out: number, size: number): Layer => (name, x) => {
  const outputPadding = size - (2 * x.shape[1] - 1);
  return convTranspose2d(name, x, out, { kernel, stride: 2, padding: (kernel - 1) / 2, outputPadding, ...start });
};

/** Sides of maps from that of the image down, `steps` halvings. @throws UsageError if the last is a single pixel. */
function sidesOf(size: number, steps: number, model: string): number[] {
  const sides = [size];
  for (let step = 0; step < steps; step++) sides.push(Math.ceil(sides[step] / 2));
  if (sides[steps] < 2) {
    throw new UsageError(`${model} makes images of more than ${2 ** steps} pixels a side, not of ${size}`);
  }
  return sides;
}

/** Latent vectors → `width` channels of a map. */
const fromLatent = (side: number, width: number): Layer => (name, z) =>
  unflatten(linear(name, z, side * side * width, start), side, side);

/** Maps → logits. */
function toLogit(features: Tensor, index: number): Tensor {
  return reshape(linear(String(index), flatten(features), 1, start), [features.shape[0]]);
}

/** What follows each inner layer of G. */
function finish(mode: Mode, condition: Tensor | undefined): readonly Layer[] {
  return [norm("batch", mode, { condition }), activation("relu")];
}

/**
 * G: z → 2×2 maps of 8·base channels → 4 → 7 → 14 → 28 pixels by 5×5 filters; D the same backwards (PacGAN's experiments
 * in VEEGAN's setting; base 64, latent 100).
 * @throws UsageError for images of 16 pixels or less.
 */
export function dcgan28(options: SmallDcganOptions): Model {
  const { size, channels, latent, base, discriminatorNorm = "batch" } = options;
  const sides = sidesOf(size, 4, "dcgan-28");
  const lrelu = activation("leakyRelu");
  return defineModel({
    name: "dcgan-28",
    latent,
    sample: [size, size, channels],
    modulated: true,
    generator(z, mode, condition) {
      const finished = finish(mode, condition);
      return sequential(z, [
        ...[fromLatent(sides[4], 8 * base), ...finished],
        ...[double(5, 4 * base, sides[3]), ...finished],
        ...[double(5, 2 * base, sides[2]), ...finished],
        ...[double(5, base, sides[1]), ...finished],
        ...[double(5, channels, sides[0]), activation("tanh")],
      ]);
    },
    features(x, mode) {
      const normalize = norm(discriminatorNorm, mode);
      return sequential(x, [
        ...[halve(5, base), lrelu],
        ...[2, 4, 8].flatMap((times) => [halve(5, times * base), normalize, lrelu]),
      ]);
    },
    head: (features) => toLogit(features, 11),
  });
}

/** Channels of G's maps in Unrolled GAN's setting, smallest map first. */
const UNROLLED_WIDTHS = [64, 32, 16, 8] as const;

/**
 * G: z → 4×4 maps of 64 channels → 7 → 14 → 28 pixels of 8 channels by 3×3 filters → the image. D, much smaller: three
 * 3×3 filters of `base`, 2·base and 4·base channels (latent 256; base 4 is the setting "D = 1/2 G", base 2 "D = 1/4 G").
 * @throws UsageError for images of 8 pixels or less.
 */
export function unrolledDcgan(options: SmallDcganOptions): Model {
  const { size, channels, latent, base, discriminatorNorm = "batch" } = options;
  const sides = sidesOf(size, 3, "unrolled");
  return defineModel({
    name: "unrolled",
    latent,
    sample: [size, size, channels],
    modulated: true,
    generator(z, mode, condition) {
      const finished = finish(mode, condition);
      const [first, ...widths] = UNROLLED_WIDTHS;
      return sequential(z, [
        ...[fromLatent(sides[3], first), ...finished],
        ...widths.flatMap((width, i) => [double(3, width, sides[2 - i]), ...finished]),
        (name, x) => conv2d(name, x, channels, { kernel: 3, padding: 1, ...start }),
        activation("tanh"),
      ]);
    },
    features(x, mode) {
      const normalize = norm(discriminatorNorm, mode);
      const lrelu: Layer = (_, y) => leakyRelu(y, 0.3);
      return sequential(x, [1, 2, 4].flatMap((times) => [halve(3, times * base), normalize, lrelu]));
    },
    head: (features) => toLogit(features, 9),
  });
}
