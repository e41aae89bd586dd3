/** Whole training runs with gradient penalties, that is gradients of gradients, against PyTorch's. */
import { compileReference } from "../../src/backend/reference/engine.ts";
import type { Engine } from "../../src/backend/backend.ts";
import { losses } from "../../src/gan/losses.ts";
import { grad } from "../../src/graph/grad.ts";
import { add, detach, flatten, mean, mul, reshape, sqrt, square, sub, sum, unflatten } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, type Program, read, trace } from "../../src/graph/trace.ts";
import { mlp } from "../../src/models/mlp.ts";
import { defineModel } from "../../src/models/model.ts";
import { activation } from "../../src/nn/layers/activation.ts";
import { conv2d } from "../../src/nn/layers/convolution.ts";
import { sequential } from "../../src/nn/layers/layer.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { downsample, upsample } from "../../src/nn/layers/resample.ts";
import { adam } from "../../src/nn/optimizers.ts";
import { slotsOf } from "../../src/nn/slots.ts";
import { type Golden, golden } from "../nn/golden.ts";
import { assertNormClose } from "../support/assert.ts";
import { goldenTolerance } from "../support/tolerance.ts";

type Numbers<K extends string> = Record<K, number> & { readonly betas: readonly number[] };

/** Part `index` of a list of `count` equal ones. */
function part(values: Float32Array, index: number, count: number): Float32Array {
  return values.slice(index * values.length / count, (index + 1) * values.length / count);
}

function get(vectors: Golden, name: string): Float32Array {
  return vectors.shape(name).length >= 4 ? vectors.channelsLast(name) : vectors.values(name);
}

async function started(vectors: Golden, store: Store, programs: readonly Program[]): Promise<Engine> {
  const engine = await compileReference(store, programs);
  for (const name of vectors.names) if (name.startsWith("init.")) engine.write(name.slice(5), get(vectors, name));
  return engine;
}

function compare(vectors: Golden, engine: Engine, store: Store, found: readonly number[]): void {
  const { float64 } = goldenTolerance;
  assertNormClose("losses", vectors.shape("out.losses"), found, vectors.values("out.losses"), float64);
  for (const name of vectors.names.filter((name) => name.startsWith("final."))) {
    const slot = name.slice(6);
    assertNormClose(slot, store.get(slot).shape, engine.read(slot), get(vectors, name), float64);
  }
}

/** One Adam step of `owner` on `loss`. */
function minimize(owner: string, loss: Tensor, attributes: Numbers<"lr">): void {
  const { lr: learningRate, betas: [beta1, beta2] } = attributes;
  const parameters = slotsOf(owner, "parameter");
  adam(parameters, grad(loss, parameters.map(read)), { learningRate, beta1, beta2 });
}

/** Σ (d logit / d x)², one value a sample. */
function squaredSlope(logits: Tensor, x: Tensor): Tensor {
  const [dx] = grad(sum(logits), [x]);
  return sum(square(dx), x.shape.map((_, axis) => axis).slice(1));
}

Deno.test("six WGAN-GP steps with five critic steps each equal PyTorch's", async () => {
  const vectors = await golden("train_wgan_gp");
  const attributes = vectors.attributes as Numbers<"z" | "hidden" | "batch" | "steps" | "critic" | "lr" | "lambda_">;
  const { z: latent, hidden, batch, steps, critic, lambda_ } = attributes;
  const model = mlp({ sample: [2], latent, hidden: [hidden, hidden] });

  const store = new Store(1);
  const d = trace(store, "critic step", () => {
    const real = input("real", [batch, 2]);
    const fake = detach(model.generator(input("z", [batch, latent]), "train"));
    const share = input("eps", [batch, 1]);
    const between = add(mul(share, real), mul(sub(1, share), fake));
    const distance = losses.wgan.discriminator(model.discriminator(real, "train"), model.discriminator(fake, "train"));
    const slope = sqrt(squaredSlope(model.discriminator(between, "train"), between));
    const penalty = mean(square(sub(slope, 1)));
    const loss = add(distance, mul(penalty, lambda_));
    minimize("D", loss, attributes);
    return { loss, penalty };
  });
  const g = trace(store, "generator step", () => {
    const fake = model.discriminator(model.generator(input("z", [batch, latent]), "train"), "train");
    const loss = losses.wgan.generator(fake, () => fake);
    minimize("G", loss, attributes);
    return { loss };
  });

  const engine = await started(vectors, store, [d, g]);
  const found: number[] = [];
  const draw = { seed: 1, draw: 0 };
  for (let step = 0; step < steps; step++) {
    let last: Record<string, ArrayLike<number>> = {};
    for (let k = 0; k < critic; k++) {
      const now = (name: string) => part(vectors.values(name), step * critic + k, steps * critic);
      last = await engine.run(d, { real: now("in.real"), z: now("in.z"), eps: now("in.eps") }, draw);
    }
    const { loss } = await engine.run(g, { z: part(vectors.values("in.zg"), step, steps) }, draw);
    found.push(last.loss[0], last.penalty[0], loss[0]);
  }
  compare(vectors, engine, store, found);
});

Deno.test("six relativistic steps with R1 and R2 equal PyTorch's", async () => {
  const vectors = await golden("train_rpgan_r1r2");
  const attributes = vectors.attributes as Numbers<"z" | "batch" | "steps" | "gamma" | "lr">;
  const { z: latent, batch, steps, gamma } = attributes;
  const conv = (channels: number) => (name: string, x: Tensor) => conv2d(name, x, channels, { kernel: 3, padding: 1 });
  const model = defineModel({
    name: "rpgan",
    latent,
    sample: [8, 8, 1],
    generator: (z) =>
      sequential(z, [
        (name, x) => linear(name, x, 128),
        activation("leakyRelu"),
        (_, x) => unflatten(x, 4, 4),
        (name, x) => upsample(name, x, 2),
        conv(1),
      ]),
    discriminator: (x) =>
      reshape(
        sequential(x, [
          conv(8),
          activation("leakyRelu"),
          (name, x) => downsample(name, x, 2),
          conv(8),
          activation("leakyRelu"),
          (_, x) => flatten(x),
          (name, x) => linear(name, x, 1),
        ]),
        [batch],
      ),
  });

  const store = new Store(1);
  const generated = () => model.generator(input("z", [batch, latent]), "train");
  const d = trace(store, "discriminator step", () => {
    const real = input("real", [batch, ...model.sample]);
    const fake = detach(generated());
    const realLogits = model.discriminator(real, "train");
    const fakeLogits = model.discriminator(fake, "train");
    const r1 = mul(mean(squaredSlope(realLogits, real)), gamma / 2);
    const r2 = mul(mean(squaredSlope(fakeLogits, fake)), gamma / 2);
    const loss = add(losses.relativistic.discriminator(realLogits, fakeLogits), add(r1, r2));
    minimize("D", loss, attributes);
    return { loss, r1, r2 };
  });
  const g = trace(store, "generator step", () => {
    const real = () => model.discriminator(input("real", [batch, ...model.sample]), "train");
    const loss = losses.relativistic.generator(model.discriminator(generated(), "train"), real);
    minimize("G", loss, attributes);
    return { loss };
  });

  const engine = await started(vectors, store, [d, g]);
  const found: number[] = [];
  const draw = { seed: 1, draw: 0 };
  for (let step = 0; step < steps; step++) {
    const real = part(get(vectors, "in.real"), step, steps);
    const z = (which: number) => part(vectors.values("in.z"), 2 * step + which, 2 * steps);
    const { loss, r1, r2 } = await engine.run(d, { real, z: z(0) }, draw);
    found.push(loss[0], r1[0], r2[0], (await engine.run(g, { real, z: z(1) }, draw)).loss[0]);
  }
  compare(vectors, engine, store, found);
});
