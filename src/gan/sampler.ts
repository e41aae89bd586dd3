/** Samples in any number, from programs of a few fixed batch sizes. */
import type { Engine } from "../backend/backend.ts";
import { UsageError } from "../core/errors.ts";
import { sizeOf } from "../core/shape.ts";
import type { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import type { GanSettings } from "./settings.ts";
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

/** The part of a GAN that makes samples. */
export type Generator = Pick<GanSettings, "model" | "conditioning">;

/** Makes samples with the average of G in evaluation mode. */
export class Sampler {
  readonly #generator: Generator;
  readonly #programs: ReadonlyMap<number, Program>;

  /** Traces the programs that these numbers of samples need. */
  constructor(store: Store, generator: Generator, ...counts: readonly number[]) {
    this.#generator = generator;
    this.#programs = new Map(
      [...new Set(counts.flatMap(batchSizes))].map((size) => [size, samplingProgram(store, generator, size)]),
    );
  }

  /** To be compiled. */
  get programs(): Program[] {
    return [...this.#programs.values()];
  }

  /**
   * Samples of latent vectors [count, latent], with a `count` that the programs were traced for: [count, …sample].
   * The last batch is padded with zeros; a sample depends on its own latent vector and labels alone.
   * @param labels [count, attributes], for a conditioned G.
   */
  async sample(engine: Engine, latents: Float32Array, labels?: Float32Array): Promise<Float32Array> {
    const { model: { latent, sample }, conditioning } = this.#generator;
    const count = latents.length / latent;
    const length = sizeOf(sample);
    const attributes = conditioning?.attributes.length ?? 0;
    if ((labels?.length ?? 0) !== count * attributes) {
      throw new UsageError(`${count} samples got ${labels?.length ?? 0} labels; expected ${attributes} for each`);
    }
    const samples = new Float32Array(count * length);
    let done = 0;
    for (const size of batchSizes(count)) {
      const used = Math.min(size, count - done);
      const part = (values: Float32Array, width: number) => {
        const padded = new Float32Array(size * width);
        padded.set(values.subarray(done * width, (done + used) * width));
        return padded;
      };
      const inputs = { z: part(latents, latent), ...labels && { labels: part(labels, attributes) } };
      const outputs = await engine.run(this.#programs.get(size)!, inputs, { seed: 0, draw: 0 });
      samples.set(outputs.samples.subarray(0, used * length), done * length);
      done += used;
    }
    return samples;
  }
}
