/** Cases of the primitives that values come from: leaves and random numbers. */
import { type Shape, showShape, sizeOf } from "../../src/core/shape.ts";
import { constant, literal, normal, uniform } from "../../src/graph/ops.ts";
import { read, slot } from "../../src/graph/trace.ts";
import { normals, randomOf } from "../support/random.ts";
import { type Case, smooth, variant } from "./case.ts";

const shapes: readonly Shape[] = [[], [1], [3, 5], [511], [513]];

/** Around the four words of a Philox block and the interpreter's block. */
const randomShapes: readonly Shape[] = [[], [1], [3], [4], [5], [7, 73], [513], [2, 3, 4, 5]];

const table = (shape: Shape) => normals(randomOf("table"), sizeOf(shape));

export const sourceCases: {
  readonly [O in "input" | "constant" | "literal" | "slot" | "uniform" | "normal"]: Case;
} = {
  input: {
    rounding: "exact",
    variants: shapes.map((shape) => variant(showShape(shape), [smooth(shape)], ([x]) => x)),
  },
  constant: {
    rounding: "rounded",
    variants: [0, 0.1, -3, 1e30].map((value) => variant(`${value}`, [], () => constant(value))),
  },
  literal: {
    rounding: "exact",
    variants: shapes.map((shape) => variant(showShape(shape), [], () => literal(table(shape), shape))),
  },
  slot: {
    rounding: "exact",
    variants: shapes.map((shape) =>
      variant(
        showShape(shape),
        [],
        () => read(slot("slot", shape, "parameter", (values, shape) => values.set(table(shape)))),
      )
    ),
  },
  uniform: {
    rounding: "exact",
    variants: randomShapes.map((shape) => variant(showShape(shape), [], () => uniform("a stream", shape))),
  },
  // Normal numbers near 0 come from a cosine near 0: their error is one of the typical size, not of theirs.
  normal: {
    rounding: "accumulated",
    variants: randomShapes.map((shape) => variant(showShape(shape), [], () => normal("a stream", shape))),
  },
};
