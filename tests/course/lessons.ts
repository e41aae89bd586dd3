/** What each experiment of the course has to show, as conditions on its numbers. */

/** Numbers of an experiment by name. */
export type Numbers = Readonly<Record<string, number>>;

/** A sentence, and whether it is true. */
export type Lesson = readonly [claim: string, holds: (numbers: Numbers) => boolean];

export interface Lessons {
  /** Those that can be seen on a quick stage. */
  readonly quick: readonly Lesson[];
  /** Those that take the whole experiment. */
  readonly whole: readonly Lesson[];
}

export const lessons: Readonly<Record<string, Lessons>> = {
  "generator-alone": {
    quick: [
      ["learned codes leave a smaller error", (n) => n["error-learned"] < n["error-random"]],
      ["learned codes of one digit are near each other", (n) => n["same-digit-learned"] > 2 * n["same-digit-random"]],
      ["what is between learned codes is nearer to digits", (n) => n["between-learned"] < n["between-random"]],
    ],
    whole: [
      ["learned codes leave a much smaller error", (n) => n["error-learned"] < 0.6 * n["error-random"]],
      ["learned codes of one digit are near each other", (n) => n["same-digit-learned"] > 2 * n["same-digit-random"]],
      ["what is between learned codes is nearer to digits", (n) => n["between-learned"] < 0.5 * n["between-random"]],
    ],
  },
  "auto-encoder": {
    quick: [["what has been encoded is better than random codes", (n) => n["kernel-back"] < n["kernel-drawn"]]],
    whole: [
      ["images survive encoding and decoding", (n) => n["precision-back"] > 0.9],
      ["what is between codes is worse", (n) => n["kernel-middle"] > 2 * n["kernel-back"]],
      ["fewer of it lie among real digits", (n) => n["precision-middle"] < n["precision-back"] - 0.05],
      ["random codes are worse still", (n) => n["kernel-drawn"] > n["kernel-middle"]],
    ],
  },
  "vae": {
    quick: [
      ["without a price the noise vanishes", (n) => n["deviation-free"] < 0.5 * n["deviation-vae"]],
      ["random codes are better than an auto-encoder's", (n) => n["drawn-vae"] < n["drawn-auto"]],
      ["samples are blurred", (n) => n["sharpness"] < 0.9],
    ],
    whole: [
      ["without a price the noise vanishes", (n) => n["deviation-free"] < 0.1 * n["deviation-vae"]],
      ["random codes are nearer to digits by a quarter", (n) => n["drawn-vae"] < 0.75 * n["drawn-auto"]],
      ["midpoints are better than an auto-encoder's", (n) => n["middle-vae"] < n["middle-auto"]],
      ["samples are blurred", (n) => n["sharpness"] < 0.85],
    ],
  },
  "pixel-loss": {
    quick: [
      ["the pixel loss prefers one wrong pixel", (n) => n["pixels"] < 0.01],
      ["a discriminator notices one far away", (n) => n["noticed"] > 0.9],
    ],
    whole: [
      ["the pixel loss prefers one wrong pixel", (n) => n["pixels"] < 0.01],
      ["a discriminator notices one far away", (n) => n["noticed"] > 0.95],
      ["it prefers six beside the stroke", (n) => n["discriminator"] > 0.65],
      ["one far away costs more of its score", (n) => n["score-one"] < n["score-six"]],
      ["a classifier takes less notice of one far away", (n) => n["features"] < 0.5],
    ],
  },
  "discriminator-alone": {
    quick: [
      ["on a line, D alone finds the density", (n) => n["line-overlap"] >= 0.9],
      ["with noise at the edge D stays far behind", (n) => n["line-overlap-edge"] < n["line-overlap"] - 0.3],
      ["so it does with noise everywhere", (n) => n["line-overlap-everywhere"] < n["line-overlap"] - 0.3],
      [
        "with cross-entropy that noise is of more use",
        (n) => n["line-overlap-cross-entropy"] > n["line-overlap-everywhere"] + 0.3,
      ],
      ["in the plane, its own negatives are better", (n) => n["plane-overlap"] > 1.5 * n["plane-overlap-noise"]],
    ],
    whole: [
      ["on a line, D alone finds the density", (n) => n["line-overlap"] >= 0.9],
      ["with noise at the edge D stays far behind", (n) => n["line-overlap-edge"] < n["line-overlap"] - 0.3],
      ["so it does with noise everywhere", (n) => n["line-overlap-everywhere"] < n["line-overlap"] - 0.3],
      ["but for cross-entropy that noise is enough", (n) => n["line-overlap-cross-entropy"] > 0.9],
      ["nor in the plane", (n) => n["plane-overlap-noise"] < 0.5 * n["plane-overlap"]],
      ["in the plane, D alone finds the density", (n) => n["plane-overlap"] > 0.7 * n["plane-overlap-real"]],
      ["digits by iterated negatives are nearer", (n) => n["digits-kernel"] < 0.5 * n["digits-kernel-noise"]],
    ],
  },
  "duel-1d": {
    quick: [["G comes nearer to the density", (n) => n["overlap"] > n["overlap-first"] + 0.2]],
    whole: [
      ["G comes much nearer to the density", (n) => n["overlap"] > n["overlap-first"] + 0.4],
      ["D is near the best D", (n) => n["distance"] < 0.1],
    ],
  },
  "duel-2d": {
    quick: [["a VAE fills the gap, a GAN does not", (n) => n["between-vae"] > 2 * n["between-gan"]]],
    whole: [
      ["a VAE fills the gap", (n) => n["between-vae"] > 4 * n["between-real"]],
      ["a GAN does not", (n) => n["between-gan"] < 2 * n["between-real"]],
      ["D comes nearer to the best D", (n) => n["distance"] < 0.3 * n["distance-first"]],
    ],
  },
  "progress": {
    quick: [
      ["D tells real from generated faces", (n) => n["real-last"] > n["fake-last"]],
      ["digits come nearer to real ones", (n) => n["distance-last"] < n["distance-first"]],
    ],
    whole: [
      ["digits come much nearer to real ones", (n) => n["distance-last"] < n["distance-first"] / 4],
      ["D knows the faces of earlier Gs", (n) => n["earlier"] < 0.1],
      ["D is fooled more by later Gs", (n) => n["later"] > 2 * n["earlier"]],
      ["D tells real from generated faces", (n) => n["real-last"] > n["fake-last"]],
    ],
  },
  "latent": {
    quick: [],
    whole: [
      ["faces can be given pink hair", (n) => n["pink-after"] > 3 * n["pink-before"]],
      ["faces can be given dark glasses", (n) => n["dark-after"] > 2 * n["dark-before"]],
      ["skin and beard stay", (n) => Math.min(n["pink-kept"], n["dark-kept"]) > 2 * n["kept-chance"]],
      ["arithmetic gives most faces dark glasses, and leaves the hair", (n) => n["sums"] > 0.6 && n["sums-hair"] > 0.8],
      ["faces change little by little on a path", (n) => n["largest-step"] < 0.35],
      ["what is in the middle of a path is a face", (n) => n["distance-middle"] < 1.5 * n["distance-ends"]],
    ],
  },
  "condition": {
    quick: [],
    whole: [
      ["hair is what was asked for", (n) => n["hair"] > 0.95],
      ["glasses are what was asked for", (n) => n["glasses"] > 0.9],
      ["the latent vector decides most of the rest", (n) => n["kept"] > 4 * n["kept-chance"]],
      ["mixtures go from one label to the other", (n) => n["mixed-start"] < 0.05 && n["mixed-end"] > 0.9],
      ["half of each is between both", (n) => n["halfway"] > 0.2 && n["halfway"] < 0.8 && n["between"] > 0.5],
    ],
  },
  "structure": {
    quick: [
      // 4862 of the 9⁹ matrices with one parent for each of nine nodes are trees numbered in preorder.
      ["G gives trees far more often than by chance", (n) => n["valid-trees"] > 5 * 4862 / 9 ** 9],
      ["and than rows that do not see each other", (n) => n["valid-trees"] > 2 * n["valid-independent-trees"]],
      ["places that do not see each other give no valid texts", (n) => n["valid-independent"] < 0.01],
      ["G's texts are like the language's", (n) => n["triples-wgan-gp"] < 0.6],
    ],
    whole: [
      ["places that do not see each other give no valid texts", (n) => n["valid-independent"] < 0.01],
      ["with a D that sees them together, many are", (n) => n["valid-wgan-gp"] > 0.3],
      ["by prediction, most are", (n) => n["valid-predicted"] > 0.75],
      ["with rewards by D, most still are", (n) => n["valid-seqgan"] > 0.7],
      ["but not more than by as many updates of prediction", (n) => n["valid-seqgan"] < n["valid-further"]],
      ["nearly all matrices are trees", (n) => n["valid-trees"] > 0.9],
      ["of rows that do not see each other, few are", (n) => n["valid-independent-trees"] < 0.3],
      ["many trees are new", (n) => n["fresh-trees"] > 0.1],
      ["by the pixel loss, colours are pale", (n) => n["colour-plain"] < 0.7],
      ["with D, they are nearer to real ones", (n) => Math.abs(1 - n["colour-duel"]) < 1 - n["colour-plain"] - 0.1],
      ["but pixels are further from them", (n) => n["error-duel"] > n["error-plain"]],
    ],
  },
  "compare": {
    quick: [
      ["a sample of D alone costs much more", (n) => n["cost-discriminator"] > 10 * n["cost-gan"]],
      ["one of G alone costs one pass of its decoder", (n) => n["cost-generator"] < 5 * n["cost-vae"]],
    ],
    whole: [
      ["a sample of D alone costs much more", (n) => n["cost-discriminator"] > 50 * n["cost-gan"]],
      [
        "one of G alone, or of an auto-encoder, costs one pass of a decoder",
        (n) => ["generator", "auto-encoder"].every((name) => n[`cost-${name}`] < 2 * n["cost-vae"]),
      ],
      ["the GAN is sharper than the VAE", (n) => n["sharpness-gan"] > n["sharpness-vae"] + 0.1],
      [
        "the GAN is nearest to real digits",
        (n) =>
          ["generator", "auto-encoder", "vae", "discriminator"].every((name) => n["kernel-gan"] < n[`kernel-${name}`]),
      ],
    ],
  },
  "variants": {
    quick: [],
    whole: [
      [
        "with rates that fade, most losses end with all modes for every seed",
        (n) =>
          ["minimax", "non-saturating", "lsgan", "hinge", "r1", "relativistic", "relativistic-r1-r2"]
            .every((name) => n[`modes-${name}`] === 8),
      ],
      ["with steady rates modes get lost again", (n) => n["kept-steady-rates"] < 0.3 && n["modes-steady-rates"] < 8],
      ["the same loss keeps them when rates fade", (n) => n["kept-non-saturating"] > 2 * n["kept-steady-rates"]],
      ["wgan-gp takes longer than the plain loss", (n) => n["found-wgan-gp"] > n["found-non-saturating"]],
    ],
  },
};
