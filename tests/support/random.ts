/**
 * Operands for tests: seeded numbers, exactly representable in float32 so that every backend sees the same ones.
 * The generator is none of duel's own, which are under test themselves.
 */

/** Numbers in [0, 1) with 32 bits; the same seed gives the same sequence. */
export type Random = () => number;

/** Mulberry32 (Tommy Ettinger), seeded with an FNV-1a hash of a text, so that every case has its own fixed numbers. */
export function randomOf(seed: string): Random {
  let state = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes `size` operand values. */
export type Fill = (random: Random, size: number) => Float32Array;

/** One independent value after the other. */
const each = (draw: (random: Random) => number): Fill => (random, size) =>
  Float32Array.from({ length: size }, () => draw(random));

/** A standard normal number (Box and Muller). */
function normalFrom(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Standard normal values. */
export const normals: Fill = each(normalFrom);

/** Values spread evenly over [low, high). */
export const between = (low: number, high: number): Fill => each((random) => low + (high - low) * random());

/** Values spread evenly over [−high, −low] and [low, high]: they keep away from a kink or pole at 0. */
export const awayFromZero = (low: number, high: number): Fill =>
  each((random) => (low + (high - low) * random()) * (random() < 0.5 ? -1 : 1));

/**
 * offset + step · k for whole k in [−8, 8]. Operands with offsets that differ by half a step are never equal, with the
 * same offset they often are.
 */
export const lattice = (step: number, offset = 0): Fill =>
  each((random) => offset + step * (Math.floor(random() * 17) - 8));

/** All different, at least 1/64 apart, in random order: the largest of them is no close matter. */
export const distinct: Fill = (random, size) => {
  const values = Float32Array.from({ length: size }, (_, i) => (i - size / 2) / 64);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
};

/** Whole numbers in [0, rows). */
export const indices = (rows: number): Fill => each((random) => Math.floor(random() * rows));

/** ±2^e with exponents spread evenly over [low, high): every order of magnitude alike. */
export const magnitudes = (low: number, high: number): Fill =>
  each((random) => 2 ** (low + (high - low) * random()) * (random() < 0.5 ? -1 : 1));

/** The same without the sign. */
export const positiveMagnitudes = (low: number, high: number): Fill =>
  each((random) => 2 ** (low + (high - low) * random()));

const oddOnes = [0, -0, 1, -1, Infinity, -Infinity, NaN];

/** Zeros of both signs, ones, infinities and NaN. */
export const specials: Fill = each((random) => oddOnes[Math.floor(random() * oddOnes.length)]);
