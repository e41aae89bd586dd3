/** What a trace gives the host, and which calls it refuses. */
import assert from "node:assert/strict";
import { DuelError, InternalError, ShapeError } from "../../src/core/errors.ts";
import { add, literal, mul } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { input, trace, watch } from "../../src/graph/trace.ts";
import { runner } from "../nn/run.ts";

Deno.test("a watched value can be read after each run, and is the tensor it was", async () => {
  const { run, engine } = await runner(() => {
    const x = input("x", [2]);
    const doubled = mul(x, 2);
    assert.equal(watch("doubled", doubled), doubled);
    return { y: add(doubled, 1) };
  });
  assert.deepEqual(await run({ x: new Float32Array([1, 2]) }), { y: [3, 5], doubled: [2, 4] });
  assert.deepEqual(await run({ x: new Float32Array([3, 4]) }), { y: [7, 9], doubled: [6, 8] });
  await engine.close();
});

Deno.test("an input's name stands for one tensor of one shape", () => {
  trace(new Store(1), "inputs", () => {
    const x = input("x", [2]);
    assert.equal(input("x", [2]), x);
    assert.throws(() => input("x", [3]), ShapeError);
    return { x };
  });
});

Deno.test("inputs belong into a trace, and traces do not nest", () => {
  assert.throws(() => input("x", [2]), DuelError);
  const store = new Store(1);
  const y = () => ({ y: literal([1], [1]) });
  assert.throws(() => trace(store, "outer", () => (trace(store, "inner", y), y())), InternalError);
  trace(store, "after a failed one", y);
});
