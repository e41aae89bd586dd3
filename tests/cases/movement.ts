/** Cases of the movement primitives. */
import { type Shape, showShape } from "../../src/core/shape.ts";
import * as ops from "../../src/graph/ops.ts";
import { indices, normals } from "../support/random.ts";
import { type Case, rough, smooth, variant } from "./case.ts";

type Movement =
  | "reshape"
  | "transpose"
  | "slice"
  | "pad"
  | "concat"
  | "broadcast"
  | "flip"
  | "gather"
  | "scatterAdd"
  | "oneHot";

const reshapes: readonly (readonly [Shape, Shape])[] = [
  [[], [1, 1]],
  [[12], [3, 4]],
  [[2, 3, 4], [4, 6]],
  [[5, 1, 7], [35]],
];

const transposes: readonly (readonly [Shape, readonly number[]])[] = [
  [[7], [0]],
  [[5, 3], [1, 0]],
  [[33, 65], [1, 0]],
  [[2, 3, 4, 5], [0, 3, 1, 2]],
  [[2, 3, 4, 5], [0, 2, 3, 1]],
  [[2, 3, 4, 5], [0, 2, 1, 3]],
  [[2, 1, 3, 2, 4, 3], [5, 3, 1, 0, 4, 2]],
];

const slices: readonly (readonly [Shape, readonly number[], readonly number[]])[] = [
  [[7], [2], [3]],
  [[7], [0], [7]],
  [[4, 5, 6], [1, 0, 2], [2, 5, 3]],
  [[4, 5, 6], [3, 4, 5], [1, 1, 1]],
  [[2, 9, 33], [0, 4, 0], [2, 5, 33]],
];

const pads: readonly (readonly [Shape, readonly number[], readonly number[]])[] = [
  [[3], [2], [1]],
  [[2, 3], [0, 0], [0, 0]],
  [[2, 5, 5, 3], [0, 1, 2, 0], [0, 2, 1, 0]],
  [[1, 1, 1], [3, 2, 1], [1, 2, 3]],
];

const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [[], [5]],
  [[1], [513]],
  [[6], [4, 6]],
  [[4, 1], [4, 6]],
  [[3, 1, 5, 1], [2, 3, 4, 5, 6]],
];

const flips: readonly (readonly [Shape, readonly number[]])[] = [
  [[7], [0]],
  [[3, 4, 5], [1]],
  [[3, 4, 5], [0, 2]],
  [[2, 3, 2], [0, 1, 2]],
  [[2, 3], []],
];

const concats: readonly (readonly [number, readonly Shape[]])[] = [
  [0, [[3]]],
  [0, [[3], [1], [5]]],
  [1, [[2, 3], [2, 4]]],
  [3, [[2, 3, 4, 5], [2, 3, 4, 1]]],
  [1, [[2, 1, 3], [2, 2, 3], [2, 5, 3], [2, 1, 3]]],
];

/** Table shape and index shape; the updates of a scatter follow from both. */
export const tables: readonly (readonly [Shape, Shape])[] = [
  [[5], [7]],
  [[1, 3], [4]],
  [[11, 8], [4, 6]],
  [[3, 2, 5], [2, 3]],
  [[17, 33], []],
];

const depths: readonly (readonly [Shape, number])[] = [[[], 3], [[7], 1], [[7], 10], [[3, 4], 5]];

export const movementCases: { readonly [O in Movement]: Case } = {
  reshape: {
    rounding: "exact",
    variants: reshapes.map(([from, to]) =>
      variant(`${showShape(from)} to ${showShape(to)}`, [smooth(from)], ([x]) => ops.reshape(x, to))
    ),
  },
  transpose: {
    rounding: "exact",
    variants: transposes.map(([shape, permutation]) =>
      variant(`${showShape(shape)} by ${permutation}`, [smooth(shape)], ([x]) => ops.transpose(x, permutation))
    ),
  },
  slice: {
    rounding: "exact",
    variants: slices.map(([shape, starts, sizes]) =>
      variant(`${showShape(sizes)} of ${showShape(shape)}`, [smooth(shape)], ([x]) => ops.slice(x, starts, sizes))
    ),
  },
  pad: {
    rounding: "exact",
    variants: pads.map(([shape, before, after]) =>
      variant(`${showShape(shape)} by ${before} and ${after}`, [smooth(shape)], ([x]) => ops.pad(x, before, after))
    ),
  },
  concat: {
    rounding: "exact",
    variants: concats.map(([axis, shapes]) =>
      variant(
        `${shapes.map(showShape).join(", ")} along ${axis}`,
        shapes.map((shape) => smooth(shape)),
        (tensors) => ops.concat(tensors, axis),
      )
    ),
  },
  broadcast: {
    rounding: "exact",
    variants: broadcasts.map(([from, to]) =>
      variant(`${showShape(from)} to ${showShape(to)}`, [smooth(from)], ([x]) => ops.broadcast(x, to))
    ),
  },
  flip: {
    rounding: "exact",
    variants: flips.map(([shape, axes]) =>
      variant(`${showShape(shape)} along ${axes}`, [smooth(shape)], ([x]) => ops.flip(x, axes))
    ),
  },
  gather: {
    rounding: "exact",
    variants: tables.map(([table, places]) =>
      variant(
        `${showShape(places)} of ${showShape(table)}`,
        [smooth(table), rough(places, indices(table[0]))],
        ([table, places]) => ops.gather(table, places),
      )
    ),
  },
  scatterAdd: {
    rounding: "accumulated",
    variants: tables.map(([table, places]) =>
      variant(
        `${showShape(places)} into ${showShape(table)}`,
        [rough(places, indices(table[0])), smooth([...places, ...table.slice(1)], normals)],
        ([places, updates]) => ops.scatterAdd(places, updates, table[0]),
        places.reduce((total, extent) => total * extent, 1),
      )
    ),
  },
  oneHot: {
    rounding: "exact",
    variants: depths.map(([shape, depth]) =>
      variant(`${showShape(shape)} of ${depth}`, [rough(shape, indices(depth))], ([x]) => ops.oneHot(x, depth))
    ),
  },
};
