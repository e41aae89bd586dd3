import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { jointClasses, labelAccuracy, modeCoverage, perfectKl } from "../../src/metrics/modes.ts";
import { randomOf } from "../support/random.ts";

const near = (found: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, expected ${expected}`);

Deno.test("equal shares have a divergence of 0, a single mode one of log K", () => {
  assert.deepEqual(modeCoverage(Array.from({ length: 1000 }, (_, i) => i), 1000).modes, 1000);
  near(modeCoverage(Array.from({ length: 3000 }, (_, i) => i % 1000), 1000).kl, 0);
  assert.deepEqual(modeCoverage([7, 7, 7], 1000), { modes: 1, kl: Math.log(1000) });
});

Deno.test("a constructed histogram gives Σ p log(p K)", () => {
  const found = modeCoverage([0, 0, 0, 2, 2, 3, 3, 3], 5);
  assert.equal(found.modes, 3);
  near(found.kl, 2 * (3 / 8) * Math.log(15 / 8) + (1 / 4) * Math.log(5 / 4));
  assert.throws(() => modeCoverage([], 5), UsageError);
});

Deno.test("a perfect sampler of 26,000 has about 999 / 52,000", () => {
  near(perfectKl(1000, 26_000), 0.0192115, 1e-6);
  const random = randomOf("perfect");
  const { modes, kl } = modeCoverage(Array.from({ length: 26_000 }, () => Math.floor(random() * 1000)), 1000);
  assert.equal(modes, 1000);
  near(kl, perfectKl(1000, 26_000), 0.003);
});

Deno.test("classes of several attributes join as digits of a number", () => {
  assert.deepEqual([...jointClasses([[1, 9], [2, 9], [3, 9]], [10, 10, 10])], [123, 999]);
  assert.deepEqual([...jointClasses([[2, 0], [1, 2]], [4, 3])], [7, 2]);
});

Deno.test("label accuracy counts what was asked and found", () => {
  assert.equal(labelAccuracy([1, 2, 3, 4], [1, 2, 0, 4]), 0.75);
  assert.throws(() => labelAccuracy([1], [1, 2]), UsageError);
});
