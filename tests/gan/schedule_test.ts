import assert from "node:assert/strict";
import { type Schedule, scheduled, valueAt } from "../../src/gan/schedule.ts";
import { literal, mul } from "../../src/graph/ops.ts";
import { runner } from "../nn/run.ts";

const cosine: Schedule = { shape: "cosine", from: 1, to: 0.1, steps: 8 };
const linear: Schedule = { ...cosine, shape: "linear" };

Deno.test("a schedule goes from its first value to its last over its steps and stays there", () => {
  for (const setting of [cosine, linear]) {
    assert.deepEqual([0, 8, 9, 1e9].map((step) => valueAt(setting, step)), [1, 0.1, 0.1, 0.1]);
    assert.ok(Math.abs(valueAt(setting, 4) - 0.55) < 1e-15, "half way");
    for (let step = 0; step < 8; step++) assert.ok(valueAt(setting, step) > valueAt(setting, step + 1));
  }
  assert.ok(Math.abs(valueAt(linear, 2) - 0.775) < 1e-15);
  // 0.1 + 0.9·(1 + cos(π/4))/2
  assert.ok(Math.abs(valueAt(cosine, 2) - (0.1 + 0.45 * (1 + Math.SQRT1_2))) < 1e-15);
  assert.deepEqual([0, 5].map((step) => valueAt({ ...cosine, from: 0, to: 2, steps: 0 }, step)), [2, 2]);
  assert.deepEqual([0, 5].map((step) => valueAt(0.3, step)), [0.3, 0.3]);
});

Deno.test("in a trace a constant setting is a number, one that follows a schedule an input", async () => {
  const twice = (setting: number | Schedule) => () => ({ y: mul(literal([2], []), scheduled("noise", setting)) });
  const constant = await runner(twice(3));
  assert.deepEqual([[...constant.program.inputs.keys()], (await constant.run()).y], [[], [6]]);
  const moving = await runner(twice(cosine));
  assert.deepEqual([...moving.program.inputs.keys()], ["noise"]);
  assert.deepEqual((await moving.run({ noise: Float32Array.of(5) })).y, [10]);
});
