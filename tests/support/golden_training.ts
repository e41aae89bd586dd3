/** Golden vectors of whole training runs: every loss of every step and all final weights, on any engine. */
import type { Compile, Values } from "../../src/backend/backend.ts";
import { fromFile } from "../../src/checkpoint/layout.ts";
import { losses } from "../../src/gan/losses.ts";
import { penalties, type Penalty, type Scene, slopeBetween } from "../../src/gan/penalties.ts";
import type { GanSettings, Update, WeightedPenalty } from "../../src/gan/settings.ts";
import { discriminatorStep, generatorStep } from "../../src/gan/step.ts";
import * as ops from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { input, type Program, watch } from "../../src/graph/trace.ts";
import { dcgan } from "../../src/models/dcgan.ts";
import { mlp } from "../../src/models/mlp.ts";
import { defineModel, type Model } from "../../src/models/model.ts";
import { activation } from "../../src/nn/layers/activation.ts";
import { conv2d } from "../../src/nn/layers/convolution.ts";
import { sequential } from "../../src/nn/layers/layer.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { downsample, upsample } from "../../src/nn/layers/resample.ts";
import { optimizers } from "../../src/nn/optimizers.ts";
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

/** Both programs of a step as the command trains with them; latent vectors are inputs. */
function bothSteps(
  store: Store,
  attributes: GoldenAttributes,
  settings: Pick<GanSettings, "model" | "loss" | "penalties">,
) {
  const update = adam(attributes);
  const { batch } = attributes;
  const gan = { ...settings, batch, updateDiscriminator: update, updateGenerator: update, latents: input };
  return { D: discriminatorStep(store, gan), G: generatorStep(store, gan) };
}

/** A penalty of weight 1 with its weighted term among the outputs. */
function watched(name: string, penalty: Penalty, weight: number): WeightedPenalty {
  const term = (scene: Scene) => watch(name, ops.mul(penalty.term(scene), weight));
  return { name, penalty: { ...penalty, term }, weight: 1 };
}

/** G's inputs beside its latent vectors. */
const still = { averageDecay: Float32Array.of(0) };

/** DCGAN with the non-saturating loss, by the very programs that the command trains with. */
const deepConvolutional: Training = {
  programs(store, attributes) {
    const { z, f, image } = attributes;
    const model = dcgan({ size: image, channels: 3, latent: z, base: f });
    return bothSteps(store, attributes, { model, loss: losses["non-saturating"] });
  },
  async iterate(run, golden, step) {
    const latents = partOf(tensorOf(golden, "in.z"), step);
    const real = channelsLast(partOf(tensorOf(golden, "in.real"), step));
    const d = await run("D", { real: real.data, "z.discriminator": partOf(latents, 0).data });
    const g = await run("G", { "z.generator": partOf(latents, 1).data, ...still });
    return [d.loss[0], g.loss[0]];
  },
};

/** Gulrajani et al. 2017, algorithm 1: the penalty λ·mean (|∇D(x̂)| − 1)² between real and generated points. */
const wassersteinWithPenalty: Training = {
  programs(store, attributes) {
    const { z, hidden, batch, lambda_ } = attributes;
    const term = (scene: Scene) => slopeBetween(scene, input("share", [batch, 1]));
    const penalty = { ...penalties["wgan-gp"], term };
    return bothSteps(store, attributes, {
      model: mlp({ sample: [2], latent: z, hidden: [hidden, hidden] }),
      loss: losses.wgan,
      penalties: [{ name: "wgan-gp", penalty, weight: lambda_ }],
    });
  },
  async iterate(run, golden, step) {
    const [real, z, share] = ["real", "z", "eps"].map((name) => partOf(tensorOf(golden, `in.${name}`), step));
    let critic: Values = {};
    for (let round = 0; round < golden.attributes.critic; round++) {
      const [reals, latents, shares] = [real, z, share].map((tensor) => partOf(tensor, round).data);
      critic = await run("D", { real: reals, "z.discriminator": latents, share: shares });
    }
    const generator = await run("G", { "z.generator": partOf(tensorOf(golden, "in.zg"), step).data, ...still });
    return [critic.loss[0], critic.penalty[0] / golden.attributes.lambda_, generator.loss[0]];
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
    const { z, gamma } = attributes;
    return bothSteps(store, attributes, {
      model: pooledModel(z),
      loss: losses.relativistic,
      penalties: [watched("r1", penalties.r1, gamma), watched("r2", penalties.r2, gamma)],
    });
  },
  async iterate(run, golden, step) {
    const latents = partOf(tensorOf(golden, "in.z"), step);
    const real = channelsLast(partOf(tensorOf(golden, "in.real"), step)).data;
    const d = await run("D", { real, "z.discriminator": partOf(latents, 0).data });
    const g = await run("G", { real, "z.generator": partOf(latents, 1).data, ...still });
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
