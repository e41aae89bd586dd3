/** Samples in any number, from programs of a few fixed batch sizes. */
import type { Engine } from "../backend/backend.ts";
import { sizeOf } from "../core/shape.ts";
import type { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import type { Model } from "../models/model.ts";
import { samplingProgram } from "./step.ts";

/** Batch sizes that programs are made for, ascending. */
const SIZES = [1, 8, 64] as const;

/** Batches that together make at least `count` samples: the largest ones, then the smallest that has room for the rest. */
export function batchSizes(count: number): number[] {
  const largest = SIZES[SIZES.length - 1];
  const sizes = new Array<number>(Math.floor(count / largest)).fill(largest);
  const rest = count % largest;
  if (rest > 0) sizes.push(SIZES.find((size) => size >= rest)!);
  return sizes;
}

/** Makes samples with the average of G in evaluation mode. */
export class Sampler {
  readonly #model: Model;
  readonly #programs: ReadonlyMap<number, Program>;

  /** Traces the programs that `count` samples need. */
  constructor(store: Store, model: Model, count: number) {
    this.#model = model;
    this.#programs = new Map(
      [...new Set(batchSizes(count))].map((size) => [size, samplingProgram(store, model, size)]),
    );
  }

  /** To be compiled. */
  get programs(): Program[] {
    return [...this.#programs.values()];
  }

  /**
   * Samples of latent vectors [count, latent], with the `count` that the programs were traced for: [count, …sample].
   * The last batch is padded with zeros; a sample depends on its own latent vector alone.
   */
  async sample(engine: Engine, latents: Float32Array): Promise<Float32Array> {
    const { latent } = this.#model;
    const count = latents.length / latent;
    const length = sizeOf(this.#model.sample);
    const samples = new Float32Array(count * length);
    let done = 0;
    for (const size of batchSizes(count)) {
      const used = Math.min(size, count - done);
      const z = new Float32Array(size * latent);
      z.set(latents.subarray(done * latent, (done + used) * latent));
      const outputs = await engine.run(this.#programs.get(size)!, { z }, { seed: 0, draw: 0 });
      samples.set(outputs.samples.subarray(0, used * length), done * length);
      done += used;
    }
    return samples;
  }
}
