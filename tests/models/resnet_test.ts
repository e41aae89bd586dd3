import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import { UsageError } from "../../src/core/errors.ts";
import { losses } from "../../src/gan/losses.ts";
import { discriminatorStep } from "../../src/gan/step.ts";
import { Store } from "../../src/graph/store.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { describePlayers } from "../../src/gan/describe.ts";
import { DISCRIMINATOR } from "../../src/models/model.ts";
import { createModel } from "../../src/models/registry.ts";
import { resnet } from "../../src/models/resnet.ts";
import { sgd } from "../../src/nn/optimizers.ts";
import { withSpectralNorm } from "../../src/nn/spectral_norm.ts";
import { assertClose } from "../support/assert.ts";
import { normals, randomOf } from "../support/random.ts";
import { toleranceOf } from "../support/tolerance.ts";
import { traced } from "./traced.ts";

Deno.test("resnet has the parameters of the paper's table for CIFAR-10", () => {
  const { store, parameters } = traced(resnet({ size: 32, channels: 3, latent: 128, base: 128 }));
  const conv = (from: number, to: number, taps: number) => from * to * taps + to;
  const up = 2 * 512 + 2 * conv(256, 256, 9) + conv(256, 256, 1);
  assert.equal(parameters("G"), 128 * 4096 + 4096 + 3 * up + 512 + conv(256, 3, 9));
  assert.equal(parameters("G"), 4_276_739);
  const first = conv(3, 128, 9) + conv(128, 128, 9) + conv(3, 128, 1);
  assert.equal(parameters("D"), first + 6 * conv(128, 128, 9) + conv(128, 128, 1) + 129);
  assert.equal(parameters("D"), 1_053_825);
  assert.ok(!store.has("D.2.shortcut.weight") && store.has("D.1.shortcut.weight"));
});

Deno.test("resnet makes and judges images of 4 to 7 pixels, doubled; D looks at 4 to 8 pixels last", () => {
  for (const [size, last] of [[8, 4], [16, 8], [28, 7], [32, 8], [64, 8], [48, 6]]) {
    const model = resnet({ size, channels: 1, latent: 5, base: 2 });
    const { program } = traced(model);
    assert.deepEqual(program.outputs.get("samples")!.shape, [2, size, size, 1]);
    assert.deepEqual(program.outputs.get("logits")!.shape, [2]);
    const layers = describePlayers({ model, loss: losses.hinge }, new Store(1)).filter(({ name }) =>
      name.startsWith("D.")
    );
    assert.deepEqual(layers.at(-3)!.output, [1, last, last, 2]);
    assert.deepEqual(layers.at(-2)!.output, [1, 2]);
  }
});

Deno.test("a condition reaches all batch norms of G", () => {
  const store = new Store(1);
  const model = resnet({ size: 8, channels: 1, latent: 5, base: 2 });
  trace(store, "test", () => ({ y: model.generator(input("z", [2, 5]), "train", input("labels", [2, 3])) }));
  const found = store.slots().filter(({ name }) => name.endsWith("condition.weight")).map(({ name }) => name);
  assert.deepEqual(found, ["G.1.norm1", "G.1.norm2", "G.2"].map((name) => `${name}.condition.weight`));
});

Deno.test("every layer of D can be normalised by its singular value", () => {
  const store = new Store(1);
  const model = resnet({ size: 8, channels: 1, latent: 5, base: 2 });
  trace(store, "test", () => ({
    y: withSpectralNorm(DISCRIMINATOR, "train", () => model.discriminator(input("x", [2, 8, 8, 1]), "train")),
  }));
  const [weights, states] = [".weight", ".u"].map((end) => store.slots().filter(({ name }) => name.endsWith(end)));
  assert.equal(states.length, weights.length);
});

Deno.test("a D that is normalised by singular values trains on the kernels as on the reference", async () => {
  const model = resnet({ size: 8, channels: 1, latent: 5, base: 8 });
  const steps = (store: Store) =>
    discriminatorStep(store, {
      model,
      loss: losses.hinge,
      view: { spectralNorm: true },
      batch: 4,
      updateDiscriminator: (parameters, gradients, learningRate) => sgd(parameters, gradients, { learningRate }),
      updateGenerator: () => {},
    });
  const real = Float32Array.from(normals(randomOf("real"), 4 * 64), Math.tanh);
  const results: (readonly ArrayLike<number>[])[] = [];
  for (const compile of [compileReference, compileWasm]) {
    const store = new Store(2);
    const program = steps(store);
    const engine = await compile(store, [program], { threads: 2 });
    for (let draw = 0; draw < 3; draw++) {
      const { finite } = await engine.run(program, { real, learningRate: Float32Array.of(0.1) }, { seed: 1, draw });
      assert.equal(finite[0], 1);
    }
    results.push(["D.1.conv1.weight", "D.1.conv1.weight.u"].map((name) => Float64Array.from(engine.read(name))));
    await engine.close();
  }
  results[0].forEach((expected, i) =>
    assertClose(`${i}`, [expected.length], results[1][i], expected, toleranceOf("float32", "accumulated", 10_000))
  );
});

Deno.test("resnet refuses samples it cannot make", () => {
  for (const sample of [[36, 36, 3], [32, 28, 3], [2]]) {
    assert.throws(() => createModel("resnet", sample), UsageError);
  }
});
