/** Digits and the networks for them, the same in all experiments, so that they can be compared. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { SIZE } from "./images.ts";

/** Digits that networks learn from. The others, up to 60,000, are for looking at what they make of new ones. */
export const LEARNED = 50_000;

/** The digits to learn from. */
export function trainingDigits(stage: Stage): duel.Dataset {
  return { ...stage.dataset("mnist"), count: LEARNED };
}

/** Digits that nothing has been learned from, `from` those after the first one. */
export function newDigits(stage: Stage, from: number, count: number): Float32Array {
  return duel.imageValues(stage.dataset("mnist"), LEARNED + from, LEARNED + from + count);
}

/** From a code to an image: the generator of DCGAN. Its slots are `G.…`. */
export function decoder(code: number): duel.Model {
  return duel.dcgan({ size: SIZE, channels: 1, latent: code, base: 16 });
}

/** From images [batch, 32, 32, 1] to vectors [batch, length]: the decoder's mirror image. Its slots are `E.…`. */
export function encoder(images: duel.Tensor, length: number, mode: duel.Mode): duel.Tensor {
  const block = (width: number): duel.Layer[] => [
    (name, x) => duel.conv2d(name, x, width, { kernel: 4, stride: 2, padding: 1, bias: false }),
    duel.norm("batch", mode),
    duel.activation("leakyRelu"),
  ];
  return duel.scope("E", () =>
    duel.sequential(images, [
      ...[16, 32, 64].flatMap(block),
      (_, x) => duel.ops.flatten(x),
      (name, x) => duel.linear(name, x, length),
    ]));
}

/** Mean squared error of a pixel. */
export function pixelError(a: duel.Tensor, b: duel.Tensor): duel.Tensor {
  return duel.ops.mean(duel.ops.square(duel.ops.sub(a, b)));
}

/** The same of images that have been made: [count, 32, 32, channels] both. */
export function pixelErrorOf(made: Float32Array, wanted: Float32Array): number {
  return made.reduce((sum, value, i) => sum + (value - wanted[i]) ** 2, 0) / made.length;
}
