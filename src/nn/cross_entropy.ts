/** Cross-entropy of classes. */
import { logSumExp, mean, mul, sub, sum } from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Mean over the batch of −Σ target · log softmax(logits); both [batch, classes], rows of `target` sum to 1. */
export function crossEntropy(logits: Tensor, target: Tensor): Tensor {
  return mean(sub(logSumExp(logits, 1), sum(mul(logits, target), [1], { keep: true })));
}
