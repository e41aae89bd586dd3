/** What a discriminator alone is taught with, and how it chooses among all places. */
import assert from "node:assert/strict";
import { scoreLoss } from "../../src/course/discriminator_alone/loss.ts";
import { gumbel } from "../../src/course/gumbel.ts";
import * as duel from "../../src/mod.ts";

Deno.test("the largest of scores and Gumbel noise is chosen in proportion to exp(score)", async () => {
  const scores = [0, 1, 2, -1], batch = 8192;
  const store = new duel.Store(1);
  const program = duel.trace(store, "choose", () => ({
    best: duel.ops.argmax(duel.ops.add(duel.ops.literal(scores, [1, 4]), gumbel("choose", [batch, 4])), 1),
  }));
  const engine = await duel.compileReference(store, [program]);
  const { best } = await engine.run(program, {}, { seed: 1, draw: 0 });
  await engine.close();
  const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
  scores.forEach((score, place) => {
    const found = Array.from(best).filter((chosen) => chosen === place).length / batch;
    const expected = Math.exp(score) / total;
    // Four standard deviations of a share.
    assert.ok(
      Math.abs(found - expected) < 4 * Math.sqrt(expected * (1 - expected) / batch),
      `${place}: ${found} of ${expected}`,
    );
  });
});

Deno.test("against fixed negatives no scores are better than (p − q) / (p + q) / (2·restraint)", async () => {
  // Two places: of eight real samples six are at the first, of eight negatives one.
  const restraint = 0.05, [p, q] = [[6 / 8, 2 / 8], [1 / 8, 7 / 8]];
  const best = p.map((share, place) => (share - q[place]) / (share + q[place]) / (2 * restraint));
  const at = (share: number) => Array.from({ length: 8 }, (_, i) => Number(i >= 8 * share));
  const store = new duel.Store(0);
  const program = duel.trace(store, "slope", () => {
    const scores = duel.input("scores", [2]);
    const scoresAt = (places: number[]) =>
      duel.ops.sum(duel.ops.mul(scores, duel.ops.oneHot(duel.ops.literal(places, [8]), 2)), [1]);
    const loss = scoreLoss(scoresAt(at(p[0])), scoresAt(at(q[0])), restraint);
    return { loss, slope: duel.grad(loss, [scores])[0] };
  });
  const engine = await duel.compileReference(store, [program]);
  const lossOf = async (scores: number[]) => {
    const { loss, slope } = await engine.run(program, { scores: Float32Array.from(scores) }, { seed: 0, draw: 0 });
    return { loss: loss[0], slope: Array.from(slope) };
  };
  const { loss, slope } = await lossOf(best);
  slope.forEach((value) => assert.ok(Math.abs(value) < 1e-6, `slope ${value}`));
  assert.ok((await lossOf([best[0] + 1, best[1]])).loss > loss && (await lossOf([best[0], best[1] - 1])).loss > loss);
  await engine.close();
});
