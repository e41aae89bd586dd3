/** What D learns where nobody but D generates. */
import * as duel from "../../mod.ts";

const { add, mean, mul, square, sub } = duel.ops;

// #region D learns: high scores for real samples, low ones for negatives | D 學習：真實樣本給高分，負樣本給低分
/**
 * The loss of the scores of real samples and of negatives. The restraint keeps scores from growing for ever where both
 * are far apart: if negatives stay the same, with a density q, the best D(x) is (p − q) / (p + q) / (2·restraint).
 */
export function scoreLoss(real: duel.Tensor, negative: duel.Tensor, restraint: number): duel.Tensor {
  const sizes = mean(add(square(real), square(negative)));
  return add(sub(mean(negative), mean(real)), mul(sizes, restraint));
}
// #endregion
