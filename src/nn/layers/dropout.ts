/** Dropout (Srivastava et al. 2014), scaled in training so that evaluation needs nothing. */
import { UsageError } from "../../core/errors.ts";
import { lessEqual, mul, select, uniform } from "../../graph/ops.ts";
import { currentScope, type Tensor } from "../../graph/tensor.ts";
import { freshStream } from "../../graph/trace.ts";
import { layer, type Mode } from "./layer.ts";

/**
 * In training: each element is 0 with probability `rate`, else x / (1 − rate). In evaluation: x. Each use in a trace
 * draws a mask of its own.
 */
export function dropout(name: string, x: Tensor, mode: Mode, rate = 0.5): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new UsageError(`${name}: the dropout rate is ${rate}; expected at least 0 and below 1`);
  }
  return layer(name, `dropout ${rate}`, () => {
    if (mode === "evaluate" || rate === 0) return x;
    const kept = lessEqual(rate, uniform(freshStream(currentScope()), x.shape));
    return select(kept, mul(x, 1 / (1 - rate)), 0);
  });
}
