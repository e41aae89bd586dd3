import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { kernelDistance, squaredDiscrepancy } from "../../src/metrics/kernel.ts";
import type { Points } from "../../src/metrics/points.ts";
import { cloud } from "./support.ts";

/** The double sums of the definition, written out. */
function byDefinition(x: Points, y: Points): number {
  const kernel = (a: Points, i: number, b: Points, j: number) => {
    let product = 0;
    for (let k = 0; k < a.length; k++) product += a.values[i * a.length + k] * b.values[j * a.length + k];
    return (product / a.length + 1) ** 3;
  };
  const n = x.count;
  let total = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i !== j) total += (kernel(x, i, x, j) + kernel(y, i, y, j)) / (n * (n - 1));
      total -= 2 * kernel(x, i, y, j) / (n * n);
    }
  }
  return total;
}

Deno.test("the estimate is the definition's double sums", () => {
  for (const count of [2, 5, 300]) {
    const [x, y] = [cloud("x", count, 6), cloud("y", count, 6, 0.5)];
    const expected = byDefinition(x, y);
    assert.ok(Math.abs(squaredDiscrepancy(x, y) - expected) < 1e-11 * (1 + Math.abs(expected)), `${count}`);
  }
  assert.throws(() => squaredDiscrepancy(cloud("x", 3, 2), cloud("y", 4, 2)), UsageError);
});

Deno.test("the mean over subsets is about 0 for one distribution, and not for two", () => {
  const [x, y] = [cloud("x", 400, 8), cloud("y", 500, 8)];
  const same = kernelDistance(x, y, 0);
  assert.ok(Math.abs(same.mean) < 0.02, `${same.mean}`);
  const apart = kernelDistance(x, cloud("y", 500, 8, 0.5), 0);
  assert.ok(apart.mean > 10 * Math.abs(same.mean) && apart.mean > 5 * apart.deviation, JSON.stringify(apart));
});

Deno.test("subsets are a function of the seed", () => {
  const [x, y] = [cloud("x", 60, 4), cloud("y", 40, 4)];
  assert.deepEqual(kernelDistance(x, y, 1), kernelDistance(x, y, 1));
  assert.notEqual(kernelDistance(x, y, 1).mean, kernelDistance(x, y, 2).mean);
});
