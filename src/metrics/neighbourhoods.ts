/** Precision, recall, density and coverage: whether two sets of points lie in each other's neighbourhoods. */
import { forEachSquaredDistance, neighbourSquares } from "./distances.ts";
import type { Points } from "./points.ts";

/** Neighbours that span a neighbourhood (Naeem et al. 2020, section 4). */
export const NEIGHBOURS = 5;

/** All between 0 and 1, but density, which may be above 1. */
export interface Neighbourhoods {
  /** Share of samples that lie in the neighbourhood of some real point. */
  readonly precision: number;
  /** Share of real points that lie in the neighbourhood of some sample. */
  readonly recall: number;
  /** In how many real neighbourhoods a sample lies on average, over k. */
  readonly density: number;
  /** Share of real points whose neighbourhood has a sample in it. */
  readonly coverage: number;
}

/**
 * The four numbers as their authors' code `prdc` computes them. The neighbourhood of a point is the open ball around it
 * whose radius is the distance to its k-th nearest other point of the same set. Precision and recall: Kynkäänniemi et
 * al. 2019, equation 2; density and coverage: Naeem et al. 2020, equations 4 and 5.
 * @param ofReal the squared radii of the real points, where they are known.
 */
export function neighbourhoods(
  samples: Points,
  real: Points,
  k = NEIGHBOURS,
  ofReal = neighbourSquares(real, k),
): Neighbourhoods {
  const ofSamples = neighbourSquares(samples, k);
  const precise = new Uint8Array(samples.count);
  const recalled = new Uint8Array(real.count);
  const covered = new Uint8Array(real.count);
  let inside = 0;
  forEachSquaredDistance(real, samples, (row, first, squares) => {
    for (let j = 0; j < squares.length; j++) {
      if (squares[j] < ofReal[row]) {
        inside++;
        precise[first + j] = covered[row] = 1;
      }
      if (squares[j] < ofSamples[first + j]) recalled[row] = 1;
    }
  });
  const share = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
  return {
    precision: share(precise),
    recall: share(recalled),
    density: inside / (k * samples.count),
    coverage: share(covered),
  };
}
