/**
 * Generation on demand: what G and D are told besides latent vectors and samples, and where it enters the networks. A
 * condition is one class of each attribute (hair: pink; glasses: none), as one-hot vectors side by side.
 */
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { add, concat, floor, mean, mul, oneHot, reshape, slice, sub, uniform } from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";
import { input } from "../graph/trace.ts";
import type { Attribute } from "../models/attribute.ts";
import { crossEntropy } from "../nn/cross_entropy.ts";

export interface ConditioningKind {
  readonly about: string;
  /** Where G gets the condition: beside the latent vector, or in its batch norms where it has some. */
  readonly generator: "latent" | "norms";
  /** Where D gets it: as further channels of samples, in a product with its features, or not at all. */
  readonly discriminator: "channels" | "projection" | "nowhere";
  /** Whose condition D must find out by itself, with a head of its own. */
  readonly classified: "nothing" | "both" | "generated";
  /** Conditions are drawn at random and mean what G makes of them; else they are the labels of real samples. */
  readonly drawn: boolean;
}

const table = {
  /** Mirza & Osindero 2014, section 3.2. */
  concat: {
    about: "labels as further inputs of both networks (CGAN)",
    generator: "latent",
    discriminator: "channels",
    classified: "nothing",
    drawn: false,
  },
  /** Miyato & Koyama 2018, equation 3; conditional batch norm in G (de Vries et al. 2017). */
  projection: {
    about: "labels in the batch norms of G, and in a product with the features of D",
    generator: "norms",
    discriminator: "projection",
    classified: "nothing",
    drawn: false,
  },
  /** Odena, Olah & Shlens 2017, equations 2 and 3. */
  acgan: {
    about: "D also names the label, of real and generated samples (auxiliary classifier)",
    generator: "latent",
    discriminator: "nowhere",
    classified: "both",
    drawn: false,
  },
  /** Chen et al. 2016, equation 6. */
  infogan: {
    about: "no labels: codes are drawn, and D must find them in the samples",
    generator: "latent",
    discriminator: "nowhere",
    classified: "generated",
    drawn: true,
  },
} satisfies Record<string, ConditioningKind>;

export type ConditioningName = keyof typeof table;

/** Kinds of conditioning by name, as the command line and configurations call them. */
export const conditionings: Readonly<Record<ConditioningName, ConditioningKind>> = table;

/** A kind of conditioning, and on what. */
export interface Conditioning {
  readonly kind: ConditioningKind;
  readonly attributes: readonly Attribute[];
  /** The last so many numbers of a latent vector are codes as well, which D estimates; 0 unless the kind draws. */
  readonly continuous: number;
}

/** Weight of the squared error of continuous codes (Chen et al. 2016, section C.1 take less for them than for classes). */
const CONTINUOUS_WEIGHT = 0.1;

/** @throws UsageError if there is nothing to condition on. */
export function requireAttributes({ attributes, kind }: Conditioning): void {
  if (attributes.length > 0) return;
  throw new UsageError(
    kind.drawn
      ? "infogan needs a categorical code; give at least one with two classes or more"
      : "these data have no labels to condition on; leave conditioning out, or take data with labels",
  );
}

/** Length of all one-hot vectors together. */
export function conditionLength({ attributes }: Conditioning): number {
  return attributes.reduce((total, { classes }) => total + classes.length, 0);
}

/** Classes [batch, attributes], as whole numbers, → condition [batch, K]. */
export function encodeClasses({ attributes }: Conditioning, classes: Tensor): Tensor {
  const batch = classes.shape[0];
  const parts = attributes.map(({ classes: names }, index) =>
    oneHot(reshape(slice(classes, [0, index], [batch, 1]), [batch]), names.length)
  );
  return concat(parts, 1);
}

/**
 * The condition of a batch in training: the labels of the real samples, which are the input `labels`, or random codes.
 * @param name tells apart the draws of the two programs.
 */
export function trainingCondition(conditioning: Conditioning, batch: number, name: string): Tensor {
  const { kind, attributes } = conditioning;
  const shape: Shape = [batch, attributes.length];
  if (!kind.drawn) return encodeClasses(conditioning, input("labels", shape));
  const counts = attributes.map(({ classes }) => classes.length);
  const codes = counts.map((count, index) => floor(mul(uniform(`codes.${name}.${index}`, [batch, 1]), count)));
  return encodeClasses(conditioning, concat(codes, 1));
}

/** How many numbers the head has that finds out conditions. */
export function answerLength(conditioning: Conditioning): number {
  return conditionLength(conditioning) + conditioning.continuous;
}

/**
 * Mean cross-entropy of D's answers [batch, K + continuous] and the condition [batch, K], summed over attributes, plus
 * the weighted mean squared error of the continuous codes, the last numbers of z [batch, latent].
 */
export function answerLoss({ attributes, continuous }: Conditioning, answers: Tensor, condition: Tensor, z?: Tensor) {
  const [batch, length] = answers.shape;
  let from = 0;
  const terms = attributes.map(({ classes: { length: width } }) => {
    const part = (x: Tensor) => slice(x, [0, from], [batch, width]);
    const own = crossEntropy(part(answers), part(condition));
    from += width;
    return own;
  });
  if (z && continuous > 0) {
    const codes = slice(z, [0, z.shape[1] - continuous], [batch, continuous]);
    const error = sub(slice(answers, [0, length - continuous], [batch, continuous]), codes);
    terms.push(mul(mean(mul(error, error)), CONTINUOUS_WEIGHT));
  }
  return terms.reduce((a, b) => add(a, b));
}
