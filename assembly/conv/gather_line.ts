/**
 * Sums what reaches a line of an input gradient from the products of its windows.
 *
 * Computes: line[t·step + j] = Σ over shifts s and rows r of the floats at table[s][r] + 4·(t·productStep + j), j < step;
 *   only shifts with 0 ≤ t − s < gridWidth, for which pixel t − s of y exists.
 * Shapes: `steps` × step floats from shifts × rows terms.
 * Layout: `table` holds addresses, [shifts][rows]; that of shift s is s pixels before the first of its row.
 * Requires: readable floats, two vectors of them, behind each term.
 * Writes: the line and up to seven floats behind it.
 * Error: one rounding for each term, added in the order of the table.
 * Chosen because: a step is written as whole vectors whose lanes beyond it are written again by the next step, so its
 *   length does not matter and no sum is read back. Four terms (4 × 4 windows at stride 2) stay in local variables, and
 *   their steps are written as two vectors, a pair that V8 makes one of 256 bits.
 */

import { load4, loadWord, store4 } from "../simd";

export function gatherLine(
  table: usize,
  shifts: i32,
  rows: i32,
  gridWidth: i32,
  steps: i32,
  productStep: i32,
  step: i32,
  line: usize,
): void {
  const fromStep = <usize>productStep << 2, toStep = <usize>step << 2;
  for (let t: i32 = 0; t < steps;) {
    const firstShift = max(0, t - gridWidth + 1), endShift = min(shifts, t + 1);
    const terms = table + (<usize>(firstShift * rows) << 2);
    const count = max(0, endShift - firstShift) * rows;
    // All shifts meet a pixel from t = shifts − 1 up to the last pixel.
    const alike = endShift - firstShift == shifts ? min(steps, gridWidth) - t : 1;
    const from = <usize>t * fromStep, to = line + <usize>t * toStep;
    if (count == 4 && step <= 8) gatherFour(terms, alike, from, fromStep, toStep, to);
    else gather(terms, count, alike, from, fromStep, toStep, to);
    t += alike;
  }
}

/** Steps of at most eight floats. */
function gatherFour(terms: usize, length: i32, from: usize, fromStep: usize, toStep: usize, to: usize): void {
  let term0 = <usize>loadWord(terms) + from, term1 = <usize>loadWord(terms, 4) + from;
  let term2 = <usize>loadWord(terms, 8) + from, term3 = <usize>loadWord(terms, 12) + from;
  for (; length > 0; length--) {
    const low01 = f32x4.add(load4(term0), load4(term1)), high01 = f32x4.add(load4(term0, 16), load4(term1, 16));
    const low = f32x4.add(f32x4.add(low01, load4(term2)), load4(term3));
    const high = f32x4.add(f32x4.add(high01, load4(term2, 16)), load4(term3, 16));
    store4(to, low);
    store4(to, high, 16);
    term0 += fromStep;
    term1 += fromStep;
    term2 += fromStep;
    term3 += fromStep;
    to += toStep;
  }
}

function gather(
  terms: usize,
  count: i32,
  length: i32,
  from: usize,
  fromStep: usize,
  toStep: usize,
  to: usize,
): void {
  const end = terms + (<usize>count << 2);
  for (; length > 0; length--) {
    for (let at: usize = 0; at < toStep; at += 16) {
      let sum = f32x4.splat(0);
      for (let term = terms; term < end; term += 4) sum = f32x4.add(sum, load4(<usize>loadWord(term) + from + at));
      store4(to + at, sum);
    }
    from += fromStep;
    to += toStep;
  }
}
