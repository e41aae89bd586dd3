/** Golden vectors of whole training runs: every loss of every step and all final weights, on any engine. */
import type { Compile, Values } from "../../src/backend/backend.ts";
import { fromFile } from "../../src/checkpoint/layout.ts";
import { losses } from "../../src/gan/losses.ts";
import { discriminatorStep, generatorStep, type Update } from "../../src/gan/step.ts";
import { grad } from "../../src/graph/grad.ts";
import * as ops from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, type Program, read, trace } from "../../src/graph/trace.ts";
import { dcgan } from "../../src/models/dcgan.ts";
import { mlp } from "../../src/models/mlp.ts";
import { defineModel, type Model } from "../../src/models/model.ts";
import { activation } from "../../src/nn/layers/activation.ts";
import { conv2d } from "../../src/nn/layers/convolution.ts";
import { sequential } from "../../src/nn/layers/layer.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { downsample, upsample } from "../../src/nn/layers/resample.ts";
import { optimizers } from "../../src/nn/optimizers.ts";
import { slotsOf } from "../../src/nn/slots.ts";
import { assertNormClose } from "./assert.ts";
import {
  assertSlotClose,
  channelsLast,
  type Golden,
  type GoldenAttributes,
  namesUnder,
  partOf,
  tensorOf,
} from "./golden.ts";

/** Runs a program of the training with these inputs. */
type Run = (program: string, inputs: Values) => Promise<Values>;

interface Training {
  /** The programs of one iteration, traced against one Store. */
  readonly programs: (store: Store, attributes: GoldenAttributes) => Readonly<Record<string, Program>>;
  /** Runs iteration `step`; returns the numbers that `out.losses` has for it. */
  readonly iterate: (run: Run, golden: Golden, step: number) => Promise<number[]>;
}

/** Adam as the file's settings say. */
function adam({ betas: [beta1, beta2] }: GoldenAttributes): Update {
  return (parameters, gradients, learningRate) =>
    optimizers.adam(parameters, gradients, { learningRate, beta1, beta2 });
}

/** Updates the parameters of a network against `loss`; the learning rate is an input. */
function descend(owner: string, loss: Tensor, update: Update): void {
  const parameters = slotsOf(owner, "parameter");
  update(parameters, grad(loss, parameters.map(read)), input("learningRate", []));
}

/** |∇D(x)|² of each sample. */
function squaredSlope(model: Model, x: Tensor): Tensor {
  const [gradient] = grad(ops.sum(model.discriminator(x, "train")), [x]);
  return ops.sum(ops.square(gradient), gradient.shape.map((_, axis) => axis).slice(1));
}

/** DCGAN with the non-saturating loss, by the very programs that the command trains with. */
const deepConvolutional: Training = {
  programs(store, attributes) {
    const { z, f, image, batch } = attributes;
    const settings = {
      model: dcgan({ size: image, channels: 3, latent: z, base: f }),
      loss: losses["non-saturating"],
      batch,
      updateDiscriminator: adam(attributes),
      updateGenerator: adam(attributes),
      latents: input,
    };
    return { D: discriminatorStep(store, settings), G: generatorStep(store, settings) };
  },
  async iterate(run, golden, step) {
    const latents = partOf(tensorOf(golden, "in.z"), step);
    const real = channelsLast(partOf(tensorOf(golden, "in.real"), step));
    const d = await run("D", { real: real.data, "z.discriminator": partOf(latents, 0).data });
    const g = await run("G", { "z.generator": partOf(latents, 1).data, averageDecay: Float32Array.of(0) });
    return [d.loss[0], g.loss[0]];
  },
};

/** Gulrajani et al. 2017, algorithm 1: the penalty λ·mean (|∇D(x̂)| − 1)² between real and generated points. */
const wassersteinWithPenalty: Training = {
  programs(store, attributes) {
    const { z, hidden, batch, lambda_ } = attributes;
    const model = mlp({ sample: [2], latent: z, hidden: [hidden, hidden] });
    const reals = () => input("real", [batch, ...model.sample]);
    const fakes = () => model.generator(input("z", [batch, z]), "train");
    const logits = (x: Tensor) => model.discriminator(x, "train");
    const critic = trace(store, "critic", () => {
      const [real, fake, share] = [reals(), ops.detach(fakes()), input("share", [batch, 1])];
      const between = ops.add(ops.mul(share, real), ops.mul(ops.sub(1, share), fake));
      const penalty = ops.mean(ops.square(ops.sub(ops.sqrt(squaredSlope(model, between)), 1)));
      const distance = losses.wgan.discriminator(logits(real), logits(fake));
      const loss = ops.add(distance, ops.mul(penalty, lambda_));
      descend("D", loss, adam(attributes));
      return { loss, penalty };
    });
    const generator = trace(store, "generator", () => {
      const loss = losses.wgan.generator(logits(fakes()), () => logits(reals()));
      descend("G", loss, adam(attributes));
      return { loss };
    });
    return { critic, generator };
  },
  async iterate(run, golden, step) {
    const [real, z, share] = ["real", "z", "eps"].map((name) => partOf(tensorOf(golden, `in.${name}`), step));
    let critic: Values = {};
    for (let round = 0; round < golden.attributes.critic; round++) {
      const [reals, latents, shares] = [real, z, share].map((tensor) => partOf(tensor, round).data);
      critic = await run("critic", { real: reals, z: latents, share: shares });
    }
    const generator = await run("generator", { z: partOf(tensorOf(golden, "in.zg"), step).data });
    return [critic.loss[0], critic.penalty[0], generator.loss[0]];
  },
};

/** The small networks of the run with R1 and R2; layers are numbered as in the file. */
function pooledModel(latent: number): Model {
  const window = { kernel: 3, padding: 1 };
  return defineModel({
    name: "pooled",
    latent,
    sample: [8, 8, 1],
    modulated: false,
    generator: (z) =>
      sequential(z, [
        (name, x) => linear(name, x, 128),
        activation("leakyRelu"),
        (_, x) => ops.unflatten(x, 4, 4),
        (name, x) => upsample(name, x, 2),
        (name, x) => conv2d(name, x, 1, window),
      ]),
    features: (images) =>
      sequential(images, [
        (name, x) => conv2d(name, x, 8, window),
        activation("leakyRelu"),
        (name, x) => downsample(name, x, 2),
        (name, x) => conv2d(name, x, 8, window),
        activation("leakyRelu"),
        (_, x) => ops.flatten(x),
      ]),
    head: (features) => ops.reshape(linear("6", features, 1), [features.shape[0]]),
  });
}

/** Huang et al. 2024: relativistic loss, γ/2 · mean |∇D|² on real (R1) and generated samples (R2). */
const relativisticWithPenalties: Training = {
  programs(store, attributes) {
    const { z, batch, gamma } = attributes;
    const model = pooledModel(z);
    const reals = () => input("real", [batch, ...model.sample]);
    const fakes = () => model.generator(input("z", [batch, z]), "train");
    const logits = (x: Tensor) => model.discriminator(x, "train");
    const D = trace(store, "discriminator", () => {
      const [real, fake] = [reals(), ops.detach(fakes())];
      const [r1, r2] = [real, fake].map((x) => ops.mul(ops.mean(squaredSlope(model, x)), gamma / 2));
      const loss = ops.add(losses.relativistic.discriminator(logits(real), logits(fake)), ops.add(r1, r2));
      descend("D", loss, adam(attributes));
      return { loss, r1, r2 };
    });
    const G = trace(store, "generator", () => {
      const loss = losses.relativistic.generator(logits(fakes()), () => logits(reals()));
      descend("G", loss, adam(attributes));
      return { loss };
    });
    return { D, G };
  },
  async iterate(run, golden, step) {
    const latents = partOf(tensorOf(golden, "in.z"), step);
    const real = channelsLast(partOf(tensorOf(golden, "in.real"), step)).data;
    const d = await run("D", { real, z: partOf(latents, 0).data });
    const g = await run("G", { real, z: partOf(latents, 1).data });
    return [d.loss[0], d.r1[0], d.r2[0], g.loss[0]];
  },
};

const trainings: Readonly<Record<string, Training>> = {
  train_dcgan: deepConvolutional,
  train_wgan_gp: wassersteinWithPenalty,
  train_rpgan_r1r2: relativisticWithPenalties,
};

export function isTraining(op: string): boolean {
  return op in trainings;
}

/**
 * Repeats a whole run and compares the losses and all final weights.
 * @param iterations stops earlier and then compares the losses so far only: rounding may part from the golden
 *     run for good where an activation is at its kink.
 */
export async function checkTraining(
  golden: Golden,
  compile: Compile,
  tolerance: number,
  iterations = golden.attributes.steps,
): Promise<void> {
  const { programs: traced, iterate } = trainings[golden.op];
  const store = new Store(0);
  const programs = traced(store, golden.attributes);
  const engine = await compile(store, Object.values(programs));
  try {
    for (const name of namesUnder(golden, "init")) {
      engine.write(name, fromFile(store.get(name), tensorOf(golden, `init.${name}`)));
    }
    const found: number[] = [];
    for (let step = 0; step < iterations; step++) {
      const run: Run = (name, inputs) => {
        const learningRate = Float64Array.of(golden.attributes.lr);
        return engine.run(programs[name], { ...inputs, learningRate }, { seed: 0, draw: step });
      };
      found.push(...await iterate(run, golden, step));
    }
    const { shape: [steps, kinds], data } = tensorOf(golden, "out.losses");
    const shape = [iterations, kinds];
    assertNormClose(`${golden.name}, losses`, shape, found, data.subarray(0, iterations * kinds), tolerance);
    if (iterations < steps) return;
    for (const name of namesUnder(golden, "final")) {
      const expected = tensorOf(golden, `final.${name}`);
      assertSlotClose(`${golden.name}, final ${name}`, store.get(name), engine.read(name), expected, tolerance);
    }
  } finally {
    await engine.close();
  }
}
