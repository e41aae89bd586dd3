/**
 * Counter-based random numbers: Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). A
 * number is a pure function of (seed, stream, draw, element): nothing has to be remembered, saved or kept in order.
 * The kernels compute the same in `assembly/random.ts`.
 */

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

type Word4 = readonly [number, number, number, number];

/** Upper half of the 64-bit product of two 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** Four random 32-bit words from a 128-bit counter and a 64-bit key. */
export function philox(counter: Word4, key: readonly [number, number]): Word4 {
  let c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  let k0 = key[0], k1 = key[1];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIERS[0], c0), low0 = Math.imul(MULTIPLIERS[0], c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIERS[1], c2), low1 = Math.imul(MULTIPLIERS[1], c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
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

/** Element 0 to 3 of a block as a uniform number. */
function uniformOf(words: Word4, element: number): number {
  return unit(words[element]);
}

/** Element 0 to 3 of a block as a normal number. */
function normalOf(words: Word4, element: number): number {
  const pair = element < 2 ? 0 : 2;
  const radius = Math.sqrt(-2 * Math.log(1 - unit(words[pair])));
  const angle = 2 * Math.PI * unit(words[pair + 1]);
  return radius * (element % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}

/** Fills `target` with the first elements of a draw. */
function fill(
  target: Float32Array | Float64Array,
  seed: number,
  stream: Stream,
  draw: number,
  value: (words: Word4, element: number) => number,
): void {
  const id = typeof stream === "string" ? streamId(stream) : stream;
  for (let first = 0; first < target.length; first += 4) {
    const words = block(seed, id, draw, first);
    for (let element = 0; element < 4 && first + element < target.length; element++) {
      target[first + element] = value(words, element);
    }
  }
}

type Filler = (
  target: Float32Array,
  seed: number,
  stream: Stream,
  draw: number,
  of: (value: number) => number,
) => void;

function filler(value: (words: Word4, element: number) => number): Filler {
  return (target, seed, stream, draw, of) =>
    fill(target, seed, stream, draw, (words, element) => of(value(words, element)));
}

/**
 * A uniform number in [0, 1), a multiple of 2⁻²⁴.
 * @param seed whole number below 2^53
 */
export function uniform(seed: number, stream: Stream, draw: number, element: number): number {
  return uniformOf(block(seed, stream, draw, element), element % 4);
}

/** The first `count` uniform numbers of a draw. */
export function uniforms(count: number, seed: number, stream: Stream, draw: number): Float64Array {
  const result = new Float64Array(count);
  fill(result, seed, stream, draw, uniformOf);
  return result;
}

/** Fills `target` with `of` the first uniform numbers of a draw. */
export const fillUniforms: Filler = filler(uniformOf);

/**
 * A standard normal number by Box and Muller's transform: elements 0 and 1 of a block are the cosine and the sine part
 * made of its words 0 and 1, elements 2 and 3 those of its words 2 and 3. The radius comes from 1 − u, which is never 0.
 */
export function normal(seed: number, stream: Stream, draw: number, element: number): number {
  return normalOf(block(seed, stream, draw, element), element % 4);
}

/** The first `count` normal numbers of a draw. */
export function normals(count: number, seed: number, stream: Stream, draw: number): Float64Array {
  const result = new Float64Array(count);
  fill(result, seed, stream, draw, normalOf);
  return result;
}

/** Fills `target` with `of` the first normal numbers of a draw. */
export const fillNormals: Filler = filler(normalOf);
