import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { fitGaussian, frechetDistance, gaussianDistance } from "../../src/metrics/frechet.ts";
import { pointsOf } from "../../src/metrics/points.ts";
import { cloud } from "./support.ts";

function near(found: number, expected: number, tolerance = 1e-12): void {
  assert.ok(Math.abs(found - expected) <= tolerance * (1 + Math.abs(expected)), `${found}, expected ${expected}`);
}

const gaussian = (mean: number[], covariance: number[]) => ({
  mean: Float64Array.from(mean),
  covariance: Float64Array.from(covariance),
});

Deno.test("with one axis it is (μ₁ − μ₂)² + (σ₁ − σ₂)²", () => {
  near(gaussianDistance(gaussian([1], [4]), gaussian([-2], [25])), 9 + 9);
  near(gaussianDistance(gaussian([1], [0]), gaussian([1], [9])), 9);
});

Deno.test("with two axes tr √(C₁C₂) is √(tr C₁C₂ + 2 √det C₁C₂)", () => {
  const [a, b, c] = [2, 0.7, 1.5];
  const [d, e, f] = [0.5, -0.3, 3];
  const trace = a * d + 2 * b * e + c * f;
  const determinant = (a * c - b * b) * (d * f - e * e);
  const expected = 1 + 4 + a + c + d + f - 2 * Math.sqrt(trace + 2 * Math.sqrt(determinant));
  near(gaussianDistance(gaussian([0, 0], [a, b, b, c]), gaussian([1, 2], [d, e, e, f])), expected);
  near(gaussianDistance(gaussian([1, 2], [d, e, e, f]), gaussian([0, 0], [a, b, b, c])), expected);
});

Deno.test("mean and covariance are those of the points, the covariance unbiased", () => {
  const { mean, covariance } = fitGaussian(pointsOf(Float32Array.of(1, 0, 3, 2, 5, -2), 2));
  assert.deepEqual([...mean], [3, 0]);
  assert.deepEqual([...covariance], [4, -2, -2, 4]);
  assert.throws(() => fitGaussian(cloud("x", 1, 2)), UsageError);
});

Deno.test("it is 0 for the same points, also where they lie in a plane", () => {
  const x = cloud("x", 500, 8);
  near(frechetDistance(x, x), 0, 1e-9);
  const flat = pointsOf(x.values.map((value, i) => i % 8 < 3 ? value : 2), 8);
  near(frechetDistance(flat, flat), 0, 1e-9);
});

Deno.test("scaled and moved points are as far as the formula for σ₂ = 3 σ₁ says", () => {
  const x = cloud("x", 300, 16);
  const y = pointsOf(Float64Array.from(x.values, (value) => 3 * value + 1), 16);
  const { mean, covariance } = fitGaussian(x);
  const trace = mean.reduce((sum, _, k) => sum + covariance[k * 17], 0);
  const shift = mean.reduce((sum, value) => sum + (2 * value + 1) ** 2, 0);
  near(frechetDistance(x, y), shift + 4 * trace, 1e-9);
});
