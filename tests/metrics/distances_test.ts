import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { forEachSquaredDistance, nearestSquares, neighbourSquares } from "../../src/metrics/distances.ts";
import { pick, pointsOf } from "../../src/metrics/points.ts";
import { forEachProduct } from "../../src/metrics/products.ts";
import { cloud } from "./support.ts";

/** Counts below, at and above the tiles (4 rows, 4 columns) and the blocks (64 rows, 256 columns). */
const counts = [[1, 1], [3, 2], [4, 255], [5, 256], [63, 257], [65, 3], [130, 513]] as const;

function naiveProducts(x: ReturnType<typeof cloud>, y: ReturnType<typeof cloud>): number[][] {
  return Array.from({ length: x.count }, (_, i) =>
    Array.from({ length: y.count }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < x.length; k++) sum += x.values[i * x.length + k] * y.values[j * x.length + k];
      return sum;
    }));
}

Deno.test("products of all pairs are those of a plain loop, bit for bit, each given once", () => {
  for (const [rows, columns] of counts) {
    const [x, y] = [cloud("x", rows, 7), cloud("y", columns, 7)];
    const found = Array.from({ length: rows }, () => new Array<number>(columns).fill(NaN));
    forEachProduct(x, y, (row, first, products) =>
      products.forEach((product, j) => {
        assert.ok(Number.isNaN(found[row][first + j]), `pair ${row}, ${first + j} twice`);
        found[row][first + j] = product;
      }));
    assert.deepEqual(found, naiveProducts(x, y));
  }
});

Deno.test("the triangle has each pair above the diagonal", () => {
  const x = cloud("x", 400, 3);
  const products = naiveProducts(x, x);
  let pairs = 0;
  forEachProduct(x, x, (row, first, found) => {
    for (let j = Math.max(row + 1 - first, 0); j < found.length; j++) {
      assert.equal(found[j], products[row][first + j]);
      pairs++;
    }
  }, { triangle: true });
  assert.equal(pairs, 400 * 399 / 2);
});

Deno.test("squared distances, the nearest and the k-th nearest are those of a plain loop", () => {
  const [x, y] = [cloud("a", 300, 5), cloud("b", 70, 5)];
  const square = (a: typeof x, i: number, b: typeof x, j: number) => {
    let sum = 0;
    for (let k = 0; k < a.length; k++) sum += (a.values[i * a.length + k] - b.values[j * b.length + k]) ** 2;
    return sum;
  };
  const close = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-12 * (1 + expected));
  forEachSquaredDistance(
    x,
    y,
    (row, first, squares) => squares.forEach((found, j) => close(found, square(x, row, y, first + j))),
  );
  nearestSquares(x, y).forEach((found, i) =>
    close(found, Math.min(...Array.from({ length: y.count }, (_, j) => square(x, i, y, j))))
  );
  for (const k of [1, 5]) {
    neighbourSquares(x, k).forEach((found, i) => {
      const others = Array.from({ length: x.count }, (_, j) => j).filter((j) => j !== i);
      close(found, others.map((j) => square(x, i, x, j)).sort((a, b) => a - b)[k - 1]);
    });
  }
});

Deno.test("a copy of a point is at distance 0, and never below", () => {
  const x = cloud("x", 100, 64);
  const twice = pick(x, [3, 3, 7]);
  assert.deepEqual([...neighbourSquares(twice, 1).subarray(0, 2)], [0, 0]);
  assert.ok(nearestSquares(x, x).every((square) => square >= 0 && square < 1e-12));
});

Deno.test("vectors that do not belong together are refused", () => {
  assert.throws(() => pointsOf(new Float32Array(7), 2), UsageError);
  assert.throws(() => forEachProduct(cloud("x", 2, 3), cloud("y", 2, 4), () => {}), UsageError);
  assert.throws(() => neighbourSquares(cloud("x", 5, 3), 5), UsageError);
});
