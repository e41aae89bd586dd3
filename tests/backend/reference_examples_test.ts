/**
 * Each primitive on numbers small enough to check by eye. Finite differences and adjoints only show that a rule and its
 * gradient agree with each other; these show that they mean what their names say.
 */
import assert from "node:assert/strict";
import { evaluate } from "../../src/backend/reference/evaluate.ts";
import type { Shape } from "../../src/core/shape.ts";
import * as ops from "../../src/graph/ops.ts";
import { make, type Tensor } from "../../src/graph/tensor.ts";

const vector = (...values: number[]) => ops.literal(values, [values.length]);
/** 0, 1, 2 … */
const counted = (shape: Shape) =>
  ops.literal(Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, (_, i) => i), shape);

function assertValue(tensor: Tensor, shape: Shape, expected: readonly number[]): void {
  assert.deepEqual(tensor.shape, shape);
  // Adding 0 turns −0 into 0.
  assert.deepEqual([...evaluate([tensor])[0]].map((value) => value + 0), expected);
}

Deno.test("pointwise primitives on single numbers", () => {
  const [a, b] = [vector(-2, 0.5, 3, 4), vector(2, 0.5, -1, 0.5)];
  const expected: readonly (readonly [Tensor, readonly number[]])[] = [
    [ops.neg(a), [2, -0.5, -3, -4]],
    [ops.abs(a), [2, 0.5, 3, 4]],
    [ops.sign(vector(-2, 0, 3)), [-1, 0, 1]],
    [ops.floor(vector(-1.5, -1, 0.9, 2)), [-2, -1, 0, 2]],
    [ops.exp(vector(0)), [1]],
    [ops.log(vector(1)), [0]],
    [ops.log1p(vector(0)), [0]],
    [ops.expm1(vector(0)), [0]],
    [ops.sqrt(vector(0, 4, 9)), [0, 2, 3]],
    [ops.tanh(vector(0, 100)), [0, 1]],
    [ops.sigmoid(vector(0, 100)), [0.5, 1]],
    [ops.softplus(vector(100)), [100]],
    [ops.erf(vector(0, 100)), [0, 1]],
    [ops.add(a, b), [0, 1, 2, 4.5]],
    [ops.sub(a, b), [-4, 0, 4, 3.5]],
    [ops.mul(a, b), [-4, 0.25, -3, 2]],
    [ops.div(a, b), [-1, 1, -3, 8]],
    [ops.min(a, b), [-2, 0.5, -1, 0.5]],
    [ops.max(a, b), [2, 0.5, 3, 4]],
    [ops.pow(a, vector(3, 2, -1, 0.5)), [-8, 0.25, 1 / 3, 2]],
    [ops.less(a, b), [1, 0, 0, 0]],
    [ops.lessEqual(a, b), [1, 1, 0, 0]],
    [ops.equal(a, b), [0, 1, 0, 0]],
    [ops.select(vector(0, 1, -1, 0.5), a, b), [2, 0.5, 3, 4]],
    [ops.detach(a), [-2, 0.5, 3, 4]],
  ];
  for (const [tensor, values] of expected) assertValue(tensor, [values.length], values);
});

Deno.test("operands broadcast along missing axes and those of extent 1", () => {
  const column = ops.literal([10, 20], [2, 1]);
  assertValue(ops.add(column, vector(1, 2, 3)), [2, 3], [11, 12, 13, 21, 22, 23]);
  assertValue(ops.broadcast(column, [2, 2, 2]), [2, 2, 2], [10, 10, 20, 20, 10, 10, 20, 20]);
});

Deno.test("matrix products with and without transposes, one for each batch", () => {
  const [a, b] = [counted([2, 3]), counted([3, 2])];
  assertValue(ops.matmul(a, b), [2, 2], [10, 13, 28, 40]);
  assertValue(ops.matmul(a, a, { transposeB: true }), [2, 2], [5, 14, 14, 50]);
  assertValue(ops.matmul(b, b, { transposeA: true }), [2, 2], [20, 26, 26, 35]);
  assertValue(ops.matmul(a, b, { transposeA: true, transposeB: true }), [3, 3], [3, 9, 15, 4, 14, 24, 5, 19, 33]);
  assertValue(ops.matmul(counted([2, 1, 2]), counted([2, 2, 1])), [2, 1, 1], [1, 13]);
});

Deno.test("a filter with a single one reads the image at its tap", () => {
  const image = counted([1, 5, 6, 1]);
  const window = {
    ...ops.convWindow({}),
    strideY: 2,
    strideX: 3,
    padTop: 1,
    padBottom: 0,
    padLeft: 2,
    padRight: 1,
    dilationY: 1,
    dilationX: 2,
  };
  // Tap (1, 2) of a 2×3 kernel sees row 2·oy + 1 − 1 and column 3·ox + 2·2 − 2.
  const filter = ops.literal([0, 0, 0, 0, 0, 1], [1, 2, 3, 1]);
  assertValue(make("conv2d", window, [image, filter]), [1, 3, 2, 1], [2, 5, 14, 17, 26, 29]);
});

Deno.test("groups of channels do not see each other", () => {
  const pixel = ops.literal([1, 10, 100, 1000], [1, 1, 1, 4]);
  const filters = ops.literal([1, 2, 3, 4], [2, 1, 1, 2]);
  assertValue(ops.conv2d(pixel, filters, { groups: 2 }), [1, 1, 1, 2], [21, 4300]);
});

Deno.test("a transposed convolution spreads each pixel over its window", () => {
  const [pixels, filter] = [ops.literal([1, 10], [1, 1, 2, 1]), ops.literal([1, 2, 3, 4], [1, 2, 2, 1])];
  assertValue(ops.convTranspose2d(pixels, filter, { stride: 2 }), [1, 2, 4, 1], [1, 2, 10, 20, 3, 4, 30, 40]);
});

Deno.test("reductions over the axes that are named", () => {
  const x = counted([2, 3]);
  assertValue(ops.sum(x), [], [15]);
  assertValue(ops.sum(x, [0]), [3], [3, 5, 7]);
  assertValue(ops.sum(x, [1], { keep: true }), [2, 1], [3, 12]);
  assertValue(ops.maxOver(ops.neg(x), [-1]), [2], [0, -3]);
  assertValue(ops.argmax(ops.literal([1, 3, 3, 5, 4, 5], [2, 3]), 1), [2], [1, 0]);
  assertValue(ops.argmax(ops.literal([1, 3, 3, 5, 4, 5], [2, 3]), 0), [3], [1, 1, 1]);
  assertValue(ops.cumulativeSum(x, 1), [2, 3], [0, 1, 3, 3, 7, 12]);
  assertValue(ops.cumulativeSum(x, 0, true), [2, 3], [3, 5, 7, 3, 4, 5]);
});

Deno.test("movement puts every element in its place", () => {
  const x = counted([2, 3]);
  assertValue(ops.reshape(x, [3, 2]), [3, 2], [0, 1, 2, 3, 4, 5]);
  assertValue(ops.transpose(x, [1, 0]), [3, 2], [0, 3, 1, 4, 2, 5]);
  assertValue(ops.transpose(counted([1, 2, 3]), [2, 0, 1]), [3, 1, 2], [0, 3, 1, 4, 2, 5]);
  assertValue(ops.slice(x, [0, 1], [2, 2]), [2, 2], [1, 2, 4, 5]);
  assertValue(ops.pad(vector(1, 2), [2], [1]), [5], [0, 0, 1, 2, 0]);
  assertValue(ops.pad(ops.literal([7], [1, 1]), [1, 0], [0, 2]), [2, 3], [0, 0, 0, 7, 0, 0]);
  assertValue(ops.concat([vector(1), vector(2, 3)], 0), [3], [1, 2, 3]);
  assertValue(ops.concat([x, ops.literal([8, 9], [2, 1])], -1), [2, 4], [0, 1, 2, 8, 3, 4, 5, 9]);
  assertValue(ops.flip(x, [1]), [2, 3], [2, 1, 0, 5, 4, 3]);
  assertValue(ops.flip(x, [0, 1]), [2, 3], [5, 4, 3, 2, 1, 0]);
});

Deno.test("indices name rows", () => {
  const table = counted([3, 2]);
  assertValue(ops.gather(table, vector(2, 0, 2)), [3, 2], [4, 5, 0, 1, 4, 5]);
  assertValue(ops.scatterAdd(vector(2, 0, 2), table, 4), [4, 2], [2, 3, 0, 0, 4, 6, 0, 0]);
  assertValue(ops.oneHot(vector(1, 0), 3), [2, 3], [0, 1, 0, 1, 0, 0]);
});

Deno.test("pooling windows lie where strides and paddings say", () => {
  const window = {
    kernelHeight: 2,
    kernelWidth: 3,
    strideY: 1,
    strideX: 2,
    padTop: 1,
    padBottom: 0,
    padLeft: 0,
    padRight: 2,
  };
  const x = counted([1, 2, 4, 1]);
  assertValue(make("averagePool", window, [ops.mul(x, 6)]), [1, 2, 2, 1], [3, 5, 18, 18]);
  assertValue(make("maxPoolPick", window, [x, ops.neg(x)]), [1, 2, 2, 1], [-2, -3, -6, -7]);
  assertValue(make("averagePoolGrad", { ...window, inHeight: 2, inWidth: 4 }, [ops.mul(counted([1, 2, 2, 1]), 6)]), [
    1,
    2,
    4,
    1,
  ], [2, 2, 6, 4, 2, 2, 5, 3]);
  assertValue(make("maxPoolScatter", window, [x, counted([1, 2, 2, 1])]), [1, 2, 4, 1], [0, 0, 0, 1, 0, 0, 2, 3]);
});

Deno.test("bilinear resampling mixes the nearest centres, and its adjoint gives back the same shares", () => {
  const x = ops.literal([0, 4], [1, 1, 2, 1]);
  assertValue(ops.bilinear(x, 1, 4), [1, 1, 4, 1], [0, 1, 3, 4]);
  assertValue(ops.bilinear(x, 2, 1), [1, 2, 1, 1], [2, 2]);
  const dy = ops.literal([1, 10, 100, 1000], [1, 1, 4, 1]);
  assertValue(make("bilinearGrad", { inHeight: 1, inWidth: 2 }, [dy]), [1, 1, 2, 1], [33.5, 1077.5]);
});

Deno.test("images flatten in PyTorch's order of elements", () => {
  const x = counted([1, 1, 2, 3]);
  assertValue(ops.flatten(x), [1, 6], [0, 3, 1, 4, 2, 5]);
  assertValue(ops.unflatten(ops.flatten(x), 1, 2), [1, 1, 2, 3], [0, 1, 2, 3, 4, 5]);
});
