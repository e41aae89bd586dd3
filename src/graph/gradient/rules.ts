/**
 * The gradient of each primitive, in the same primitives, so that gradients can be differentiated again. A rule gives
 * the gradient of operand `index` from dy, the gradient of the result; undefined means zero everywhere. It may leave
 * the result as large as y: `grad` sums over what was broadcast.
 */
import * as ops from "../ops.ts";
import type { Attributes, BinaryOp, ConvWindow, Op, UnaryOp } from "../primitives.ts";
import { make, type Tensor } from "../tensor.ts";

type GradientRule<O extends Op> = (y: Tensor<O>, dy: Tensor, index: number) => Tensor | undefined;

const none = () => undefined;

const unaryRules: { readonly [O in UnaryOp]: GradientRule<O> } = {
  neg: (_, dy) => ops.neg(dy),
  abs: ({ inputs: [x] }, dy) => ops.mul(dy, ops.sign(x)),
  sign: none,
  floor: none,
  exp: (y, dy) => ops.mul(dy, y),
  log: ({ inputs: [x] }, dy) => ops.div(dy, x),
  log1p: ({ inputs: [x] }, dy) => ops.div(dy, ops.add(x, 1)),
  expm1: (y, dy) => ops.mul(dy, ops.add(y, 1)),
  sqrt: (y, dy) => ops.div(ops.mul(dy, 0.5), y),
  tanh: (y, dy) => ops.mul(dy, ops.sub(1, ops.mul(y, y))),
  sigmoid: (y, dy) => ops.mul(dy, ops.mul(y, ops.sub(1, y))),
  softplus: ({ inputs: [x] }, dy) => ops.mul(dy, ops.sigmoid(x)),
  erf: ({ inputs: [x] }, dy) => ops.mul(dy, ops.mul(ops.exp(ops.neg(ops.mul(x, x))), 2 / Math.sqrt(Math.PI))),
};

/** Gradient of the extreme of a and b: all of it to the one that is, half where they are equal. */
function extremeShare(dy: Tensor, strict: Tensor, a: Tensor, b: Tensor): Tensor {
  return ops.mul(dy, ops.add(strict, ops.mul(ops.equal(a, b), 0.5)));
}

const binaryRules: { readonly [O in BinaryOp]: GradientRule<O> } = {
  add: (_, dy) => dy,
  sub: (_, dy, index) => index === 0 ? dy : ops.neg(dy),
  mul: ({ inputs }, dy, index) => ops.mul(dy, inputs[1 - index]),
  div: (y, dy, index) => index === 0 ? ops.div(dy, y.inputs[1]) : ops.neg(ops.div(ops.mul(dy, y), y.inputs[1])),
  min: ({ inputs: [a, b] }, dy, index) => extremeShare(dy, index === 0 ? ops.less(a, b) : ops.less(b, a), a, b),
  max: ({ inputs: [a, b] }, dy, index) => extremeShare(dy, index === 0 ? ops.less(b, a) : ops.less(a, b), a, b),
  pow: (y, dy, index) => {
    const [a, b] = y.inputs;
    return index === 0 ? ops.mul(dy, ops.mul(b, ops.pow(a, ops.sub(b, 1)))) : ops.mul(dy, ops.mul(y, ops.log(a)));
  },
  less: none,
  lessEqual: none,
  equal: none,
};

function matmulRule({ attributes, inputs: [a, b] }: Tensor<"matmul">, dy: Tensor, index: number): Tensor {
  const { transposeA, transposeB } = attributes;
  if (index === 0) {
    return transposeA
      ? ops.matmul(b, dy, { transposeA: transposeB, transposeB: true })
      : ops.matmul(dy, b, { transposeB: !transposeB });
  }
  return transposeB
    ? ops.matmul(dy, a, { transposeA: true, transposeB: transposeA })
    : ops.matmul(a, dy, { transposeA: !transposeA });
}

/** The trilinear form ⟨conv(x, w), dy⟩ has three faces, and each one's gradients are the other two. */
const face = {
  y: (window: ConvWindow, x: Tensor, w: Tensor) => make("conv2d", onlyWindow(window), [x, w]),
  dx: (window: ConvWindow, dy: Tensor, w: Tensor, x: Tensor) =>
    make("conv2dInputGrad", { ...onlyWindow(window), inHeight: x.shape[1], inWidth: x.shape[2] }, [dy, w]),
  dw: (window: ConvWindow, x: Tensor, dy: Tensor, w: Tensor) =>
    make("conv2dFilterGrad", { ...onlyWindow(window), kernelHeight: w.shape[1], kernelWidth: w.shape[2] }, [x, dy]),
};

/** A window without the sizes that the gradients' faces carry. */
function onlyWindow(window: ConvWindow): ConvWindow {
  const { strideY, strideX, padTop, padBottom, padLeft, padRight, dilationY, dilationX, groups } = window;
  return { strideY, strideX, padTop, padBottom, padLeft, padRight, dilationY, dilationX, groups };
}

/** Operand `index` of a concatenation begins where the ones before it end. */
function concatRule({ attributes: { axis }, inputs }: Tensor<"concat">, dy: Tensor, index: number): Tensor {
  const starts = dy.shape.map(() => 0);
  starts[axis] = inputs.slice(0, index).reduce((total, operand) => total + operand.shape[axis], 0);
  return ops.slice(dy, starts, [...inputs[index].shape]);
}

function inverse(permutation: readonly number[]): number[] {
  const result = new Array<number>(permutation.length);
  permutation.forEach((from, to) => result[from] = to);
  return result;
}

function onlyPool<A extends Attributes["averagePool"]>(window: A): Attributes["averagePool"] {
  const { kernelHeight, kernelWidth, strideY, strideX, padTop, padBottom, padLeft, padRight } = window;
  return { kernelHeight, kernelWidth, strideY, strideX, padTop, padBottom, padLeft, padRight };
}

export const gradientRules: { readonly [O in Op]: GradientRule<O> } = {
  input: none,
  constant: none,
  literal: none,
  slot: none,

  ...unaryRules,
  ...binaryRules,
  select: ({ inputs: [condition] }, dy, index) =>
    index === 1 ? ops.select(condition, dy, 0) : index === 2 ? ops.select(condition, 0, dy) : undefined,
  detach: none,

  matmul: matmulRule,
  conv2d: ({ attributes, inputs: [x, w] }, dy, index) =>
    index === 0 ? face.dx(attributes, dy, w, x) : face.dw(attributes, x, dy, w),
  conv2dInputGrad: ({ attributes, inputs: [y, w] }, dy, index) =>
    index === 0 ? face.y(attributes, dy, w) : face.dw(attributes, dy, y, w),
  conv2dFilterGrad: ({ attributes, inputs: [x, y] }, dy, index) =>
    index === 0 ? face.dx(attributes, y, dy, x) : face.y(attributes, x, dy),

  sum: ({ inputs: [x] }, dy) => ops.broadcast(dy, x.shape),
  maxOver: (y, dy) => {
    const [x] = y.inputs;
    const largest = ops.equal(x, y);
    const count = make("sum", { axes: y.attributes.axes }, [largest]);
    return ops.mul(largest, ops.div(dy, count));
  },
  argmax: none,
  cumulativeSum: ({ attributes: { axis, reverse } }, dy) => ops.cumulativeSum(dy, axis, !reverse),

  reshape: ({ inputs: [x] }, dy) => ops.reshape(dy, x.shape),
  transpose: ({ attributes: { permutation } }, dy) => ops.transpose(dy, inverse(permutation)),
  slice: ({ attributes: { starts, sizes }, inputs: [x] }, dy) =>
    ops.pad(dy, starts, x.shape.map((extent, axis) => extent - starts[axis] - sizes[axis])),
  pad: ({ attributes: { before }, inputs: [x] }, dy) => ops.slice(dy, before, [...x.shape]),
  concat: concatRule,
  broadcast: (_, dy) => dy,
  flip: ({ attributes: { axes } }, dy) => ops.flip(dy, axes),
  gather: ({ inputs: [table, indices] }, dy, index) =>
    index === 0 ? ops.scatterAdd(indices, dy, table.shape[0]) : undefined,
  scatterAdd: ({ inputs: [indices] }, dy, index) => index === 1 ? ops.gather(dy, indices) : undefined,
  oneHot: none,

  averagePool: ({ attributes, inputs: [x] }, dy) =>
    make("averagePoolGrad", { ...attributes, inHeight: x.shape[1], inWidth: x.shape[2] }, [dy]),
  averagePoolGrad: ({ attributes }, dy) => make("averagePool", onlyPool(attributes), [dy]),
  maxPoolPick: ({ attributes, inputs: [x] }, dy, index) =>
    index === 1 ? make("maxPoolScatter", attributes, [x, dy]) : undefined,
  maxPoolScatter: ({ attributes, inputs: [x] }, dy, index) =>
    index === 1 ? make("maxPoolPick", attributes, [x, dy]) : undefined,
  bilinear: ({ inputs: [x] }, dy) => make("bilinearGrad", { inHeight: x.shape[1], inWidth: x.shape[2] }, [dy]),
  bilinearGrad: ({ inputs: [y] }, dy) => ops.bilinear(dy, y.shape[1], y.shape[2]),

  uniform: none,
  normal: none,
};
