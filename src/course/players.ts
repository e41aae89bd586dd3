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
  readonly latents?: duel.GanSettings["latents"];
  readonly batch: number;
  readonly limit: Limit;
  /** Learning rates of D and G. */
  readonly rates: readonly [duel.Scheduled, duel.Scheduled];
  /** Decay of the mean of gradients in Adam. */
  readonly beta1: number;
  readonly average: number;
  readonly source: duel.BatchSource;
  /** Updates of D for each of G; one when left out. */
  readonly discriminatorSteps?: number;
  /** Numbers of samples that are asked for. */
  readonly samples: readonly number[];
  /** Further programs on the same networks. */
  readonly more?: (store: duel.Store) => readonly duel.Program[];
  /** Called before the first step, and after each one. */
  readonly watch?: (step: number, players: Players, result?: duel.StepResult) => Promise<void>;
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
  const settings: duel.GanSettings = {
    model,
    loss: options.loss ?? duel.losses["non-saturating"],
    batch: options.batch,
    updateDiscriminator: update,
    updateGenerator: update,
    penalties: options.penalties ?? [],
    ...conditioning && { conditioning },
    ...options.latents && { latents: options.latents },
  };
  const store = new duel.Store(seed);
  const programs = {
    discriminator: duel.discriminatorStep(store, settings),
    generator: duel.generatorStep(store, settings),
  };
  const sampler = new duel.Sampler(store, { model, conditioning }, ...options.samples);
  const all = [...Object.values(programs), ...sampler.programs, ...options.more?.(store) ?? []];
  const engine = await stage.compile(store, all);
  const penalties = (options.penalties ?? []).map(({ name, weight }) => [`penalty.${name}`, weight] as const);
  const trainer = new duel.Trainer(engine, store, programs, options.source, {
    seed,
    discriminatorSteps: options.discriminatorSteps ?? 1,
    discriminatorRate: options.rates[0],
    generatorRate: options.rates[1],
    averageDecay: options.average,
    scheduled: Object.fromEntries(penalties),
  });
  const players: Players = { engine, sample: (latents, labels) => sampler.sample(engine, latents, labels) };
  await watch?.(0, players);
  await repeat(stage, options.label, options.limit, async () => {
    const result = await trainer.advance();
    if (result.kind === "rollback") return undefined;
    await watch?.(result.step, players, result);
    return `D ${result.discriminatorLoss.toFixed(2)} G ${result.generatorLoss.toFixed(2)}`;
  });
  return players;
}
