import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { UsageError } from "../../src/core/errors.ts";
import { initialValues } from "../../src/graph/store.ts";
import { describePlayers } from "../../src/gan/describe.ts";
import { losses } from "../../src/gan/losses.ts";
import { r3gan } from "../../src/models/r3gan.ts";
import { createModel } from "../../src/models/registry.ts";
import { Store } from "../../src/graph/store.ts";
import { traced } from "./traced.ts";

Deno.test("r3gan has the paper's parameters for Stacked MNIST: G 20.73 M, D 20.68 M", () => {
  const widths = [768, 768, 768, 768];
  const { store, parameters } = traced(r3gan({ size: 32, channels: 3, latent: 64, widths }));
  const block = 768 * 1536 + 1536 + 1536 * 9 * 16 + 1536 + 1536 * 768;
  assert.equal(parameters("G"), 8 * block + 16 * 768 + 64 * 768 + 768 * 3);
  assert.equal(parameters("D"), 8 * block + 3 * 768 + 16 * 768 + 768);
  assert.equal((parameters("G") / 1e6).toFixed(2), "20.73");
  assert.equal((parameters("D") / 1e6).toFixed(2), "20.68");
  assert.deepEqual(store.get("G.1.grouped.weight").shape, [1536, 3, 3, 16]);
});

Deno.test("r3gan makes and judges images of 4 to 7 pixels, doubled", () => {
  for (const [size, widths] of [[8, [16, 8]], [28, [24, 16, 8]], [32, [16, 16, 8, 8]], [20, [8, 8, 16]]] as const) {
    const { program } = traced(r3gan({ size, channels: 3, latent: 5, widths, blocks: 1 }));
    assert.deepEqual(program.outputs.get("samples")!.shape, [2, size, size, 3]);
    assert.deepEqual(program.outputs.get("logits")!.shape, [2]);
  }
});

Deno.test("r3gan starts as its paper says: the branches of blocks at zero, the rest scaled by their number", () => {
  const { store } = traced(r3gan({ size: 16, channels: 1, latent: 32, widths: [64, 64, 64], blocks: 2 }));
  const deviation = (name: string) => {
    const values = initialValues(store.get(name));
    return Math.sqrt(values.reduce((total, x) => total + x * x, 0) / values.length);
  };
  const near = (name: string, expected: number) =>
    assert.ok(Math.abs(deviation(name) / expected - 1) < 0.1, `${name}: ${deviation(name)}, expected ${expected}`);
  const gain = Math.sqrt(2 / 1.04) * 6 ** -0.25;
  assert.equal(deviation("G.1.project.weight"), 0);
  assert.equal(deviation("D.1.grouped.bias"), 0);
  near("G.1.expand.weight", gain / Math.sqrt(64));
  near("D.1.grouped.weight", gain / Math.sqrt(9 * 16));
  near("G.0.basis", 1);
  near("G.0.linear.weight", 1 / Math.sqrt(32));
  near("D.11.basis", 1 / 4);
});

Deno.test("a new r3gan has no output bound and is linear in the latent vector", async () => {
  const model = r3gan({ size: 8, channels: 1, latent: 3, widths: [8, 8] });
  const { store, program } = traced(model);
  const engine = await compileReference(store, [program]);
  const samples = async (scale: number) => {
    const z = Float32Array.from([1, -2, 3, 0.5, 0, -1], (x) => x * scale);
    return (await engine.run(program, { z, x: new Float32Array(128) }, { seed: 1, draw: 0 })).samples;
  };
  const [once, often] = [await samples(1), await samples(64)];
  once.forEach((x: number, i: number) => assert.ok(Math.abs(often[i] - 64 * x) <= 1e-9 * Math.abs(often[i])));
  assert.ok(Math.max(...often) > 1);
});

Deno.test("spectral norm takes the basis of D for a filter with one output a channel", () => {
  const store = new Store(1);
  const model = r3gan({ size: 8, channels: 1, latent: 3, widths: [24, 8], blocks: 1 });
  describePlayers({ model, loss: losses.hinge, view: { spectralNorm: true } }, store);
  const [basis] = store.slots().filter(({ name }) => /^D\..*basis$/.test(name));
  assert.deepEqual([basis.shape, store.get(`${basis.name}.u`).shape], [[1, 4, 4, 24], [24]]);
});

Deno.test("r3gan takes widths from its base, or all of them", () => {
  const widths = (settings: Parameters<typeof createModel>[2]) => {
    const store = new Store(1);
    describePlayers({ model: createModel("r3gan", [64, 64, 3], settings), loss: losses.hinge }, store);
    return [1, 5, 9, 13, 17].map((block) => store.get(`G.${block}.expand.weight`).shape[3]);
  };
  assert.deepEqual(widths({ base: 8 }), [32, 32, 32, 16, 8]);
  assert.deepEqual(widths({ hidden: [16, 8, 24, 8, 16] }), [16, 8, 24, 8, 16]);
});

Deno.test("r3gan refuses sizes, widths and samples it cannot make", () => {
  const refuse = (message: RegExp, ...[sample, settings]: [readonly number[], Parameters<typeof createModel>[2]?]) =>
    assert.throws(() => createModel("r3gan", sample, settings), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  refuse(/^r3gan makes images of 4, 5, 6 or 7 pixels a side doubled once or more, .* not of 36$/, [36, 36, 3]);
  refuse(/not of 4$/, [4, 4, 3]);
  refuse(/^r3gan has 4 sizes of maps from 4 to 32, not 2$/, [32, 32, 3], { hidden: [8, 8] });
  refuse(/^r3gan: 12 channels, widened 2 times, do not split into groups of 16$/, [8, 8, 3], { hidden: [8, 12] });
  refuse(/square images, not samples of shape 2; use the model mlp$/, [2]);
  refuse(/blocks contains 0/, [32, 32, 3], { blocks: 0 });
});
