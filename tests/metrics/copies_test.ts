import assert from "node:assert/strict";
import { birthdaySupport, duplicateDistance, nearestDistances, nearness } from "../../src/metrics/copies.ts";
import { pick, pointsOf } from "../../src/metrics/points.ts";
import { randomOf } from "../support/random.ts";
import { cloud } from "./support.ts";

/** `count` draws out of `support` equally likely images, each drawn a little differently. */
function draws(support: number, count: number) {
  const random = randomOf(`draws ${support}`);
  const images = cloud("images", support, 12);
  const drawn = pick(images, Array.from({ length: count }, () => Math.floor(random() * support)));
  return pointsOf(Float64Array.from(drawn.values, (value) => value + 1e-4 * random()), 12);
}

Deno.test("the birthday paradox finds the support of a uniform distribution", () => {
  for (const support of [1, 25, 400, 10_000]) {
    const { batch, size, atLeast } = birthdaySupport(draws(support, 3000), 0.01, 0);
    // The smallest batch with a duplicate with probability ½ among equally likely images.
    let expected = 1;
    for (let apart = 1; apart > 0.5; expected++) apart *= 1 - expected / support;
    assert.ok(Math.abs(batch / expected - 1) <= 0.15, `${support}: ${batch}, expected ${expected}`);
    assert.deepEqual([size, atLeast], [batch * batch, false]);
  }
});

Deno.test("without duplicates the support is at least the square of all samples", () => {
  const samples = cloud("samples", 100, 12);
  assert.deepEqual(birthdaySupport(samples, 1e-3, 0), { batch: 100, size: 10_000, atLeast: true });
});

Deno.test("the estimate is a function of the seed", () => {
  const samples = draws(400, 500);
  assert.deepEqual(birthdaySupport(samples, 0.01, 5), birthdaySupport(samples, 0.01, 5));
});

Deno.test("images are duplicates where they are nearer than 0.1 % of real neighbours", () => {
  // Distances between neighbours on a line: 1, 1, 2, 3 … 1000.
  const places = Float64Array.from({ length: 1001 }, (_, i) => i * (i + 1) / 2);
  // The first two of 1001 distances are 1; the quantile lies at index 1.
  assert.equal(duplicateDistance(pointsOf(places, 1)), 1);
});

Deno.test("new samples are as far from training images as held-out ones, copies are not", () => {
  const [train, heldOut] = [cloud("train", 1000, 6), cloud("held out", 500, 6)];
  const judge = (samples: typeof train) => nearness(nearestDistances(samples, train), nearestDistances(heldOut, train));
  const fresh = judge(cloud("fresh", 500, 6));
  assert.ok(Math.abs(fresh.ratio - 1) < 0.1 && fresh.closer < 0.03, JSON.stringify(fresh));
  const copied = judge(pointsOf(Float64Array.from(train.values, (value) => value + 1e-5), 6));
  assert.ok(copied.ratio < 1e-3, JSON.stringify(copied));
  assert.equal(copied.closer, 1);
  assert.equal(judge(heldOut).ratio, 1);
});
