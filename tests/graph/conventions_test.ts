/** What gradients are where finite differences say nothing: at ties and kinks, and where no gradient flows. */
import assert from "node:assert/strict";
import { evaluate } from "../../src/backend/reference/evaluate.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { grad } from "../../src/graph/grad.ts";
import * as ops from "../../src/graph/ops.ts";
import type { Tensor } from "../../src/graph/tensor.ts";

const vector = (...values: number[]) => ops.literal(values, [values.length]);

/** The gradients of Σ y, and y's function of `wrt`, as plain arrays. */
function gradients(y: Tensor, wrt: readonly Tensor[]): number[][] {
  return evaluate(grad(ops.sum(y), wrt)).map((values) => [...values]);
}

Deno.test("equal operands of min and max share the gradient equally", () => {
  const [a, b] = [vector(1, 2, 3), vector(3, 2, 1)];
  assert.deepEqual(gradients(ops.min(a, b), [a, b]), [[1, 0.5, 0], [0, 0.5, 1]]);
  assert.deepEqual(gradients(ops.max(a, b), [a, b]), [[0, 0.5, 1], [1, 0.5, 0]]);
});

Deno.test("equal maxima share the gradient equally, over one axis or all", () => {
  const x = ops.literal([1, 4, 4, 2, 2, 2], [2, 3]);
  assert.deepEqual(gradients(ops.maxOver(x, [1]), [x]), [[0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3]]);
  assert.deepEqual(gradients(ops.maxOver(x), [x]), [[0, 0.5, 0.5, 0, 0, 0]]);
});

Deno.test("of equal values in a pooling window the first gets the gradient", () => {
  const x = ops.literal([5, 5, 5, 5, 1, 2, 2, 2], [2, 2, 2, 1]);
  assert.deepEqual(gradients(ops.maxPool(x, { kernel: 2 }), [x]), [[1, 0, 0, 0, 0, 1, 0, 0]]);
});

Deno.test("the gradient at a kink is that of PyTorch", () => {
  const x = vector(-1, 0, 1);
  assert.deepEqual(gradients(ops.relu(x), [x]), [[0, 0, 1]]);
  assert.deepEqual(gradients(ops.leakyRelu(x, 0.25), [x]), [[0.25, 0.25, 1]]);
  assert.deepEqual(gradients(ops.abs(x), [x]), [[-1, 0, 1]]);
});

Deno.test("no gradient flows through detach, steps, indices and comparisons", () => {
  const x = vector(0.5, 1.5);
  for (const blocked of [ops.detach(x), ops.sign(x), ops.floor(x), ops.less(x, 1), ops.argmax(x, 0)]) {
    assert.deepEqual(gradients(blocked, [x]), [[0, 0]]);
  }
  assert.deepEqual(gradients(ops.mul(ops.detach(x), x), [x]), [[0.5, 1.5]]);
});

Deno.test("a tensor that the loss does not depend on has the gradient zero", () => {
  const [x, other] = [vector(1, 2), vector(3, 4, 5)];
  assert.deepEqual(gradients(x, [other, x]), [[0, 0, 0], [1, 1]]);
});

Deno.test("a tensor that is used many times gets the sum of all gradients", () => {
  const x = vector(2, 3);
  const cube = ops.mul(ops.mul(x, x), x);
  assert.deepEqual(gradients(ops.add(cube, x), [x]), [[13, 28]]);
});

Deno.test("third derivatives come out of the same rules", () => {
  const x = vector(2);
  const [first] = grad(ops.sum(ops.pow(x, 5)), [x]);
  const [second] = grad(ops.sum(first), [x]);
  assert.deepEqual(gradients(second, [x]), [[240]]);
});

Deno.test("a square has a gradient at zero and below", () => {
  const x = vector(-3, 0);
  assert.deepEqual(gradients(ops.pow(x, 2), [x]).map((row) => row.map((v) => v + 0)), [[-6, 0]]);
});

Deno.test("only a scalar can be differentiated", () => {
  const x = vector(1, 2);
  assert.throws(() => grad(x, [x]), ShapeError);
});
