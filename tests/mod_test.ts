import assert from "node:assert/strict";
import * as duel from "../src/mod.ts";

Deno.test("the public API suffices to train a GAN on points of a circle", async () => {
  const model = duel.defineModel({
    name: "circle",
    latent: 4,
    sample: [2],
    modulated: false,
    generator: (z) => duel.sequential(z, [(n, x) => duel.linear(n, x, 16), duel.activation("relu"), output(2)]),
    features: (x) => duel.sequential(x, [(n, x) => duel.linear(n, x, 16), duel.activation("leakyRelu")]),
    head: (y) => duel.ops.reshape(output(1)("2", y), [y.shape[0]]),
  });
  const update: duel.Update = (parameters, gradients, learningRate) =>
    duel.adam(parameters, gradients, { learningRate, beta1: 0.5 });
  const store = new duel.Store(1);
  const settings: duel.GanSettings = {
    model,
    loss: duel.losses["non-saturating"],
    batch: 64,
    updateDiscriminator: update,
    updateGenerator: update,
  };
  const programs = {
    discriminator: duel.discriminatorStep(store, settings),
    generator: duel.generatorStep(store, settings),
  };
  const sampler = new duel.Sampler(store, { model }, 200);
  const engine = await duel.compileWasm(store, [...Object.values(programs), ...sampler.programs], { threads: 2 });
  try {
    const circle: duel.BatchSource = (draw, { real }) => {
      const angles = duel.random.uniforms(real.length / 2, 1, "circle", draw);
      angles.forEach((share, i) => real.set([Math.cos(2 * Math.PI * share), Math.sin(2 * Math.PI * share)], 2 * i));
    };
    const trainer = new duel.Trainer(engine, store, programs, circle, {
      seed: 1,
      discriminatorSteps: 1,
      discriminatorRate: 2e-3,
      generatorRate: 2e-3,
      averageDecay: 0.99,
    });
    const latents = duel.gridLatents(1, 200, model.latent);
    const spread = async () => {
      const points = await sampler.sample(engine, latents);
      const distances = Array.from(
        { length: 200 },
        (_, i) => Math.abs(Math.hypot(points[2 * i], points[2 * i + 1]) - 1),
      );
      return distances.reduce((sum, distance) => sum + distance, 0) / 200;
    };
    const before = await spread();
    while (trainer.step < 1500) assert.equal((await trainer.advance()).kind, "step");
    const after = await spread();
    assert.ok(before > 0.5 && after < 0.2, `mean distance from the circle: ${before} before, ${after} after training`);
  } finally {
    await engine.close();
  }
});

function output(values: number): duel.Layer {
  return (name, x) => duel.linear(name, x, values);
}
