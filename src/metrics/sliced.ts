/** The sliced Wasserstein distance: two sets of points compared along many random lines. */
import { normals } from "../core/random.ts";
import { UsageError } from "../core/errors.ts";
import { mean } from "../core/statistics.ts";
import { type Points, pointsOf } from "./points.ts";
import { forEachProduct } from "./products.ts";

/** Lines that the distance is averaged over. */
const LINES = 128;

/**
 * √ of the mean, over directions θ that are uniform on the unit sphere, of W₂² between the projections θ·x and θ·y
 * (Rabin et al. 2011, equation 9). Moving all values of all points by s gives about |s|, whatever their length: pixels
 * in [−1, 1] are apart by 2 at most. Directions are a function of the seed.
 */
export function slicedWasserstein2(samples: Points, real: Points, seed: number, lines = LINES): number {
  const { length } = samples;
  if (length !== real.length) {
    throw new UsageError(`points of ${length} and ${real.length} values cannot be compared; expected equal lengths`);
  }
  const directions = pointsOf(new Float64Array(lines * length), length);
  for (let line = 0; line < lines; line++) {
    const direction = normals(length, seed, "sliced wasserstein", line);
    const norm = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    directions.values.set(direction.map((value) => value / norm), line * length);
  }
  const ofSamples = projections(samples, directions), ofReal = projections(real, directions);
  const squares = ofSamples.map((along, line) => squaredWasserstein(along, ofReal[line]));
  return Math.sqrt(mean(squares));
}

/** Where the points lie along each direction, in ascending order. */
function projections(points: Points, directions: Points): Float64Array[] {
  const result = Array.from({ length: directions.count }, () => new Float64Array(points.count));
  forEachProduct(points, directions, (row, first, products) => {
    for (let j = 0; j < products.length; j++) result[first + j][row] = products[j];
  });
  return result.map((along) => along.sort());
}

/**
 * W₂² of two lists of numbers, ascending: the integral over q from 0 to 1 of the squared difference of their
 * quantiles, which are steps; for lists of one length the mean squared difference.
 */
export function squaredWasserstein(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  // Shares are counted in units of 1 / (x.length · y.length), so that they stay whole numbers.
  for (let i = 0, j = 0, at = 0; i < x.length;) {
    const end = Math.min((i + 1) * y.length, (j + 1) * x.length);
    sum += (end - at) * (x[i] - y[j]) ** 2;
    at = end;
    if (end === (i + 1) * y.length) i++;
    if (end === (j + 1) * x.length) j++;
  }
  return sum / (x.length * y.length);
}
