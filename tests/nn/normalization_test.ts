/** Values and gradients of normalisation layers are compared with PyTorch's in `tests/golden_test.ts`. */
import assert from "node:assert/strict";
import { ShapeError } from "../../src/core/errors.ts";
import { grad } from "../../src/graph/grad.ts";
import { sum } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { input, read, trace } from "../../src/graph/trace.ts";
import { batchNorm, groupNorm } from "../../src/nn/layers/normalization.ts";
import { slotsOf } from "../../src/nn/slots.ts";
import { runner } from "./run.ts";

/** The batch 1, 2, 3, 6 in one channel: mean 3, biased variance 3.5, unbiased 14/3. */
const batch = Float32Array.of(1, 2, 3, 6);

Deno.test("batch norm moves its running statistics by the momentum, with the unbiased variance", async () => {
  const { engine, run } = await runner(() => ({ y: batchNorm("norm", input("x", [4, 1]), "train") }));
  await run({ x: batch });
  assert.ok(Math.abs(engine.read("norm.running_mean")[0] - 0.3) < 1e-12);
  assert.ok(Math.abs(engine.read("norm.running_var")[0] - (0.9 + 0.1 * 14 / 3)) < 1e-12);
  await run({ x: batch });
  assert.ok(Math.abs(engine.read("norm.running_mean")[0] - 0.57) < 1e-12);
});

Deno.test("two passes in one program move the running statistics twice, in order", async () => {
  const { engine, run } = await runner(() => ({
    a: batchNorm("norm", input("a", [4, 1]), "train"),
    b: batchNorm("norm", input("b", [4, 1]), "train"),
  }));
  await run({ a: batch, b: batch.map((x) => x + 10) });
  assert.ok(Math.abs(engine.read("norm.running_mean")[0] - (0.9 * 0.3 + 0.1 * 13)) < 1e-12);
});

Deno.test("batch norm in evaluation uses the running statistics and assigns nothing", async () => {
  const { engine, program, run } = await runner(() => ({ y: batchNorm("norm", input("x", [1, 2]), "evaluate") }));
  engine.write("norm.running_mean", [1, 2]);
  engine.write("norm.running_var", [4, 9]);
  engine.write("norm.weight", [3, 1]);
  engine.write("norm.bias", [0.5, 0]);
  const { y } = await run({ x: Float32Array.of(5, 8) });
  assert.ok(Math.abs(y[0] - 6.5) < 1e-4 && Math.abs(y[1] - 2) < 1e-4, `${y}`);
  assert.equal(program.assignments.size, 0);
});

Deno.test("no gradient flows through the running statistics", async () => {
  const { run } = await runner(() => {
    const x = input("x", [4, 1]);
    batchNorm("norm", x, "train");
    const [dx] = grad(sum(read(slotsOf("norm", "statistic")[0])), [x]);
    return { dx };
  });
  assert.deepEqual((await run({ x: batch })).dx, [0, 0, 0, 0]);
});

Deno.test("batch norm refuses to train on one value a channel", () => {
  const body = () => ({ y: batchNorm("norm", input("x", [1, 1, 1, 8]), "train") });
  assert.throws(() => trace(new Store(1), "test", body), ShapeError);
});

Deno.test("group norm refuses groups that do not divide the channels", () => {
  const body = () => ({ y: groupNorm("norm", input("x", [1, 2, 2, 8]), 3) });
  assert.throws(() => trace(new Store(1), "test", body), ShapeError);
});
