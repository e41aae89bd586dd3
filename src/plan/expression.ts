/** Codes of the register operations in `map` and `reduce` instructions; `assembly/map.ts` runs them. */

/** `load` fetches input `a`; `constant` is the immediate `value`; the rest compute on registers. */
export const expressionOps = {
  load: 0,
  constant: 1,
  neg: 2,
  abs: 3,
  sign: 4,
  floor: 5,
  exp: 6,
  log: 7,
  log1p: 8,
  expm1: 9,
  sqrt: 10,
  tanh: 11,
  sigmoid: 12,
  softplus: 13,
  erf: 14,
  add: 15,
  sub: 16,
  mul: 17,
  div: 18,
  min: 19,
  max: 20,
  pow: 21,
  /** 1 where a < b, else 0 */
  less: 22,
  lessEqual: 23,
  equal: 24,
  /** b where a ≠ 0, else c */
  select: 25,
  /** a · b + c, one rounding in relaxed builds, two in plain ones */
  multiplyAdd: 26,
  /** b where a > 0, else c */
  selectPositive: 27,
} as const;

export type ExpressionOp = keyof typeof expressionOps;

/**
 * Elements a register holds at a time. Those of 4 KiB that an expression computes with, mostly four to eight, still stay in
 * a 32 KiB level-1 cache; DCGAN-32 on a Zen 3 spends 5 % less time in maps and reductions than with 2 KiB.
 */
export const BLOCK = 1024;

/** Bytes of scratch a thread needs for a map: a block for each register. */
export function registerBytes(registers: number): number {
  return 4 * BLOCK * registers;
}

/** Bytes of scratch a thread needs for a reduction: its registers, then a block of float64 sums for each output. */
export function reductionBytes(registers: number, outputs: number): number {
  return registerBytes(registers) + 8 * BLOCK * outputs;
}
