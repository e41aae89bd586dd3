/** Networks of fully connected layers, for images of any size and for plain vectors. */
import { type Shape, sizeOf } from "../core/shape.ts";
import { flatten, reshape, unflatten } from "../graph/ops.ts";
import { type Activation, activation } from "../nn/layers/activation.ts";
import { type Layer, sequential } from "../nn/layers/layer.ts";
import { linear } from "../nn/layers/linear.ts";
import { defineModel, type Model } from "./model.ts";

export interface MlpOptions {
  /** One sample: [height, width, channels], made by tanh, or [values], without bounds. */
  readonly sample: Shape;
  /** Length of a latent vector. */
  readonly latent: number;
  /** Widths of G's hidden layers; D has the same in reverse. */
  readonly hidden: readonly number[];
  readonly generatorActivation?: Activation;
  readonly discriminatorActivation?: Activation;
}

/**
 * G: z [N, latent] → linear layers of widths `hidden`, each with its activation → [N, ...sample]. D: the same widths in
 * reverse, from a sample to one score, [N].
 */
export function mlp(options: MlpOptions): Model {
  const { sample, latent, hidden, generatorActivation = "relu", discriminatorActivation = "leakyRelu" } = options;
  const isImage = sample.length === 3;
  const dense = (out: number): Layer => (name, x) => linear(name, x, out);

  return defineModel({
    name: "mlp",
    latent,
    sample,
    modulated: false,
    generator(z) {
      const layers = hidden.flatMap((width) => [dense(width), activation(generatorActivation)]);
      layers.push(dense(sizeOf(sample)));
      if (isImage) layers.push(activation("tanh"));
      const y = sequential(z, layers);
      return isImage ? unflatten(y, sample[0], sample[1]) : y;
    },
    features(x) {
      const layers = hidden.toReversed().flatMap((width) => [dense(width), activation(discriminatorActivation)]);
      return sequential(isImage ? flatten(x) : x, layers);
    },
    head: (features) => reshape(sequential(features, [dense(1)], 2 * hidden.length), [features.shape[0]]),
  });
}
