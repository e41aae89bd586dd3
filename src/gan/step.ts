/**
 * The two programs of a training iteration: fix G, update D; fix D, update G (Goodfellow et al. 2014, algorithm 1).
 * Each is traced once, to be run many times.
 */
import type { Shape } from "../core/shape.ts";
import { grad } from "../graph/grad.ts";
import { add, constant, detach, mean, normal, sigmoid, sqrt, square, sum } from "../graph/ops.ts";
import type { Slot, Store } from "../graph/store.ts";
import type { Tensor } from "../graph/tensor.ts";
import { input, type Program, read, trace } from "../graph/trace.ts";
import { DISCRIMINATOR, GENERATOR, type Model } from "../models/model.ts";
import { updateAverage, withAverage } from "../nn/average.ts";
import { commitIfFinite } from "../nn/guard.ts";
import { slotsOf } from "../nn/slots.ts";
import type { GanLoss } from "./losses.ts";

/** An optimiser with its settings: gives parameters new values. */
export type Update = (parameters: readonly Slot[], gradients: readonly Tensor[], learningRate: Tensor) => void;

export interface GanSettings {
  readonly model: Model;
  readonly loss: GanLoss;
  /** Samples a step. */
  readonly batch: number;
  readonly updateDiscriminator: Update;
  readonly updateGenerator: Update;
  /** Where latent vectors come from, by the name of the draw; standard normal numbers when left out. */
  readonly latents?: (name: string, shape: Shape) => Tensor;
}

/** √Σg² over all gradients: one number that is finite only if all of them are. */
function globalNorm(gradients: readonly Tensor[]): Tensor {
  return sqrt(gradients.map((gradient) => sum(square(gradient))).reduce(add, constant(0)));
}

/** A batch of generated samples in training mode; `name` tells apart the draws of the two programs. */
function generate({ model, batch, latents = normal }: GanSettings, name: string): Tensor {
  return model.generator(latents(name, [batch, model.latent]), "train");
}

/** The batch of real samples, the input `real`. */
function realSamples({ model, batch }: GanSettings): Tensor {
  return input("real", [batch, ...model.sample]);
}

/** Mean probability that D gives to a batch. */
function score(logits: Tensor): Tensor {
  return mean(sigmoid(logits));
}

/**
 * Fix G, update D.
 * Inputs: `real` [batch, …sample], `learningRate` (of D, a scalar).
 * Outputs, all scalars: `loss`, `realScore` and `fakeScore` (mean probabilities), `gradientNorm`, `finite`.
 * D sees real and generated samples as two batches, each with batch statistics of its own.
 */
export function discriminatorStep(store: Store, settings: GanSettings): Program {
  const { model, updateDiscriminator } = settings;
  return trace(store, "discriminator step", () => {
    const fake = detach(generate(settings, "z.discriminator"));
    const realLogits = model.discriminator(realSamples(settings), "train");
    const fakeLogits = model.discriminator(fake, "train");
    const loss = settings.loss.discriminator(realLogits, fakeLogits);

    const parameters = slotsOf(DISCRIMINATOR, "parameter");
    const gradients = grad(loss, parameters.map(read));
    updateDiscriminator(parameters, gradients, input("learningRate", []));

    const gradientNorm = globalNorm(gradients);
    const finite = commitIfFinite([loss, gradientNorm]);
    return { loss, realScore: score(realLogits), fakeScore: score(fakeLogits), gradientNorm, finite };
  });
}

/**
 * Fix D, update G, and move G's average.
 * Inputs: `learningRate` (of G) and `averageDecay`, scalars; `real` if the loss asks for real samples.
 * Outputs, all scalars: `loss`, `fakeScore`, `gradientNorm`, `finite`.
 */
export function generatorStep(store: Store, settings: GanSettings): Program {
  const { model, updateGenerator } = settings;
  return trace(store, "generator step", () => {
    const fake = generate(settings, "z.generator");
    const fakeLogits = model.discriminator(fake, "train");
    const realLogits = () => model.discriminator(realSamples(settings), "train");
    const loss = settings.loss.generator(fakeLogits, realLogits);

    const parameters = slotsOf(GENERATOR, "parameter");
    const gradients = grad(loss, parameters.map(read));
    updateGenerator(parameters, gradients, input("learningRate", []));
    updateAverage(GENERATOR, input("averageDecay", []));

    const gradientNorm = globalNorm(gradients);
    const finite = commitIfFinite([loss, gradientNorm]);
    return { loss, fakeScore: score(fakeLogits), gradientNorm, finite };
  });
}

/**
 * Samples of the averaged G in evaluation mode: `z` [batch, latent] → `samples` [batch, …sample]. A sample depends on
 * its own latent vector alone.
 */
export function samplingProgram(store: Store, model: Model, batch: number): Program {
  return trace(store, `sample ${batch}`, () => {
    const z = input("z", [batch, model.latent]);
    return { samples: withAverage(GENERATOR, () => model.generator(z, "evaluate")) };
  });
}
