/**
 * A duel for texts: G gives a distribution over characters for each place at once, D sees distributions and one-hot
 * characters alike, so that gradients flow (WGAN-GP; Gulrajani et al. 2017, section 5.2).
 */
import * as duel from "../../mod.ts";
import type { Stage } from "../experiment.ts";
import { normals } from "../numbers.ts";
import { play } from "../players.ts";
import type { Letters } from "./letters.ts";

const BATCH = 64;
const LATENT = 64;
const WIDTH = 256;
/** Numbers that stand for a character inside D, the same at all places: an alphabet may be large. */
const EMBEDDED = 32;

/** Both networks, for texts as [batch, length · alphabet]. Its D judges what a recurrent G writes as well. */
// #region All places at once: outputs of the last layer cannot see each other, D sees them together | 所有位置一次生成：最後一層的輸出彼此看不到對方，D 則能同時看到全部
export function textModel(letters: Letters): duel.Model {
  const [length, width] = [letters.language.length, letters.alphabet.length];
  const dense = (out: number): duel.Layer => (name, x) => duel.linear(name, x, out);
  const embed: duel.Layer = (name, x) =>
    duel.ops.reshape(duel.linear(name, duel.ops.reshape(x, [-1, width]), EMBEDDED), [x.shape[0], length * EMBEDDED]);
  return duel.defineModel({
    name: "text",
    latent: LATENT,
    sample: [length * width],
    modulated: false,
    generator(z) {
      const hidden = [dense(WIDTH), duel.activation("relu"), dense(WIDTH), duel.activation("relu")];
      const logits = duel.sequential(z, [...hidden, dense(length * width)]);
      return duel.ops.reshape(duel.ops.softmax(duel.ops.reshape(logits, [-1, width]), 1), [z.shape[0], -1]);
    },
    features: (x) =>
      duel.sequential(x, [
        embed,
        dense(WIDTH),
        duel.activation("leakyRelu"),
        dense(WIDTH),
        duel.activation("leakyRelu"),
      ]),
    head: (features) => duel.ops.reshape(duel.linear("score", features, 1), [features.shape[0]]),
  });
}
// #endregion

/** Trains on a language. @returns `count` distributions over characters, [count, length, alphabet]. */
export async function playTexts(stage: Stage, letters: Letters, label: string, count: number): Promise<Float32Array> {
  const { seed } = stage;
  const steps = stage.steps(3000, 60);
  const players = await play(stage, {
    label,
    model: textModel(letters),
    loss: duel.losses.wgan,
    penalties: [{ name: "wgan-gp", penalty: duel.penalties["wgan-gp"], weight: 10 }],
    batch: BATCH,
    limit: { steps },
    discriminatorSteps: 5,
    rates: [{ shape: "cosine", from: 1e-3, to: 1e-4, steps }, { shape: "cosine", from: 1e-3, to: 1e-4, steps }],
    beta1: 0,
    average: 0.99,
    samples: [count],
    source: (draw, { real }) => letters.fill(seed, draw, real),
  });
  return await players.sample(normals(stage, "texts of G", count * LATENT));
}
