import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { initialValues, Store } from "../../src/graph/store.ts";
import { dcgan, dcganSizes } from "../../src/models/dcgan.ts";
import { mlp } from "../../src/models/mlp.ts";
import { describePlayers } from "../../src/gan/describe.ts";
import { losses } from "../../src/gan/losses.ts";
import { createModel } from "../../src/models/registry.ts";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { traced } from "./traced.ts";

Deno.test("dcgan makes and judges images of each of its sizes", () => {
  for (const size of dcganSizes) {
    const model = dcgan({ size, channels: 3, latent: 5, base: 2 });
    const { program } = traced(model);
    assert.deepEqual(program.outputs.get("samples")!.shape, [2, size, size, 3]);
    assert.deepEqual(program.outputs.get("logits")!.shape, [2]);
  }
});

Deno.test("dcgan at 64 pixels has the parameters and the names of PyTorch's example", () => {
  const { store, parameters } = traced(dcgan({ size: 64, channels: 3, latent: 100, base: 64 }));
  assert.equal(parameters("G"), 3_576_704);
  assert.equal(parameters("D"), 2_765_568);
  assert.deepEqual(store.get("G.0.weight").shape, [100, 4, 4, 512]);
  assert.deepEqual(store.get("G.12.weight").shape, [64, 4, 4, 3]);
  assert.deepEqual(store.get("G.10.running_var").shape, [64]);
  assert.deepEqual(store.get("D.0.weight").shape, [64, 4, 4, 3]);
  assert.deepEqual(store.get("D.11.weight").shape, [1, 4, 4, 512]);
  assert.ok(!store.has("D.1.weight") && !store.has("G.0.bias"));
});

Deno.test("dcgan starts as its paper says: filters N(0, 0.02), batch-norm scales N(1, 0.02)", () => {
  const { store } = traced(dcgan({ size: 16, channels: 1, latent: 64, base: 16 }));
  for (const [name, mean] of [["G.0.weight", 0], ["D.2.weight", 0], ["G.1.weight", 1]] as const) {
    const initial = initialValues(store.get(name));
    const deviation = Math.sqrt(initial.reduce((total, x) => total + (x - mean) ** 2, 0) / initial.length);
    assert.ok(Math.abs(deviation / 0.02 - 1) < (initial.length > 1000 ? 0.1 : 0.6), `${name}: ${deviation}`);
  }
});

Deno.test("mlp makes images in [−1, 1], and vectors without bounds", async () => {
  for (const { sample, bounded } of [{ sample: [3, 5, 2], bounded: true }, { sample: [2], bounded: false }]) {
    const model = mlp({ sample, latent: 4, hidden: [8, 6] });
    const { store, program } = traced(model);
    const engine = await compileReference(store, [program]);
    engine.write("G.4.bias", new Float32Array(sizeOf(sample)).fill(5));
    const x = new Float32Array(2 * sizeOf(sample));
    const { samples, logits } = await engine.run(program, { z: new Float32Array(8), x }, { seed: 1, draw: 0 });
    assert.equal(samples.length, x.length);
    assert.equal(logits.length, 2);
    assert.equal(Math.max(...samples) <= 1, bounded, `${sample}`);
    assert.deepEqual(store.get("D.0.weight").shape, [6, sizeOf(sample)]);
    assert.deepEqual(store.get("D.4.weight").shape, [1, 8]);
  }
});

Deno.test("a model describes its layers, shapes and parameters", () => {
  const layers = describePlayers(
    { model: dcgan({ size: 16, channels: 1, latent: 8, base: 2 }), loss: losses.hinge },
    new Store(1),
  );
  assert.deepEqual(layers.map(({ name, kind, output, parameters }) => [name, kind, output.join("×"), parameters]), [
    ["G.0", "transposed conv 4×4", "1×4×4×4", 512],
    ["G.1", "batch norm", "1×4×4×4", 8],
    ["G.3", "transposed conv 4×4, stride 2", "1×8×8×2", 128],
    ["G.4", "batch norm", "1×8×8×2", 4],
    ["G.6", "transposed conv 4×4, stride 2", "1×16×16×1", 32],
    ["D.0", "conv 4×4, stride 2", "1×8×8×2", 32],
    ["D.2", "conv 4×4, stride 2", "1×4×4×4", 128],
    ["D.3", "batch norm", "1×4×4×4", 8],
    ["D.5", "conv 4×4", "1×1×1×1", 64],
  ]);
});

Deno.test("settings that a model cannot use are refused with a clear line", () => {
  const refuse = (message: RegExp, ...[name, sample, settings]: Parameters<typeof createModel>) =>
    assert.throws(() => createModel(name, sample, settings), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  refuse(/^there is no model dcgna; expected one of dcgan, mlp, /, "dcgna", [32, 32, 3]);
  refuse(/^there is no model toString/, "toString", [32, 32, 3]);
  refuse(/images of 16, 32, 64, 128 pixels, not 48/, "dcgan", [48, 48, 3]);
  refuse(/square images, not samples of shape 32×16×3/, "dcgan", [32, 16, 3]);
  refuse(/square images, not samples of shape 2/, "dcgan", [2]);
  refuse(/latent contains 0; expected whole numbers of at least 1/, "dcgan", [32, 32, 3], { latent: 0 });
  refuse(/hidden contains 2.5/, "mlp", [2], { hidden: [64, 2.5] });
  refuse(/base contains NaN/, "dcgan", [32, 32, 3], { base: NaN });
});

Deno.test("models take their settings over their defaults", () => {
  assert.equal(createModel("dcgan", [32, 32, 3]).latent, 64);
  assert.equal(createModel("mlp", [2], { latent: 2 }).latent, 2);
});
