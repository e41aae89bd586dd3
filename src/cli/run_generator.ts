/** The generator of a run on an engine: what `sample` and `eval` ask for samples. */
import type { Engine } from "../backend/backend.ts";
import { valuesOf } from "../checkpoint/layout.ts";
import { DataError } from "../core/errors.ts";
import { type LatentDistribution, seedClass, seedLatent } from "../gan/latents.ts";
import { type Generator, Sampler } from "../gan/sampler.ts";
import { Store } from "../graph/store.ts";
import { type EngineOptions, startEngines, type Traced } from "./engine.ts";
import type { RunInput } from "./run_input.ts";
import { generatorOf } from "./train_networks.ts";

/** Makes samples of latent vectors [count, latent] and, of a conditioned generator, classes [count, attributes]. */
export type Draw = (latents: Float32Array, labels?: Float32Array) => Promise<Float32Array>;

/** G's half of a run. */
export function runGenerator({ config }: RunInput): Generator {
  return generatorOf(config, config.samples);
}

/**
 * Puts the averaged generator of a checkpoint on an engine for as long as `body` runs.
 * @param count samples that `body` draws at once.
 * @param second further programs, which get an engine of their own.
 * @throws DataError if the checkpoint is of another model.
 */
export async function withGenerator<T>(
  { config, checkpoint }: RunInput,
  generator: Generator,
  count: number,
  options: Omit<EngineOptions, "exact">,
  body: (draw: Draw, second: Engine | undefined) => Promise<T>,
  second?: Traced,
): Promise<T> {
  const store = new Store(config.seed);
  const sampler = new Sampler(store, generator, count);
  const traced = [{ store, programs: sampler.programs }, ...second ? [second] : []];
  const engines = (await startEngines(traced, { ...options, exact: config.exact })).map(({ engine }) => engine);
  try {
    restore(engines[0], store, checkpoint);
    return await body((latents, labels) => sampler.sample(engines[0], latents, labels), engines[1]);
  } finally {
    for (const engine of engines) await engine.close();
  }
}

function restore(engine: Engine, store: Store, { path, tensors }: RunInput["checkpoint"]): void {
  try {
    const needed = new Map([...tensors].filter(([name]) => store.has(name)));
    for (const [name, values] of valuesOf(store.slots(), needed)) engine.write(name, values);
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`cannot use ${path}: ${error.message}`);
    throw error;
  }
}

/** Latent vectors of neighbouring seeds, with the labels that `sample` draws for them. */
export function seeded(
  { model: { latent }, conditioning }: Generator,
  distribution: LatentDistribution,
  seed: number,
  count: number,
) {
  const attributes = conditioning?.attributes ?? [];
  const latents = new Float32Array(count * latent);
  const labels = conditioning && new Float32Array(count * attributes.length);
  for (let i = 0; i < count; i++) {
    latents.set(seedLatent(seed + i, latent, { distribution }), i * latent);
    attributes.forEach((attribute, column) => {
      labels![i * attributes.length + column] = seedClass(seed + i, attribute);
    });
  }
  return { latents, labels };
}
