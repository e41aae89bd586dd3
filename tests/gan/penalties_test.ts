/**
 * Penalties against their formulas, on the critic D(x) = a·|x|²/2, whose gradient a·x is known. Packs are sums of its
 * values. What penalties draw at random is drawn here once more, from the same streams.
 */
import assert from "node:assert/strict";
import { uniforms } from "../../src/core/random.ts";
import { penalties, type PenaltyName } from "../../src/gan/penalties.ts";
import { grad } from "../../src/graph/grad.ts";
import { mul, reshape, square, sum } from "../../src/graph/ops.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input } from "../../src/graph/trace.ts";
import { runner } from "../nn/run.ts";
import { assertNear, assertSlopes, average, slopes } from "../support/differences.ts";

const BATCH = 4;
const real = [0.8, -1.2, 0.3, 2.1, -0.7, 0.6, 1.9, -0.4];
const fake = [-0.5, 0.9, 1.3, 0.2, -1.6, 1.1, 0.7, -2.4];
/** The parameter of D. */
const point = { a: [0.7] };
type Formula = (point: { readonly a: readonly number[] }) => number;

/** The penalty and its slope in `a`, with `packed` samples a score. */
async function found(name: PenaltyName, packed: number) {
  const { run } = await runner(() => {
    const a = input("a", [1]);
    const critic = (x: Tensor) => mul(sum(reshape(square(x), [BATCH / packed, -1]), [1]), mul(a, 0.5));
    const [x, y] = [input("real", [BATCH, 2]), input("fake", [BATCH, 2])];
    const scene = { critic, real: x, fake: y, realScores: critic(x), fakeScores: critic(y) };
    const term = penalties[name].term(scene);
    return { term, slope: grad(term, [a])[0] };
  });
  return await run({
    a: Float64Array.from(point.a),
    real: Float64Array.from(real),
    fake: Float64Array.from(fake),
  });
}

/** |a·x|² of every pack of samples. */
function squaredSlopes(a: number, x: readonly number[], packed: number): number[] {
  const length = 2 * packed;
  return Array.from(
    { length: x.length / length },
    (_, pack) => x.slice(pack * length, (pack + 1) * length).reduce((total, value) => total + (a * value) ** 2, 0),
  );
}

const unitSlope = (a: number, x: readonly number[], packed: number) =>
  average(squaredSlopes(a, x, packed).map((squared) => (Math.sqrt(squared) - 1) ** 2));

/** The numbers of a stream in the first run of a program. */
const drawn = (stream: string, count: number) => uniforms(count, 1, stream, 0);

function formulaOf(name: PenaltyName, packed: number): Formula {
  switch (name) {
    case "r1":
      return ({ a }) => 0.5 * average(squaredSlopes(a[0], real, packed));
    case "r2":
      return ({ a }) => 0.5 * average(squaredSlopes(a[0], fake, packed));
    case "wgan-gp": {
      const shares = drawn("penalty.wgan-gp", BATCH);
      const between = real.map((x, i) => shares[i >> 1] * x + (1 - shares[i >> 1]) * fake[i]);
      return ({ a }) => unitSlope(a[0], between, packed);
    }
    case "dragan": {
      const deviation = Math.sqrt(average(real.map((x) => (x - average(real)) ** 2)));
      const noise = drawn("penalty.dragan.noise", 2 * BATCH);
      const shares = drawn("penalty.dragan", BATCH);
      const near = real.map((x, i) => x + shares[i >> 1] * 0.5 * deviation * noise[i]);
      return ({ a }) => unitSlope(a[0], near, packed);
    }
    case "lecam":
      // Averages are 0 at first.
      return ({ a }) => {
        const scores = (x: readonly number[]) => squaredSlopes(1, x, packed).map((squared) => a[0] * squared / 2);
        const beyond = (excess: readonly number[]) => average(excess.map((value) => Math.max(value, 0) ** 2));
        return beyond(scores(real)) + beyond(scores(fake).map((score) => -score));
      };
  }
}

for (const name of Object.keys(penalties) as PenaltyName[]) {
  Deno.test(`${name}: value and slope in a parameter of D are those of its formula, for single samples and packs`, async () => {
    for (const packed of [1, 2]) {
      const { term, slope } = await found(name, packed);
      const formula = formulaOf(name, packed);
      assertNear(`packs of ${packed}`, term, [formula(point)], 1e-7);
      assertSlopes(`packs of ${packed}`, slope, slopes(formula, point, "a"));
      assert.ok(Math.abs(slope[0]) > 0.01, "the slope is not 0");
    }
  });
}

Deno.test("WGAN-GP looks at every sample's line at a place of its own, which moves from run to run", async () => {
  const { run } = await runner(() => {
    // D(x) = x³/3 at real 1, generated 0: the slope is the square of the share.
    const critic = (x: Tensor) => mul(sum(mul(square(x), x), [1]), 1 / 3);
    const [x, y] = [input("real", [2, 1]), input("fake", [2, 1])];
    const scene = { critic, real: x, fake: y, realScores: critic(x), fakeScores: critic(y) };
    return { term: penalties["wgan-gp"].term(scene) };
  });
  const place = { real: Float64Array.of(1, 1), fake: Float64Array.of(0, 0) };
  for (let draw = 0; draw < 3; draw++) {
    const shares = uniforms(2, 1, "penalty.wgan-gp", draw);
    const expected = average([...shares].map((share) => (share ** 2 - 1) ** 2));
    assertNear(`run ${draw}`, (await run(place)).term, [expected], 1e-6);
  }
});

Deno.test("a slope of zero has a penalty and a finite gradient", async () => {
  const { run } = await runner(() => {
    const a = input("a", [1]);
    const critic = (x: Tensor) => mul(sum(square(x), [1]), a);
    const x = input("x", [2, 2]);
    const scores = critic(x);
    const term = penalties["wgan-gp"].term({ critic, real: x, fake: x, realScores: scores, fakeScores: scores });
    return { term, slope: grad(term, [a])[0] };
  });
  const { term, slope } = await run({ a: Float64Array.of(0), x: new Float64Array(4) });
  assertNear("penalty", term, [1], 1e-5);
  assert.ok(Number.isFinite(slope[0]));
});

Deno.test("LeCam compares with averages of the other kind's scores before this step, which move by 1 %", async () => {
  const { engine, run } = await runner(() => {
    const [realScores, fakeScores] = [input("real", [2]), input("fake", [2])];
    const term = penalties.lecam.term({
      critic: (x) => x,
      real: realScores,
      fake: fakeScores,
      realScores,
      fakeScores,
    });
    const [byReal, byFake] = grad(term, [realScores, fakeScores]);
    return { term, byReal, byFake };
  });
  let [realAverage, fakeAverage] = [0, 0];
  for (const step of [0, 1, 2, 3]) {
    const [x, y] = [[1 + step, -0.2], [-2 + step, 0.4]];
    const { term, byReal, byFake } = await run({ real: Float64Array.from(x), fake: Float64Array.from(y) });
    const excess = (values: number[]) => values.map((value) => Math.max(value, 0));
    const [above, below] = [excess(x.map((r) => r - fakeAverage)), excess(y.map((f) => realAverage - f))];
    assertNear(`step ${step}`, term, [average(above.map((e) => e * e)) + average(below.map((e) => e * e))]);
    assertNear(`step ${step}, slope by real`, byReal, above);
    assertNear(`step ${step}, slope by fake`, byFake, below.map((e) => -e));
    realAverage = 0.99 * realAverage + 0.01 * average(x);
    fakeAverage = 0.99 * fakeAverage + 0.01 * average(y);
    assertNear("averages", [engine.read("D.lecam.real")[0], engine.read("D.lecam.fake")[0]], [
      realAverage,
      fakeAverage,
    ]);
  }
});
