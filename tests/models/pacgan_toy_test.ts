import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { initialValues } from "../../src/graph/store.ts";
import { pacganToy } from "../../src/models/pacgan_toy.ts";
import { createModel } from "../../src/models/registry.ts";
import { traced } from "./traced.ts";

Deno.test("pacgan-toy has the layers of the papers: G 4 × 400 with batch norm, D 3 × 200 of 5 pieces", () => {
  const { store, program, parameters } = traced(pacganToy({ values: 2, latent: 2, base: 200 }));
  assert.deepEqual(program.outputs.get("samples")!.shape, [2, 2]);
  assert.deepEqual(program.outputs.get("logits")!.shape, [2]);
  assert.equal(parameters("G"), (2 * 400 + 400) + 3 * (400 * 400 + 400) + 4 * 800 + 400 * 2 + 2);
  assert.equal(parameters("D"), (2 * 1000 + 1000) + 2 * (200 * 1000 + 1000) + 200 + 1);
  assert.deepEqual(store.get("D.1.weight").shape, [1000, 200]);
  const weights = initialValues(store.get("G.3.weight"));
  const deviation = Math.sqrt(weights.reduce((total, x) => total + x * x, 0) / weights.length);
  assert.ok(Math.abs(deviation / 0.02 - 1) < 0.02, `${deviation}`);
  assert.ok(initialValues(store.get("D.0.bias")).every((x) => x === 0));
});

Deno.test("pacgan-toy makes vectors alone", () => {
  assert.deepEqual(createModel("pacgan-toy", [3]).sample, [3]);
  assert.throws(() => createModel("pacgan-toy", [28, 28, 1]), UsageError);
});
