/**
 * Computes     counter-based random numbers: Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 *              1, 2, 3", SC 2011)
 * Shapes       out [count]
 * Layout       key (seed low, seed high); counter (stream, draw, block, 0) gives the four words of elements
 *              4·block … 4·block + 3; four blocks at a time, one a lane
 * Requires     seed and draw number in the control block
 * Writes       each element once
 * Error        uniforms are the top 24 bits of a word, exact. Normals by Box and Muller from the two words u, v of a
 *              pair, taken as uniforms: r = √(−2 ln(1 − u)), a = 2πv, first r·cos a, second r·sin a; within 2e-6. Only
 *              operations that round alike in plain and relaxed builds.
 * Chosen because numbers without a state: any thread makes any element, and a resumed run needs none
 */
import * as abi from "./abi.gen";
import { strictLog4, strictSinCosQuarter4 } from "./math";
import { store4, storeFloat, word } from "./simd";
import { drawNumber, seedHigh, seedLow, shareBegin, shareEnd } from "./team";

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS = 10;
/** 2⁻²⁴ */
const UNIT: f32 = 5.9604644775390625e-8;
/** Elements made at a time: four blocks of four. */
const GROUP: u32 = 16;

/** High words of the products of unsigned lanes. */
// @ts-ignore: decorator
@inline function highProduct(a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(a, b);
  const high = i64x2.extmul_high_i32x4_u(a, b);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** The top 24 bits of each word as a float in [0, 1). */
// @ts-ignore: decorator
@inline function uniforms(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(words, 8)), f32x4.splat(UNIT));
}

export function random(instruction: usize, thread: i32, threads: i32): void {
  const out = <usize>word(instruction, abi.RANDOM_OUT);
  const count = word(instruction, abi.RANDOM_COUNT);
  const stream = i32x4.splat(<i32>word(instruction, abi.RANDOM_STREAM));
  const draw = i32x4.splat(drawNumber());
  const normal = word(instruction, abi.RANDOM_KIND) == 1;
  const m0 = i32x4.splat(<i32>MULTIPLIER_0);
  const m1 = i32x4.splat(<i32>MULTIPLIER_1);
  const groups = (count + GROUP - 1) / GROUP;
  const end = shareEnd(groups, thread, threads);
  for (let group = shareBegin(groups, thread, threads); group < end; group++) {
    let x0 = stream;
    let x1 = draw;
    let x2 = i32x4.add(i32x4.splat(<i32>(group * 4)), i32x4(0, 1, 2, 3));
    let x3 = i32x4.splat(0);
    let k0 = seedLow();
    let k1 = seedHigh();
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = highProduct(x0, m0);
      const low0 = i32x4.mul(x0, m0);
      const high1 = highProduct(x2, m1);
      const low1 = i32x4.mul(x2, m1);
      x0 = v128.xor(v128.xor(high1, x1), i32x4.splat(<i32>k0));
      x1 = low1;
      x2 = v128.xor(v128.xor(high0, x3), i32x4.splat(<i32>k1));
      x3 = low0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    if (normal) {
      const radius0 = radius(x0);
      const radius1 = radius(x2);
      const turns0 = quarterTurns(x1);
      const turns1 = quarterTurns(x3);
      x0 = f32x4.mul(radius0, strictSinCosQuarter4(turns0, 1));
      x1 = f32x4.mul(radius0, strictSinCosQuarter4(turns0, 0));
      x2 = f32x4.mul(radius1, strictSinCosQuarter4(turns1, 1));
      x3 = f32x4.mul(radius1, strictSinCosQuarter4(turns1, 0));
    } else {
      x0 = uniforms(x0);
      x1 = uniforms(x1);
      x2 = uniforms(x2);
      x3 = uniforms(x3);
    }
    // From one block a lane to one block a vector
    const low01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
    const high01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
    const low23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
    const high23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
    const first = group * GROUP;
    storeUpTo(out, first, count, v128.shuffle<i32>(low01, low23, 0, 1, 4, 5));
    storeUpTo(out, first + 4, count, v128.shuffle<i32>(low01, low23, 2, 3, 6, 7));
    storeUpTo(out, first + 8, count, v128.shuffle<i32>(high01, high23, 0, 1, 4, 5));
    storeUpTo(out, first + 12, count, v128.shuffle<i32>(high01, high23, 2, 3, 6, 7));
  }
}

/** √(−2 ln(1 − u)) for the uniforms u of these words; 1 − u is exact and never 0. */
// @ts-ignore: decorator
@inline function radius(words: v128): v128 {
  const rest = f32x4.sub(f32x4.splat(1), uniforms(words));
  return f32x4.sqrt(f32x4.mul(strictLog4(rest), f32x4.splat(-2)));
}

/** The angle 2πu in quarter turns. */
// @ts-ignore: decorator
@inline function quarterTurns(words: v128): v128 {
  return f32x4.mul(uniforms(words), f32x4.splat(4));
}

/** out[i … i + 4) = lanes, as far as it lies below `count`. */
// @ts-ignore: decorator
@inline function storeUpTo(out: usize, i: u32, count: u32, lanes: v128): void {
  if (i + 4 <= count) {
    store4(out + (i << 2), lanes);
    return;
  }
  if (i < count) storeFloat(out + (i << 2), f32x4.extract_lane(lanes, 0));
  if (i + 1 < count) storeFloat(out + (i << 2), f32x4.extract_lane(lanes, 1), 4);
  if (i + 2 < count) storeFloat(out + (i << 2), f32x4.extract_lane(lanes, 2), 8);
}
