/** Values and gradients of normalisation layers are compared with PyTorch's in `tests/golden_test.ts`. */
import assert from "node:assert/strict";
import { ShapeError } from "../../src/core/errors.ts";
import { grad } from "../../src/graph/grad.ts";
import { mul, sum } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { input, read, trace } from "../../src/graph/trace.ts";
import { constant } from "../../src/nn/initializers.ts";
import { batchNorm, groupNorm, type Norm, norm, norms } from "../../src/nn/layers/normalization.ts";
import { slotsOf } from "../../src/nn/slots.ts";
import { assertNear, assertSlopes, slopes } from "../support/differences.ts";
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

Deno.test("a condition adds its linear functions to γ and β of a batch norm, sample by sample", async () => {
  const [samples, pixels, channels, classes] = [3, 2, 2, 2];
  const point = {
    x: Array.from({ length: samples * pixels * channels }, (_, i) => Math.sin(3 * i)),
    condition: [1, 0, 0, 1, 0.5, -2],
    scale: [0.3, -0.2, 0.7, 0.4],
    shift: [-0.6, 0.1, 0.2, 0.9],
  };
  const weights = point.x.map((_, i) => Math.cos(i));
  const [gamma, beta] = [[1.5, 0.5], [0.2, -0.1]];
  /** Σ weights · y; statistics are those of a batch if none are given. */
  const formula = ({ x, condition, scale, shift }: typeof point, running?: number[][]) => {
    let total = 0;
    for (let c = 0; c < channels; c++) {
      const values = x.filter((_, i) => i % channels === c);
      const mean = running?.[0][c] ?? values.reduce((a, b) => a + b) / values.length;
      const variance = running?.[1][c] ?? values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      values.forEach((value, i) => {
        const sample = Math.floor(i / pixels);
        const linear = (w: readonly number[]) =>
          w[classes * c] * condition[classes * sample] + w[classes * c + 1] * condition[classes * sample + 1];
        const y = (value - mean) / Math.sqrt(variance + 1e-5) * (gamma[c] + linear(scale)) + beta[c] + linear(shift);
        total += weights[channels * i + c] * y;
      });
    }
    return total;
  };
  for (const mode of ["train", "evaluate"] as const) {
    const { engine, run } = await runner(() => {
      const x = input("x", [samples, 1, pixels, channels]);
      const condition = input("condition", [samples, classes]);
      const y = sum(mul(batchNorm("norm", x, mode, { condition }), input("weights", x.shape)));
      const [dx, dcondition, ...others] = grad(y, [x, condition, ...slotsOf("norm", "parameter").map(read)]);
      const names = slotsOf("norm", "parameter").map(({ name }) => name);
      const of = (name: string) => others[names.indexOf(`norm.condition.${name}`)];
      return { y, x: dx, condition: dcondition, scale: of("weight"), shift: of("bias") };
    });
    const running = [[0.3, -0.2], [1.5, 0.6]];
    engine.write("norm.running_mean", running[0]);
    engine.write("norm.running_var", running[1]);
    engine.write("norm.weight", gamma);
    engine.write("norm.bias", beta);
    assert.deepEqual([...engine.read("norm.condition.weight")], [0, 0, 0, 0], "starts at zero");
    engine.write("norm.condition.weight", point.scale);
    engine.write("norm.condition.bias", point.shift);
    const floats = { x: Float64Array.from(point.x), condition: Float64Array.from(point.condition) };
    const found = await run({ ...floats, weights: Float64Array.from(weights) });
    const expected = (at: typeof point) => formula(at, mode === "evaluate" ? running : undefined);
    assertNear(mode, found.y, [expected(point)]);
    for (const name of ["x", "condition", "scale", "shift"] as const) {
      assertSlopes(`${mode}, by ${name}`, found[name], slopes(expected, point, name));
    }
  }
});

Deno.test("norms by name: over the batch, over each sample, over each channel of it, or not at all", async () => {
  const x = Float64Array.from({ length: 2 * 3 * 2 }, (_, i) => (i * i) % 11);
  /** What is normalised together: the numbers of the same group. */
  const groups: Record<Norm, (i: number) => number> = {
    batch: (i) => i % 2,
    layer: (i) => Math.floor(i / 6),
    instance: (i) => 2 * Math.floor(i / 6) + i % 2,
    none: (i) => i,
  };
  for (const kind of norms) {
    const { engine, store, run } = await runner(() => ({
      y: norm(kind, "train", { initializer: constant(2) })("norm", input("x", [2, 3, 1, 2])),
    }));
    const scaled = store.slots().filter((slot) => slot.kind === "parameter").map(({ name }) => name).sort();
    assert.deepEqual(scaled, kind === "none" ? [] : ["norm.bias", "norm.weight"]);
    if (kind !== "none") engine.write("norm.bias", engine.read("norm.bias").fill(1));
    const expected = Array.from(x, (value, i) => {
      const own = x.filter((_, j) => groups[kind](j) === groups[kind](i));
      const mean = own.reduce((a, b) => a + b) / own.length;
      const variance = own.reduce((total, one) => total + (one - mean) ** 2, 0) / own.length;
      return kind === "none" ? value : 2 * (value - mean) / Math.sqrt(variance + 1e-5) + 1;
    });
    assertNear(kind, (await run({ x })).y, expected);
  }
});

Deno.test("batch norm refuses to train on one value a channel", () => {
  const body = () => ({ y: batchNorm("norm", input("x", [1, 1, 1, 8]), "train") });
  assert.throws(() => trace(new Store(1), "test", body), ShapeError);
});

Deno.test("group norm refuses groups that do not divide the channels", () => {
  const body = () => ({ y: groupNorm("norm", input("x", [1, 2, 2, 8]), 3) });
  assert.throws(() => trace(new Store(1), "test", body), ShapeError);
});
