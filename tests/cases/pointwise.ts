/** Cases of the pointwise primitives. Sizes lie around the interpreter's block of 512 elements. */
import { type Shape, showShape } from "../../src/core/shape.ts";
import * as ops from "../../src/graph/ops.ts";
import type { BinaryOp, UnaryOp } from "../../src/graph/primitives.ts";
import {
  awayFromZero,
  between,
  type Fill,
  lattice,
  magnitudes,
  normals,
  positiveMagnitudes,
  specials,
} from "../support/random.ts";
import type { Rounding } from "../support/tolerance.ts";
import { type Case, type Operand, rough, smooth, type Variant, variant } from "./case.ts";

const shapes: readonly Shape[] = [[], [1], [7], [511], [512], [513], [3, 1, 5], [2, 3, 17, 11]];

/**
 * @param fill values around which the function is smooth.
 * @param wide values over the whole range that matters, checked without gradients.
 */
function unary(op: UnaryOp, rounding: Rounding, fill: Fill, wide: Fill): Case {
  const build: Variant["build"] = ([x]) => ops[op](x);
  return {
    rounding,
    variants: [
      ...shapes.map((shape) => variant(showShape(shape), [smooth(shape, fill)], build)),
      variant("wide range", [rough([1031], wide)], build),
      variant("special values", [rough([67], specials)], build),
    ],
  };
}

const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[7], [7]],
  [[513], []],
  [[], [511]],
  [[4, 5, 6], [5, 1]],
  [[4, 5, 6], [6]],
  [[6], [4, 5, 6]],
  [[3, 1, 5], [1, 7, 1]],
  [[2, 3, 4, 5], [2, 3, 4, 5]],
  [[2, 1, 3, 1, 2, 1], [1, 2, 1, 3, 1, 2]],
  [[8, 67], [8, 1]],
];

interface BinaryValues {
  readonly a: Fill;
  readonly b: Fill;
  /** Values without gradients: ties, poles, large exponents. */
  readonly rough: readonly [label: string, a: Fill, b: Fill][];
}

function binary(op: BinaryOp, rounding: Rounding, values: BinaryValues): Case {
  const build: Variant["build"] = ([a, b]) => ops[op](a, b);
  return {
    rounding,
    variants: [
      ...broadcasts.map(([a, b]) =>
        variant(`${showShape(a)} and ${showShape(b)}`, [smooth(a, values.a), smooth(b, values.b)], build)
      ),
      ...values.rough.map(([label, a, b]) => variant(label, [rough([5, 103], a), rough([103], b)], build)),
    ],
  };
}

const special: BinaryValues["rough"][number] = ["special values", specials, specials];
const ties: BinaryValues["rough"][number] = ["ties", lattice(0.5), lattice(0.5)];

/** Never equal, at least a quarter apart. */
const apart = { a: lattice(0.5), b: lattice(0.5, 0.25), rough: [ties, special] } as const;

const selectShapes: readonly (readonly [Shape, Shape, Shape])[] = [
  [[7], [7], [7]],
  [[], [513], [513]],
  [[4, 1], [1, 5], []],
  [[2, 3, 5], [5], [3, 1]],
];

/** Zeros and ones, and others that are not zero. */
const conditions: Fill = lattice(1);

export const pointwiseCases: { readonly [O in UnaryOp | BinaryOp | "select" | "detach"]: Case } = {
  neg: unary("neg", "exact", normals, magnitudes(-120, 120)),
  abs: unary("abs", "exact", awayFromZero(0.1, 3), magnitudes(-120, 120)),
  sign: unary("sign", "exact", awayFromZero(0.1, 3), magnitudes(-120, 120)),
  floor: unary("floor", "exact", lattice(0.5, 0.25), magnitudes(-10, 40)),
  exp: unary("exp", "elementary", between(-4, 4), between(-87, 88)),
  log: unary("log", "elementary", between(0.1, 6), positiveMagnitudes(-125, 127)),
  log1p: unary("log1p", "elementary", between(-0.8, 4), positiveMagnitudes(-40, 100)),
  expm1: unary("expm1", "elementary", between(-3, 3), magnitudes(-40, 6.4)),
  sqrt: unary("sqrt", "rounded", between(0.1, 9), positiveMagnitudes(-125, 127)),
  tanh: unary("tanh", "elementary", between(-3, 3), magnitudes(-40, 6)),
  sigmoid: unary("sigmoid", "elementary", between(-6, 6), between(-80, 80)),
  softplus: unary("softplus", "elementary", between(-6, 6), between(-80, 80)),
  erf: unary("erf", "elementary", between(-3, 3), magnitudes(-40, 3)),

  add: binary("add", "rounded", { a: normals, b: normals, rough: [special] }),
  sub: binary("sub", "rounded", { a: normals, b: normals, rough: [special, ties] }),
  mul: binary("mul", "rounded", {
    a: normals,
    b: normals,
    rough: [special, ["wide range", magnitudes(-60, 60), magnitudes(-60, 60)]],
  }),
  div: binary("div", "rounded", {
    a: normals,
    b: awayFromZero(0.5, 2),
    rough: [special, ["wide range", magnitudes(-60, 60), magnitudes(-60, 60)]],
  }),
  min: binary("min", "exact", apart),
  max: binary("max", "exact", apart),
  pow: binary("pow", "elementary", {
    a: between(0.3, 3),
    b: between(-3, 3),
    rough: [
      ["negative bases, whole exponents", awayFromZero(0.3, 3), lattice(1)],
      ["squares", normals, () => Float32Array.from({ length: 103 }, () => 2)],
    ],
  }),
  less: binary("less", "exact", apart),
  lessEqual: binary("lessEqual", "exact", apart),
  equal: binary("equal", "exact", apart),

  select: {
    rounding: "exact",
    variants: [
      ...selectShapes.map(([c, a, b]) =>
        variant(
          `${showShape(c)}, ${showShape(a)}, ${showShape(b)}`,
          [rough(c, conditions), smooth(a), smooth(b)],
          ([c, a, b]) => ops.select(c, a, b),
        )
      ),
      variant(
        "special values",
        [1, 2, 3].map((): Operand => rough([129], specials)),
        ([c, a, b]) => ops.select(c, a, b),
      ),
    ],
  },
  detach: {
    rounding: "exact",
    variants: [variant("matrix", [rough([3, 5], normals)], ([x]) => ops.detach(x))],
  },
};
