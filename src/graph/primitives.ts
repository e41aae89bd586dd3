/**
 * The closed set of primitives. Everything duel computes is a graph of these; shape rules, gradient rules, reference
 * evaluation and lowering are tables total over `Op`, so a missing rule does not compile.
 *
 * All values are float32 (float64 on the reference backend). Indices are whole numbers held in floats and checked by
 * the kernels that use them. Images are NHWC, filters OHWI ([outChannels, kernelHeight, kernelWidth, inChannels/groups]):
 * from PyTorch's NCHW and OIHW one permutation, (0, 2, 3, 1), leads to both.
 */
import type { Shape } from "../core/shape.ts";
import type { Slot } from "./store.ts";

/** Where a convolution's window lies: y at (oy, ox) sees x at (oy·stride + ky·dilation − pad, …). */
export interface ConvWindow {
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padBottom: number;
  readonly padLeft: number;
  readonly padRight: number;
  readonly dilationY: number;
  readonly dilationX: number;
  readonly groups: number;
}

/** Where a pooling window lies; padding counts as zeros (average) or is never chosen (maximum). */
export interface PoolWindow {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padBottom: number;
  readonly padLeft: number;
  readonly padRight: number;
}

// deno-lint-ignore ban-types
type None = {};

/** The attributes of each primitive; the keys of this interface *are* the set of primitives. */
export interface Attributes {
  // leaves
  /** A tensor the host fills before each run. */
  input: { readonly name: string; readonly shape: Shape };
  /** One number, of shape []. */
  constant: { readonly value: number };
  /** A fixed table of numbers. */
  literal: { readonly values: Float32Array; readonly shape: Shape };
  /** The value of a Store slot when the program starts. */
  slot: { readonly slot: Slot };

  // pointwise, operands broadcast
  neg: None;
  abs: None;
  sign: None;
  floor: None;
  exp: None;
  log: None;
  log1p: None;
  expm1: None;
  sqrt: None;
  tanh: None;
  sigmoid: None;
  softplus: None;
  erf: None;
  add: None;
  sub: None;
  mul: None;
  div: None;
  min: None;
  max: None;
  /** a^b for a > 0, or b a whole number */
  pow: None;
  /** 1 where a < b, else 0; so `lessEqual` and `equal`. Comparisons with NaN are 0. */
  less: None;
  lessEqual: None;
  equal: None;
  /** select(condition, a, b): a where condition ≠ 0, else b */
  select: None;
  /** The operand, through which no gradient flows. */
  detach: None;

  // contraction
  /** a [..., m, k] × b [..., k, n] with equal leading axes; the transposes name the last two axes the other way round. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** x NHWC, w OHWI → y */
  conv2d: ConvWindow;
  /** dy, w → dx of the given size; this *is* the transposed convolution. */
  conv2dInputGrad: ConvWindow & { readonly inHeight: number; readonly inWidth: number };
  /** x, dy → dw of the given kernel size */
  conv2dFilterGrad: ConvWindow & { readonly kernelHeight: number; readonly kernelWidth: number };

  // reduction; reduced axes stay with extent 1
  sum: { readonly axes: readonly number[] };
  maxOver: { readonly axes: readonly number[] };
  /** Index of the largest value along an axis (the first of equals). */
  argmax: { readonly axis: number };
  cumulativeSum: { readonly axis: number; readonly reverse: boolean };

  // movement
  reshape: { readonly shape: Shape };
  /** Axis i of the result is axis permutation[i] of the operand. */
  transpose: { readonly permutation: readonly number[] };
  slice: { readonly starts: readonly number[]; readonly sizes: readonly number[] };
  /** Zeros before and after each axis. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  concat: { readonly axis: number };
  /** To a shape the operand's broadcasts to. */
  broadcast: { readonly shape: Shape };
  flip: { readonly axes: readonly number[] };
  /** table [rows, …rest], indices → [...indices, …rest] */
  gather: None;
  /** indices, updates [...indices, …rest] → [rows, …rest] */
  scatterAdd: { readonly rows: number };
  /** indices → [...indices, depth] */
  oneHot: { readonly depth: number };

  // resampling, NHWC
  averagePool: PoolWindow;
  averagePoolGrad: PoolWindow & { readonly inHeight: number; readonly inWidth: number };
  /** x, values → values at the place of x's maximum in each window (the first of equals) */
  maxPoolPick: PoolWindow;
  /** x, dy → dy added at those places, shaped like x */
  maxPoolScatter: PoolWindow;
  /** Half-pixel centres (align_corners = false). */
  bilinear: { readonly outHeight: number; readonly outWidth: number };
  bilinearGrad: { readonly inHeight: number; readonly inWidth: number };

  // random, counter-based: element i of (stream, draw) under the run's seed
  uniform: { readonly stream: string; readonly shape: Shape };
  normal: { readonly stream: string; readonly shape: Shape };
}

export type Op = keyof Attributes;

export const unaryOps = [
  "neg",
  "abs",
  "sign",
  "floor",
  "exp",
  "log",
  "log1p",
  "expm1",
  "sqrt",
  "tanh",
  "sigmoid",
  "softplus",
  "erf",
] as const satisfies readonly Op[];

export const binaryOps = [
  "add",
  "sub",
  "mul",
  "div",
  "min",
  "max",
  "pow",
  "less",
  "lessEqual",
  "equal",
] as const satisfies readonly Op[];

export type UnaryOp = (typeof unaryOps)[number];
export type BinaryOp = (typeof binaryOps)[number];
/** Primitives that compute each element from the same element of their (broadcast) operands. */
export type PointwiseOp = UnaryOp | BinaryOp | "select";

const pointwiseOps: ReadonlySet<Op> = new Set<Op>([...unaryOps, ...binaryOps, "select"]);

/** Whether a primitive is pointwise, and so can be fused into a neighbouring kernel. */
export function isPointwise(op: Op): op is PointwiseOp {
  return pointwiseOps.has(op);
}
