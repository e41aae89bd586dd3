/**
 * The register operations of pointwise expressions, each over a whole block.
 *
 * An operation is a type, so that the loop around it is compiled once for each and nothing is decided inside.
 */
import * as abi from "./abi.gen";
import { erf4, exp4, expMinusOne4, log4, logOnePlus4, pow4, sigmoid4, softplus4, tanh4 } from "./math";
import { load4, multiplyAdd, store4 } from "./simd";

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

// The sweeps handle two adjacent vectors a turn, so that V8 can pair them into one of 256 bits. The operation's
// methods use no instance: the null one only names the type.

function sweep1<Operation>(out: usize, a: usize, bytes: usize): void {
  const operation = changetype<Operation>(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const low = operation.of(load4(a + i));
    const high = operation.of(load4(a + i, 16));
    store4(out + i, low);
    store4(out + i, high, 16);
  }
}

function sweep2<Operation>(out: usize, a: usize, b: usize, bytes: usize): void {
  const operation = changetype<Operation>(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const low = operation.of(load4(a + i), load4(b + i));
    const high = operation.of(load4(a + i, 16), load4(b + i, 16));
    store4(out + i, low);
    store4(out + i, high, 16);
  }
}

function sweep3<Operation>(out: usize, a: usize, b: usize, c: usize, bytes: usize): void {
  const operation = changetype<Operation>(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const low = operation.of(load4(a + i), load4(b + i), load4(c + i));
    const high = operation.of(load4(a + i, 16), load4(b + i, 16), load4(c + i, 16));
    store4(out + i, low);
    store4(out + i, high, 16);
  }
}

/** out = op(a, b, c) over `bytes` bytes, a multiple of 32; out may be an operand. An unknown `op` leaves it as it is. */
export function compute(op: i32, out: usize, a: usize, b: usize, c: usize, bytes: usize): void {
  switch (op) {
    case abi.EXPRESSION_NEG: sweep1<Neg>(out, a, bytes); break;
    case abi.EXPRESSION_ABS: sweep1<Abs>(out, a, bytes); break;
    case abi.EXPRESSION_SIGN: sweep1<Sign>(out, a, bytes); break;
    case abi.EXPRESSION_FLOOR: sweep1<Floor>(out, a, bytes); break;
    case abi.EXPRESSION_EXP: sweep1<Exp>(out, a, bytes); break;
    case abi.EXPRESSION_LOG: sweep1<Log>(out, a, bytes); break;
    case abi.EXPRESSION_LOG1P: sweep1<LogOnePlus>(out, a, bytes); break;
    case abi.EXPRESSION_EXPM1: sweep1<ExpMinusOne>(out, a, bytes); break;
    case abi.EXPRESSION_SQRT: sweep1<Sqrt>(out, a, bytes); break;
    case abi.EXPRESSION_TANH: sweep1<Tanh>(out, a, bytes); break;
    case abi.EXPRESSION_SIGMOID: sweep1<Sigmoid>(out, a, bytes); break;
    case abi.EXPRESSION_SOFTPLUS: sweep1<Softplus>(out, a, bytes); break;
    case abi.EXPRESSION_ERF: sweep1<Erf>(out, a, bytes); break;
    case abi.EXPRESSION_ADD: sweep2<Add>(out, a, b, bytes); break;
    case abi.EXPRESSION_SUB: sweep2<Sub>(out, a, b, bytes); break;
    case abi.EXPRESSION_MUL: sweep2<Mul>(out, a, b, bytes); break;
    case abi.EXPRESSION_DIV: sweep2<Div>(out, a, b, bytes); break;
    case abi.EXPRESSION_MIN: sweep2<Min>(out, a, b, bytes); break;
    case abi.EXPRESSION_MAX: sweep2<Max>(out, a, b, bytes); break;
    case abi.EXPRESSION_POW: sweep2<Pow>(out, a, b, bytes); break;
    case abi.EXPRESSION_LESS: sweep2<Less>(out, a, b, bytes); break;
    case abi.EXPRESSION_LESS_EQUAL: sweep2<LessEqual>(out, a, b, bytes); break;
    case abi.EXPRESSION_EQUAL: sweep2<Equal>(out, a, b, bytes); break;
    case abi.EXPRESSION_SELECT: sweep3<Select>(out, a, b, c, bytes); break;
    case abi.EXPRESSION_MULTIPLY_ADD: sweep3<MultiplyAdd>(out, a, b, c, bytes); break;
    default:
  }
}
