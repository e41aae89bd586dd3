/** From settings to traced programs. */
import { PlanError } from "../core/errors.ts";
import { losses } from "../gan/losses.ts";
import { Sampler } from "../gan/sampler.ts";
import { discriminatorStep, type GanSettings, generatorStep, type Update } from "../gan/step.ts";
import type { TrainingPrograms } from "../gan/train.ts";
import { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import type { Model } from "../models/model.ts";
import { createModel } from "../models/registry.ts";
import { adam, adamw, rmsprop, sgd } from "../nn/optimizers.ts";
import { compilePrograms } from "../plan/compile.ts";
import { formsOf } from "./plan_facts.ts";
import type { TrainSettings } from "./train_config.ts";

/** Samples on the grids of a run. */
export const GRID_SAMPLES = 64;

/** All that is traced for a run. */
export interface Prepared {
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

/**
 * Traces the programs of a run on images with `channels` channels.
 * @param store a new one if left out; another batch may be traced against the store of an earlier one.
 * @throws UsageError
 */
export function buildNetworks(
  settings: TrainSettings,
  channels: number,
  store: Store = new Store(settings.seed),
): Prepared {
  const model = modelOf(settings, channels);
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

/**
 * Runs `compile`; if the plans do not fit into memory, finds the largest batch that does, for the error.
 * @throws PlanError
 */
export async function withFittingBatch<T>(
  { store, model }: Prepared,
  settings: TrainSettings,
  threads: number,
  compile: () => T | Promise<T>,
): Promise<T> {
  try {
    return await compile();
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const fits = (batch: number) =>
      isPlannable(() => {
        const { programs } = buildNetworks({ ...settings, batch }, model.sample[2], store);
        compilePrograms(store, programs, { threads, forms: formsOf(settings.exact) });
      });
    // It may also be that the plans fit and this computer has not as much memory.
    const batch = fits(settings.batch) ? 0 : largest(settings.batch - 1, fits);
    if (batch === 0) throw error;
    throw new PlanError(`${error.message}; the largest batch that fits is ${batch}`);
  }
}

function isPlannable(plan: () => void): boolean {
  try {
    plan();
    return true;
  } catch (error) {
    if (error instanceof PlanError) return false;
    throw error;
  }
}

/** The largest number from 1 to `most` for which `holds`, which must hold for all below it; 0 if there is none. */
function largest(most: number, holds: (value: number) => boolean): number {
  let [yes, no] = [0, most + 1];
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
