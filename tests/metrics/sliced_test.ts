import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { pointsOf } from "../../src/metrics/points.ts";
import { slicedWasserstein2, squaredWasserstein } from "../../src/metrics/sliced.ts";
import { cloud } from "./support.ts";

Deno.test("along a line: sorted pairs, and steps of quantiles where counts differ", () => {
  assert.equal(squaredWasserstein(Float64Array.of(0, 1, 5), Float64Array.of(1, 1, 7)), (1 + 0 + 4) / 3);
  // Each value of the list of two stands for three sixths, each of the list of three for two.
  const expected = (2 * 0 + 1 * 1 + 1 * 1 + 2 * 4) / 6;
  assert.equal(squaredWasserstein(Float64Array.of(0, 2), Float64Array.of(0, 1, 4)), expected);
  assert.equal(squaredWasserstein(Float64Array.of(0, 1, 4), Float64Array.of(0, 2)), expected);
});

Deno.test("moving every value by s is a distance of about s in any number of values, and 0 is 0", () => {
  for (const length of [1, 30, 1000]) {
    const x = cloud("x", 40, length);
    const moved = pointsOf(Float64Array.from(x.values, (value) => value + 0.25), length);
    const distance = slicedWasserstein2(x, moved, 0);
    // Each of 128 squared cosines has the mean 1/length and a deviation of √2 of that; four standard errors.
    assert.ok(Math.abs(distance ** 2 / 0.0625 - 1) < 0.5, `${length}: ${distance}`);
    assert.equal(slicedWasserstein2(x, x, 0), 0);
  }
});

Deno.test("it sees a spread that is not the same, and is a function of the seed", () => {
  const [x, y] = [cloud("x", 2000, 10), cloud("y", 2000, 10)];
  const wider = pointsOf(Float64Array.from(y.values, (value) => 1.5 * value), 10);
  // Means of 2000 numbers differ by √(2 / 2000), and so do other quantiles: about 0.05 together.
  assert.ok(slicedWasserstein2(x, y, 0) < 0.08);
  // Along a line in ten dimensions the deviations are 1 and 1.5 for every direction.
  assert.ok(Math.abs(slicedWasserstein2(x, wider, 0) - 0.5) < 0.04);
  assert.equal(slicedWasserstein2(x, y, 3), slicedWasserstein2(x, y, 3));
  assert.notEqual(slicedWasserstein2(x, y, 3), slicedWasserstein2(x, y, 4));
  assert.throws(() => slicedWasserstein2(x, cloud("y", 5, 9), 0), UsageError);
});
