/**
 * A small convolutional classifier of images: what it learns to see is a space in which images are compared, and the
 * classes it finds tell which modes a generator covers. About 115,000 parameters, 5 million products an image.
 */
import { UsageError } from "../core/errors.ts";
import { add, argmax, constant, flatten, maxPool, oneHot } from "../graph/ops.ts";
import { scope, type Tensor } from "../graph/tensor.ts";
import { activation } from "../nn/layers/activation.ts";
import { conv2d } from "../nn/layers/convolution.ts";
import { type Layer, type Mode, sequential } from "../nn/layers/layer.ts";
import { linear } from "../nn/layers/linear.ts";
import { norm } from "../nn/layers/normalization.ts";
import { crossEntropy } from "../nn/cross_entropy.ts";
import type { Attribute } from "./attribute.ts";

/** Name of the network: the first part of the names of its slots. */
export const CLASSIFIER = "C";

/** Length of the vector that an image becomes. */
export const FEATURES = 64;

export interface ClassifierOptions {
  /** Height and width of the images: a multiple of 8. */
  readonly size: number;
  readonly channels: number;
  readonly attributes: readonly Attribute[];
}

/** What the classifier sees in a batch. */
export interface Sight {
  /** Penultimate activations, [batch, FEATURES]. */
  readonly features: Tensor;
  /** One tensor an attribute, [batch, classes]. */
  readonly logits: readonly Tensor[];
}

/** A network that turns images [batch, size, size, channels] in [−1, 1] into features and classes. */
export type Classifier = (images: Tensor, mode: Mode) => Sight;

/**
 * Slots are called `C.0.weight`, `C.1.running_mean` … and `C.head.<attribute>.weight`.
 * @throws UsageError for a size that can't be halved three times.
 */
export function classifier({ size, channels, attributes }: ClassifierOptions): Classifier {
  if (size < 8 || size % 8 !== 0) {
    throw new UsageError(`the classifier sees images of a multiple of 8 pixels, not ${size}; resize them`);
  }
  const block = (out: number, kernel: number, stride: number, mode: Mode): Layer[] => [
    (name, x) => conv2d(name, x, out, { kernel, stride, padding: 1, bias: false }),
    norm("batch", mode),
    activation("leakyRelu"),
  ];
  const pool: Layer = (name, x) => scope(name, () => maxPool(x, { kernel: 2 }));

  return (images, mode) =>
    scope(CLASSIFIER, () => {
      if (images.shape[1] !== size || images.shape[3] !== channels) {
        throw new UsageError(`this classifier sees images of ${size}×${size}×${channels}, not ${images.shape}`);
      }
      const features = sequential(images, [
        ...block(16, 4, 2, mode),
        ...block(32, 3, 1, mode),
        pool,
        ...block(64, 3, 1, mode),
        ...block(64, 3, 1, mode),
        pool,
        ...block(32, 3, 1, mode),
        (_, x) => flatten(x),
        (name, x) => linear(name, x, FEATURES, { bias: false }),
        norm("batch", mode),
        activation("leakyRelu"),
      ]);
      const logits = scope("head", () => attributes.map(({ name, classes }) => linear(name, features, classes.length)));
      return { features, logits };
    });
}

/** The sum of the cross-entropies of all attributes; `labels` [batch] are whole numbers, in the attributes' order. */
export function classifierLoss({ logits }: Sight, labels: readonly Tensor[]): Tensor {
  return logits.map((each, i) => crossEntropy(each, oneHot(labels[i], each.shape[1]))).reduce(add, constant(0));
}

/** The likeliest class of each image, [batch] for each attribute, as whole numbers. */
export function classesOf({ logits }: Sight): Tensor[] {
  return logits.map((each) => argmax(each, 1));
}
