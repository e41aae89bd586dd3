import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { Store } from "../../src/graph/store.ts";
import { infogan } from "../../src/models/infogan.ts";
import { describePlayers } from "../../src/gan/describe.ts";
import { losses } from "../../src/gan/losses.ts";
import { createModel } from "../../src/models/registry.ts";
import { traced } from "./traced.ts";

Deno.test("infogan has the layers of the comparison's code for MNIST", () => {
  const layers = describePlayers(
    { model: infogan({ sample: [28, 28, 1], latent: 64, base: 64 }), loss: losses.hinge },
    new Store(1),
  );
  assert.deepEqual(layers.map(({ name, kind, output, parameters }) => [name, kind, output.join("×"), parameters]), [
    ["G.0", "linear 64 → 1024", "1×1024", 64 * 1024 + 1024],
    ["G.1", "batch norm", "1×1024", 2048],
    ["G.3", "linear 1024 → 6272", "1×6272", 1024 * 6272 + 6272],
    ["G.4", "batch norm", "1×6272", 2 * 6272],
    ["G.7", "transposed conv 4×4, stride 2", "1×14×14×64", 128 * 64 * 16 + 64],
    ["G.8", "batch norm", "1×14×14×64", 128],
    ["G.10", "transposed conv 4×4, stride 2", "1×28×28×1", 64 * 16 + 1],
    ["D.0", "conv 4×4, stride 2", "1×14×14×64", 64 * 16 + 64],
    ["D.2", "conv 4×4, stride 2", "1×7×7×128", 64 * 128 * 16 + 128],
    ["D.3", "batch norm", "1×7×7×128", 256],
    ["D.6", "linear 6272 → 1024", "1×1024", 1024 * 6272 + 1024],
    ["D.7", "batch norm", "1×1024", 2048],
    ["D.9", "linear 1024 → 1", "1×1", 1025],
  ]);
});

Deno.test("infogan makes images whose sides are multiples of 4", () => {
  for (const sample of [[28, 28, 1], [32, 32, 3], [4, 12, 3]] as const) {
    const { program } = traced(infogan({ sample, latent: 5, base: 2 }));
    assert.deepEqual(program.outputs.get("samples")!.shape, [2, ...sample]);
    assert.deepEqual(program.outputs.get("logits")!.shape, [2]);
  }
});

Deno.test("infogan's D takes other norms or none, but not one of pixels", () => {
  const norms = (discriminatorNorm: "layer" | "none") => {
    const { store } = traced(createModel("infogan", [8, 8, 1], { base: 2, discriminatorNorm }));
    return store.slots().map(({ name }) => name).filter((name) => /^D\.[37]\.weight$/.test(name));
  };
  assert.deepEqual(norms("layer"), ["D.3.weight", "D.7.weight"]);
  assert.deepEqual(norms("none"), []);
  const refuse = (...[sample, settings]: [readonly number[], Parameters<typeof createModel>[2]?]) =>
    assert.throws(() => createModel("infogan", sample, settings), UsageError);
  refuse([8, 8, 1], { discriminatorNorm: "instance" });
  refuse([30, 30, 1]);
  refuse([2]);
});
