import assert from "node:assert/strict";
import { ShapeError } from "../../src/core/errors.ts";
import { grad } from "../../src/graph/grad.ts";
import { mul, square, sum } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, read, trace } from "../../src/graph/trace.ts";
import { batchNorm, groupNorm, instanceNorm, layerNorm } from "../../src/nn/layers/normalization.ts";
import { slotsOf } from "../../src/nn/slots.ts";
import { assertNormClose } from "../support/assert.ts";
import { goldenTolerance } from "../support/tolerance.ts";
import { golden } from "./golden.ts";
import { runner } from "./run.ts";

const cases: [string, (x: Tensor) => Tensor][] = [
  ["batch_norm_1d", (x) => batchNorm("norm", x, "train")],
  ["batch_norm_2d", (x) => batchNorm("norm", x, "train")],
  ["layer_norm", (x) => layerNorm("norm", x)],
  ["instance_norm", (x) => instanceNorm("norm", x, { affine: true })],
  ["group_norm", (x) => groupNorm("norm", x, 3)],
];

for (const [name, layer] of cases) {
  Deno.test(`${name} equals PyTorch's: result, gradients, gradients of gradients`, async () => {
    const vectors = await golden(name);
    const get = (tensor: string) =>
      vectors.shape(tensor).length === 4 ? vectors.channelsLast(tensor) : vectors.values(tensor);
    const [first, ...rest] = vectors.shape("in.x");
    const shape = rest.length === 3 ? [first, rest[1], rest[2], rest[0]] : [first, ...rest];

    const { engine, run } = await runner(() => {
      const x = input("x", shape);
      const y = layer(x);
      const gamma = read(slotsOf("norm", "parameter")[0]);
      const beta = read(slotsOf("norm", "parameter")[1]);
      const [dx, dgamma, dbeta] = grad(sum(mul(y, input("dy", shape))), [x, gamma, beta]);
      const [ggx, ggGamma] = grad(sum(square(dx)), [x, gamma]);
      return {
        "out.y": y,
        "grad.x": dx,
        "grad.gamma": dgamma,
        "grad.beta": dbeta,
        "gg.x": ggx,
        "gg.gamma": ggGamma,
      };
    });
    engine.write("norm.weight", get("in.gamma"));
    engine.write("norm.bias", get("in.beta"));
    const found = await run({ x: get("in.x"), dy: get("cot.y") });
    for (const [tensor, values] of Object.entries(found)) {
      assertNormClose(`${name}, ${tensor}`, [values.length], values, get(tensor), goldenTolerance.float64);
    }
  });
}

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
