/** A duel on the stage: generator and discriminator, trained against each other while somebody watches. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { type Limit, repeat } from "./training.ts";

export interface DuelOptions {
  readonly label: string;
  /** That of the stage when left out. */
  readonly seed?: number;
  readonly model: duel.Model;
  /** The non-saturating loss when left out. */
  readonly loss?: duel.GanLoss;
  readonly penalties?: readonly duel.WeightedPenalty[];
  readonly conditioning?: duel.Conditioning;
  readonly batch: number;
  readonly limit: Limit;
  /** Learning rates of D and G. */
  readonly rates: readonly [duel.Scheduled, duel.Scheduled];
  /** Decay of the mean of gradients in Adam. */
  readonly beta1: number;
  /** Decay of the moving average of G. */
  readonly average: number;
  readonly source: duel.BatchSource;
  /** Updates of D for each of G; one when left out. */
  readonly discriminatorSteps?: number;
  /** Numbers of samples that are asked for. */
  readonly samples: readonly number[];
  /** Further programs on the same networks. */
  readonly more?: (store: duel.Store) => readonly duel.Program[];
  /** Called before the first step, and after each one. */
  readonly watch?: (step: number, players: Players) => Promise<void>;
  /** Is told what came out of each step. */
  readonly after?: (result: duel.StepResult) => void;
}

/** Both players, as far as they have come. */
export interface Players {
  readonly engine: duel.Engine;
  /** Samples of the averaged G. */
  sample(latents: Float32Array, labels?: Float32Array): Promise<Float32Array>;
}

/** Trains both players to the end. @throws DivergenceError */
export async function play(stage: Stage, options: DuelOptions): Promise<Players> {
  const { model, conditioning, beta1, watch, seed = stage.seed } = options;
  const update: duel.Update = (parameters, gradients, learningRate) =>
    duel.adam(parameters, gradients, { learningRate, beta1, beta2: 0.99 });
  const store = new duel.Store(seed);
  // #region The duel: two programs, one that fixes G and updates D, one that fixes D and updates G | 對決：兩個程式，一個固定 G、更新 D，另一個固定 D、更新 G
  const settings: duel.GanSettings = {
    model,
    loss: options.loss ?? duel.losses["non-saturating"],
    penalties: options.penalties ?? [],
    batch: options.batch,
    updateDiscriminator: update,
    updateGenerator: update,
    ...conditioning && { conditioning },
  };
  const discriminator = duel.discriminatorStep(store, settings);
  const generator = duel.generatorStep(store, settings);
  // #endregion
  const sampler = new duel.Sampler(store, { model, conditioning }, ...options.samples);
  const programs = [discriminator, generator, ...sampler.programs, ...options.more?.(store) ?? []];
  const engine = await stage.compile(store, programs);
  const trainer = new duel.Trainer(engine, store, { discriminator, generator }, options.source, {
    seed,
    discriminatorSteps: options.discriminatorSteps ?? 1,
    discriminatorRate: options.rates[0],
    generatorRate: options.rates[1],
    averageDecay: options.average,
    scheduled: Object.fromEntries((options.penalties ?? []).map(({ name, weight }) => [`penalty.${name}`, weight])),
  });
  const players: Players = { engine, sample: (latents, labels) => sampler.sample(engine, latents, labels) };
  await watch?.(0, players);
  await repeat(stage, options.label, options.limit, async () => {
    const result = await oneStep(trainer);
    options.after?.(result);
    await watch?.(trainer.step, players);
    return `D ${result.discriminatorLoss.toFixed(2)} G ${result.generatorLoss.toFixed(2)}`;
  });
  return players;
}

/** Steps between two states that a failed step can go back to. */
const KEEP_EVERY = 100;

/** The next step; one that fails goes back to the last good state first. */
async function oneStep(trainer: duel.Trainer): Promise<duel.StepResult> {
  const wanted = trainer.step + 1;
  for (;;) {
    const result = await trainer.advance();
    if (result.kind === "rollback" || result.step < wanted) continue;
    if (wanted % KEEP_EVERY === 0) trainer.keep();
    return result;
  }
}
