/** Random primitives: element i is a pure function of (seed, stream, draw, i), defined in `core/random.ts`. */
import { normal, uniform } from "../../core/random.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Rules } from "./rule.ts";

export const randomRules: Rules<"uniform" | "normal"> = {
  uniform: ({ stream }, _, output, { draw: { seed, draw } }) =>
    new Float64Array(sizeOf(output)).map((_, element) => uniform(seed, stream, draw, element)),
  normal: ({ stream }, _, output, { draw: { seed, draw } }) =>
    new Float64Array(sizeOf(output)).map((_, element) => normal(seed, stream, draw, element)),
};
