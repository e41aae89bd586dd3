/**
 * How well samples cover a toy: by its modes, where it has modes, and by its density. Everything is compared with the
 * distribution itself, not with a second set of samples. Even perfect samples do not score 0: `toyFloor` tells what
 * they score, and belongs beside every number.
 */
import type { Distribution, Gaussian } from "../data/toys.ts";
import { cellMasses, type Grid, histogram } from "./toy_cells.ts";
import { slicedWasserstein } from "./toy_slices.ts";

/** Samples to judge by: what VEEGAN (Srivastava et al. 2017) and PacGAN (Lin et al. 2018) take. */
export const TOY_SAMPLES = 2500;

/** A sample within so many standard deviations of a mode's centre is one of high quality (both papers). */
const HIGH_QUALITY_SDS = 3;

export interface ToyMetric {
  readonly about: string;
  readonly better: "lower" | "higher";
  /** Only a toy that has modes has it. */
  readonly ofModes?: true;
}

const table = {
  "modes": {
    about:
      "modes with at least one sample of high quality: within 3 standard deviations of a centre, of all that exist",
    better: "higher",
    ofModes: true,
  },
  "high-quality": {
    about: "share of the samples that are within 3 standard deviations of the nearest mode's centre",
    better: "higher",
    ofModes: true,
  },
  "reverse-kl": {
    about: "KL divergence, in nats, of the modes of the samples of high quality from the modes' true weights",
    better: "lower",
    ofModes: true,
  },
  "total-variation": {
    about: "half the summed differences between the samples' histogram and the true masses of its cells; 0 to 1",
    better: "lower",
  },
  "jensen-shannon": {
    about: "Jensen-Shannon divergence of the same two, in nats; 0 to 0.693",
    better: "lower",
  },
  "wasserstein": {
    about:
      "how far, on average, mass must move along a line, averaged over 16 directions (sliced Wasserstein-1 distance)",
    better: "lower",
  },
} as const satisfies Record<string, ToyMetric>;

export type ToyMetricName = keyof typeof table;

/** Metrics of toys by name. */
export const toyMetrics: Readonly<Record<ToyMetricName, ToyMetric>> = table;

/** The metrics that there are of a toy, in the order of `toyMetrics`. */
export function metricsOfToy({ modes }: Distribution): ToyMetricName[] {
  return (Object.keys(toyMetrics) as ToyMetricName[]).filter((name) => modes || !toyMetrics[name].ofModes);
}

/** What samples score. The metrics of modes are missing where a toy has none. */
export type ToyScores = Readonly<Partial<Record<ToyMetricName, number>>>;

/** A distribution to judge samples of, and where a histogram looks. */
export type Judged = Distribution & { readonly box: readonly (readonly [low: number, high: number])[] };

/** Cells of the histogram along each axis of the box; what is outside of the box is one cell more. */
const CELLS: Readonly<Record<1 | 2, number>> = { 1: 100, 2: 64 };

/**
 * A function from samples, [n, dimensions], to their scores. Making it computes what depends on the toy alone (up to
 * half a second for a curve). A sample that is not finite is outside of the box, is of no quality, and is infinitely
 * far away. Scores of no samples are NaN.
 */
export function toyJudge(toy: Judged): (points: Float32Array) => ToyScores {
  const { dimensions, modes, components } = toy;
  const grid: Grid = { box: toy.box, cells: CELLS[dimensions] };
  const masses = cellMasses(components, grid);
  const wasserstein = slicedWasserstein(components);
  return (points) => ({
    ...modes && modeScores(modes, points),
    ...histogramScores(histogram(points, grid), masses),
    "wasserstein": wasserstein(points),
  });
}

/** Mean and standard deviation, by metric. */
export type ToyFloor = Readonly<Partial<Record<ToyMetricName, { readonly mean: number; readonly sd: number }>>>;

/**
 * What perfect samples score: the toy's own, over `repeats` draws of `count`.
 * @param judge the toy's, if it is there already.
 */
export function toyFloor(toy: Judged, count = TOY_SAMPLES, repeats = 20, judge = toyJudge(toy)): ToyFloor {
  const points = new Float32Array(count * toy.dimensions);
  const scores = Array.from({ length: repeats }, (_, draw) => {
    toy.fill(0, draw, points);
    return judge(points);
  });
  return Object.fromEntries(
    (Object.keys(scores[0]) as ToyMetricName[]).map((name) => {
      const values = scores.map((score) => score[name]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / repeats;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return [name, { mean, sd: Math.sqrt(squares / (repeats - 1)) }];
    }),
  );
}

/** Where the samples of high quality are: how many belong to each mode, the one nearest in standard deviations. */
export function highQualityCounts(modes: readonly Gaussian[], points: Float32Array): Float64Array {
  const dimensions = modes[0].center.length;
  const counts = new Float64Array(modes.length);
  for (let at = 0; at + dimensions <= points.length; at += dimensions) {
    let nearest = HIGH_QUALITY_SDS;
    let found = -1;
    modes.forEach(({ center, sd }, mode) => {
      const distance = Math.hypot(...center.map((coordinate, axis) => points[at + axis] - coordinate)) / sd;
      if (distance < nearest) [nearest, found] = [distance, mode];
    });
    if (found >= 0) counts[found]++;
  }
  return counts;
}

/** Without any sample of high quality, the divergence is infinite. */
function modeScores(modes: readonly Gaussian[], points: Float32Array): ToyScores {
  const counts = highQualityCounts(modes, points);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const weights = Float64Array.from(modes, ({ weight }) => weight);
  return {
    "modes": counts.filter((count) => count > 0).length,
    "high-quality": total / (points.length / modes[0].center.length),
    "reverse-kl": total === 0 ? Infinity : divergence(counts.map((count) => count / total), weights),
  };
}

function histogramScores(found: Float64Array, expected: Float64Array): ToyScores {
  const middle = found.map((share, cell) => (share + expected[cell]) / 2);
  return {
    "total-variation": found.reduce((sum, share, cell) => sum + Math.abs(share - expected[cell]), 0) / 2,
    "jensen-shannon": (divergence(found, middle) + divergence(expected, middle)) / 2,
  };
}

/** Σ p·log(p/q): Kullback and Leibler's divergence of p from q, in nats. */
function divergence(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, share, i) => share === 0 ? sum : sum + share * Math.log(share / q[i]), 0);
}
