/** Comparing arrays of numbers; a failure tells operation, shape, index, both values and tolerance. */
import { AssertionError } from "node:assert/strict";
import { type Shape, showShape, sizeOf } from "../../src/core/shape.ts";
import type { Tolerance } from "./tolerance.ts";

type Numbers = ArrayLike<number>;

/** Row-major position to index: 7 in 2×4 is (1, 3). */
function indexAt(position: number, shape: Shape): string {
  const index: number[] = [];
  let rest = position;
  for (const extent of shape.toReversed()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return `(${index.join(", ")})`;
}

function fail(message: string, found: unknown, expected: unknown, caller: typeof assertClose | typeof assertNormClose) {
  throw new AssertionError({ message, actual: found, expected, operator: caller.name, stackStartFn: caller });
}

function assertLength(what: string, found: Numbers, expected: Numbers, shape: Shape): void {
  if (found.length !== sizeOf(shape) || expected.length !== sizeOf(shape)) {
    throw new AssertionError({
      message: `${what}: ${found.length} values found, ${expected.length} expected, for the shape ${showShape(shape)}`,
    });
  }
}

/** √(Σ xᵢ²) of the finite ones. */
function norm(values: Numbers): number {
  return Math.sqrt(Array.from(values).reduce((t, x) => Number.isFinite(x) ? t + x * x : t, 0));
}

/**
 * Every element within its tolerance; NaN agrees with NaN, an infinity with itself.
 * @param what the operation and what of it is compared, for instance `conv2d stride 2, dw`.
 */
export function assertClose(
  what: string,
  shape: Shape,
  found: Numbers,
  expected: Numbers,
  { relative, ofScale }: Tolerance,
): void {
  assertLength(what, found, expected, shape);
  const scale = norm(expected) / Math.sqrt(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(found[i], expected[i]) || found[i] === expected[i]) continue;
    const difference = Math.abs(found[i] - expected[i]);
    const allowed = relative * Math.abs(expected[i]) + ofScale * scale;
    if (!(difference <= allowed) || !Number.isFinite(expected[i])) {
      fail(
        `${what}, shape ${showShape(shape)}, index ${indexAt(i, shape)}: found ${found[i]}, expected ${expected[i]}; ` +
          `they differ by ${difference.toExponential(2)}, allowed are ${allowed.toExponential(2)}`,
        found[i],
        expected[i],
        assertClose,
      );
    }
  }
}

/** Below this norm an expected tensor counts as zero, and the difference is compared absolutely. */
const ZERO = 1e-12;

/** |found − expected|₂ ≤ tolerance · |expected|₂, or ≤ tolerance where the expected values are zero within 1e-12. */
export function assertNormClose(
  what: string,
  shape: Shape,
  found: Numbers,
  expected: Numbers,
  tolerance: number,
): void {
  assertLength(what, found, expected, shape);
  const differences = Float64Array.from({ length: expected.length }, (_, i) => found[i] - expected[i]);
  const distance = differences.some((difference) => !Number.isFinite(difference)) ? Infinity : norm(differences);
  const scale = norm(expected);
  const error = scale < ZERO ? distance : distance / scale;
  if (!(error <= tolerance)) {
    const worst = differences.reduce((at, x, i) => !(Math.abs(x) <= Math.abs(differences[at])) ? i : at, 0);
    fail(
      `${what}, shape ${showShape(shape)}: the error ${error.toExponential(2)} of the norm exceeds ` +
        `${tolerance.toExponential(2)}; most at index ${indexAt(worst, shape)}: found ${found[worst]}, ` +
        `expected ${expected[worst]}`,
      found[worst],
      expected[worst],
      assertNormClose,
    );
  }
}
