/** Functions that JavaScript's Math lacks, in float64. */

/** Below this, the power series is exact to the last digits; above, the continued fraction converges quickly. */
const SERIES_LIMIT = 3;
const FRACTION_TERMS = 60;

/**
 * The error function 2/√π · ∫₀ˣ e^(−t²) dt, relative error below 1e-14. Abramowitz and Stegun, Handbook of Mathematical
 * Functions: the series 7.1.6, whose terms are all positive, and for large |x| the continued fraction 7.1.14 of erfc.
 */
export function erf(x: number): number {
  const z = Math.abs(x);
  const density = Math.exp(-z * z) / Math.sqrt(Math.PI);
  if (z < SERIES_LIMIT) {
    let term = z;
    let total = z;
    for (let n = 1; term > total * Number.EPSILON / 4; n++) {
      term *= 2 * z * z / (2 * n + 1);
      total += term;
    }
    return Math.sign(x) * 2 * density * total;
  }
  let fraction = z;
  for (let n = FRACTION_TERMS; n > 0; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - density / fraction);
}

/** log(1 + eˣ) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + e⁻ˣ) */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
