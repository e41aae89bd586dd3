/** From settings to traced programs. */
import { PlanError, UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { namedSets } from "../data/dataset.ts";
import type { Attribute } from "../models/attribute.ts";
import { type Conditioning, conditionings, requireAttributes } from "../gan/conditioning.ts";
import { losses } from "../gan/losses.ts";
import { penalties } from "../gan/penalties.ts";
import { type Generator, Sampler } from "../gan/sampler.ts";
import { type Scheduled, scheduled } from "../gan/schedule.ts";
import type { GanSettings, Update } from "../gan/settings.ts";
import { discriminatorStep, generatorStep } from "../gan/step.ts";
import type { TrainingPrograms, TrainingSettings } from "../gan/train.ts";
import { mul, normal, sub, uniform } from "../graph/ops.ts";
import { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import { createModel } from "../models/registry.ts";
import { adam, adamw, rmsprop, sgd } from "../nn/optimizers.ts";
import { compilePrograms } from "../plan/compile.ts";
import { batchUnit } from "./contradictions.ts";
import { formsOf } from "./plan_facts.ts";
import type { TrainSettings } from "./settings.ts";
import { conditionedOn, pointData, toyOf } from "./training_data.ts";

/** What must be known of the data before networks can be built. */
export interface SampleKind {
  readonly name: string;
  readonly shape: Shape;
  readonly attributes: readonly Attribute[];
}

/** What is known of named data without loading them; undefined where they must be looked at. */
export function foreseenKind(settings: TrainSettings): SampleKind | undefined {
  const { data: { name, size } } = settings;
  const toy = toyOf(settings);
  if (toy) return pointData(toy);
  const known = Object.hasOwn(namedSets, name) ? namedSets[name] : undefined;
  return known && { name, shape: [size!, size!, known.channels], attributes: known.attributes };
}

/** All that is traced for a run. */
export interface Prepared {
  readonly generator: Generator;
  readonly store: Store;
  readonly steps: TrainingPrograms;
  /** Makes as many samples at once as one of `sampled` says. */
  readonly sampler: Sampler;
  readonly sampled: readonly number[];
  /** Everything to compile. */
  readonly programs: readonly Program[];
}

/** G's half of the settings. @throws UsageError if the model cannot make such samples or there is no such label. */
export function generatorOf(settings: TrainSettings, kind: SampleKind): Generator {
  const { name, latent, base, hidden, blocks, norm } = settings.model;
  const options = { latent, base, hidden, blocks, discriminatorNorm: norm ?? undefined };
  return { model: createModel(name, kind.shape, options), conditioning: conditioningOf(settings, kind) };
}

function conditioningOf({ condition, model: { latent } }: TrainSettings, data: SampleKind): Conditioning | undefined {
  if (condition === null) return undefined;
  const kind = conditionings[condition.kind];
  const { codes, continuous } = condition;
  const attributes = kind.drawn ? codes.map((count, index) => code(count, index, codes.length)) : conditionedOn(
    condition.labels,
    data,
  );
  const conditioning = { kind, attributes, continuous };
  requireAttributes(conditioning);
  if (continuous >= latent) {
    throw new UsageError(`${continuous} continuous codes leave none of ${latent} latent numbers; take fewer`);
  }
  return conditioning;
}

/** A categorical code as an attribute: `code`, or `code1`, `code2` … where there are several. */
function code(classes: number, index: number, count: number): Attribute {
  return {
    name: count === 1 ? "code" : `code${index + 1}`,
    classes: Array.from({ length: classes }, (_, i) => String(i)),
  };
}

/** The whole composition. */
export function ganOf(settings: TrainSettings, generator: Generator): GanSettings {
  const { loss, view, optimizer, batch, model } = settings;
  const update = updateOf(optimizer);
  return {
    ...generator,
    loss: losses[loss.name],
    batch,
    updateDiscriminator: update,
    updateGenerator: update,
    penalties: settings.penalties.map(({ name, weight }) => ({ name, penalty: penalties[name], weight })),
    view: {
      packed: view.packed,
      noise: view.noise,
      minibatchDeviation: view.minibatchDeviation,
      spectralNorm: view.spectralNorm,
      ...view.augment.length > 0 && { augmentation: { policies: view.augment, adaptive: view.adaptive } },
    },
    labelSmoothing: loss.labelSmoothing,
    ...optimizer.clipWeights !== null && { clipWeights: optimizer.clipWeights },
    ...optimizer.clipGradients !== null && { clipGradients: optimizer.clipGradients },
    latents: model.latents === "normal" ? normal : (name, shape) => sub(mul(uniform(name, shape), 2), 1),
  };
}

/** Names of the programs' inputs that follow a schedule, with their settings; see `scheduled`. */
function scheduledInputs({ view, penalties, optimizer }: TrainSettings): Record<string, Scheduled> {
  return {
    noise: view.noise,
    beta2: optimizer.beta2,
    ...Object.fromEntries(penalties.map(({ name, weight }) => [`penalty.${name}`, weight])),
  };
}

/** What the training loop needs of the settings. */
export function loopSettings(settings: TrainSettings): TrainingSettings {
  const { seed, discriminatorSteps, optimizer, average } = settings;
  return {
    seed,
    discriminatorSteps,
    discriminatorRate: optimizer.discriminatorRate,
    generatorRate: optimizer.generatorRate,
    averageDecay: average,
    scheduled: scheduledInputs(settings),
  };
}

/**
 * Traces the programs of a run.
 * @param sampled numbers of samples that are made at once.
 * @param store a new one if left out; another batch may be traced against the store of an earlier one.
 * @throws UsageError
 */
export function buildNetworks(
  settings: TrainSettings,
  kind: SampleKind,
  sampled: readonly number[],
  store: Store = new Store(settings.seed),
): Prepared {
  const generator = generatorOf(settings, kind);
  const gan = ganOf(settings, generator);
  const steps = { discriminator: discriminatorStep(store, gan), generator: generatorStep(store, gan) };
  const sampler = new Sampler(store, generator, ...sampled);
  const programs = [steps.discriminator, steps.generator, ...sampler.programs];
  return { generator, store, steps, sampler, sampled, programs };
}

function updateOf({ name, beta1, beta2: decay }: TrainSettings["optimizer"]): Update {
  switch (name) {
    case "adam":
    case "adamw": {
      const optimize = name === "adam" ? adam : adamw;
      return (parameters, gradients, learningRate) =>
        optimize(parameters, gradients, { learningRate, beta1, beta2: scheduled("beta2", decay) });
    }
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
  { store, sampled }: Prepared,
  settings: TrainSettings,
  kind: SampleKind,
  threads: number,
  compile: () => T | Promise<T>,
): Promise<T> {
  try {
    return await compile();
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const fits = (batch: number) =>
      isPlannable(() => {
        const { programs } = buildNetworks({ ...settings, batch }, kind, sampled, store);
        compilePrograms(store, programs, { threads, forms: formsOf(settings.exact) });
      });
    // It may also be that the plans fit and this computer has not as much memory.
    if (fits(settings.batch)) throw error;
    const unit = batchUnit(settings.view);
    const units = largest(Math.floor((settings.batch - 1) / unit), (count) => fits(count * unit));
    if (units === 0) throw error;
    throw new PlanError(`${error.message}; the largest batch that fits is ${units * unit}`);
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
