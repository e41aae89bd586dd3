/** Noise that makes the largest of several numbers a random choice. */
import * as duel from "../mod.ts";

const { add, log, mul, neg, uniform } = duel.ops;

// #region Gumbel noise, −log(−log u): the largest of scores + noise is chosen in proportion to exp(score) | Gumbel 雜訊，−log(−log u)：分數加上它之後最大的那個，被選中的機率與 exp(分數) 成正比
/** Gumbel noise of a shape (Gumbel 1954), new in each draw. No u is 0 or 1: the noise is between −2.7 and 13.8. */
export function gumbel(stream: string, shape: duel.Shape): duel.Tensor {
  const u = add(mul(uniform(stream, shape), 0.999998), 1e-6);
  return neg(log(neg(log(u))));
}
// #endregion
