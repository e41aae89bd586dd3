/**
 * The two programs of a training iteration: fix G, update D; fix D, update G (Goodfellow et al. 2014, algorithm 1).
 * Each is traced once, to be run many times.
 */
import { UsageError } from "../core/errors.ts";
import { grad } from "../graph/grad.ts";
import { add, constant, detach, div, less, max, mean, min, mul, normal, sqrt, square, sub, sum } from "../graph/ops.ts";
import type { Slot, Store } from "../graph/store.ts";
import type { Tensor } from "../graph/tensor.ts";
import { assign, input, type Program, read, trace } from "../graph/trace.ts";
import { DISCRIMINATOR, GENERATOR } from "../models/model.ts";
import { updateAverage, withAverage } from "../nn/average.ts";
import { commitIfFinite } from "../nn/guard.ts";
import { slotsOf } from "../nn/slots.ts";
import { adaptProbability } from "./augment.ts";
import { answerLoss, encodeClasses, trainingCondition } from "./conditioning.ts";
import { generate, judge, type Judgement } from "./players.ts";
import { scheduled } from "./schedule.ts";
import type { GanSettings } from "./settings.ts";

/** A batch of generated samples with what they were made from. */
interface Generated {
  readonly z: Tensor;
  readonly condition: Tensor | undefined;
  readonly samples: Tensor;
}

/** Generates a batch in training mode; `name` tells apart the draws of the two programs. */
function play(settings: GanSettings, name: string): Generated {
  const { model, batch, conditioning, latents = normal } = settings;
  const z = latents(`z.${name}`, [batch, model.latent]);
  const condition = conditioning && trainingCondition(conditioning, batch, name);
  return { z, condition, samples: generate(settings, z, "train", condition) };
}

/** The batch of real samples, the input `real`. */
function realSamples({ model, batch }: GanSettings): Tensor {
  return input("real", [batch, ...model.sample]);
}

/** √Σg² over all gradients: one number that is finite only if all of them are. */
function globalNorm(gradients: readonly Tensor[]): Tensor {
  return sqrt(gradients.map((gradient) => sum(square(gradient))).reduce(add, constant(0)));
}

/** Gradients, shortened to length `limit` all together if they are longer (Pascanu et al. 2013, algorithm 1). */
function clipped(gradients: readonly Tensor[], norm: Tensor, limit: number | undefined): readonly Tensor[] {
  if (limit === undefined) return gradients;
  const factor = min(1, div(limit, max(norm, 1e-20)));
  return gradients.map((gradient) => mul(gradient, factor));
}

/** Moves the parameters of `owner` against `loss`. @returns the length of the gradient, before it is shortened. */
function descend(owner: string, loss: Tensor, settings: GanSettings): Tensor {
  const parameters = slotsOf(owner, "parameter");
  const gradients = grad(loss, parameters.map(read));
  const norm = globalNorm(gradients);
  const update = owner === DISCRIMINATOR ? settings.updateDiscriminator : settings.updateGenerator;
  update(parameters, clipped(gradients, norm, settings.clipGradients), input("learningRate", []));
  return norm;
}

/** Cuts off parameters at ± `limit`. */
function clipWeights(parameters: readonly Slot[], limit: number): void {
  for (const slot of parameters) assign(slot, min(max(read(slot), -limit), limit));
}

/** The sum of D's penalties with their weights; undefined if there are none. */
function penaltyOf(settings: GanSettings, real: Tensor, fake: Generated, r: Judgement, f: Judgement) {
  const scene = {
    critic: (x: Tensor) => judge(settings, x, "train", fake.condition).scores,
    real,
    fake: fake.samples,
    realScores: r.scores,
    fakeScores: f.scores,
  };
  const terms = (settings.penalties ?? []).map(({ name, penalty, weight }) =>
    mul(penalty.term(scene), scheduled(`penalty.${name}`, weight))
  );
  return terms.length === 0 ? undefined : terms.reduce((a, b) => add(a, b));
}

/** What D's answers about conditions cost it; undefined if it gives none. */
function classification(settings: GanSettings, { z, condition }: Generated, r: Judgement | undefined, f: Judgement) {
  const { conditioning } = settings;
  if (!conditioning || !condition || !f.answers) return undefined;
  const generated = answerLoss(conditioning, f.answers, condition, z);
  if (conditioning.kind.classified !== "both" || !r?.answers) return generated;
  return add(answerLoss(conditioning, r.answers, condition), generated);
}

/**
 * How often D is right about real and about generated samples: on the right side of the loss's border, or of the middle
 * between both mean scores where it has none.
 */
function accuracies({ loss }: GanSettings, real: Tensor, fake: Tensor) {
  const border = loss.border === undefined ? mul(add(mean(real), mean(fake)), 0.5) : constant(loss.border);
  return { realAccuracy: mean(less(border, real)), fakeAccuracy: mean(less(fake, border)) };
}

/** How far scores are on the side of real samples. @throws UsageError if no score is the border between both sides. */
function beyondBorder({ loss: { border, about } }: GanSettings, scores: Tensor): Tensor {
  if (border !== undefined) return sub(scores, border);
  throw new UsageError(`adaptive augmentation goes by a border between real and fake, which this loss lacks: ${about}`);
}

const plus = (a: Tensor, b: Tensor | undefined) => b ? add(a, b) : a;

/**
 * Fix G, update D.
 * Inputs: `real` [batch, …sample], `learningRate` (of D, a scalar); `labels` [batch, attributes] if labels condition;
 * the scalars `noise`, `penalty.NAME` if they follow a schedule, and those that the optimiser asks for.
 * Outputs, all scalars: `loss`, with `penalty` (weighted) in it; `realAccuracy`, `fakeAccuracy`, `realScore`,
 * `fakeScore` (mean scores), `gradientNorm`, `finite`.
 * D sees real and generated samples as two batches, each with batch statistics of its own.
 * @throws UsageError for adaptive augmentation with a loss that has no border.
 */
export function discriminatorStep(store: Store, settings: GanSettings): Program {
  const { loss: { discriminator }, view = {}, batch, labelSmoothing = 0 } = settings;
  return trace(store, "discriminator step", () => {
    const made = play(settings, "discriminator");
    const fake = { ...made, samples: detach(made.samples) };
    const real = realSamples(settings);
    const r = judge(settings, real, "train", fake.condition);
    const f = judge(settings, fake.samples, "train", fake.condition);
    const penalty = penaltyOf(settings, real, fake, r, f);
    const own = plus(discriminator(r.scores, f.scores, 1 - labelSmoothing), classification(settings, fake, r, f));
    const loss = plus(own, penalty);

    const gradientNorm = descend(DISCRIMINATOR, loss, settings);
    if (settings.clipWeights !== undefined) clipWeights(slotsOf(DISCRIMINATOR, "parameter"), settings.clipWeights);
    if (view.augmentation?.adaptive) adaptProbability(beyondBorder(settings, r.scores), batch);
    const finite = commitIfFinite([loss, gradientNorm]);
    const scores = { realScore: mean(r.scores), fakeScore: mean(f.scores) };
    const health = accuracies(settings, r.scores, f.scores);
    return { loss, ...penalty && { penalty }, ...health, ...scores, gradientNorm, finite };
  });
}

/**
 * Fix D, update G, and move G's average.
 * Inputs: `learningRate` (of G) and `averageDecay`, scalars; `real` if the loss asks for real samples; further ones as
 * for D.
 * Outputs, all scalars: `loss`, `gradientNorm`, `finite`.
 */
export function generatorStep(store: Store, settings: GanSettings): Program {
  return trace(store, "generator step", () => {
    const fake = play(settings, "generator");
    const f = judge(settings, fake.samples, "train", fake.condition);
    let real: Tensor | undefined;
    const realScores = () => real ??= judge(settings, realSamples(settings), "train", fake.condition).scores;
    const own = settings.loss.generator(f.scores, realScores);
    const loss = plus(own, classification(settings, fake, undefined, f));

    const gradientNorm = descend(GENERATOR, loss, settings);
    updateAverage(GENERATOR, input("averageDecay", []));
    const finite = commitIfFinite([loss, gradientNorm]);
    return { loss, gradientNorm, finite };
  });
}

/**
 * Samples of the averaged G in evaluation mode: `z` [batch, latent] and, for a conditioned G, `labels` [batch,
 * attributes] → `samples` [batch, …sample]. A sample depends on its own latent vector and labels alone.
 */
export function samplingProgram(
  store: Store,
  settings: Pick<GanSettings, "model" | "conditioning">,
  batch: number,
): Program {
  const { model, conditioning } = settings;
  return trace(store, `sample ${batch}`, () => {
    const z = input("z", [batch, model.latent]);
    const condition = conditioning &&
      encodeClasses(conditioning, input("labels", [batch, conditioning.attributes.length]));
    return { samples: withAverage(GENERATOR, () => generate(settings, z, "evaluate", condition)) };
  });
}
