import assert from "node:assert/strict";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { literal } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { scope, type Tensor } from "../../src/graph/tensor.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { constant } from "../../src/nn/initializers.ts";
import { type Activation, activation } from "../../src/nn/layers/activation.ts";
import { conv2d, convTranspose2d } from "../../src/nn/layers/convolution.ts";
import { dropout } from "../../src/nn/layers/dropout.ts";
import { observeLayers, sequential } from "../../src/nn/layers/layer.ts";
import { embedding, linear, maxout } from "../../src/nn/layers/linear.ts";
import { batchNorm } from "../../src/nn/layers/normalization.ts";
import { downsample, upsample } from "../../src/nn/layers/resample.ts";
import { evaluate, runner } from "./run.ts";

/** The shape of what `body` makes, and the slots it needs, by name. */
function traced(body: () => Tensor): { shape: readonly number[]; slots: Record<string, readonly number[]> } {
  const store = new Store(1);
  const program = trace(store, "test", () => ({ y: body() }));
  return {
    shape: program.outputs.get("y")!.shape,
    slots: Object.fromEntries(store.slots().map(({ name, shape }) => [name, shape])),
  };
}

Deno.test("layers name and shape their slots as PyTorch's state dictionaries, channels last", () => {
  const x = () => input("x", [2, 8, 8, 6]);
  const cases: [string, () => Tensor, readonly number[], Record<string, readonly number[]>][] = [
    ["linear", () => linear("a", input("v", [5, 3]), 4), [5, 4], { "a.weight": [4, 3], "a.bias": [4] }],
    ["linear over three axes", () => linear("a", input("v", [5, 7, 3]), 4, { bias: false }), [5, 7, 4], {
      "a.weight": [4, 3],
    }],
    ["maxout", () => maxout("a", input("v", [5, 3]), 4, 2), [5, 4], { "a.weight": [8, 3], "a.bias": [8] }],
    ["embedding", () => embedding("a", input("i", [2, 3]), 10, 4), [2, 3, 4], { "a.weight": [10, 4] }],
    ["conv2d", () => conv2d("a", x(), 4, { kernel: 4, stride: 2, padding: 1, groups: 2 }), [2, 4, 4, 4], {
      "a.weight": [4, 4, 4, 3],
      "a.bias": [4],
    }],
    ["convTranspose2d", () => convTranspose2d("a", x(), 4, { kernel: 4, stride: 2, padding: 1, groups: 2 }), [
      2,
      16,
      16,
      4,
    ], { "a.weight": [6, 4, 4, 2], "a.bias": [4] }],
    [
      "convTranspose2d with output padding",
      () => convTranspose2d("a", x(), 4, { kernel: 3, stride: 2, padding: 1, outputPadding: 1, bias: false }),
      [2, 16, 16, 4],
      { "a.weight": [6, 3, 3, 4] },
    ],
    ["batchNorm", () => batchNorm("a", x(), "train"), [2, 8, 8, 6], {
      "a.weight": [6],
      "a.bias": [6],
      "a.running_mean": [6],
      "a.running_var": [6],
    }],
    ["upsample", () => upsample("a", x(), 3, "bilinear"), [2, 24, 24, 6], {}],
    ["downsample", () => downsample("a", x(), 2), [2, 4, 4, 6], {}],
  ];
  for (const [name, body, shape, slots] of cases) assert.deepEqual(traced(body), { shape, slots }, name);
});

Deno.test("the layouts of filters say how files order their axes", () => {
  const store = new Store(1);
  trace(store, "test", () => ({
    y: convTranspose2d("up", conv2d("down", input("x", [1, 4, 4, 2]), 3, { kernel: 3 }), 2, { kernel: 3 }),
  }));
  assert.equal(store.get("down.weight").layout, "filter");
  assert.equal(store.get("up.weight").layout, "transposedFilter");
  assert.equal(store.get("up.bias").layout, "plain");
});

Deno.test("linear computes x·Wᵀ + b", async () => {
  const { engine, run } = await runner(() => ({ y: linear("a", input("x", [2, 3]), 2) }));
  engine.write("a.weight", [1, 2, 3, 4, 5, 6]);
  engine.write("a.bias", [10, 20]);
  assert.deepEqual((await run({ x: Float32Array.of(1, 0, -1, 2, 1, 0) })).y, [8, 18, 14, 33]);
});

Deno.test("linear starts within ±1/√in, its bias too", async () => {
  const { engine } = await runner(() => ({ y: linear("a", input("x", [1, 25]), 40) }));
  for (const slot of ["a.weight", "a.bias"]) {
    const largest = Math.max(...Array.from(engine.read(slot), Math.abs));
    assert.ok(largest <= 0.2 && largest > 0.15, `${slot} reaches ${largest}`);
  }
});

Deno.test("conv2d adds its bias to each channel", async () => {
  const { engine, run } = await runner(() => ({
    y: conv2d("a", input("x", [1, 1, 3, 1]), 2, { kernel: 1, initializer: constant(2) }),
  }));
  engine.write("a.bias", [10, 20]);
  assert.deepEqual((await run({ x: Float32Array.of(1, 2, 3) })).y, [12, 22, 14, 24, 16, 26]);
});

Deno.test("groups that do not divide the channels are refused with the layer's name", () => {
  const refuse = (body: () => Tensor) =>
    assert.throws(() => traced(() => scope("G", body)), (error: Error) => {
      assert.ok(error instanceof ShapeError);
      assert.match(error.message, /^G\.a: 6 channels do not split into 4 groups/);
      return true;
    });
  refuse(() => conv2d("a", input("x", [1, 4, 4, 6]), 8, { kernel: 3, groups: 4 }));
  refuse(() => convTranspose2d("a", input("x", [1, 4, 4, 8]), 6, { kernel: 3, groups: 4 }));
});

Deno.test("dropout keeps its share, scales it, and draws anew for each use and run", async () => {
  const ones = () => literal(new Float32Array(4000).fill(1), [4000]);
  const { run } = await runner(() =>
    scope("D", () => ({ a: dropout("drop", ones(), "train", 0.25), b: dropout("drop", ones(), "train", 0.25) }))
  );
  const { a, b } = await run();
  for (const values of [a, b]) {
    const kept = values.filter((x) => x !== 0);
    assert.ok(kept.every((x) => Math.abs(x - 4 / 3) < 1e-6));
    assert.ok(Math.abs(kept.length / 4000 - 0.75) < 0.035, `kept ${kept.length}`);
  }
  assert.notDeepEqual(a, b);
  assert.notDeepEqual((await run()).a, a);
});

Deno.test("dropout changes nothing in evaluation and refuses rates outside of [0, 1)", async () => {
  assert.deepEqual(await evaluate(() => dropout("drop", literal([1, 2], [2]), "evaluate", 0.9)), [1, 2]);
  assert.throws(() => dropout("drop", literal([1], [1]), "train", 1), UsageError);
  assert.throws(() => dropout("drop", literal([1], [1]), "train", NaN), UsageError);
});

Deno.test("activations compute what their names say", async () => {
  const expected: Record<Activation, (x: number) => number> = {
    linear: (x) => x,
    relu: (x) => Math.max(x, 0),
    leakyRelu: (x) => x > 0 ? x : 0.2 * x,
    elu: (x) => x > 0 ? x : Math.expm1(x),
    silu: (x) => x / (1 + Math.exp(-x)),
    // Φ(1.5) and Φ(−0.5) from a table
    gelu: (x) => x * (x === 1.5 ? 0.9331927987311419 : 0.3085375387259869),
    tanh: Math.tanh,
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    softplus: (x) => Math.log1p(Math.exp(x)),
  };
  for (const [name, formula] of Object.entries(expected)) {
    const y = await evaluate(() => activation(name as Activation)("act", literal([1.5, -0.5], [2])));
    [1.5, -0.5].forEach((x, i) => assert.ok(Math.abs(y[i] - formula(x)) < 1e-6, `${name}(${x}) is ${y[i]}`));
  }
});

Deno.test("sequential numbers its layers, and observers see each with its parameters", () => {
  const layers = observeLayers(() =>
    void trace(new Store(1), "test", () =>
      scope("D", () => ({
        y: sequential(input("x", [1, 4]), [
          (name, x) => linear(name, x, 3),
          activation("relu"),
          (name, x) => linear(name, x, 1, { bias: false }),
        ]),
      })))
  );
  assert.deepEqual(layers, [
    { name: "D.0", kind: "linear 4 → 3", output: [1, 3], parameters: 15 },
    { name: "D.2", kind: "linear 3 → 1", output: [1, 1], parameters: 3 },
  ]);
});

Deno.test("maxout takes the largest of neighbouring linear maps", async () => {
  const { run, engine } = await runner(() => ({ y: maxout("a", input("x", [2, 1]), 2, 3) }));
  engine.write("a.weight", [1, 0, -1, 2, 3, 4]);
  engine.write("a.bias", [0, 0.5, 0, 0, 0, -10]);
  const { y } = await run({ x: Float32Array.of(2, -0.25) });
  assert.deepEqual(y, [Math.max(2, 0.5, -2), Math.max(4, 6, -2), 0.5, -0.5]);
});
