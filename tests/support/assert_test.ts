/** The comparisons themselves: what they let pass, what they refuse, and what they then say. */
import assert from "node:assert/strict";
import { assertClose, assertNormClose } from "./assert.ts";
import { toleranceOf } from "./tolerance.ts";

const tolerance = { relative: 0.01, ofScale: 0 };

Deno.test("a failure names operation, shape, index, both values and the tolerance", () => {
  assert.throws(() => assertClose("add, dx", [2, 3], [0, 0, 0, 0, 2.5, 0], [0, 0, 0, 0, 2, 0], tolerance), {
    name: "AssertionError",
    message: "add, dx, shape 2×3, index (1, 1): found 2.5, expected 2; they differ by 5.00e-1, allowed are 2.00e-2",
  });
  assert.throws(() => assertNormClose("mul", [2], [3, 4.1], [3, 4], 0.01), {
    message: /mul, shape 2: the error 2.00e-2 of the norm exceeds 1.00e-2; most at index \(1\): found 4.1, expected 4/,
  });
});

Deno.test("values within the tolerance pass, in either direction", () => {
  assertClose("pass", [2], [0.995, -1.005], [1, -1], tolerance);
  assertClose("small beside large", [2], [1e-4, 1], [0, 1], { relative: 0, ofScale: 1e-3 });
  assert.throws(() => assertClose("too far", [1], [1.02], [1], tolerance));
  assert.throws(() => assertClose("zero is exact", [1], [1e-30], [0], tolerance));
  assertNormClose("pass", [2], [3.0001, 4], [3, 4], 1e-4);
});

Deno.test("NaN and infinities agree only with themselves", () => {
  assertClose("same", [3], [NaN, Infinity, -Infinity], [NaN, Infinity, -Infinity], tolerance);
  for (const [found, expected] of [[NaN, 1], [1, NaN], [Infinity, -Infinity], [1e308, Infinity], [Infinity, 1]]) {
    assert.throws(() => assertClose("different", [1], [found], [expected], tolerance));
  }
  assert.throws(() => assertNormClose("not a number", [2], [NaN, 1], [0, 1], 1));
});

Deno.test("an expected zero is compared absolutely by norm", () => {
  assertNormClose("zero", [2], [1e-7, 0], [0, 0], 1e-6);
  assert.throws(() => assertNormClose("not zero", [2], [1e-5, 0], [0, 0], 1e-6));
});

Deno.test("arrays of the wrong length are refused", () => {
  assert.throws(() => assertClose("short", [2], [1], [1, 2], tolerance), /1 values found, 2 expected/);
  assert.throws(() => assertNormClose("short", [2], [1], [1, 2], 1), /1 values found, 2 expected/);
});

Deno.test("tolerances grow with the reduction length and shrink with the number type", () => {
  assert.equal(toleranceOf("float32", "exact").relative, 0);
  assert.ok(toleranceOf("float32", "accumulated", 1000).ofScale > toleranceOf("float32", "accumulated", 10).ofScale);
  assert.ok(toleranceOf("float64", "rounded").relative < toleranceOf("float32", "rounded").relative * 1e-8);
});
