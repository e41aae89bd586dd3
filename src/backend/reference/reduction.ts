/** Reductions: an element of the result from all operand elements that differ from it along some axes only. */
import { normalAxis, type Shape, sizeOf } from "../../core/shape.ts";
import { broadcastStrides, offsetsOf } from "./offsets.ts";
import { isLarger } from "./order.ts";
import type { Rules } from "./rule.ts";

/** For each element of the operand, the place of the result it goes to: reduced axes have extent 1 there. */
function targets(from: Shape, to: Shape): Int32Array {
  return offsetsOf(from, broadcastStrides(to, from));
}

/** A shape seen along one axis: [outer, length, inner]. */
function along(shape: Shape, axis: number): [outer: number, length: number, inner: number] {
  const at = normalAxis(axis, shape.length);
  return [sizeOf(shape.slice(0, at)), shape[at], sizeOf(shape.slice(at + 1))];
}

export const reductionRules: Rules<"sum" | "maxOver" | "argmax" | "cumulativeSum"> = {
  sum(_, [x], output) {
    const out = new Float64Array(sizeOf(output));
    targets(x.shape, output).forEach((target, i) => out[target] += x.values[i]);
    return out;
  },

  maxOver(_, [x], output) {
    const out = new Float64Array(sizeOf(output)).fill(-Infinity);
    targets(x.shape, output).forEach((target, i) => out[target] = Math.max(out[target], x.values[i]));
    return out;
  },

  argmax({ axis }, [x], output) {
    const [outer, length, inner] = along(x.shape, axis);
    const out = new Float64Array(sizeOf(output));
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) {
        const at = (k: number) => x.values[(i * length + k) * inner + j];
        let best = 0;
        for (let k = 1; k < length; k++) if (isLarger(at(k), at(best))) best = k;
        out[i * inner + j] = best;
      }
    }
    return out;
  },

  cumulativeSum({ axis, reverse }, [x], output) {
    const [outer, length, inner] = along(x.shape, axis);
    const out = new Float64Array(sizeOf(output));
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) {
        let sum = 0;
        for (let k = 0; k < length; k++) {
          const at = (i * length + (reverse ? length - 1 - k : k)) * inner + j;
          out[at] = sum += x.values[at];
        }
      }
    }
    return out;
  },
};
