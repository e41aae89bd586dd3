/** The D that would be optimal against a given G, from samples of both sides in one or two dimensions. */

/** Where both densities are below this, nobody asks D. */
const NOWHERE = 1e-3;
/** So many standard deviations away a bell is nothing. */
const REACH = 4;

/**
 * The density that samples were drawn from, at `places`, estimated by a bell around each sample (kernel density
 * estimation with Gaussian kernels); samples and places have `dimensions` coordinates each.
 * @param bell standard deviation of the bells: what is finer than this is smoothed away.
 */
export function densityOf(
  samples: Float32Array,
  places: Float32Array,
  dimensions: number,
  bell: number,
): Float64Array {
  const count = samples.length / dimensions;
  const height = 1 / (count * (bell * Math.sqrt(2 * Math.PI)) ** dimensions);
  return Float64Array.from({ length: places.length / dimensions }, (_, place) => {
    let sum = 0;
    for (let sample = 0; sample < count; sample++) {
      let square = 0;
      for (let axis = 0; axis < dimensions; axis++) {
        square += ((samples[sample * dimensions + axis] - places[place * dimensions + axis]) / bell) ** 2;
      }
      if (square < REACH ** 2) sum += Math.exp(-0.5 * square);
    }
    return height * sum;
  });
}

// #region The optimal D against a given G: D*(x) = p(x) / (p(x) + q(x)) | 對給定的 G，最佳的 D：D*(x) = p(x) / (p(x) + q(x))
/**
 * NaN where there are neither data nor samples (Goodfellow et al. 2014, proposition 1). Both densities are to be
 * estimated alike: a q that is smoothed beside a p that is not would be taken for a worse G.
 */
export function optimum(real: Float64Array, generated: Float64Array): Float32Array {
  return Float32Array.from(real, (p, i) => p + generated[i] < NOWHERE ? NaN : p / (p + generated[i]));
}
// #endregion

/**
 * Mean |D − D*| where the samples of both sides are.
 * @param judgement D's probabilities at the places where the densities are known.
 * @param cell length or area that a place stands for.
 */
export function distanceFromOptimum(
  judgement: Float32Array,
  real: Float64Array,
  generated: Float64Array,
  cell: number,
): number {
  return optimum(real, generated).reduce((sum, best, i) => {
    return Number.isNaN(best) ? sum : sum + (real[i] + generated[i]) / 2 * cell * Math.abs(judgement[i] - best);
  }, 0);
}

/** How much of two densities is common: Σ min(p, q). */
export function overlapOf(real: Float64Array, generated: Float64Array, cell: number): number {
  return real.reduce((sum, p, i) => sum + Math.min(p, generated[i]) * cell, 0);
}

/**
 * Mean |D − D*| of two perfect players: D says ½ everywhere, and G's samples are real ones. It is not 0 because densities
 * are estimated from finitely many samples; nothing less can be expected of a duel.
 */
export function floorOfDistance(real: Float64Array, otherReal: Float64Array, cell: number): number {
  return distanceFromOptimum(new Float32Array(real.length).fill(0.5), real, otherReal, cell);
}
