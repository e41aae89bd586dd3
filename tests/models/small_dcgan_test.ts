import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { Store } from "../../src/graph/store.ts";
import { describePlayers } from "../../src/gan/describe.ts";
import { losses } from "../../src/gan/losses.ts";
import type { Model } from "../../src/models/model.ts";
import { createModel } from "../../src/models/registry.ts";
import { dcgan28, unrolledDcgan } from "../../src/models/small_dcgan.ts";
import { traced } from "./traced.ts";

/** The outputs of all layers of a network that have filters or weights, without the batch. */
function outputs(model: Model, owner: string): string[] {
  return describePlayers({ model: model, loss: losses.hinge }, new Store(1))
    .filter(({ name, kind }) => name.startsWith(owner) && !kind.endsWith("norm"))
    .map(({ output }) => output.slice(1).join("×"));
}

Deno.test("dcgan-28 has the maps and parameters of the DCGAN that PacGAN packs", () => {
  const model = dcgan28({ size: 28, channels: 3, latent: 100, base: 64 });
  assert.deepEqual(outputs(model, "G"), ["2048", "4×4×256", "7×7×128", "14×14×64", "28×28×3"]);
  assert.deepEqual(outputs(model, "D"), ["14×14×64", "7×7×128", "4×4×256", "2×2×512", "1"]);
  const { parameters } = traced(model);
  const conv = (from: number, to: number) => from * to * 25 + to;
  const norms = 2 * (256 + 128 + 64);
  const linear = 100 * 2048 + 2048 + 2 * 512;
  assert.equal(parameters("G"), linear + conv(512, 256) + conv(256, 128) + conv(128, 64) + conv(64, 3) + norms);
  const convs = conv(3, 64) + conv(64, 128) + conv(128, 256) + conv(256, 512);
  assert.equal(parameters("D"), convs + 2 * (128 + 256 + 512) + 2048 + 1);
});

Deno.test("unrolled has the maps of Unrolled GAN, and D's width is a choice", () => {
  const model = (base: number) => unrolledDcgan({ size: 28, channels: 3, latent: 256, base });
  assert.deepEqual(outputs(model(4), "G"), ["1024", "7×7×32", "14×14×16", "28×28×8", "28×28×3"]);
  assert.deepEqual(outputs(model(4), "D"), ["14×14×4", "7×7×8", "4×4×16", "1"]);
  assert.deepEqual(outputs(model(2), "D"), ["14×14×2", "7×7×4", "4×4×8", "1"]);
  const { parameters, store } = traced(model(4));
  const conv = (from: number, to: number) => from * to * 9 + to;
  assert.equal(parameters("D"), conv(3, 4) + conv(4, 8) + conv(8, 16) + 2 * (4 + 8 + 16) + 256 + 1);
  assert.ok(store.has("D.1.running_mean"), "batch norm after the first filter too");
});

Deno.test("both make and judge images of other sizes", () => {
  for (const [name, sizes] of [["dcgan-28", [17, 28, 32, 64]], ["unrolled", [9, 28, 32, 47]]] as const) {
    for (const size of sizes) {
      const { program } = traced(createModel(name, [size, size, 1], { base: 2 }));
      assert.deepEqual(program.outputs.get("samples")!.shape, [2, size, size, 1]);
      assert.deepEqual(program.outputs.get("logits")!.shape, [2]);
    }
    assert.throws(() => createModel(name, [8, 8, 1]), UsageError);
    assert.throws(() => createModel(name, [28, 32, 1]), UsageError);
    const { store } = traced(createModel(name, [28, 28, 1], { base: 2, discriminatorNorm: "none" }));
    assert.ok(store.slots().every(({ name }) => !/^D.*running/.test(name)));
  }
});
