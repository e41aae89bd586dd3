/** Random primitives: element i is a pure function of (seed, stream, draw, i), defined in `core/random.ts`. */
import { normal, type Stream, streamId, uniform } from "../../core/random.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Rule, Rules } from "./rule.ts";

type RandomOp = "uniform" | "normal";
type NumberAt = (seed: number, stream: Stream, draw: number, element: number) => number;

const elements = (numberAt: NumberAt): Rule<RandomOp> => ({ stream }, _, output, { draw: { seed, draw } }) => {
  const id = streamId(stream);
  return new Float64Array(sizeOf(output)).map((_, element) => numberAt(seed, id, draw, element));
};

export const randomRules: Rules<RandomOp> = { uniform: elements(uniform), normal: elements(normal) };
