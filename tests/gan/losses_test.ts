import assert from "node:assert/strict";
import { type GanLoss, losses } from "../../src/gan/losses.ts";
import { grad } from "../../src/graph/grad.ts";
import { input } from "../../src/graph/trace.ts";
import { golden } from "../nn/golden.ts";
import { runner } from "../nn/run.ts";
import { assertNormClose } from "../support/assert.ts";
import { goldenTolerance } from "../support/tolerance.ts";

const cases: [string, GanLoss, "discriminator" | "generator"][] = [
  ["loss_ns_d", losses["non-saturating"], "discriminator"],
  ["loss_ns_g", losses["non-saturating"], "generator"],
  ["loss_minimax_g", losses.minimax, "generator"],
  ["loss_lsgan_d", losses.lsgan, "discriminator"],
  ["loss_lsgan_g", losses.lsgan, "generator"],
  ["loss_hinge_d", losses.hinge, "discriminator"],
  ["loss_hinge_g", losses.hinge, "generator"],
  ["loss_wgan_d", losses.wgan, "discriminator"],
  ["loss_wgan_g", losses.wgan, "generator"],
  ["loss_rpgan_d", losses.relativistic, "discriminator"],
  ["loss_rpgan_g", losses.relativistic, "generator"],
];

for (const [name, loss, player] of cases) {
  Deno.test(`${name} and its gradients equal PyTorch's`, async () => {
    const vectors = await golden(name);
    const shape = vectors.shape("in.real");
    const { run } = await runner(() => {
      const [real, fake] = [input("real", shape), input("fake", shape)];
      const y = player === "discriminator" ? loss.discriminator(real, fake) : loss.generator(fake, () => real);
      const [dreal, dfake] = grad(y, [real, fake]);
      return { "out.y": y, "grad.real": dreal, "grad.fake": dfake };
    });
    const found = await run({ real: vectors.values("in.real"), fake: vectors.values("in.fake") });
    for (const [tensor, values] of Object.entries(found)) {
      const what = `${name}, ${tensor}`;
      assertNormClose(what, vectors.shape(tensor), values, vectors.values(tensor), goldenTolerance.float64);
    }
  });
}

Deno.test("losses stay finite and keep their gradient for logits of ±1000", async () => {
  const { run } = await runner(() => {
    const [real, fake] = [input("real", [1]), input("fake", [1])];
    const y = losses["non-saturating"].discriminator(real, fake);
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
