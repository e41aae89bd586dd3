/** Values and gradients of losses are compared with PyTorch's in `tests/golden_test.ts`. */
import assert from "node:assert/strict";
import { losses } from "../../src/gan/losses.ts";
import { grad } from "../../src/graph/grad.ts";
import { input } from "../../src/graph/trace.ts";
import { runner } from "../nn/run.ts";

Deno.test("losses stay finite and keep their gradient for logits of ±1000", async () => {
  const { run } = await runner(() => {
    const [real, fake] = [input("real", [1]), input("fake", [1])];
    const y = losses["non-saturating"].discriminator(real, fake, 1);
    const [dreal, dfake] = grad(y, [real, fake]);
    return { y, dreal, dfake };
  });
  const { y, dreal, dfake } = await run({ real: Float32Array.of(-1000), fake: Float32Array.of(1000) });
  assert.deepEqual([y, dreal, dfake], [[2000], [-1], [1]]);
});

Deno.test("a loss that does not compare with real samples never asks for them", async () => {
  for (const name of ["non-saturating", "minimax", "lsgan", "hinge", "wgan"] as const) {
    const { program } = await runner(() => ({
      y: losses[name].generator(input("fake", [1]), () => input("real", [1])),
    }));
    assert.deepEqual([...program.inputs.keys()], ["fake"], name);
  }
});
