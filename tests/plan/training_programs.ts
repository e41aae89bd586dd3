/** Real training steps, compiled: small networks, but every instruction that training them takes. */
import type { Shape } from "../../src/core/shape.ts";
import { losses } from "../../src/gan/losses.ts";
import type { Update } from "../../src/gan/settings.ts";
import { discriminatorStep, generatorStep, samplingProgram } from "../../src/gan/step.ts";
import { Store } from "../../src/graph/store.ts";
import { createModel } from "../../src/models/registry.ts";
import { adam } from "../../src/nn/optimizers.ts";
import { compilePrograms } from "../../src/plan/compile.ts";
import type { Sample } from "./sketch.ts";

const THREADS = 3;

/**
 * The programs of one training run: update of D, update of G, sampling. Where the channels `base` of a `dcgan` are a
 * multiple of 8, its convolutions take fast forms.
 */
export function trainingPrograms(model: "dcgan" | "mlp", sample: Shape, base = 3): readonly Sample[] {
  const store = new Store(1);
  const update: Update = (parameters, gradients, learningRate) =>
    adam(parameters, gradients, { learningRate, beta1: 0.5 });
  const settings = {
    model: createModel(model, sample, { latent: 5, base, hidden: [7, 9] }),
    loss: losses["non-saturating"],
    batch: 2,
    updateDiscriminator: update,
    updateGenerator: update,
  };
  const programs = [
    discriminatorStep(store, settings),
    generatorStep(store, settings),
    samplingProgram(store, settings, 3),
  ];
  return compilePrograms(store, programs, { threads: THREADS }).programs;
}
