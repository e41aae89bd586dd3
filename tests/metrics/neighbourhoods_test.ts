import assert from "node:assert/strict";
import { neighbourhoods } from "../../src/metrics/neighbourhoods.ts";
import { type Points, pointsOf } from "../../src/metrics/points.ts";
import { cloud } from "./support.ts";

const line = (...values: number[]) => pointsOf(Float64Array.from(values), 1);

Deno.test("on a line, by hand, with one neighbour", () => {
  // Radii of the real points 0, 1, 8 are 1, 1, 7: samples 0.5 and 0.9 lie in the balls of 0 and 1, and 5 in that of 8.
  // Radii of the samples are 0.4, 0.4, 4.1: 0 lies in none of their balls, 1 in that of 0.9, 8 in that of 5.
  const found = neighbourhoods(line(0.5, 0.9, 5), line(0, 1, 8), 1);
  assert.deepEqual(found, { precision: 1, recall: 2 / 3, density: 5 / 3, coverage: 1 });
});

Deno.test("balls are open: a sample on the rim is outside", () => {
  const found = neighbourhoods(line(2, 5), line(0, 1), 1);
  assert.deepEqual([found.precision, found.density, found.coverage], [0, 0, 0]);
  assert.equal(found.recall, 1); // both real points are nearer than 3 to sample 2
});

/** The matrices of the authors' code, with plain loops. */
function byDefinition(samples: Points, real: Points, k: number) {
  const distances = (x: Points, y: Points) =>
    Array.from({ length: x.count }, (_, i) =>
      Array.from({ length: y.count }, (_, j) => {
        let sum = 0;
        for (let d = 0; d < x.length; d++) sum += (x.values[i * x.length + d] - y.values[j * x.length + d]) ** 2;
        return Math.sqrt(sum);
      }));
  const radii = (x: Points) => distances(x, x).map((row) => row.sort((a, b) => a - b)[k]);
  const between = distances(real, samples);
  const [ofReal, ofSamples] = [radii(real), radii(samples)];
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const columns = samples.values.subarray(0, samples.count);
  return {
    precision: average(Array.from(columns, (_, j) => Number(between.some((row, i) => row[j] < ofReal[i])))),
    recall: average(between.map((row) => Number(row.some((distance, j) => distance < ofSamples[j])))),
    density: average(Array.from(columns, (_, j) => between.filter((row, i) => row[j] < ofReal[i]).length)) / k,
    coverage: average(between.map((row, i) => Number(Math.min(...row) < ofReal[i]))),
  };
}

Deno.test("random points of different numbers give what the definition gives", () => {
  for (const shift of [0, 1, 6]) {
    const [samples, real] = [cloud("fake", 290, 4, shift), cloud("real", 140, 4)];
    const [found, expected] = [neighbourhoods(samples, real, 5), byDefinition(samples, real, 5)];
    for (const name of ["precision", "recall", "density", "coverage"] as const) {
      assert.ok(Math.abs(found[name] - expected[name]) < 1e-12, `${name} ${found[name]}, expected ${expected[name]}`);
    }
  }
});

Deno.test("samples of one spot are precise and cover nothing else", () => {
  const real = cloud("real", 500, 3);
  const spot = pointsOf(Float64Array.from(cloud("spot", 500, 3).values, (value) => 0.001 * value), 3);
  const { precision, recall, coverage } = neighbourhoods(spot, real);
  assert.equal(precision, 1);
  assert.ok(recall < 0.02 && coverage < 0.1, `${recall}, ${coverage}`);
});
