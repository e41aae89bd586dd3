import assert from "node:assert/strict";
import { Store } from "../../src/graph/store.ts";
import { scope } from "../../src/graph/tensor.ts";
import { assign, input, read, slot, trace } from "../../src/graph/trace.ts";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { rampedDecay, updateAverage, withAverage } from "../../src/nn/average.ts";
import { batchNorm } from "../../src/nn/layers/normalization.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { runner } from "./run.ts";
import { copyOf } from "../../src/nn/initializers.ts";

Deno.test("the average starts where the weights start and moves by 1 − decay", async () => {
  const { engine, run } = await runner(() => {
    const weight = scope("G", () => slot("w", [2], "parameter", copyOf(Float32Array.of(4, 8))));
    assign(weight, input("w", [2]));
    updateAverage("G", 0.75);
    return {};
  });
  assert.deepEqual(Array.from(engine.read("average.G.w")), [4, 8]);
  await run({ w: Float32Array.of(0, 16) });
  assert.deepEqual(Array.from(engine.read("average.G.w")), [3, 10]);
});

Deno.test("batch-norm statistics are copied, not averaged", async () => {
  const { engine, run } = await runner(() => {
    const y = scope("G", () => batchNorm("norm", input("x", [4, 1]), "train"));
    updateAverage("G", 0.999);
    return { y };
  });
  await run({ x: Float32Array.of(1, 2, 3, 6) });
  for (const name of ["G.norm.running_mean", "G.norm.running_var"]) {
    assert.deepEqual(engine.read(`average.${name}`), engine.read(name), name);
  }
});

Deno.test("a network traced with its averages uses them, other networks keep their weights", async () => {
  const store = new Store(1);
  const network = (owner: string) => scope(owner, () => linear("fc", input("x", [1, 1]), 1, { bias: false }));
  const program = trace(store, "test", () => ({
    averaged: withAverage("G", () => network("G")),
    other: withAverage("G", () => network("D")),
    own: network("G"),
  }));
  const engine = await compileReference(store, [program]);
  engine.write("G.fc.weight", [2]);
  engine.write("average.G.fc.weight", [3]);
  engine.write("D.fc.weight", [5]);
  const { averaged, own, other } = await engine.run(program, { x: Float32Array.of(1) }, { seed: 1, draw: 0 });
  assert.deepEqual([averaged[0], own[0], other[0]], [3, 2, 5]);
});

Deno.test("averaged slots belong to the kind average and cannot be assigned through the network", () => {
  const store = new Store(1);
  const assigning = () =>
    trace(store, "test", () => {
      const weight = scope("G", () => slot("w", [], "parameter", copyOf(Float32Array.of(1))));
      withAverage("G", () => assign(weight, read(weight)));
      return {};
    });
  assert.throws(assigning, /G\.w is assigned where another tensor stands in for it/);
  assert.equal(store.get("average.G.w").kind, "average");
});

Deno.test("the ramped decay grows from 0.1 to its limit", () => {
  assert.equal(rampedDecay(0.998, 0), 0.1);
  assert.equal(rampedDecay(0.998, 90), 0.91);
  assert.equal(rampedDecay(0.998, 1e6), 0.998);
});
