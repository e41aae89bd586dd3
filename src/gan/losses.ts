/**
 * Losses of generative adversarial networks. D gives one logit a sample, high for real; all losses are means over the
 * batch, in logits, so that nothing saturates or overflows.
 */
import { add, max, mean, neg, softplus, square, sub } from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";

export interface GanLoss {
  readonly about: string;
  /** What D minimises, from the logits of real and generated samples, [batch] each. */
  discriminator(real: Tensor, fake: Tensor): Tensor;
  /** What G minimises. Losses that compare with real samples ask for their logits, paired by index. */
  generator(fake: Tensor, real: () => Tensor): Tensor;
}

/** Cross-entropy of D: −log D(x) − log(1 − D(G(z))), D = sigmoid(logit) (Goodfellow et al. 2014, equation 1). */
function crossEntropy(real: Tensor, fake: Tensor): Tensor {
  return add(mean(softplus(neg(real))), mean(softplus(fake)));
}

const table = {
  /** Goodfellow et al. 2014, end of section 3: G maximises log D(G(z)). */
  "non-saturating": {
    about: "D: cross-entropy; G: maximise log D(G(z))",
    discriminator: crossEntropy,
    generator: (fake) => mean(softplus(neg(fake))),
  },
  /** Goodfellow et al. 2014, equation 1: G minimises log(1 − D(G(z))), whose gradient vanishes where D is sure. */
  minimax: {
    about: "D: cross-entropy; G: minimise log(1 − D(G(z)))",
    discriminator: crossEntropy,
    generator: (fake) => neg(mean(softplus(fake))),
  },
  /** Mao et al. 2017, equation 9, without its factor ½: mean squared errors, as they are usually implemented. */
  lsgan: {
    about: "least squares to the targets 1 (real) and 0 (fake)",
    discriminator: (real, fake) => add(mean(square(sub(real, 1))), mean(square(fake))),
    generator: (fake) => mean(square(sub(fake, 1))),
  },
  /** Lim & Ye 2017, section 4; Miyato et al. 2018, equations 16 and 17. */
  hinge: {
    about: "D: margins of 1 on both sides; G: maximise the logit",
    discriminator: (real, fake) => add(mean(max(sub(1, real), 0)), mean(max(add(fake, 1), 0))),
    generator: (fake) => neg(mean(fake)),
  },
  /** Arjovsky et al. 2017, equations 2 and 3. D must be kept Lipschitz, by clipping or a penalty. */
  wgan: {
    about: "difference of mean logits (Wasserstein distance); needs clipping or a gradient penalty",
    discriminator: (real, fake) => sub(mean(fake), mean(real)),
    generator: (fake) => neg(mean(fake)),
  },
  /** Jolicoeur-Martineau 2018, section 3.3 (RSGAN); Huang et al. 2024, equation 2. */
  relativistic: {
    about: "cross-entropy of the difference of paired logits",
    discriminator: (real, fake) => mean(softplus(sub(fake, real))),
    generator: (fake, real) => mean(softplus(sub(real(), fake))),
  },
} satisfies Record<string, GanLoss>;

export type LossName = keyof typeof table;

/** Losses by name, as the command line and configurations call them. */
export const losses: Readonly<Record<LossName, GanLoss>> = table;
