/** Losses against their formulas, as papers write them; some are compared with PyTorch's in `tests/golden_test.ts`. */
import assert from "node:assert/strict";
import { losses, type LossName } from "../../src/gan/losses.ts";
import { grad } from "../../src/graph/grad.ts";
import { input } from "../../src/graph/trace.ts";
import { runner } from "../nn/run.ts";
import { assertNear, assertSlopes, average, slopes } from "../support/differences.ts";

/** Scores of real and generated samples; none is at a kink of a loss. */
const scores = { real: [0.4, -1.7, 2.3, 0.9, -0.2], fake: [-0.6, 1.4, -2.2, 0.3, 0.8] };
type Scores = { readonly real: readonly number[]; readonly fake: readonly number[] };
type Formula = (scores: Scores) => number;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** −log of the probability that D gives to what is true: that x is real, or that it is not. */
const sayReal = (x: number) => -Math.log(sigmoid(x));
const sayFake = (x: number) => -Math.log(1 - sigmoid(x));
const over = (values: readonly number[], f: (x: number, i: number) => number) => average(values.map(f));

/** What D and G minimise. */
const formulas: Readonly<Record<LossName, readonly [d: Formula, g: Formula]>> = {
  "non-saturating": [
    ({ real, fake }) => over(real, sayReal) + over(fake, sayFake),
    ({ fake }) => over(fake, sayReal),
  ],
  minimax: [
    ({ real, fake }) => over(real, sayReal) + over(fake, sayFake),
    ({ fake }) => over(fake, (x) => Math.log(1 - sigmoid(x))),
  ],
  lsgan: [
    ({ real, fake }) => over(real, (x) => (x - 1) ** 2) + over(fake, (x) => x ** 2),
    ({ fake }) => over(fake, (x) => (x - 1) ** 2),
  ],
  hinge: [
    ({ real, fake }) => over(real, (x) => x < 1 ? 1 - x : 0) + over(fake, (x) => x > -1 ? 1 + x : 0),
    ({ fake }) => -average(fake),
  ],
  wgan: [({ real, fake }) => average(fake) - average(real), ({ fake }) => -average(fake)],
  relativistic: [
    ({ real, fake }) => over(real, (x, i) => sayReal(x - fake[i])),
    ({ real, fake }) => over(fake, (x, i) => sayReal(x - real[i])),
  ],
  "relativistic-average": [
    ({ real, fake }) =>
      0.5 * (over(real, (x) => sayReal(x - average(fake))) + over(fake, (x) => sayFake(x - average(real)))),
    ({ real, fake }) =>
      0.5 * (over(fake, (x) => sayReal(x - average(real))) + over(real, (x) => sayFake(x - average(fake)))),
  ],
  // A score is minus an error.
  ebgan: [
    ({ real, fake }) => over(real, (x) => -x) + over(fake, (x) => -x < 0.2 ? 0.2 + x : 0),
    ({ fake }) => over(fake, (x) => -x),
  ],
  // k is 0 at first.
  began: [({ real }) => over(real, (x) => -x), ({ fake }) => over(fake, (x) => -x)],
};

for (const name of Object.keys(losses) as LossName[]) {
  Deno.test(`${name}: values and slopes are those of its formula`, async () => {
    const { run } = await runner(() => {
      const [real, fake] = [input("real", [5]), input("fake", [5])];
      const d = losses[name].discriminator(real, fake, 1);
      const g = losses[name].generator(fake, () => real);
      const [dReal, dFake] = grad(d, [real, fake]);
      const [gReal, gFake] = grad(g, [real, fake]);
      return { d, g, dReal, dFake, gReal, gFake };
    });
    const numbers = { real: Float64Array.from(scores.real), fake: Float64Array.from(scores.fake) };
    const found = await run(numbers);
    const [d, g] = formulas[name];
    assertNear("D", found.d, [d(scores)]);
    assertNear("G", found.g, [g(scores)]);
    assertSlopes("D by real", found.dReal, slopes(d, scores, "real"));
    assertSlopes("D by fake", found.dFake, slopes(d, scores, "fake"));
    assertSlopes("G by real", found.gReal, slopes(g, scores, "real"));
    assertSlopes("G by fake", found.gFake, slopes(g, scores, "fake"));
  });
}

Deno.test("a smoothed target is what D is to say of real samples, and changes nothing else", async () => {
  const target = 0.9;
  const crossEntropy: Formula = ({ real, fake }) =>
    over(real, (x) => target * sayReal(x) + (1 - target) * sayFake(x)) + over(fake, sayFake);
  const smoothed: Partial<Record<LossName, Formula>> = {
    "non-saturating": crossEntropy,
    minimax: crossEntropy,
    lsgan: ({ real, fake }) => over(real, (x) => (x - target) ** 2) + over(fake, (x) => x ** 2),
  };
  for (const name of Object.keys(losses) as LossName[]) {
    const { run } = await runner(() => ({
      d: losses[name].discriminator(input("real", [5]), input("fake", [5]), target),
    }));
    const { d } = await run({ real: Float64Array.from(scores.real), fake: Float64Array.from(scores.fake) });
    assert.equal(smoothed[name] !== undefined, losses[name].hasTarget === true, name);
    assertNear(name, d, [(smoothed[name] ?? formulas[name][0])(scores)]);
  }
});

Deno.test("BEGAN's k moves by 0.001·(0.75·L(x) − L(G(z))) within 0 and 1, and weighs the errors of generated samples", async () => {
  const { engine, run } = await runner(() => ({
    d: losses.began.discriminator(input("real", [2]), input("fake", [2]), 1),
  }));
  const step = async (real: number, fake: number) => {
    const errors = (mean: number) => Float64Array.of(-mean - 0.1, -mean + 0.1);
    const { d } = await run({ real: errors(real), fake: errors(fake) });
    return [d[0], engine.read("D.began.k")[0]];
  };
  assertNear("balance", await step(4, 1), [4, 0.002]);
  assertNear("balance", await step(4, 2), [4 - 0.002 * 2, 0.003]);
  assertNear("the lower end", await step(1, 20), [1 - 0.003 * 20, 0]);
  assertNear("the upper end", await step(2000, 100), [2000, 1]);
  assertNear("k = 1", await step(3, 2.25), [0.75, 1]);
});

Deno.test("losses stay finite and keep their gradient for logits of ±1000", async () => {
  const { run } = await runner(() => {
    const [real, fake] = [input("real", [1]), input("fake", [1])];
    const y = losses["non-saturating"].discriminator(real, fake, 1);
    const [dreal, dfake] = grad(y, [real, fake]);
    return { y, dreal, dfake };
  });
  const { y, dreal, dfake } = await run({ real: Float32Array.of(-1000), fake: Float32Array.of(1000) });
  assert.deepEqual([y, dreal, dfake], [[2000], [-1], [1]]);
});

Deno.test("a loss that does not compare with real samples never asks for them", async () => {
  for (const name of ["non-saturating", "minimax", "lsgan", "hinge", "wgan", "ebgan", "began"] as const) {
    const { program } = await runner(() => ({
      y: losses[name].generator(input("fake", [1]), () => input("real", [1])),
    }));
    assert.deepEqual([...program.inputs.keys()], ["fake"], name);
  }
});
