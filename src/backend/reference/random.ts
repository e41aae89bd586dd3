/** Random primitives: element i is a pure function of (seed, stream, draw, i), defined in `core/random.ts`. */
import { normals, uniforms } from "../../core/random.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Rules } from "./rule.ts";

export const randomRules: Rules<"uniform" | "normal"> = {
  uniform: ({ stream }, _, output, { draw: { seed, draw } }) => uniforms(sizeOf(output), seed, stream, draw),
  normal: ({ stream }, _, output, { draw: { seed, draw } }) => normals(sizeOf(output), seed, stream, draw),
};
