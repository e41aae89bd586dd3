/** Cases of pooling and bilinear resampling. */
import { type Shape, showShape } from "../../src/core/shape.ts";
import type { PoolWindow } from "../../src/graph/primitives.ts";
import { windowCount } from "../../src/graph/shapes.ts";
import { make } from "../../src/graph/tensor.ts";
import { distinct, lattice, specials } from "../support/random.ts";
import { type Case, rough, smooth, variant } from "./case.ts";

type Resampling =
  | "averagePool"
  | "averagePoolGrad"
  | "maxPoolPick"
  | "maxPoolScatter"
  | "bilinear"
  | "bilinearGrad";

interface Pooling {
  readonly label: string;
  readonly window: PoolWindow;
  readonly x: Shape;
  readonly y: Shape;
}

function pooling(label: string, x: Shape, window: Partial<PoolWindow>): Pooling {
  const full: PoolWindow = {
    kernelHeight: 2,
    kernelWidth: 2,
    strideY: 2,
    strideX: 2,
    padTop: 0,
    padBottom: 0,
    padLeft: 0,
    padRight: 0,
    ...window,
  };
  const height = windowCount(x[1], full.kernelHeight, full.strideY, full.padTop, full.padBottom);
  const width = windowCount(x[2], full.kernelWidth, full.strideX, full.padLeft, full.padRight);
  return { label, window: full, x, y: [x[0], height, width, x[3]] };
}

export const poolings: readonly Pooling[] = [
  pooling("2×2", [2, 6, 8, 3], {}),
  pooling("2×2, odd sizes", [1, 7, 5, 2], {}),
  pooling("1×1, stride 1", [1, 3, 2, 4], { kernelHeight: 1, kernelWidth: 1, strideY: 1, strideX: 1 }),
  pooling("overlapping", [2, 7, 7, 5], { kernelHeight: 3, kernelWidth: 3 }),
  pooling("gaps between windows", [1, 8, 9, 2], { strideY: 3, strideX: 4 }),
  pooling("3×3, padding 1", [2, 7, 6, 3], {
    kernelHeight: 3,
    kernelWidth: 3,
    padTop: 1,
    padBottom: 1,
    padLeft: 1,
    padRight: 1,
  }),
  pooling("unequal in all ways", [1, 5, 9, 17], {
    kernelHeight: 2,
    kernelWidth: 4,
    strideY: 1,
    strideX: 3,
    padTop: 1,
    padLeft: 2,
    padRight: 3,
  }),
  pooling("the whole image", [3, 4, 4, 6], { kernelHeight: 4, kernelWidth: 4 }),
];

/** Input and output sizes. */
export const scalings: readonly (readonly [x: Shape, outHeight: number, outWidth: number])[] = [
  [[2, 4, 5, 3], 8, 10],
  [[1, 1, 1, 2], 3, 4],
  [[1, 3, 5, 2], 7, 11],
  [[2, 8, 6, 3], 4, 3],
  [[1, 7, 9, 2], 3, 4],
  [[1, 4, 4, 17], 4, 4],
  [[1, 2, 8, 1], 6, 3],
];

const scalingLabel = (x: Shape, outHeight: number, outWidth: number) => `${showShape(x)} to ${outHeight}×${outWidth}`;

export const resamplingCases: { readonly [O in Resampling]: Case } = {
  averagePool: {
    rounding: "accumulated",
    variants: poolings.map(({ label, window, x }) =>
      variant(
        label,
        [smooth(x)],
        (inputs) => make("averagePool", window, inputs),
        window.kernelHeight * window.kernelWidth,
      )
    ),
  },
  averagePoolGrad: {
    rounding: "accumulated",
    variants: poolings.map(({ label, window, x, y }) =>
      variant(
        label,
        [smooth(y)],
        (inputs) => make("averagePoolGrad", { ...window, inHeight: x[1], inWidth: x[2] }, inputs),
        window.kernelHeight * window.kernelWidth,
      )
    ),
  },
  maxPoolPick: {
    rounding: "exact",
    variants: [
      ...poolings.map(({ label, window, x }) =>
        variant(label, [smooth(x, distinct), smooth(x)], (inputs) => make("maxPoolPick", window, inputs))
      ),
      ...poolings.map(({ label, window, x }) =>
        variant(`${label}, ties`, [rough(x, lattice(2)), smooth(x)], (inputs) => make("maxPoolPick", window, inputs))
      ),
      ...poolings.map(({ label, window, x }) =>
        variant(`${label}, NaN`, [rough(x, specials), smooth(x)], (inputs) => make("maxPoolPick", window, inputs))
      ),
      ...poolings.map(({ label, window, x }) =>
        variant(`${label}, of itself`, [smooth(x, distinct)], ([x]) => make("maxPoolPick", window, [x, x]))
      ),
    ],
  },
  maxPoolScatter: {
    rounding: "accumulated",
    variants: poolings.flatMap(({ label, window, x, y }) =>
      [distinct, lattice(2)].map((fill, ties) =>
        variant(
          ties === 0 ? label : `${label}, ties`,
          [ties === 0 ? smooth(x, fill) : rough(x, fill), smooth(y)],
          (inputs) => make("maxPoolScatter", window, inputs),
          window.kernelHeight * window.kernelWidth,
        )
      )
    ),
  },
  bilinear: {
    rounding: "accumulated",
    variants: scalings.map(([x, outHeight, outWidth]) =>
      variant(
        scalingLabel(x, outHeight, outWidth),
        [smooth(x)],
        (inputs) => make("bilinear", { outHeight, outWidth }, inputs),
        4,
      )
    ),
  },
  bilinearGrad: {
    rounding: "accumulated",
    variants: scalings.map(([x, outHeight, outWidth]) =>
      variant(
        scalingLabel(x, outHeight, outWidth),
        [smooth([x[0], outHeight, outWidth, x[3]])],
        (inputs) => make("bilinearGrad", { inHeight: x[1], inWidth: x[2] }, inputs),
        4 * Math.ceil(outHeight / x[1]) * Math.ceil(outWidth / x[2]),
      )
    ),
  },
};
