/**
 * The register operations of pointwise expressions, each over a whole block.
 *
 * An operation is a type, so that the loop around it is compiled once for each and nothing is decided inside. A block of
 * a scalar is one turn long: its step of 0 makes the loop read it again and again, so it takes no room in level 1.
 */
import * as abi from "./abi.gen";
import { erf4, exp4, expMinusOne4, log4, logOnePlus4, pow4, sigmoid4, softplus4, tanh4 } from "./math";
import { load4, multiplyAdd, store4 } from "./simd";

class Copy {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return a;
  }
}
class Neg {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return f32x4.neg(a);
  }
}
class Abs {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return f32x4.abs(a);
  }
}
class Sign {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return sign(a);
  }
}
class Floor {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return f32x4.floor(a);
  }
}
class Exp {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return exp4(a);
  }
}
class Log {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return log4(a);
  }
}
class LogOnePlus {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return logOnePlus4(a);
  }
}
class ExpMinusOne {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return expMinusOne4(a);
  }
}
class Sqrt {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return f32x4.sqrt(a);
  }
}
class Tanh {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return tanh4(a);
  }
}
class Sigmoid {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return sigmoid4(a);
  }
}
class Softplus {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return softplus4(a);
  }
}
class Erf {
  // @ts-ignore: decorator
  @inline of(a: v128): v128 {
    return erf4(a);
  }
}
class Add {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}
class Sub {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}
class Mul {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}
class Div {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}
class Min {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return f32x4.min(a, b);
  }
}
class Max {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return f32x4.max(a, b);
  }
}
class Pow {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return pow4(a, b);
  }
}
class Less {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return v128.and(f32x4.lt(a, b), f32x4.splat(1));
  }
}
class LessEqual {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return v128.and(f32x4.le(a, b), f32x4.splat(1));
  }
}
class Equal {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128): v128 {
    return v128.and(f32x4.eq(a, b), f32x4.splat(1));
  }
}
class Select {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, c: v128): v128 {
    return v128.bitselect(b, c, f32x4.ne(a, f32x4.splat(0)));
  }
}
class SelectPositive {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, c: v128): v128 {
    return v128.bitselect(b, c, f32x4.gt(a, f32x4.splat(0)));
  }
}
class MultiplyAdd {
  // @ts-ignore: decorator
  @inline of(a: v128, b: v128, c: v128): v128 {
    return multiplyAdd(a, b, c);
  }
}

/** −1, 0 (of x's sign) or 1; NaN stays. */
// @ts-ignore: decorator
@inline function sign(x: v128): v128 {
  const one = v128.or(v128.and(x, i32x4.splat(0x80000000)), f32x4.splat(1));
  return v128.bitselect(one, x, v128.or(f32x4.lt(x, f32x4.splat(0)), f32x4.gt(x, f32x4.splat(0))));
}

/** Bytes that a sweep handles in a turn, and from one turn's operands to the next's; 0 for a scalar, which stays. */
export const TURN: usize = 64;

// Two adjacent vectors make a pair for V8, which makes one of 256 bits out of it. A turn of two pairs halves what the
// loop itself costs; where an operation is long, that is little, and one pair fits the registers. The operations' methods
// use no instance: the null one only names the type.

function sweepLong1<Operation>(out: usize, a: usize, aStep: usize, bytes: usize): void {
  const operation = changetype<Operation>(0);
  aStep >>= 1;
  for (const end = out + bytes; out < end; out += 32) {
    const low = operation.of(load4(a));
    const high = operation.of(load4(a, 16));
    store4(out, low);
    store4(out, high, 16);
    a += aStep;
  }
}

function sweepLong2<Operation>(out: usize, a: usize, aStep: usize, b: usize, bStep: usize, bytes: usize): void {
  const operation = changetype<Operation>(0);
  aStep >>= 1;
  bStep >>= 1;
  for (const end = out + bytes; out < end; out += 32) {
    const low = operation.of(load4(a), load4(b));
    const high = operation.of(load4(a, 16), load4(b, 16));
    store4(out, low);
    store4(out, high, 16);
    a += aStep;
    b += bStep;
  }
}

function sweep1<Operation>(out: usize, a: usize, aStep: usize, bytes: usize): void {
  const operation = changetype<Operation>(0);
  for (const end = out + bytes; out < end; out += TURN) {
    const x0 = operation.of(load4(a));
    const x4 = operation.of(load4(a, 16));
    const x8 = operation.of(load4(a, 32));
    const x12 = operation.of(load4(a, 48));
    store4(out, x0);
    store4(out, x4, 16);
    store4(out, x8, 32);
    store4(out, x12, 48);
    a += aStep;
  }
}

function sweep2<Operation>(out: usize, a: usize, aStep: usize, b: usize, bStep: usize, bytes: usize): void {
  const operation = changetype<Operation>(0);
  for (const end = out + bytes; out < end; out += TURN) {
    const x0 = operation.of(load4(a), load4(b));
    const x4 = operation.of(load4(a, 16), load4(b, 16));
    const x8 = operation.of(load4(a, 32), load4(b, 32));
    const x12 = operation.of(load4(a, 48), load4(b, 48));
    store4(out, x0);
    store4(out, x4, 16);
    store4(out, x8, 32);
    store4(out, x12, 48);
    a += aStep;
    b += bStep;
  }
}

function sweep3<Operation>(
  out: usize,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  bytes: usize,
): void {
  const operation = changetype<Operation>(0);
  for (const end = out + bytes; out < end; out += TURN) {
    const x0 = operation.of(load4(a), load4(b), load4(c));
    const x4 = operation.of(load4(a, 16), load4(b, 16), load4(c, 16));
    const x8 = operation.of(load4(a, 32), load4(b, 32), load4(c, 32));
    const x12 = operation.of(load4(a, 48), load4(b, 48), load4(c, 48));
    store4(out, x0);
    store4(out, x4, 16);
    store4(out, x8, 32);
    store4(out, x12, 48);
    a += aStep;
    b += bStep;
    c += cStep;
  }
}

/** out = a over `bytes` bytes, a multiple of TURN. */
export function copyBlock(out: usize, a: usize, aStep: usize, bytes: usize): void {
  sweep1<Copy>(out, a, aStep, bytes);
}

/**
 * out = op(a, b, c) over `bytes` bytes, a multiple of TURN; each operand has its step, TURN or 0. `out` may be an operand
 * whose step is TURN. An unknown `op` leaves it as it is.
 */
export function compute(
  op: i32,
  out: usize,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  bytes: usize,
): void {
  switch (op) {
    case abi.EXPRESSION_NEG: sweep1<Neg>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_ABS: sweep1<Abs>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_SIGN: sweep1<Sign>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_FLOOR: sweep1<Floor>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_EXP: sweepLong1<Exp>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_LOG: sweepLong1<Log>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_LOG1P: sweepLong1<LogOnePlus>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_EXPM1: sweepLong1<ExpMinusOne>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_SQRT: sweep1<Sqrt>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_TANH: sweepLong1<Tanh>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_SIGMOID: sweepLong1<Sigmoid>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_SOFTPLUS: sweepLong1<Softplus>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_ERF: sweepLong1<Erf>(out, a, aStep, bytes); break;
    case abi.EXPRESSION_ADD: sweep2<Add>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_SUB: sweep2<Sub>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_MUL: sweep2<Mul>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_DIV: sweep2<Div>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_MIN: sweep2<Min>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_MAX: sweep2<Max>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_POW: sweepLong2<Pow>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_LESS: sweep2<Less>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_LESS_EQUAL: sweep2<LessEqual>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_EQUAL: sweep2<Equal>(out, a, aStep, b, bStep, bytes); break;
    case abi.EXPRESSION_SELECT: sweep3<Select>(out, a, aStep, b, bStep, c, cStep, bytes); break;
    case abi.EXPRESSION_SELECT_POSITIVE: sweep3<SelectPositive>(out, a, aStep, b, bStep, c, cStep, bytes); break;
    case abi.EXPRESSION_MULTIPLY_ADD: sweep3<MultiplyAdd>(out, a, aStep, b, bStep, c, cStep, bytes); break;
    default:
  }
}
