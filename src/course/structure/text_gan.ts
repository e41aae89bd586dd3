/**
 * A duel for texts: G gives a distribution over characters for each place at once, D sees distributions and one-hot
 * characters alike, so that gradients flow (WGAN-GP; Gulrajani et al. 2017, section 5.2).
 */
import * as duel from "../../mod.ts";
import type { Stage } from "../experiment.ts";
import { normals } from "../numbers.ts";
import { play } from "../players.ts";
import { alphabetOf, type Language } from "./grammar.ts";

const BATCH = 64;
const LATENT = 64;
const WIDTH = 256;

/** A text as one-hot characters. */
export class Letters {
  readonly alphabet: readonly string[];
  readonly #index: ReadonlyMap<string, number>;

  constructor(readonly language: Language) {
    this.alphabet = alphabetOf(language);
    this.#index = new Map(this.alphabet.map((character, index) => [character, index]));
  }

  /** Values of a text. */
  get size(): number {
    return this.language.length * this.alphabet.length;
  }

  /** Indices of the characters of a text. */
  indices(text: string): number[] {
    return [...text].map((character) => this.#index.get(character)!);
  }

  /** Batch `draw` of the texts to learn from, any of them equally likely, as one-hot characters. */
  fill(seed: number, draw: number, target: Float32Array): void {
    const { learned } = this.language;
    target.fill(0);
    const count = target.length / this.size;
    duel.random.uniforms(count, seed, "texts", draw).forEach((share, i) => {
      this.indices(learned[Math.floor(share * learned.length)]).forEach((character, place) => {
        target[i * this.size + place * this.alphabet.length + character] = 1;
      });
    });
  }

  /** The likeliest texts of distributions [count, length, alphabet]. */
  read(values: Float32Array): string[] {
    const width = this.alphabet.length;
    return Array.from(
      { length: values.length / this.size },
      (_, i) =>
        Array.from({ length: this.language.length }, (_, place) => {
          const at = i * this.size + place * width;
          const part = values.subarray(at, at + width);
          return this.alphabet[part.indexOf(Math.max(...part))];
        }).join(""),
    );
  }
}

// #region All places at once: outputs of the last layer cannot see each other, D sees them together | 所有位置一次生成：最後一層的輸出彼此看不到對方，D 則能同時看到全部
function textModel(letters: Letters): duel.Model {
  const [length, width] = [letters.language.length, letters.alphabet.length];
  const dense = (out: number): duel.Layer => (name, x) => duel.linear(name, x, out);
  return duel.defineModel({
    name: "text",
    latent: LATENT,
    sample: [length * width],
    modulated: false,
    generator(z) {
      const hidden = [dense(WIDTH), duel.activation("relu"), dense(WIDTH), duel.activation("relu")];
      const logits = duel.sequential(z, [...hidden, dense(length * width)]);
      const [batch] = z.shape;
      return duel.ops.reshape(duel.ops.softmax(duel.ops.reshape(logits, [batch * length, width]), 1), [batch, -1]);
    },
    features: (x) =>
      duel.sequential(x, [dense(WIDTH), duel.activation("leakyRelu"), dense(WIDTH), duel.activation("leakyRelu")]),
    head: (features) => duel.ops.reshape(duel.linear("score", features, 1), [features.shape[0]]),
  });
}
// #endregion

/** Trains on a language. @returns `count` texts. */
export async function playTexts(stage: Stage, letters: Letters, label: string, count: number): Promise<string[]> {
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
  return letters.read(await players.sample(normals(stage, "texts of G", count * LATENT)));
}
