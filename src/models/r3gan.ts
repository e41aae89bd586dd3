/**
 * The networks of R3GAN (Huang et al. 2024, "The GAN is dead; long live the GAN! A modern baseline GAN", Config E):
 * residual networks without any norm and without tanh, which train with the relativistic loss and penalties on the
 * slope of D at real and at generated samples (R1, R2).
 *
 * One difference: the paper resamples with the filter [1, 2, 1]; here doubling is bilinear with half-pixel centres, the
 * filter [1, 3, 3, 1] of StyleGAN2, and halving its counterpart [1, 1], the mean of 2 × 2 pixels.
 */
import { UsageError } from "../core/errors.ts";
import { add, leakyRelu, mul, reshape, sum } from "../graph/ops.ts";
import { scope, type Tensor } from "../graph/tensor.ts";
import { read, slot } from "../graph/trace.ts";
import { kaimingNormal, normal, zeros } from "../nn/initializers.ts";
import { conv2d } from "../nn/layers/convolution.ts";
import { type Layer, layer, sequential } from "../nn/layers/layer.ts";
import { linear } from "../nn/layers/linear.ts";
import { downsample, upsample } from "../nn/layers/resample.ts";
import { defineModel, type Model } from "./model.ts";
import { doublingsTo } from "./sizes.ts";

export interface R3ganOptions {
  /** Height and width of the images: 4 to 7 pixels, doubled. */
  readonly size: number;
  /** Channels of the images. */
  readonly channels: number;
  /** Length of a latent vector. */
  readonly latent: number;
  /** Channels of the maps of each size, from the smallest to that of the image. */
  readonly widths: readonly number[];
  /** Residual blocks at each size; 2 as in the paper when left out. */
  readonly blocks?: number;
  /** Times that a block widens its channels inside; 2 as in the paper when left out. */
  readonly expansion?: number;
  /**
   * Channels of each group of a block's 3×3 convolution; 16 as in the paper when left out. Multiples of 8 can take the
   * fast forms.
   */
  readonly groupWidth?: number;
}

const SLOPE = 0.2;

/** Keeps the variance of normal numbers through leaky ReLU (He et al. 2015, equation 15). */
const gain = Math.sqrt(2 / (1 + SLOPE ** 2));

/** Linear layers of a block. */
const DEPTH = 3;

/** A 1×1 convolution without bias. */
const mix = (out: number, initializer = kaimingNormal(1)): Layer => (name, x) =>
  conv2d(name, x, out, { kernel: 1, bias: false, initializer });

/** Changes the number of channels where it is another one. */
const widen = (out: number): Layer => (name, x) => x.shape[3] === out ? x : mix(out)(name, x);

/**
 * One number for each pixel and channel of a square map, what G starts from and D ends with: a filter [1, size, size,
 * channels] between that map and a pixel, in which every channel is a group.
 */
function basis(size: number, channels: number, deviation: number): Tensor {
  return read(slot("basis", [1, size, size, channels], "parameter", normal(0, deviation), "transposedFilter"));
}

/** @throws UsageError for a size that doubling does not reach, or widths that do not fit it or the groups. */
export function r3gan(options: R3ganOptions): Model {
  const { size, channels, latent, widths, blocks = 2, expansion = 2, groupWidth = 16 } = options;
  const { start, doublings } = doublingsTo(size, "r3gan");
  if (widths.length !== doublings + 1) {
    throw new UsageError(`r3gan has ${doublings + 1} sizes of maps from ${start} to ${size}, not ${widths.length}`);
  }
  for (const width of widths) {
    if (expansion * width % groupWidth !== 0) {
      throw new UsageError(
        `r3gan: ${width} channels, widened ${expansion} times, do not split into groups of ${groupWidth}`,
      );
    }
  }
  /** Residual branches add up: the more there are in a network, the smaller each starts (Zhang et al. 2019, Fixup). */
  const initializer = kaimingNormal(gain * (blocks * widths.length) ** (-1 / (2 * DEPTH - 2)));

  /** x + 1×1 (3×3 in groups (1×1 x)); the last convolution starts as zero, so that a new block changes nothing. */
  const block: Layer = (name, x) =>
    scope(name, () => {
      const width = x.shape[3];
      const inner = expansion * width;
      const filters = { initializer, biasInitializer: zeros };
      const wide = leakyRelu(conv2d("expand", x, inner, { kernel: 1, ...filters }), SLOPE);
      const groups = inner / groupWidth;
      const seen = leakyRelu(conv2d("grouped", wide, inner, { kernel: 3, padding: 1, groups, ...filters }), SLOPE);
      return add(x, mix(width, zeros)("project", seen));
    });
  const stage: readonly Layer[] = new Array<Layer>(blocks).fill(block);

  /** Each channel of the basis, scaled by a linear function of z. */
  const fromLatent: Layer = (name, z) =>
    layer(name, `${start}×${start} basis`, () => {
      const scale = linear("linear", z, widths[0], { bias: false, initializer: kaimingNormal(1) });
      return mul(basis(start, widths[0], 1), reshape(scale, [z.shape[0], 1, 1, widths[0]]));
    });
  const double: Layer = (name, x) => upsample(name, x, 2, "bilinear");
  const halve: Layer = (name, x) => downsample(name, x, 2);
  /** Each channel weighed by the basis and summed. */
  const toVector: Layer = (name, x) =>
    layer(name, `${start}×${start} basis`, () => sum(mul(x, basis(start, x.shape[3], 1 / start)), [1, 2]));

  const up = widths.slice(1).flatMap((width): Layer[] => [widen(width), double, ...stage]);
  const down = widths.slice(0, -1).toReversed().flatMap((width): Layer[] => [halve, widen(width), ...stage]);
  const body = [mix(widths[doublings]), ...stage, ...down];
  return defineModel({
    name: "r3gan",
    latent,
    sample: [size, size, channels],
    modulated: false,
    generator: (z) => sequential(z, [fromLatent, ...stage, ...up, mix(channels)]),
    features: (x) => sequential(x, body),
    head(features) {
      const toLogit: Layer = (name, y) => linear(name, y, 1, { bias: false, initializer: kaimingNormal(1) });
      return reshape(sequential(features, [toVector, toLogit], body.length), [features.shape[0]]);
    },
  });
}
