/** The kernel distance: the squared maximum mean discrepancy of two sets of features. */
import { UsageError } from "../core/errors.ts";
import { choose, deviation, mean } from "../core/statistics.ts";
import { pick, type Points } from "./points.ts";
import { forEachProduct } from "./products.ts";

/** Subsets that the estimate is averaged over, and most points of one (Bińkowski et al. 2018, section 4). */
const SUBSETS = 100;
const SUBSET_POINTS = 1000;

/**
 * The unbiased estimate of MMD² with the kernel k(x, y) = (x·y / length + 1)³ (Gretton et al. 2012, equation 3;
 * Bińkowski et al. 2018, section 4): mean of k over pairs of different samples, plus that over pairs of different real
 * points, minus twice that over pairs of both. May be below 0. x and y have equally many points, two at least.
 * @param pairsOfY `sumOverPairs(y)`, where it is known.
 */
export function squaredDiscrepancy(x: Points, y: Points, pairsOfY = sumOverPairs(y)): number {
  if (x.count !== y.count || x.count < 2) {
    throw new UsageError(`${x.count} and ${y.count} points; expected equally many, two at least`);
  }
  const n = x.count;
  return 2 * (sumOverPairs(x) + pairsOfY) / (n * (n - 1)) - 2 * sumOverBoth(x, y) / (n * n);
}

/** Σ k over pairs i < j. */
function sumOverPairs(x: Points): number {
  let sum = 0;
  forEachProduct(x, x, (row, first, products) => {
    for (let j = Math.max(row + 1 - first, 0); j < products.length; j++) {
      const base = products[j] / x.length + 1;
      sum += base * base * base;
    }
  }, { triangle: true });
  return sum;
}

/** Σ k over all pairs. */
function sumOverBoth(x: Points, y: Points): number {
  let sum = 0;
  forEachProduct(x, y, (_, __, products) => {
    for (let j = 0; j < products.length; j++) {
      const base = products[j] / x.length + 1;
      sum += base * base * base;
    }
  });
  return sum;
}

/** Points of one of the subsets that two sets of these counts are compared in. */
export function subsetSize(samples: number, real: number): number {
  return Math.min(samples, real, SUBSET_POINTS);
}

function realSubset(real: Points, size: number, seed: number, draw: number): Points {
  return pick(real, choose(real.count, size, seed, "kernel real", draw));
}

/** `sumOverPairs` of each random subset of real points: the part of the distance that is the same for all samples. */
export function realPairs(real: Points, size: number, seed: number): Float64Array {
  return Float64Array.from({ length: SUBSETS }, (_, draw) => sumOverPairs(realSubset(real, size, seed, draw)));
}

/**
 * Mean of `squaredDiscrepancy` over random subsets, a function of the seed, and the deviation among them.
 * @param pairs `realPairs(real, subsetSize(samples.count, real.count), seed)`, where they are known.
 */
export function kernelDistance(
  samples: Points,
  real: Points,
  seed: number,
  pairs = realPairs(real, subsetSize(samples.count, real.count), seed),
): { mean: number; deviation: number } {
  const size = subsetSize(samples.count, real.count);
  const estimates = Float64Array.from({ length: SUBSETS }, (_, draw) => {
    const chosen = pick(samples, choose(samples.count, size, seed, "kernel samples", draw));
    return squaredDiscrepancy(chosen, realSubset(real, size, seed, draw), pairs[draw]);
  });
  return { mean: mean(estimates), deviation: deviation(estimates) };
}
