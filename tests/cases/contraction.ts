/** Cases of matrix products and convolutions. Sizes lie around register tiles (6, 8, 16) and depth blocks (256). */
import type { Shape } from "../../src/core/shape.ts";
import { type ConvOptions, convWindow, matmul } from "../../src/graph/ops.ts";
import type { ConvWindow } from "../../src/graph/primitives.ts";
import { windowCount } from "../../src/graph/shapes.ts";
import { make } from "../../src/graph/tensor.ts";
import { type Case, smooth, type Variant, variant } from "./case.ts";

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch?: Shape;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const products: readonly Product[] = [
  { m: 1, n: 1, k: 1 },
  { m: 12, n: 10, k: 1 },
  { m: 13, n: 17, k: 11 },
  { m: 13, n: 17, k: 11, transposeA: true },
  { m: 13, n: 17, k: 11, transposeB: true },
  { m: 13, n: 17, k: 11, transposeA: true, transposeB: true },
  { m: 1, n: 1, k: 300 },
  { m: 1, n: 31, k: 7 },
  { m: 29, n: 1, k: 5, transposeB: true },
  { m: 5, n: 7, k: 255 },
  { m: 6, n: 8, k: 256 },
  { m: 7, n: 9, k: 257 },
  { m: 97, n: 33, k: 19, transposeA: true },
  { m: 4, n: 6, k: 5, batch: [3] },
  { m: 7, n: 2, k: 3, batch: [2, 3], transposeA: true },
  { m: 7, n: 9, k: 3, batch: [2, 1, 2], transposeB: true },
  // A single row or column: a matrix times a vector, by rows and by columns, in every way that it can lie.
  { m: 261, n: 1, k: 130 },
  { m: 67, n: 1, k: 129, transposeA: true },
  { m: 67, n: 1, k: 129, transposeA: true, transposeB: true },
  { m: 1, n: 300, k: 257 },
  { m: 1, n: 67, k: 129, transposeA: true },
  { m: 1, n: 131, k: 513, transposeB: true },
  { m: 1, n: 2, k: 37, transposeA: true, transposeB: true },
  { m: 1, n: 3, k: 5 },
  { m: 1, n: 1, k: 4099, transposeA: true },
  { m: 9, n: 1, k: 6, batch: [5], transposeB: true },
  { m: 35, n: 1, k: 4, batch: [2, 3], transposeA: true },
  { m: 1, n: 35, k: 6, batch: [3] },
  { m: 1, n: 5, k: 40, batch: [2, 2], transposeB: true },
];

function product({ m, n, k, batch = [], transposeA = false, transposeB = false }: Product): Variant {
  const names = [`${[...batch, m].join("×")}×${n} over ${k}`, transposeA ? "Aᵀ" : "", transposeB ? "Bᵀ" : ""];
  return variant(
    names.filter((name) => name !== "").join(", "),
    [smooth([...batch, ...(transposeA ? [k, m] : [m, k])]), smooth([...batch, ...(transposeB ? [n, k] : [k, n])])],
    ([a, b]) => matmul(a, b, { transposeA, transposeB }),
    k,
  );
}

/** A convolution with all its shapes, from which the cases of its three faces are made. */
export interface Convolution {
  readonly label: string;
  readonly window: ConvWindow;
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  /** Whether the WASM backend has fast forms for its three faces. */
  readonly fast: boolean;
}

function convolution(label: string, x: Shape, w: Shape, options: ConvOptions & Partial<ConvWindow>): Convolution {
  const { stride: _, padding: __, dilation: ___, ...exact } = options;
  const window: ConvWindow = { ...convWindow(options), ...exact };
  const { strideY, strideX, padTop, padBottom, padLeft, padRight, dilationY, dilationX } = window;
  const height = windowCount(x[1], w[1], strideY, padTop, padBottom, dilationY);
  const width = windowCount(x[2], w[2], strideX, padLeft, padRight, dilationX);
  return { label, window, x, w, y: [x[0], height, width, w[0]], fast: false };
}

/** A convolution that has fast forms. */
function fastConvolution(...convolved: Parameters<typeof convolution>): Convolution {
  return { ...convolution(...convolved), fast: true };
}

export const convolutions: readonly Convolution[] = [
  convolution("1×1", [2, 5, 7, 3], [4, 1, 1, 3], {}),
  convolution("one of everything", [1, 1, 1, 1], [1, 1, 1, 1], {}),
  convolution("3×3, padding 1", [2, 6, 5, 3], [4, 3, 3, 3], { padding: 1 }),
  fastConvolution("3×3, padding 1, many channels", [2, 8, 8, 16], [24, 3, 3, 16], { padding: 1 }),
  convolution("4×4, stride 2, padding 1", [2, 8, 6, 5], [7, 4, 4, 5], { stride: 2, padding: 1 }),
  convolution("4×4, stride 2, padding 1, many channels", [1, 16, 16, 12], [18, 4, 4, 12], { stride: 2, padding: 1 }),
  convolution("3×3, stride 2, padding 1, odd sizes", [1, 7, 5, 3], [2, 3, 3, 3], { stride: 2, padding: 1 }),
  convolution("3×3, stride 2, rows left over", [1, 8, 10, 2], [3, 3, 3, 2], { stride: 2 }),
  convolution("3×3, stride 3", [2, 11, 10, 2], [3, 3, 3, 2], { stride: 3 }),
  convolution("5×5, padding 2, one channel", [2, 9, 7, 1], [3, 5, 5, 1], { padding: 2 }),
  convolution("1×1, stride 2", [2, 5, 6, 3], [2, 1, 1, 3], { stride: 2 }),
  convolution("2×2, stride 2", [1, 6, 8, 3], [5, 2, 2, 3], { stride: 2 }),
  convolution("as large as the image", [3, 4, 4, 6], [1, 4, 4, 6], {}),
  convolution("larger than the image", [1, 2, 3, 2], [3, 5, 5, 2], { padding: 2 }),
  convolution("padding as large as the kernel", [1, 3, 3, 2], [2, 2, 2, 2], { padding: 2 }),
  convolution("dilation 2", [1, 9, 8, 3], [4, 3, 3, 3], { dilation: 2, padding: 2 }),
  convolution("dilation 2, stride 2", [1, 11, 9, 2], [3, 3, 3, 2], { dilation: 2, stride: 2, padding: 1 }),
  convolution("2 groups", [2, 5, 5, 4], [6, 3, 3, 2], { groups: 2, padding: 1 }),
  convolution("4 groups, stride 2", [1, 8, 8, 8], [4, 4, 4, 2], { groups: 4, stride: 2, padding: 1 }),
  convolution("one group a channel", [2, 6, 5, 5], [5, 3, 3, 1], { groups: 5, padding: 1 }),
  convolution("1×3 kernel", [2, 4, 9, 3], [4, 1, 3, 3], { padLeft: 1, padRight: 1 }),
  convolution("unequal strides, paddings and dilations", [2, 9, 8, 3], [4, 3, 2, 3], {
    strideY: 2,
    strideX: 1,
    padTop: 1,
    padBottom: 2,
    padLeft: 0,
    padRight: 3,
    dilationY: 1,
    dilationX: 2,
  }),
  convolution("few channels, 4×4, stride 2, padding 1", [2, 16, 16, 3], [16, 4, 4, 3], { stride: 2, padding: 1 }),
  convolution("few channels, 4×4, stride 2, odd sizes", [3, 15, 21, 3], [32, 4, 4, 3], { stride: 2, padding: 2 }),
  convolution("few channels, 3×3, padding 1", [1, 7, 9, 3], [16, 3, 3, 3], { padding: 1 }),
  convolution("few channels, 3×3, stride 2", [2, 9, 13, 2], [16, 3, 3, 2], { stride: 2, padding: 1 }),
  convolution("few channels, many bands", [2, 26, 36, 1], [16, 3, 3, 1], { padding: 1 }),
  convolution("few channels, 5×5, rows left over", [1, 12, 20, 4], [48, 5, 5, 4], {
    stride: 1,
    padding: 2,
    strideY: 3,
  }),
  convolution("few channels, filters left over", [2, 8, 14, 3], [21, 2, 4, 3], { stride: 2, padding: 1 }),
  convolution("prime channels", [1, 7, 11, 13], [17, 3, 3, 13], { padding: 1 }),
  // Whole chunks of 8 channels; grids that are no multiples of tiles of 4 × 4, several blocks of tiles and channels.
  fastConvolution("4×4, stride 2, 8 to 24 channels", [2, 10, 6, 8], [24, 4, 4, 8], { stride: 2, padding: 1 }),
  fastConvolution("4×4, stride 2, 16 to 8 channels", [1, 18, 14, 16], [8, 4, 4, 16], { stride: 2 }),
  fastConvolution("4×4, stride 2, padding 2", [1, 10, 6, 8], [16, 4, 4, 8], { stride: 2, padding: 2 }),
  fastConvolution("4×4, stride 2, rows left over", [1, 11, 7, 8], [8, 4, 4, 8], { stride: 2 }),
  fastConvolution("4×4, stride 2, few tiles", [3, 6, 6, 16], [40, 4, 4, 16], { stride: 2 }),
  fastConvolution("3×3", [2, 10, 6, 8], [8, 3, 3, 8], {}),
  fastConvolution("3×3, 40 channels", [1, 18, 14, 40], [8, 3, 3, 40], { padding: 1 }),
  fastConvolution("3×3, many tiles", [9, 16, 16, 8], [8, 3, 3, 8], { padding: 1 }),
  fastConvolution("2×2", [2, 10, 6, 8], [8, 2, 2, 8], {}),
  fastConvolution("2×2, padding 1, many tiles", [9, 15, 15, 8], [16, 2, 2, 8], { padding: 1 }),
  fastConvolution("6×6, stride 2", [1, 18, 14, 8], [16, 6, 6, 8], { stride: 2, padding: 2 }),
  fastConvolution("6×3, stride 2 along one axis, unequal paddings", [2, 10, 7, 8], [8, 6, 3, 8], {
    strideY: 2,
    strideX: 1,
    padTop: 3,
    padBottom: 1,
    padLeft: 0,
    padRight: 2,
  }),
  fastConvolution("3 groups of 8 to 16 channels, 3×3", [2, 10, 6, 24], [48, 3, 3, 8], { groups: 3, padding: 1 }),
  fastConvolution("2 groups of 40 to 8 channels, 3×3", [1, 16, 15, 80], [16, 3, 3, 40], { groups: 2 }),
  fastConvolution("2 groups of 8 channels, 3×3, many tiles", [5, 16, 15, 16], [16, 3, 3, 8], { groups: 2 }),
  fastConvolution("2 groups of 32 channels, 4×4, stride 2", [2, 10, 6, 64], [64, 4, 4, 32], {
    groups: 2,
    stride: 2,
    padding: 1,
  }),
  fastConvolution("4 groups of 8 channels, 4×4, stride 2, rows left over", [1, 11, 7, 32], [32, 4, 4, 8], {
    groups: 4,
    stride: 2,
  }),
  convolution("2 groups of 12 channels, 3×3", [1, 6, 6, 24], [16, 3, 3, 12], { groups: 2, padding: 1 }),
  convolution("2 groups of 8 to 4 channels, 3×3", [1, 6, 6, 16], [8, 3, 3, 8], { groups: 2, padding: 1 }),
];

export const contractionCases: {
  readonly [O in "matmul" | "conv2d" | "conv2dInputGrad" | "conv2dFilterGrad"]: Case;
} = {
  matmul: { rounding: "accumulated", variants: products.map(product) },
  conv2d: {
    rounding: "accumulated",
    variants: convolutions.map(({ label, window, x, w }) =>
      variant(label, [smooth(x), smooth(w)], (inputs) => make("conv2d", window, inputs), w[1] * w[2] * w[3])
    ),
  },
  conv2dInputGrad: {
    rounding: "accumulated",
    variants: convolutions.map(({ label, window, x, w, y }) =>
      variant(
        label,
        [smooth(y), smooth(w)],
        (inputs) => make("conv2dInputGrad", { ...window, inHeight: x[1], inWidth: x[2] }, inputs),
        w[1] * w[2] * w[0] / window.groups,
      )
    ),
  },
  conv2dFilterGrad: {
    rounding: "accumulated",
    variants: convolutions.map(({ label, window, x, w, y }) =>
      variant(
        label,
        [smooth(x), smooth(y)],
        (inputs) => make("conv2dFilterGrad", { ...window, kernelHeight: w[1], kernelWidth: w[2] }, inputs),
        y[0] * y[1] * y[2],
      )
    ),
  },
};
