/** Keyed permutations: the order in which an epoch visits the images, without a table of it. */
import { streamId, uniform } from "../core/random.ts";

/** Rounds of the Feistel network; four are the least that mix both halves (Luby & Rackoff 1988). */
const ROUNDS = 8;

/**
 * A permutation of 0 … count − 1, chosen by (seed, draw) out of the stream "order". An index is written as a pair of
 * digits (high, low) of the radices ⌈√count⌉ and about the same; each round adds to one digit a random function of the
 * other one, which can be undone, so that the whole is a bijection of the pairs (a Feistel network with mixed radices:
 * Black & Rogaway 2002, "Ciphers with arbitrary finite domains"). The few pairs beyond `count` are walked through:
 * applying a bijection until one comes back inside is a bijection of what is inside. Making it draws
 * 8√count random numbers; looking up takes constant time.
 */
export function permutation(count: number, seed: number, draw: number): (index: number) => number {
  const highs = Math.max(Math.ceil(Math.sqrt(count)), 1);
  const lows = Math.max(Math.ceil(count / highs), 1);
  const stream = streamId("order");
  let element = 0;
  const table = (length: number, radix: number): Uint32Array =>
    Uint32Array.from({ length }, () => Math.floor(uniform(seed, stream, draw, element++) * radix));
  const rounds = Array.from({ length: ROUNDS / 2 }, () => ({
    ofLow: table(lows, highs),
    ofHigh: table(highs, lows),
  }));
  return (index) => {
    do {
      let high = Math.floor(index / lows);
      let low = index % lows;
      for (const { ofLow, ofHigh } of rounds) {
        high = (high + ofLow[low]) % highs;
        low = (low + ofHigh[high]) % lows;
      }
      index = high * lows + low;
    } while (index >= count);
    return index;
  };
}
