/** Whether samples are copies: of training images, or of each other. */
import { choose, mean, median, quantile } from "../core/statistics.ts";
import { forEachSquaredDistance, nearestSquares, neighbourSquares } from "./distances.ts";
import type { Points } from "./points.ts";

/** Held-out images that are nearer to a training image than this share of them count as suspiciously near. */
const SUSPICIOUS = 0.01;

export interface Nearness {
  /**
   * Median distance of a sample to its nearest training image, over that of a held-out image: 1 for new images, about 0
   * for copies.
   */
  readonly ratio: number;
  /** Share of samples nearer to a training image than 99 % of held-out images are: 0.01 for new images, 1 for copies. */
  readonly closer: number;
}

/** The distance of each point to its nearest of the training images. */
export function nearestDistances(points: Points, train: Points): Float64Array {
  return nearestSquares(points, train).map(Math.sqrt);
}

/** Judges the nearest distances of samples by those of real images that nobody trained on. */
export function nearness(ofSamples: Float64Array, ofHeldOut: Float64Array): Nearness {
  const near = quantile(ofHeldOut, SUSPICIOUS);
  return {
    ratio: median(ofSamples) / median(ofHeldOut),
    closer: mean(ofSamples.map((distance) => Number(distance < near))),
  };
}

/** Of the distances between real images and their nearest other ones, this share counts as between duplicates. */
const DUPLICATE = 0.001;
/** Orders in which samples are looked at. */
const TRIALS = 501;

export interface Support {
  /** Samples among which there are two duplicates with probability ½. */
  readonly batch: number;
  /** `batch`²: about how many different images the generator makes. */
  readonly size: number;
  /** No two of all samples are duplicates, so that the truth may be anything from `size` on. */
  readonly atLeast: boolean;
}

/**
 * The distance below which two images count as the same: the 0.1 % quantile of the distances between real images and
 * their nearest other ones. A rule instead of the human eye that Arora & Zhang asked.
 */
export function duplicateDistance(real: Points): number {
  return quantile(neighbourSquares(real, 1).map(Math.sqrt), DUPLICATE);
}

/**
 * The birthday paradox test (Arora & Zhang 2017, section 3): if a batch of s samples has duplicates (distance at most
 * `threshold`) with probability ½, the support is about s². For a uniform distribution over K images s is about
 * 1.18 √K, so that s² is 1.39 K; for any other one there is a set of so few images that takes up much of the
 * probability.
 *
 * How many samples it takes until two are duplicates is observed in 501 random orders of all samples, a function of the
 * seed; `batch` is the median.
 */
export function birthdaySupport(samples: Points, threshold: number, seed: number): Support {
  const { count } = samples;
  const { duplicates, words, found } = duplicateTable(samples, threshold);
  if (!found) return { batch: count, size: count * count, atLeast: true };
  const batches = Float64Array.from({ length: TRIALS }, (_, trial) => {
    const order = choose(count, count, seed, "birthday", trial);
    const seen = new Uint32Array(words);
    const first = order.findIndex((sample) => {
      for (let word = 0; word < words; word++) if (duplicates[sample * words + word] & seen[word]) return true;
      seen[sample >>> 5] |= 1 << (sample & 31);
      return false;
    });
    return first + 1;
  });
  const batch = median(batches);
  return { batch, size: batch * batch, atLeast: false };
}

/** Which samples are duplicates of which others: a bit for each pair, `words` 32-bit words a sample. */
function duplicateTable(samples: Points, threshold: number) {
  const { count } = samples;
  const words = Math.ceil(count / 32);
  const duplicates = new Uint32Array(count * words);
  const limit = threshold * threshold;
  let found = false;
  forEachSquaredDistance(samples, samples, (row, first, squares) => {
    for (let j = Math.max(row + 1 - first, 0); j < squares.length; j++) {
      if (squares[j] > limit) continue;
      const other = first + j;
      duplicates[row * words + (other >>> 5)] |= 1 << (other & 31);
      duplicates[other * words + (row >>> 5)] |= 1 << (row & 31);
      found = true;
    }
  }, { triangle: true });
  return { duplicates, words, found };
}
