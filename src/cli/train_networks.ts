/** From settings to traced programs. */
import { losses } from "../gan/losses.ts";
import { Sampler } from "../gan/sampler.ts";
import { discriminatorStep, type GanSettings, generatorStep, type Update } from "../gan/step.ts";
import type { TrainingPrograms } from "../gan/train.ts";
import { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import type { Model } from "../models/model.ts";
import { createModel } from "../models/registry.ts";
import { adam, adamw, rmsprop, sgd } from "../nn/optimizers.ts";
import type { TrainSettings } from "./train_config.ts";

/** Samples on the grids of a run. */
export const GRID_SAMPLES = 64;

/** All that is traced for a run. */
export interface Networks {
  readonly model: Model;
  readonly store: Store;
  readonly steps: TrainingPrograms;
  /** Makes grids of `GRID_SAMPLES`. */
  readonly sampler: Sampler;
  /** Everything to compile. */
  readonly programs: readonly Program[];
}

/** The model of a run. @throws UsageError if it cannot make such images. */
export function modelOf({ data: { size }, model: { name, ...settings } }: TrainSettings, channels: number): Model {
  return createModel(name, [size, size, channels], settings);
}

/** Traces the programs of a run on images with `channels` channels. @throws UsageError */
export function buildNetworks(settings: TrainSettings, channels: number): Networks {
  const model = modelOf(settings, channels);
  const store = new Store(settings.seed);
  const update = updateOf(settings.optimizer);
  const gan: GanSettings = {
    model,
    loss: losses[settings.loss],
    batch: settings.batch,
    updateDiscriminator: update,
    updateGenerator: update,
  };
  const steps = { discriminator: discriminatorStep(store, gan), generator: generatorStep(store, gan) };
  const sampler = new Sampler(store, model, GRID_SAMPLES);
  return { model, store, steps, sampler, programs: [steps.discriminator, steps.generator, ...sampler.programs] };
}

function updateOf({ name, beta1, beta2 }: TrainSettings["optimizer"]): Update {
  switch (name) {
    case "adam":
      return (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate, beta1, beta2 });
    case "adamw":
      return (parameters, gradients, learningRate) => adamw(parameters, gradients, { learningRate, beta1, beta2 });
    case "rmsprop":
      return (parameters, gradients, learningRate) => rmsprop(parameters, gradients, { learningRate });
    case "sgd":
      return (parameters, gradients, learningRate) => sgd(parameters, gradients, { learningRate });
  }
}
