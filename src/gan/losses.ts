/**
 * Losses of generative adversarial networks. D gives one score a sample, high for real: a logit, or minus the error of
 * an auto-encoder. All losses are means over the batch, in scores, so that nothing saturates or overflows. An entry of
 * the table is all there is to a loss: flags, `train --list`, configurations and the tests of training follow from it.
 */
import { add, max, mean, min, mul, neg, softplus, square, sub } from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";
import { assign, currentStore, read } from "../graph/trace.ts";
import { zeros } from "../nn/initializers.ts";

export interface GanLoss {
  readonly about: string;
  /**
   * What D minimises, from the scores of real and generated samples, [batch] each.
   * @param target what D is to say of real samples, 1 unless labels are smoothed.
   */
  discriminator(real: Tensor, fake: Tensor, target: number): Tensor;
  /** What G minimises. Losses that compare with real samples ask for their scores, paired by index. */
  generator(fake: Tensor, real: () => Tensor): Tensor;
  /** D is told a target for real samples, which may be smoothed. */
  readonly hasTarget?: true;
  /** The score in the middle between what D is to say of real and of generated samples, if there is one. */
  readonly border?: number;
  /** D is to tell both kinds apart as well as it can: a strong one is no trouble. */
  readonly strongCritic?: true;
  /** D is an auto-encoder, and its score minus the mean error of reconstruction: squared or absolute. */
  readonly autoencoder?: "squared" | "absolute";
}

/**
 * Cross-entropy of D: −log D(x) − log(1 − D(G(z))), D = sigmoid(logit) (Goodfellow et al. 2014, equation 1). With a
 * target t for real samples (Salimans et al. 2016, section 3.4) the first term is −t·log D − (1−t)·log(1−D), which is
 * softplus(−logit) + (1−t)·logit.
 */
function crossEntropy(real: Tensor, fake: Tensor, target: number): Tensor {
  const smoothing = target === 1 ? [] : [mul(mean(real), 1 - target)];
  return [mean(softplus(neg(real))), mean(softplus(fake)), ...smoothing].reduce((a, b) => add(a, b));
}

/** Cross-entropy of a difference of scores: −log sigmoid(a − b). */
function preference(a: Tensor, b: Tensor): Tensor {
  return mean(softplus(sub(b, a)));
}

/** BEGAN: diversity ratio γ, and the pace λ of its balance (Berthelot et al. 2017, section 3.4 and 4). */
const DIVERSITY = 0.75;
const BALANCE_RATE = 0.001;
/**
 * EBGAN: the error that generated samples are pushed up to (Zhao et al. 2017, equation 2). Errors are means over values
 * in [−1, 1]: that of real digits falls to some 0.05 soon, and a grey image can be pushed up to 1 by answers of −1 and 1,
 * which teach G nothing; with a margin as high as that, G never leaves grey.
 */
const MARGIN = 0.2;

const table = {
  /** Goodfellow et al. 2014, end of section 3: G maximises log D(G(z)). */
  "non-saturating": {
    about: "D: cross-entropy; G: maximise log D(G(z))",
    hasTarget: true,
    border: 0,
    discriminator: crossEntropy,
    generator: (fake) => mean(softplus(neg(fake))),
  },
  /** Goodfellow et al. 2014, equation 1: G minimises log(1 − D(G(z))), whose gradient vanishes where D is sure. */
  minimax: {
    about: "D: cross-entropy; G: minimise log(1 − D(G(z)))",
    hasTarget: true,
    border: 0,
    discriminator: crossEntropy,
    generator: (fake) => neg(mean(softplus(fake))),
  },
  /** Mao et al. 2017, equation 9, without its factor ½: mean squared errors, as they are usually implemented. */
  lsgan: {
    about: "least squares to the targets 1 (real) and 0 (fake)",
    hasTarget: true,
    border: 0.5,
    discriminator: (real, fake, target) => add(mean(square(sub(real, target))), mean(square(fake))),
    generator: (fake) => mean(square(sub(fake, 1))),
  },
  /** Lim & Ye 2017, section 4; Miyato et al. 2018, equations 16 and 17. */
  hinge: {
    about: "D: margins of 1 on both sides; G: maximise the logit",
    border: 0,
    discriminator: (real, fake) => add(mean(max(sub(1, real), 0)), mean(max(add(fake, 1), 0))),
    generator: (fake) => neg(mean(fake)),
  },
  /** Arjovsky et al. 2017, equations 2 and 3. D must be kept Lipschitz, by clipping or a penalty. */
  wgan: {
    about: "difference of mean logits (Wasserstein distance); needs clipping or a gradient penalty",
    strongCritic: true,
    discriminator: (real, fake) => sub(mean(fake), mean(real)),
    generator: (fake) => neg(mean(fake)),
  },
  /** Jolicoeur-Martineau 2018, section 3.3 (RSGAN); Huang et al. 2024, equation 2 (RpGAN). */
  relativistic: {
    about: "cross-entropy of the difference of paired logits",
    discriminator: (real, fake) => preference(real, fake),
    generator: (fake, real) => preference(fake, real()),
  },
  /** Jolicoeur-Martineau 2018, section 4.2 (RaSGAN), both terms halved. */
  "relativistic-average": {
    about: "cross-entropy of the difference to the mean logit of the other kind",
    discriminator: (real, fake) => mul(add(preference(real, mean(fake)), preference(mean(real), fake)), 0.5),
    generator: (fake, real) => mul(add(preference(fake, mean(real())), preference(mean(fake), real())), 0.5),
  },
  /** Zhao et al. 2017, equations 2 and 3: the energy is the auto-encoder's squared error. */
  ebgan: {
    about: "D is an auto-encoder with small errors for real, errors above a margin for generated samples",
    strongCritic: true,
    autoencoder: "squared",
    discriminator: (real, fake) => add(neg(mean(real)), mean(max(add(fake, MARGIN), 0))),
    generator: (fake) => neg(mean(fake)),
  },
  /** Berthelot et al. 2017, section 3.4; k is kept in a slot. */
  began: {
    about: "D is an auto-encoder; its errors of real and generated samples are kept in balance",
    strongCritic: true,
    autoencoder: "absolute",
    discriminator(real, fake) {
      const balance = currentStore().slot("D.began.k", [], "control", zeros);
      const k = read(balance);
      const [realError, fakeError] = [neg(mean(real)), neg(mean(fake))];
      const moved = add(k, mul(sub(mul(realError, DIVERSITY), fakeError), BALANCE_RATE));
      assign(balance, min(max(moved, 0), 1));
      return sub(realError, mul(k, fakeError));
    },
    generator: (fake) => neg(mean(fake)),
  },
} satisfies Record<string, GanLoss>;

export type LossName = keyof typeof table;

/** Losses by name, as the command line and configurations call them. */
export const losses: Readonly<Record<LossName, GanLoss>> = table;
