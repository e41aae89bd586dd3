/**
 * The residual networks of SN-GAN for small images (Miyato et al. 2018, table 4). D has no norm: it is meant for
 * spectral normalisation or a gradient penalty.
 */
import { add, reshape, sum } from "../graph/ops.ts";
import { scope, type Tensor } from "../graph/tensor.ts";
import { xavierUniform, zeros } from "../nn/initializers.ts";
import { activation } from "../nn/layers/activation.ts";
import { conv2d } from "../nn/layers/convolution.ts";
import { type Layer, layer, type Mode, sequential } from "../nn/layers/layer.ts";
import { linear } from "../nn/layers/linear.ts";
import { norm } from "../nn/layers/normalization.ts";
import { downsample, upsample } from "../nn/layers/resample.ts";
import { defineModel, type Model } from "./model.ts";
import { doublingsTo } from "./sizes.ts";

export interface ResnetOptions {
  /** Height and width of the images: 4 to 7 pixels, doubled; 32 in the paper. */
  readonly size: number;
  /** Channels of the images. */
  readonly channels: number;
  /** Length of a latent vector; 128 in the paper. */
  readonly latent: number;
  /** Channels inside of D; G has twice as many. 128 in the paper. */
  readonly base: number;
}

/** D halves its maps down to this size, or less. */
const SMALLEST = 8;
/** Blocks of D that follow. */
const LAST_BLOCKS = 2;

/** As the authors' code: Glorot's, with √2 in front of the layers whose input comes from a ReLU inside of a block. */
const plain = { initializer: xavierUniform(), biasInitializer: zeros };
const scaled = { initializer: xavierUniform(Math.SQRT2), biasInitializer: zeros };

const relu = activation("relu");
const conv = (out: number): Layer => (name, x) => conv2d(name, x, out, { kernel: 3, padding: 1, ...scaled });
const shortcut = (out: number): Layer => (name, x) => conv2d(name, x, out, { kernel: 1, ...plain });
const double: Layer = (name, x) => upsample(name, x, 2);
const halve: Layer = (name, x) => downsample(name, x, 2);

/** A layer of named parts, one behind the other. */
const chain = (parts: readonly (readonly [string, Layer])[]) => (x: Tensor): Tensor =>
  parts.reduce((y, [name, apply]) => apply(name, y), x);

/** A sum of two ways; 1×1 convolutions stand where maps are smaller, which gives the same as on the other side. */
const block = (way: (x: Tensor) => Tensor, direct: (x: Tensor) => Tensor): Layer => (name, x) =>
  scope(name, () => add(way(x), direct(x)));

/** A block of G, which doubles height and width. */
function upBlock(out: number, mode: Mode, condition?: Tensor): Layer {
  const normalize = norm("batch", mode, { condition });
  return block(
    chain([
      ["norm1", normalize],
      ["relu1", relu],
      ["double", double],
      ["conv1", conv(out)],
      ["norm2", normalize],
      ["relu2", relu],
      ["conv2", conv(out)],
    ]),
    chain([["shortcut", shortcut(out)], ["double", double]]),
  );
}

/** The first block of D: no ReLU before the image. */
const firstBlock = (out: number): Layer =>
  block(
    chain([["conv1", conv(out)], ["relu", relu], ["conv2", conv(out)], ["halve", halve]]),
    chain([["halve", halve], ["shortcut", shortcut(out)]]),
  );

const body = (out: number) => [["relu1", relu], ["conv1", conv(out)], ["relu2", relu], ["conv2", conv(out)]] as const;
const downBlock = (out: number): Layer =>
  block(chain([...body(out), ["halve", halve]]), chain([["halve", halve], ["shortcut", shortcut(out)]]));
const evenBlock = (out: number): Layer => block(chain(body(out)), (x) => x);

/** @throws UsageError for a size that doubling does not reach. */
export function resnet({ size, channels, latent, base }: ResnetOptions): Model {
  const { start, doublings } = doublingsTo(size, "resnet");
  const halvings = Math.max(1, Math.ceil(Math.log2(size / SMALLEST)));
  const blocks = [
    firstBlock(base),
    ...new Array<Layer>(halvings - 1).fill(downBlock(base)),
    ...new Array<Layer>(LAST_BLOCKS).fill(evenBlock(base)),
  ];
  const pool: Layer = (name, x) => layer(name, "global sum", () => sum(x, [1, 2]));

  return defineModel({
    name: "resnet",
    latent,
    sample: [size, size, channels],
    modulated: true,
    generator(z, mode, condition) {
      const width = 2 * base;
      const seed: Layer = (name, x) =>
        reshape(linear(name, x, start * start * width, plain), [x.shape[0], start, start, width]);
      return sequential(z, [
        seed,
        ...new Array<Layer>(doublings).fill(upBlock(width, mode, condition)),
        norm("batch", mode, { condition }),
        relu,
        (name, x) => conv2d(name, x, channels, { kernel: 3, padding: 1, ...plain }),
        activation("tanh"),
      ]);
    },
    features: (x) => sequential(x, [...blocks, relu, pool]),
    head(features) {
      const toLogit: Layer = (name, y) => linear(name, y, 1, plain);
      return reshape(sequential(features, [toLogit], blocks.length + 2), [features.shape[0]]);
    },
  });
}
