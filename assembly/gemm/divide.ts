/** ⌈a / b⌉ for a ≥ 0, b ≥ 1, without overflow. */
// @ts-ignore: decorator
@inline export function ceilDivide(a: i32, b: i32): i32 {
  return a / b + <i32>(a % b != 0);
}
