/**
 * The functions that build graphs: one for each primitive, and the few everybody expects on top of them. Operands may
 * be tensors or numbers. All throw ShapeError when shapes do not fit.
 */
import { normalAxis, sameShape, type Shape, sizeOf } from "../core/shape.ts";
import type { BinaryOp, ConvWindow, PoolWindow, UnaryOp } from "./primitives.ts";
import { make, type Tensor } from "./tensor.ts";

/** What pointwise functions take: a tensor, or a number that stands for a scalar. */
export type Operand = Tensor | number;

/** One number as a tensor of shape []. */
export function constant(value: number): Tensor {
  return make("constant", { value }, []);
}

/** A fixed table of numbers. */
export function literal(values: ArrayLike<number>, shape: Shape): Tensor {
  return make("literal", { values: Float32Array.from(values), shape }, []);
}

function tensor(operand: Operand): Tensor {
  return typeof operand === "number" ? constant(operand) : operand;
}

const unary = (op: UnaryOp) => (x: Operand): Tensor => make(op, {}, [tensor(x)]);
const binary = (op: BinaryOp) => (a: Operand, b: Operand): Tensor => make(op, {}, [tensor(a), tensor(b)]);

/** −x */
export const neg = unary("neg");
/** |x| */
export const abs = unary("abs");
/** −1, 0 or 1; its gradient is 0 */
export const sign = unary("sign");
/** The largest whole number that is not above x; its gradient is 0 */
export const floor = unary("floor");
/** eˣ */
export const exp = unary("exp");
/** Natural logarithm */
export const log = unary("log");
/** log(1 + x), exact near 0 */
export const log1p = unary("log1p");
/** eˣ − 1, exact near 0 */
export const expm1 = unary("expm1");
/** Square root */
export const sqrt = unary("sqrt");
/** Hyperbolic tangent */
export const tanh = unary("tanh");
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = unary("sigmoid");
/** log(1 + eˣ), exact for large |x| */
export const softplus = unary("softplus");
/** The error function */
export const erf = unary("erf");

/** a + b, broadcasting; so the following */
export const add = binary("add");
/** a − b */
export const sub = binary("sub");
/** a · b */
export const mul = binary("mul");
/** a / b */
export const div = binary("div");
/** The smaller of both; equal values share the gradient equally */
export const min = binary("min");
/** The larger of both; equal values share the gradient equally */
export const max = binary("max");
/** aᵇ for a > 0, or b a whole number */
export const pow = binary("pow");
/** 1 where a < b, else 0 */
export const less = binary("less");
/** 1 where a ≤ b, else 0 */
export const lessEqual = binary("lessEqual");
/** 1 where a = b, else 0 */
export const equal = binary("equal");

/** a where condition ≠ 0, else b */
export function select(condition: Operand, a: Operand, b: Operand): Tensor {
  return make("select", {}, [tensor(condition), tensor(a), tensor(b)]);
}

/** x² */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** x, through which no gradient flows */
export function detach(x: Tensor): Tensor {
  return make("detach", {}, [x]);
}

/** a [..., m, k] × b [..., k, n], leading axes equal; a transpose names the last two axes the other way round. */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
  return make("matmul", { transposeA, transposeB }, [a, b]);
}

/** Strides, paddings and the like as users give them: one number for both directions. */
export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

/** The same window in full. */
export function convWindow({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): ConvWindow {
  return {
    strideY: stride,
    strideX: stride,
    padTop: padding,
    padBottom: padding,
    padLeft: padding,
    padRight: padding,
    dilationY: dilation,
    dilationX: dilation,
    groups,
  };
}

/** Convolution (cross-correlation) of x [N, H, W, C] with filters w [O, kH, kW, C/groups]. */
export function conv2d(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  return make("conv2d", convWindow(options), [x, w]);
}

/**
 * Transposed convolution of y [N, H, W, I] with filters w [I, kH, kW, O/groups]: the input gradient of a convolution
 * that maps O to I channels. Result: [N, (H−1)·stride − 2·padding + dilation·(kH−1) + 1 + outputPadding, …, O].
 */
export function convTranspose2d(
  y: Tensor,
  w: Tensor,
  { outputPadding = 0, ...options }: ConvOptions & { readonly outputPadding?: number } = {},
): Tensor {
  const { stride = 1, padding = 0, dilation = 1 } = options;
  const size = (extent: number, kernel: number) =>
    (extent - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 + outputPadding;
  const attributes = {
    ...convWindow(options),
    inHeight: size(y.shape[1], w.shape[1]),
    inWidth: size(y.shape[2], w.shape[2]),
  };
  return make("conv2dInputGrad", attributes, [y, w]);
}

/** Axes to reduce: some, or all when left out. */
function axesOf(x: Tensor, axes?: readonly number[]): number[] {
  return axes ? axes.map((axis) => normalAxis(axis, x.rank)) : x.shape.map((_, axis) => axis);
}

/** Drops axes of extent 1. */
export function squeeze(x: Tensor, axes: readonly number[]): Tensor {
  const dropped = new Set(axes.map((axis) => normalAxis(axis, x.rank)));
  return reshape(x, x.shape.filter((_, axis) => !dropped.has(axis)));
}

interface ReduceOptions {
  /** Keep reduced axes with extent 1. */
  readonly keep?: boolean;
}

/** Sum over `axes` (all when left out). */
export function sum(x: Tensor, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Tensor {
  const reduced = axesOf(x, axes);
  const total = make("sum", { axes: reduced }, [x]);
  return keep ? total : squeeze(total, reduced);
}

/** Mean over `axes` (all when left out). */
export function mean(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  const count = axesOf(x, axes).reduce((product, axis) => product * x.shape[axis], 1);
  return mul(sum(x, axes, options), 1 / count);
}

/** Largest value over `axes`; equal values share the gradient equally. */
export function maxOver(x: Tensor, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Tensor {
  const reduced = axesOf(x, axes);
  const largest = make("maxOver", { axes: reduced }, [x]);
  return keep ? largest : squeeze(largest, reduced);
}

/** Index of the largest value along an axis (the first of equals), without that axis. */
export function argmax(x: Tensor, axis: number): Tensor {
  return squeeze(make("argmax", { axis: normalAxis(axis, x.rank) }, [x]), [axis]);
}

/** Running sums along an axis, from its end if `reverse`. */
export function cumulativeSum(x: Tensor, axis: number, reverse = false): Tensor {
  return make("cumulativeSum", { axis: normalAxis(axis, x.rank), reverse }, [x]);
}

/** The same elements in another shape; one extent may be −1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, extent) => extent === -1 ? product : product * extent, 1);
  const full = shape.map((extent) => extent === -1 ? sizeOf(x.shape) / known : extent);
  return make("reshape", { shape: full }, [x]);
}

/** Axis i of the result is axis permutation[i] of x. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return make("transpose", { permutation }, [x]);
}

/** `sizes` elements of each axis from `starts` on. */
export function slice(x: Tensor, starts: readonly number[], sizes: readonly number[]): Tensor {
  return make("slice", { starts, sizes }, [x]);
}

/** Zeros before and after each axis. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  return make("pad", { before, after }, [x]);
}

/** Tensors one behind the other along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return make("concat", { axis: tensors[0] ? normalAxis(axis, tensors[0].rank) : axis }, tensors);
}

/** x repeated along missing axes and those of extent 1. */
export function broadcast(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : make("broadcast", { shape }, [x]);
}

/** The order of elements turned round along the axes. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  return make("flip", { axes: axes.map((axis) => normalAxis(axis, x.rank)) }, [x]);
}

/** Rows of a table: table [rows, …rest] at indices → [...indices, …rest]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return make("gather", {}, [table, indices]);
}

/** Adds updates [...indices, …rest] into rows of zeros [rows, …rest]; the adjoint of `gather`. */
export function scatterAdd(indices: Tensor, updates: Tensor, rows: number): Tensor {
  return make("scatterAdd", { rows }, [indices, updates]);
}

/** indices → [...indices, depth], 1 at the index, else 0 */
export function oneHot(indices: Tensor, depth: number): Tensor {
  return make("oneHot", { depth }, [indices]);
}

interface PoolOptions {
  readonly kernel: number;
  /** The kernel size when left out. */
  readonly stride?: number;
  readonly padding?: number;
}

function poolWindow({ kernel, stride = kernel, padding = 0 }: PoolOptions): PoolWindow {
  return {
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideY: stride,
    strideX: stride,
    padTop: padding,
    padBottom: padding,
    padLeft: padding,
    padRight: padding,
  };
}

/** Mean of each window of x [N, H, W, C]; padding counts as zeros. */
export function averagePool(x: Tensor, options: PoolOptions): Tensor {
  return make("averagePool", poolWindow(options), [x]);
}

/** Largest value of each window of x [N, H, W, C]; of equal values the first gets the gradient. */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  return make("maxPoolPick", poolWindow(options), [x, x]);
}

/** Bilinear resampling of x [N, H, W, C] with half-pixel centres (PyTorch's align_corners = false). */
export function bilinear(x: Tensor, outHeight: number, outWidth: number): Tensor {
  return make("bilinear", { outHeight, outWidth }, [x]);
}

/** Each pixel of x [N, H, W, C] repeated factor × factor times. */
export function upsampleNearest(x: Tensor, factor: number): Tensor {
  const [images, height, width, channels] = x.shape;
  const spread = broadcast(reshape(x, [images, height, 1, width, 1, channels]), [
    images,
    height,
    factor,
    width,
    factor,
    channels,
  ]);
  return reshape(spread, [images, height * factor, width * factor, channels]);
}

/** Uniform numbers in [0, 1), new in each draw; `stream` names them: draws of different streams never meet. */
export function uniform(stream: string, shape: Shape): Tensor {
  return make("uniform", { stream, shape }, []);
}

/** Standard normal numbers, new in each draw; see `uniform`. */
export function normal(stream: string, shape: Shape): Tensor {
  return make("normal", { stream, shape }, []);
}

/** x where x > 0, else 0; the gradient at 0 is 0 */
export function relu(x: Tensor): Tensor {
  return select(less(0, x), x, 0);
}

/** x where x > 0, else slope · x */
export function leakyRelu(x: Tensor, slope = 0.2): Tensor {
  return select(less(0, x), x, mul(x, slope));
}

/** x where x > 0, else α·(eˣ − 1) */
export function elu(x: Tensor, alpha = 1): Tensor {
  return select(less(0, x), x, mul(expm1(min(x, 0)), alpha));
}

/** x · sigmoid(x), also called swish */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

/** x · Φ(x) with the normal distribution function Φ: the exact form, not the tanh one */
export function gelu(x: Tensor): Tensor {
  return mul(x, add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5));
}

/** log Σ exp(x) along an axis, kept with extent 1; the maximum is taken out first. */
export function logSumExp(x: Tensor, axis: number): Tensor {
  const largest = detach(maxOver(x, [axis], { keep: true }));
  return add(log(sum(exp(sub(x, largest)), [axis], { keep: true })), largest);
}

/** exp(x) / Σ exp(x) along an axis */
export function softmax(x: Tensor, axis: number): Tensor {
  return exp(sub(x, logSumExp(x, axis)));
}

/** Image elements in PyTorch's order: [N, H, W, C] → [N, C·H·W]. */
export function flatten(x: Tensor): Tensor {
  const [images, height, width, channels] = x.shape;
  const spatial = height * width === 1 || channels === 1;
  const ordered = spatial ? x : transpose(x, [0, 3, 1, 2]);
  return reshape(ordered, [images, channels * height * width]);
}

/** The inverse of `flatten`: [N, C·H·W] → [N, H, W, C]. */
export function unflatten(x: Tensor, height: number, width: number): Tensor {
  const images = x.shape[0];
  const channels = x.shape[1] / (height * width);
  if (height * width === 1 || channels === 1) return reshape(x, [images, height, width, channels]);
  return transpose(reshape(x, [images, channels, height, width]), [0, 2, 3, 1]);
}
