/**
 * Transcendental functions of four floats.
 *
 * Coefficients are Chebyshev fits over the reduced range (computed with 30 digits, rounded to floats). Errors are in
 * units in the last place (ULP) of the exact result, measured by `tests/kernels/math_test.ts` over the whole range;
 * infinities, zeros, subnormal numbers and NaN give what `Math` gives. Relaxed and plain builds may differ in the last
 * bits; functions named `strict…` are free of fused operations and give the same bits in both.
 */
import { multiplyAdd } from "./simd";

const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const LOG2_E: f32 = 1.44269504;
/** Bits of √½: mantissas are taken from [√½, √2), where the logarithm is small and its sign does not cancel. */
const HALF_ROOT_BITS: i32 = 0x3f3504f3;
const SMALLEST_NORMAL: f32 = 1.17549435e-38;

/** a · b + c, in one rounding where the build has it, unless `strict`. */
// @ts-ignore: decorator
@inline function madd(a: v128, b: v128, c: v128, strict: bool): v128 {
  return strict ? f32x4.add(f32x4.mul(a, b), c) : multiplyAdd(a, b, c);
}

/** p · x + c */
// @ts-ignore: decorator
@inline function step(p: v128, x: v128, c: f32, strict: bool = false): v128 {
  return madd(p, x, f32x4.splat(c), strict);
}

/** 2^n for whole n in [−126, 127] */
// @ts-ignore: decorator
@inline function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** The nearest multiple of ln 2, in units of ln 2. */
// @ts-ignore: decorator
@inline function nearestPower(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2_E)));
}

/** e^(x − n·ln 2) − 1 for n = nearestPower(x) */
// @ts-ignore: decorator
@inline function reducedExpMinusOne(x: v128, n: v128): v128 {
  let r = multiplyAdd(n, f32x4.splat(-LN2_HIGH), x);
  r = multiplyAdd(n, f32x4.splat(-LN2_LOW), r);
  let p = f32x4.splat(1.989108e-4);
  p = step(p, r, 1.3933731e-3);
  p = step(p, r, 8.3333105e-3);
  p = step(p, r, 4.1666463e-2);
  p = step(p, r, 1.6666667e-1);
  p = step(p, r, 0.5);
  return multiplyAdd(f32x4.mul(r, r), p, r);
}

/** e^x; error below 1.1 ULP. */
// @ts-ignore: decorator
@inline export function exp4(x: v128): v128 {
  // Beyond these bounds the result is 0 or infinity; within them, two factors reach every exponent.
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(89)), f32x4.splat(-104));
  const n = nearestPower(bounded);
  const p = f32x4.add(reducedExpMinusOne(bounded, n), f32x4.splat(1));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** e^x − 1; error below 1.5 ULP. */
// @ts-ignore: decorator
@inline export function expMinusOne4(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(89)), f32x4.splat(-18));
  const n = nearestPower(bounded);
  const p = reducedExpMinusOne(bounded, n);
  // 2^n·p + 2^n − 1, at half its size so that 2^128 can be reached
  const half = powerOfTwo(i32x4.sub(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(1)));
  const rest = f32x4.sub(half, f32x4.splat(0.5));
  const result = f32x4.mul(multiplyAdd(half, p, rest), f32x4.splat(2));
  return v128.bitselect(x, result, f32x4.eq(x, f32x4.splat(0))); // keeps −0
}

// @ts-ignore: decorator
@inline function logarithm(x: v128, strict: bool): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(SMALLEST_NORMAL));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny); // 2^23
  const bits = i32x4.sub(scaled, i32x4.splat(HALF_ROOT_BITS));
  const power = i32x4.shr_s(bits, 23);
  const mantissa = i32x4.sub(scaled, i32x4.shl(power, 23));
  const e = f32x4.convert_i32x4_s(i32x4.sub(power, v128.and(tiny, i32x4.splat(23))));
  const f = f32x4.sub(mantissa, f32x4.splat(1));
  const square = f32x4.mul(f, f);
  let p = f32x4.splat(6.971612e-2);
  p = step(p, f, -1.1479734e-1, strict);
  p = step(p, f, 1.168542e-1, strict);
  p = step(p, f, -1.2425687e-1, strict);
  p = step(p, f, 1.4249058e-1, strict);
  p = step(p, f, -1.6667803e-1, strict);
  p = step(p, f, 2.0000716e-1, strict);
  p = step(p, f, -2.4999997e-1, strict);
  p = step(p, f, 3.333333e-1, strict);
  let y = f32x4.mul(f32x4.mul(square, f), p);
  y = madd(e, f32x4.splat(LN2_LOW), y, strict);
  y = madd(square, f32x4.splat(-0.5), y, strict);
  y = madd(e, f32x4.splat(LN2_HIGH), f32x4.add(f, y), strict);
  // log ∞ = ∞, log 0 = −∞, and NaN below zero and for NaN
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

/** ln x; error below 1 ULP. */
// @ts-ignore: decorator
@inline export function log4(x: v128): v128 {
  return logarithm(x, false);
}

/** ln x without fused operations; error below 1 ULP. */
// @ts-ignore: decorator
@inline export function strictLog4(x: v128): v128 {
  return logarithm(x, true);
}

/** ln(1 + x); error below 2 ULP. */
// @ts-ignore: decorator
@inline export function logOnePlus4(x: v128): v128 {
  const u = f32x4.add(x, f32x4.splat(1));
  // What 1 + x lost in rounding, to first order
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, f32x4.splat(1))), u);
  const corrected = f32x4.add(log4(u), lost);
  // Where u is 0 or ∞ there is nothing to correct (and ∞ − ∞ would be NaN); where u is 1 the result is x.
  const plain = v128.or(f32x4.eq(u, f32x4.splat(0)), f32x4.eq(u, f32x4.splat(Infinity)));
  const y = v128.bitselect(log4(u), corrected, plain);
  return v128.bitselect(x, y, f32x4.eq(u, f32x4.splat(1)));
}

// @ts-ignore: decorator
@inline function signOf(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x80000000));
}

/** tanh x; error below 2.5 ULP. */
// @ts-ignore: decorator
@inline export function tanh4(x: v128): v128 {
  const t = expMinusOne4(f32x4.min(f32x4.mul(f32x4.abs(x), f32x4.splat(2)), f32x4.splat(20)));
  return v128.or(f32x4.div(t, f32x4.add(t, f32x4.splat(2))), signOf(x));
}

/** 1 / (1 + e^−x); error below 2.5 ULP. */
// @ts-ignore: decorator
@inline export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const top = v128.bitselect(e, f32x4.splat(1), f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(top, f32x4.add(e, f32x4.splat(1)));
}

/** ln(1 + e^x); error below 2.5 ULP. */
// @ts-ignore: decorator
@inline export function softplus4(x: v128): v128 {
  const tail = logOnePlus4(exp4(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), tail);
}

/** erf x; error below 2 ULP. Near zero an odd polynomial, beyond 1 as 1 − e^q(|x|). */
// @ts-ignore: decorator
@inline export function erf4(x: v128): v128 {
  const s = f32x4.mul(x, x);
  let p = f32x4.splat(7.875875e-5);
  p = step(p, s, -8.0168643e-4);
  p = step(p, s, 5.1890872e-3);
  p = step(p, s, -2.6854211e-2);
  p = step(p, s, 1.1283594e-1);
  p = step(p, s, -3.7612626e-1);
  p = step(p, s, 1.2837917e-1);
  const near = multiplyAdd(x, p, x);

  const t = f32x4.min(f32x4.abs(x), f32x4.splat(4));
  let q = f32x4.splat(1.6371514e-6);
  q = step(q, t, -4.605804e-5);
  q = step(q, t, 5.9680565e-4);
  q = step(q, t, -4.759596e-3);
  q = step(q, t, 2.6421135e-2);
  q = step(q, t, -1.10080086e-1);
  q = step(q, t, -6.3182604e-1);
  q = step(q, t, -1.1302334);
  q = step(q, t, 3.2013806e-4);
  const far = v128.or(f32x4.sub(f32x4.splat(1), exp4(q)), signOf(x));
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), f32x4.splat(1)));
}

/** a^b of the two low floats, for finite a > 0, in double precision: 2^(b·log₂ a). */
// @ts-ignore: decorator
@inline function powLow(a: v128, b: v128): v128 {
  const x = f64x2.promote_low_f32x4(a);
  const power = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const mantissa = i64x2.sub(x, i64x2.shl(power, 52));
  const e = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(power, power, 0, 2, 0, 2));
  const s = f64x2.div(f64x2.sub(mantissa, f64x2.splat(1)), f64x2.add(mantissa, f64x2.splat(1)));
  const u = f64x2.mul(s, s);
  let p = f64x2.splat(0.3409216364458894);
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(0.411662924771117));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(0.5770837376230704));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(0.9617966726067577));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(2.8853900817906104));
  const log2 = f64x2.add(e, f64x2.mul(p, s));

  const y = f64x2.mul(log2, f64x2.promote_low_f32x4(b));
  const bounded = f64x2.max(f64x2.min(y, f64x2.splat(200)), f64x2.splat(-200));
  const n = f64x2.nearest(bounded);
  const r = f64x2.sub(bounded, n);
  let q = f64x2.splat(1.5303700711365693e-5);
  q = f64x2.add(f64x2.mul(q, r), f64x2.splat(1.5469729214118296e-4));
  q = f64x2.add(f64x2.mul(q, r), f64x2.splat(1.3333478473685416e-3));
  q = f64x2.add(f64x2.mul(q, r), f64x2.splat(9.618025613318034e-3));
  q = f64x2.add(f64x2.mul(q, r), f64x2.splat(5.5504109063258665e-2));
  q = f64x2.add(f64x2.mul(q, r), f64x2.splat(0.24022651213498092));
  q = f64x2.add(f64x2.mul(q, r), f64x2.splat(0.6931471805568324));
  q = f64x2.add(f64x2.mul(q, r), f64x2.splat(0.9999999999595618));
  const shift = i64x2.shl(i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n)), 52);
  return f32x4.demote_f64x2_zero(i64x2.add(q, shift));
}

/** a^b as `Math.pow` (a < 0 for whole b only); error below 0.6 ULP. */
// @ts-ignore: decorator
@inline export function pow4(a: v128, b: v128): v128 {
  const zero = f32x4.splat(0);
  const infinity = f32x4.splat(Infinity);
  const base = f32x4.abs(a);
  const low = powLow(base, b);
  const high = powLow(v128.shuffle<i32>(base, base, 2, 3, 2, 3), v128.shuffle<i32>(b, b, 2, 3, 2, 3));
  let y = v128.shuffle<i32>(low, high, 0, 1, 4, 5);
  // 0 and ∞, raised to a positive or negative power
  const baseIsZero = f32x4.eq(base, zero);
  const vanishes = v128.or(
    v128.and(baseIsZero, f32x4.gt(b, zero)),
    v128.and(f32x4.eq(base, infinity), f32x4.lt(b, zero)),
  );
  const explodes = v128.or(
    v128.and(baseIsZero, f32x4.lt(b, zero)),
    v128.and(f32x4.eq(base, infinity), f32x4.gt(b, zero)),
  );
  y = v128.bitselect(infinity, v128.andnot(y, vanishes), explodes);
  // a negative base: an odd power is negative, a broken one has no value
  const whole = f32x4.eq(f32x4.trunc(b), b);
  const half = f32x4.mul(b, f32x4.splat(0.5));
  const odd = v128.andnot(whole, f32x4.eq(f32x4.trunc(half), half));
  y = v128.or(y, v128.and(signOf(a), odd));
  const noValue = v128.andnot(v128.and(f32x4.lt(a, zero), f32x4.gt(infinity, base)), whole);
  y = v128.bitselect(f32x4.splat(NaN), y, v128.or(noValue, f32x4.ne(a, a)));
  return v128.bitselect(f32x4.splat(1), y, f32x4.eq(b, zero));
}

/** sin and cos of `turns` quarter turns (below 2^22) without fused operations; `which` 0: sin, 1: cos; error below 1 ULP of 1. */
// @ts-ignore: decorator
@inline export function strictSinCosQuarter4(turns: v128, which: i32): v128 {
  const whole = f32x4.nearest(turns);
  const t = f32x4.sub(turns, whole); // exact
  const u = f32x4.mul(t, t);
  let s = f32x4.splat(1.582063e-4);
  s = step(s, u, -4.6812664e-3, true);
  s = step(s, u, 7.969258e-2, true);
  s = step(s, u, -6.459641e-1, true);
  s = f32x4.mul(step(s, u, 1.5707964, true), t);
  let c = f32x4.splat(9.0362807e-4);
  c = step(c, u, -2.086007e-2, true);
  c = step(c, u, 2.536692e-1, true);
  c = step(c, u, -1.2337005, true);
  c = step(c, u, 1, true);
  const quadrant = i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(which));
  const swap = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(c, s, swap), sign);
}
