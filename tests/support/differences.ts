/** Slopes of plain formulas in doubles. */
import assert from "node:assert/strict";

/** Numbers that a formula is given, by name. */
export type Point = Readonly<Record<string, readonly number[]>>;

const STEP = 1e-5;

/** The slope of `formula` in each number of `name`, by central differences. */
export function slopes<P extends Point>(formula: (point: P) => number, point: P, name: keyof P): number[] {
  return point[name].map((value, i) => {
    const at = (moved: number) => formula({ ...point, [name]: point[name].with(i, moved) });
    return (at(value + STEP) - at(value - STEP)) / (2 * STEP);
  });
}

/** Fails unless all numbers are those expected, within `tolerance` of the larger of 1 and their size. */
export function assertNear(
  what: string,
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-10,
): void {
  assert.equal(found.length, expected.length, `${what}: lengths`);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(found[i] - expected[i]);
    const close = error <= tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(close, `${what}, number ${i}: found ${found[i]}, expected ${expected[i]}`);
  }
}

/** Fails unless slopes are those expected, as near as differences tell. */
export function assertSlopes(what: string, found: ArrayLike<number>, expected: ArrayLike<number>): void {
  assertNear(what, found, expected, 1e-6);
}

export const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
