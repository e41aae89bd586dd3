/** Codes of variational auto-encoders: normal distributions with a mean and a deviation for each number. */
import * as duel from "../mod.ts";

const { add, exp, mean, mul, normal, slice, square, sub, sum } = duel.ops;

/** Where the code of each sample is, and how far noise moves it: [batch, code] both. */
export interface CodeDistribution {
  readonly center: duel.Tensor;
  /** s = log σ */
  readonly logSd: duel.Tensor;
}

/** The two halves of what an encoder says, [batch, 2·code]. */
export function distributionOf(encoded: duel.Tensor): CodeDistribution {
  const [batch, both] = encoded.shape;
  const part = (from: number) => slice(encoded, [0, from], [batch, both / 2]);
  return { center: part(0), logSd: part(both / 2) };
}

// #region The code of a VAE is m + eˢ·ε, and its KL term keeps it near a normal distribution | VAE 的碼是 m + eˢ·ε，KL 項讓它一直接近常態分佈
/** m + eˢ·ε with ε drawn anew in each step. */
export function drawn({ center, logSd }: CodeDistribution): duel.Tensor {
  return add(center, mul(exp(logSd), normal("noise", center.shape)));
}

/**
 * The divergence of N(m, σ²) from N(0, 1), summed over a code, on average (Kingma & Welling 2014, appendix B):
 * ½ Σ m² + σ² − 2·log σ − 1. Its part σ² − 2·log σ is lowest at σ = 1: without it, σ would vanish.
 */
export function klToNormal({ center, logSd }: CodeDistribution): duel.Tensor {
  const each = sub(add(square(center), exp(mul(logSd, 2))), add(mul(logSd, 2), 1));
  return mul(mean(sum(each, [1])), 0.5);
}
// #endregion
