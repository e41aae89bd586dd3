/** What the golden vectors of `tests/golden_test.ts` leave out: other settings, slots, ranges. */
import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { literal } from "../../src/graph/ops.ts";
import { type Slot, Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, slot, trace } from "../../src/graph/trace.ts";
import { constant, copyOf } from "../../src/nn/initializers.ts";
import { adam, adamw, rmsprop, sgd } from "../../src/nn/optimizers.ts";
import { runner } from "./run.ts";

type Apply = (parameters: readonly Slot[], gradients: readonly Tensor[], learningRate: Tensor) => void;

/** Runs an optimiser on one parameter `net.p` over the given gradients. */
async function optimize(apply: Apply, start: Float32Array, gradients: readonly ArrayLike<number>[], rate: number) {
  const shape = [start.length];
  const { engine, run } = await runner(() => {
    const p = slot("net.p", shape, "parameter", copyOf(start));
    apply([p], [input("g", shape)], input("rate", []));
    return {};
  });
  for (const g of gradients) await run({ g: Float64Array.from(g), rate: Float64Array.of(rate) });
  return engine;
}

const close = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) < 1e-9, `found ${found}, expected ${expected}`);

Deno.test("sgd with Nesterov momentum and weight decay", async () => {
  // g′ = g + 0.5·p. First: b = g′ = 2 + 0.5·1 = 2.5, direction 2.5 + 0.5·2.5 = 3.75, p = 1 − 0.1·3.75 = 0.625.
  const apply: Apply = (p, g, learningRate) =>
    sgd(p, g, { learningRate, momentum: 0.5, nesterov: true, weightDecay: 0.5 });
  const engine = await optimize(apply, Float32Array.of(1), [[2]], 0.1);
  close(engine.read("net.p")[0], 0.625);
  close(engine.read("net.p.sgd.momentum")[0], 2.5);
});

Deno.test("sgd without momentum has no moments", () => {
  const store = new Store(1);
  trace(store, "test", () => {
    const p = slot("net.p", [1], "parameter", constant(1));
    sgd([p], [literal([1], [1])], { learningRate: 0.1 });
    return {};
  });
  assert.deepEqual(store.slots().map(({ name }) => name), ["net.p"]);
});

Deno.test("rmsprop, centred, with momentum", async () => {
  // α = 0.5: v = 2, m = 1 for g = 2, so √(v − m²) = 1: the direction is 2 / (1 + ε), the buffer too, p = 1 − 0.1·2.
  const apply: Apply = (p, g, learningRate) =>
    rmsprop(p, g, { learningRate, alpha: 0.5, epsilon: 0, centered: true, momentum: 0.9 });
  const engine = await optimize(apply, Float32Array.of(1), [[2]], 0.1);
  close(engine.read("net.p")[0], 0.8);
  // Again g = 2: v = 3, m = 1.5, √(3 − 2.25) = √0.75; buffer 0.9·2 + 2/√0.75.
  const twice = await optimize(apply, Float32Array.of(1), [[2], [2]], 0.1);
  close(twice.read("net.p")[0], 0.8 - 0.1 * (1.8 + 2 / Math.sqrt(0.75)));
});

Deno.test("adam's first step has the size of the learning rate, whatever the gradient", async () => {
  const engine = await optimize(
    (p, g, learningRate) => adam(p, g, { learningRate }),
    Float32Array.of(1, 1),
    [[1e-3, -1e3]],
    0.25,
  );
  const [a, b] = engine.read("net.p");
  assert.ok(Math.abs(a - 0.75) < 1e-5 && Math.abs(b - 1.25) < 1e-5, `${a}, ${b}`);
  assert.equal(engine.read("net.step")[0], 1);
});

Deno.test("adam's weight decay enters the gradient, adamw's does not", async () => {
  const zero = [[0]];
  const decay = { weightDecay: 0.5 };
  const coupled = await optimize(
    (p, g, rate) => adam(p, g, { learningRate: rate, ...decay }),
    Float32Array.of(2),
    zero,
    0.1,
  );
  assert.ok(Math.abs(coupled.read("net.p")[0] - 1.9) < 1e-6);
  const decoupled = await optimize(
    (p, g, rate) => adamw(p, g, { learningRate: rate, ...decay }),
    Float32Array.of(2),
    zero,
    0.1,
  );
  close(decoupled.read("net.p")[0], 2 * (1 - 0.05));
});

Deno.test("adam and adamw with beta2 as a tensor do what they do with the number, and may change it", async () => {
  for (const optimizer of [adam, adamw]) {
    const gradients = [[0.5, -2], [1, 0.25], [-3, 1]];
    const start = Float32Array.of(1, -1);
    const byNumber = await optimize(
      (p, g, learningRate) => optimizer(p, g, { learningRate, beta2: 0.75 }),
      start,
      gradients,
      0.1,
    );
    const { engine, run } = await runner(() => {
      const p = slot("net.p", [2], "parameter", copyOf(start));
      optimizer([p], [input("g", [2])], { learningRate: 0.1, beta2: input("beta2", []) });
      return {};
    });
    const step = (g: readonly number[], beta2: number) =>
      run({ g: Float64Array.from(g), beta2: Float64Array.of(beta2) });
    for (const g of gradients) await step(g, 0.75);
    for (const name of ["net.p", "net.p.adam.v"]) {
      engine.read(name).forEach((value, i) => close(value, byNumber.read(name)[i]));
    }
    // v ← 0.5·v + 0.5·g²
    const before = engine.read("net.p.adam.v")[0];
    await step([2, 0], 0.5);
    close(engine.read("net.p.adam.v")[0], 0.5 * before + 2);
  }
});

Deno.test("moments are slots beside their parameter, shaped and laid out alike", () => {
  const store = new Store(1);
  trace(store, "test", () => {
    const p = slot("G.0.weight", [1, 1, 1, 2], "parameter", constant(1), "filter");
    adam([p], [literal([1, 1], [1, 1, 1, 2])], { learningRate: 0.1 });
    return {};
  });
  const { kind, shape, layout } = store.get("G.0.weight.adam.v");
  assert.deepEqual({ kind, shape, layout }, { kind: "moment", shape: [1, 1, 1, 2], layout: "filter" });
  assert.equal(store.get("G.step").kind, "control");
});

Deno.test("settings outside of their range are refused by name", () => {
  const refuse = (apply: () => void, message: RegExp) =>
    assert.throws(apply, (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  refuse(
    () => adam([], [], { learningRate: 0.1, beta2: 1 }),
    /^adam: beta2 is 1; expected a number from 0 to below 1$/,
  );
  refuse(() => sgd([], [], { learningRate: 0.1, momentum: NaN }), /momentum is NaN/);
  refuse(() => rmsprop([], [], { learningRate: 0.1, epsilon: -1 }), /epsilon is -1/);
});
