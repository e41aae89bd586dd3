/** Cases of the reductions. */
import { type Shape, showShape, sizeOf } from "../../src/core/shape.ts";
import { cumulativeSum } from "../../src/graph/ops.ts";
import { make } from "../../src/graph/tensor.ts";
import { distinct, lattice, normals, specials } from "../support/random.ts";
import { type Case, rough, smooth, variant } from "./case.ts";

const reductions: readonly (readonly [Shape, readonly number[]])[] = [
  [[1], [0]],
  [[7], [0]],
  [[1031], [0]],
  [[5, 6, 7], [0, 1, 2]],
  [[5, 6, 7], [0]],
  [[5, 6, 7], [1]],
  [[5, 6, 7], [2]],
  [[5, 6, 7], [0, 2]],
  [[5, 6, 7], [2, 0]],
  [[5, 6, 7], []],
  [[3, 1, 4], [1]],
  [[4, 5, 3, 8], [0, 1, 2]],
  [[4, 5, 3, 8], [1, 2]],
  [[2, 3, 2, 3, 2, 3], [1, 3, 5]],
  [[3, 513], [1]],
  [[513, 3], [0]],
];

const reductionLabel = (shape: Shape, axes: readonly number[]) =>
  `${showShape(shape)} over ${axes.length === 0 ? "nothing" : axes.join(", ")}`;

const axisCases: readonly (readonly [Shape, number])[] = [
  [[1], 0],
  [[17], 0],
  [[3, 5, 7], 0],
  [[3, 5, 7], 1],
  [[3, 5, 7], 2],
  [[4, 130], 1],
];

const argmaxVariants = axisCases.flatMap(([shape, axis]) =>
  ([["", smooth(shape, distinct)], [", ties", rough(shape, lattice(1))], [", NaN", rough(shape, specials)]] as const)
    .map(([what, operand]) =>
      variant(`${showShape(shape)} along ${axis}${what}`, [operand], (x) => make("argmax", { axis }, x))
    )
);

export const reductionCases: { readonly [O in "sum" | "maxOver" | "argmax" | "cumulativeSum"]: Case } = {
  sum: {
    rounding: "accumulated",
    variants: reductions.map(([shape, axes]) =>
      variant(
        reductionLabel(shape, axes),
        [smooth(shape, normals)],
        (x) => make("sum", { axes }, x),
        sizeOf(axes.map((axis) => shape[axis])),
      )
    ),
  },
  maxOver: {
    rounding: "exact",
    variants: [
      ...reductions.map(([shape, axes]) =>
        variant(reductionLabel(shape, axes), [smooth(shape, distinct)], (x) => make("maxOver", { axes }, x))
      ),
      variant("ties", [rough([9, 65], lattice(1))], (x) => make("maxOver", { axes: [1] }, x)),
    ],
  },
  argmax: { rounding: "exact", variants: argmaxVariants },
  cumulativeSum: {
    rounding: "accumulated",
    variants: axisCases.flatMap(([shape, axis]) =>
      [false, true].map((reverse) =>
        variant(
          `${showShape(shape)} along ${axis}${reverse ? ", reverse" : ""}`,
          [smooth(shape, normals)],
          ([x]) => cumulativeSum(x, axis, reverse),
          shape[axis],
        )
      )
    ),
  },
};
