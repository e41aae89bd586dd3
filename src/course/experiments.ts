/** All experiments, in the order of the lecture's argument. The imports are literal, so that bundlers find them. */
import type { Experiment } from "./experiment.ts";

const table = {
  "generator-alone": async () => (await import("./generator_alone.ts")).experiment,
  "auto-encoder": async () => (await import("./auto_encoder.ts")).experiment,
  "vae": async () => (await import("./vae.ts")).experiment,
  "pixel-loss": async () => (await import("./pixel_loss.ts")).experiment,
  "discriminator-alone": async () => (await import("./discriminator_alone.ts")).experiment,
  "duel-1d": async () => (await import("./duel_1d.ts")).experiment,
  "duel-2d": async () => (await import("./duel_2d.ts")).experiment,
  "progress": async () => (await import("./progress.ts")).experiment,
  "latent": async () => (await import("./latent.ts")).experiment,
  "condition": async () => (await import("./condition.ts")).experiment,
  "structure": async () => (await import("./structure.ts")).experiment,
  "compare": async () => (await import("./compare.ts")).experiment,
  "variants": async () => (await import("./variants.ts")).experiment,
} as const satisfies Record<string, () => Promise<Experiment>>;

export type ExperimentName = keyof typeof table;

export const EXPERIMENT_NAMES = Object.keys(table) as readonly ExperimentName[];

/** An experiment by name. */
export function loadExperiment(name: ExperimentName): Promise<Experiment> {
  return table[name]();
}
