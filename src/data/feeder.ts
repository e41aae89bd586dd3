/** Batches: which images, mirrored or not, and as the values that the networks see. */
import { streamId, uniform } from "../core/random.ts";
import { UsageError } from "../core/errors.ts";
import { permutation } from "./permutation.ts";
import type { Dataset, LabelAttribute } from "./types.ts";

export interface FeederOptions {
  /** Images a batch. */
  readonly batch: number;
  readonly seed: number;
  /** Mirror every second image, on average, left to right. */
  readonly flip: boolean;
}

/** The value of each byte: byte/127.5 − 1, rounded to float32. */
const VALUES = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/** Images `from` to `to` (not included) of a data set as networks see them, [images, size, size, channels]. */
export function imageValues({ pixels, size, channels }: Dataset, from: number, to: number): Float32Array {
  const length = size * size * channels;
  return Float32Array.from(pixels.subarray(from * length, to * length), (byte) => VALUES[byte]);
}

/**
 * Hands out batches. Batch number `draw` is a pure function of (seed, draw): nothing is remembered between calls, so a
 * resumed run goes on with the batch that it would have got. The images are laid end to end, epoch after epoch, each
 * epoch in an order of its own; batch d is the d-th stretch of them, and may span two epochs or more.
 */
export class BatchFeeder {
  readonly #dataset: Dataset;
  readonly #options: FeederOptions;
  readonly #flipStream = streamId("flip");
  /** The orders of the last two epochs asked for: a matter of speed only. */
  #orders: { epoch: number; order: (index: number) => number }[] = [];

  /** @throws UsageError if the batch is no positive integer. */
  constructor(dataset: Dataset, options: FeederOptions) {
    if (!Number.isInteger(options.batch) || options.batch < 1) {
      throw new UsageError(`a batch has ${options.batch} images; expected an integer of at least 1`);
    }
    this.#dataset = dataset;
    this.#options = options;
  }

  /** Which images are in batch `draw`. */
  indices(draw: number): Uint32Array {
    const { batch } = this.#options;
    const { count } = this.#dataset;
    return Uint32Array.from({ length: batch }, (_, element) => {
      const position = draw * batch + element;
      return this.#order(Math.floor(position / count))(position % count);
    });
  }

  /** Writes batch `draw` to `target`: batch×size×size×channels values in [−1, 1]. */
  fill(draw: number, target: Float32Array): void {
    const { pixels, size, channels } = this.#dataset;
    const { seed, flip } = this.#options;
    const length = size * size * channels;
    this.indices(draw).forEach((image, element) => {
      const from = image * length;
      const to = element * length;
      if (flip && uniform(seed, this.#flipStream, draw, element) < 0.5) {
        copyMirrored(pixels, from, target, to, size, channels);
      } else {
        for (let i = 0; i < length; i++) target[to + i] = VALUES[pixels[from + i]];
      }
    });
  }

  /** Writes the classes of the images of batch `draw`, as whole numbers, to `target`: batch×attributes values. */
  fillLabels(draw: number, attributes: readonly LabelAttribute[], target: Float32Array): void {
    this.indices(draw).forEach((image, element) =>
      attributes.forEach(({ indices }, column) => target[element * attributes.length + column] = indices[image])
    );
  }

  #order(epoch: number): (index: number) => number {
    const known = this.#orders.find((candidate) => candidate.epoch === epoch);
    if (known) return known.order;
    const order = permutation(this.#dataset.count, this.#options.seed, epoch);
    this.#orders = [{ epoch, order }, ...this.#orders.slice(0, 1)];
    return order;
  }
}

/** One image, each row from right to left. */
function copyMirrored(
  pixels: Uint8Array,
  from: number,
  target: Float32Array,
  to: number,
  size: number,
  channels: number,
): void {
  for (let y = 0; y < size; y++) {
    const row = y * size * channels;
    for (let x = 0; x < size; x++) {
      const source = from + row + (size - 1 - x) * channels;
      const sink = to + row + x * channels;
      for (let c = 0; c < channels; c++) target[sink + c] = VALUES[pixels[source + c]];
    }
  }
}
