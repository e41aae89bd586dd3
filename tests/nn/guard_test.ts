import assert from "node:assert/strict";
import { add, mul } from "../../src/graph/ops.ts";
import { assign, input, read, slot } from "../../src/graph/trace.ts";
import { commitIfFinite, FINITE_FLAG } from "../../src/nn/guard.ts";
import { zeros } from "../../src/nn/initializers.ts";
import { runner } from "./run.ts";

/** A program that adds `step` to `sum` twice and judges by `step`. */
function counting() {
  return runner(() => {
    const total = slot("sum", [2], "parameter", zeros);
    const step = input("step", []);
    assign(total, add(read(total), step));
    assign(total, add(read(total), step));
    return { finite: commitIfFinite([step, mul(step, step)]) };
  });
}

for (const bad of [NaN, Infinity, -Infinity]) {
  Deno.test(`nothing is committed when a witness is ${bad}, nor afterwards until the flag is reset`, async () => {
    const { engine, run } = await counting();
    assert.deepEqual(await run({ step: Float32Array.of(1) }), { finite: [1] });
    assert.deepEqual(Array.from(engine.read("sum")), [2, 2]);
    assert.deepEqual(await run({ step: Float32Array.of(bad) }), { finite: [0] });
    assert.deepEqual(await run({ step: Float32Array.of(1) }), { finite: [0] });
    assert.deepEqual(Array.from(engine.read("sum")), [2, 2]);
    engine.write(FINITE_FLAG, [1]);
    assert.deepEqual(await run({ step: Float32Array.of(1) }), { finite: [1] });
    assert.deepEqual(Array.from(engine.read("sum")), [4, 4]);
  });
}
