import { compileReference } from "../../src/backend/reference/engine.ts";
import { losses } from "../../src/gan/losses.ts";
import { discriminatorStep, generatorStep, type Update } from "../../src/gan/step.ts";
import { Store } from "../../src/graph/store.ts";
import { input } from "../../src/graph/trace.ts";
import { dcgan } from "../../src/models/dcgan.ts";
import { adam } from "../../src/nn/optimizers.ts";
import { golden } from "../nn/golden.ts";
import { assertNormClose } from "../support/assert.ts";
import { goldenTolerance } from "../support/tolerance.ts";

Deno.test("eight DCGAN steps equal PyTorch's: losses, weights and running statistics", async () => {
  const vectors = await golden("train_dcgan");
  const { z: latent, f: base, image, batch, steps, lr, betas: [beta1, beta2] } = vectors.attributes as
    & Record<"z" | "f" | "image" | "batch" | "steps" | "lr", number>
    & { readonly betas: readonly number[] };
  const channels = vectors.shape("in.real")[2];
  const get = (name: string) => vectors.shape(name).length >= 4 ? vectors.channelsLast(name) : vectors.values(name);

  const store = new Store(1);
  const update: Update = (parameters, gradients, learningRate) =>
    adam(parameters, gradients, { learningRate, beta1, beta2 });
  const settings = {
    model: dcgan({ size: image, channels, latent, base }),
    loss: losses["non-saturating"],
    batch,
    updateDiscriminator: update,
    updateGenerator: update,
    latents: input,
  };
  const d = discriminatorStep(store, settings);
  const g = generatorStep(store, settings);
  const engine = await compileReference(store, [d, g]);
  for (const name of vectors.names) if (name.startsWith("init.")) engine.write(name.slice(5), get(name));

  const learningRate = Float64Array.of(lr);
  const averageDecay = Float64Array.of(0.999);
  const reals = get("in.real");
  const latents = vectors.values("in.z");
  /** Part `index` of a list of `count` equal ones. */
  const part = (values: Float32Array, index: number, count: number) =>
    values.slice(index * values.length / count, (index + 1) * values.length / count);
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const inputs = { real: part(reals, step, steps), learningRate, averageDecay };
    const zD = { "z.discriminator": part(latents, 2 * step, 2 * steps) };
    const zG = { "z.generator": part(latents, 2 * step + 1, 2 * steps) };
    found.push((await engine.run(d, { ...inputs, ...zD }, { seed: 1, draw: 2 * step })).loss[0]);
    found.push((await engine.run(g, { ...inputs, ...zG }, { seed: 1, draw: 2 * step + 1 })).loss[0]);
  }

  assertNormClose("losses", [steps, 2], found, vectors.values("out.losses"), goldenTolerance.float64);
  for (const name of vectors.names.filter((name) => name.startsWith("final."))) {
    const slot = name.slice(6);
    assertNormClose(slot, store.get(slot).shape, engine.read(slot), get(name), goldenTolerance.float64);
  }
});
