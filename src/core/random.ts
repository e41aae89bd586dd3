/**
 * Counter-based random numbers: Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). A
 * number is a pure function of (seed, stream, draw, element): nothing has to be remembered, saved or kept in order.
 * The kernels compute the same in `assembly/random.ts`.
 */

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

type Word4 = readonly [number, number, number, number];

/** Low and high half of the 64-bit product of two 32-bit words. */
function multiply(a: number, b: number): [low: number, high: number] {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  const high = aHigh * bHigh + Math.floor(middle / 0x10000) + (cross - cross % 0x10000) / 0x10000;
  return [Math.imul(a, b) >>> 0, high >>> 0];
}

/** Four random 32-bit words from a 128-bit counter and a 64-bit key. */
export function philox(counter: Word4, key: readonly [number, number]): Word4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [low0, high0] = multiply(MULTIPLIERS[0], c0);
    const [low1, high1] = multiply(MULTIPLIERS[1], c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL[0]) >>> 0;
    k1 = (k1 + WEYL[1]) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** 32-bit FNV-1a hash of a stream's name: the stream's place in the counter. */
export function streamId(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** A stream by name, or by its `streamId`. */
export type Stream = string | number;

/** The words of the block that holds an element; four elements share one. */
function block(seed: number, stream: Stream, draw: number, element: number): Word4 {
  const id = typeof stream === "string" ? streamId(stream) : stream;
  return philox([id, draw >>> 0, Math.floor(element / 4) >>> 0, 0], [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]);
}

/** The upper 24 bits of a word as a number in [0, 1). */
function unit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/**
 * A uniform number in [0, 1), a multiple of 2⁻²⁴.
 * @param seed whole number below 2^53
 */
export function uniform(seed: number, stream: Stream, draw: number, element: number): number {
  return unit(block(seed, stream, draw, element)[element % 4]);
}

/**
 * A standard normal number by Box and Muller's transform: elements 0 and 1 of a block are the cosine and the sine part
 * made of its words 0 and 1, elements 2 and 3 those of its words 2 and 3. The radius comes from 1 − u, which is never 0.
 */
export function normal(seed: number, stream: Stream, draw: number, element: number): number {
  const words = block(seed, stream, draw, element);
  const pair = element % 4 < 2 ? 0 : 2;
  const radius = Math.sqrt(-2 * Math.log(1 - unit(words[pair])));
  const angle = 2 * Math.PI * unit(words[pair + 1]);
  return radius * (element % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}
