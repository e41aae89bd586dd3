/** Generation by a discriminator: searching for an x that it likes. */
import * as duel from "../mod.ts";

const { add, detach, max, min, mul, normal, sum } = duel.ops;

/** Scores of samples [batch, …], [batch]. */
export type Judge = (x: duel.Tensor) => duel.Tensor;

export interface ClimbOptions {
  /** How often the gradient is asked for. */
  readonly steps: number;
  /** How far a step goes along the gradient. */
  readonly rate: number;
  /** Standard deviation of what is added at random in each step. */
  readonly noise: number;
  /** Values stay between minus and plus this. */
  readonly bound: number;
}

// #region The search for argmax D(x): up the gradient of D, with a little noise | 尋找 argmax D(x)：沿著 D 的梯度往上走，再加一點雜訊
/**
 * Samples that D likes better than x [batch, …]: x ← x + rate·∇D(x) + noise. With noise = √(2·rate) the search does not
 * end in the highest place but visits places in proportion to exp(D(x)) (Langevin dynamics; Welling & Teh 2011).
 */
export function climb(judge: Judge, x: duel.Tensor, { steps, rate, noise, bound }: ClimbOptions): duel.Tensor {
  for (let step = 0; step < steps; step++) {
    const [slope] = duel.grad(sum(judge(x)), [x]);
    const pushed = add(add(x, mul(slope, rate)), mul(normal(`push.${step}`, x.shape), noise));
    x = detach(max(min(pushed, bound), -bound));
  }
  return x;
}
// #endregion
