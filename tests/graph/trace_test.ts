/** What a trace gives the host, and which calls it refuses. */
import assert from "node:assert/strict";
import { DuelError, InternalError, ShapeError } from "../../src/core/errors.ts";
import { add, literal, mul } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { assign, input, read, slot, trace, watch, withValues } from "../../src/graph/trace.ts";
import { copyOf } from "../../src/nn/initializers.ts";
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

Deno.test("substitutes nest: while one runs, only those around it apply", async () => {
  const { run, engine } = await runner(() => {
    const own = slot("w", [1], "parameter", copyOf(Float32Array.of(5)));
    const other = slot("v", [1], "parameter", copyOf(Float32Array.of(7)));
    const tenfold = <T>(body: () => T) => withValues((slot) => slot === own ? mul(read(slot), 10) : undefined, body);
    const swapped = <T>(body: () => T) => withValues((slot) => slot === own ? read(other) : undefined, body);
    const outputs = {
      inside: tenfold(() => read(own)),
      twice: tenfold(() => tenfold(() => read(own))),
      swappedThenTenfold: swapped(() => tenfold(() => read(own))),
      tenfoldThenSwapped: tenfold(() => swapped(() => read(own))),
      other: tenfold(() => read(other)),
      outside: read(own),
    };
    assert.throws(() => tenfold(() => assign(own, read(own))), InternalError);
    tenfold(() => assign(other, read(own)));
    return { ...outputs, assigned: read(other) };
  });
  assert.deepEqual(await run(), {
    inside: [50],
    twice: [500],
    swappedThenTenfold: [70],
    tenfoldThenSwapped: [7],
    other: [7],
    outside: [5],
    assigned: [50],
  });
  await engine.close();
});

Deno.test("a substitute that fails leaves the trace as it was", () => {
  trace(new Store(1), "failing", () => {
    const weight = slot("w", [1], "parameter", copyOf(Float32Array.of(5)));
    const own = read(weight);
    assert.throws(() =>
      withValues(() => {
        throw new DuelError("no");
      }, () => read(weight)), DuelError);
    assert.equal(read(weight), own);
    return { own };
  });
});
