import assert from "node:assert/strict";
import { diversity, Health } from "../../src/gan/health.ts";
import { losses } from "../../src/gan/losses.ts";
import { penalties } from "../../src/gan/penalties.ts";
import type { StepResult } from "../../src/gan/train.ts";

const game = { loss: losses["non-saturating"], model: { sample: [32, 32, 3] } };

const healthy: StepResult = {
  kind: "step",
  step: 0,
  discriminatorLoss: 1.2,
  generatorLoss: 1,
  penalty: undefined,
  realAccuracy: 0.7,
  fakeAccuracy: 0.75,
  discriminatorGradient: 1,
  generatorGradient: 1,
};

/** Names of what `count` steps give rise to, in order, with the number of the step among them. */
function observe(health: Health, count: number, changes: Partial<StepResult> = {}): [name: string, after: number][] {
  return Array.from({ length: count }, (_, i) => i + 1).flatMap((after) =>
    health.observe({ ...healthy, ...changes }).map(({ name }): [string, number] => [name, after])
  );
}

const names = (found: readonly (readonly [string, number])[]) => found.map(([name]) => name);

Deno.test("healthy numbers raise no warning", () => {
  const health = new Health(game);
  for (let step = 0; step < 5000; step++) {
    const swing = Math.sin(step / 40);
    const changes = { realAccuracy: 0.8 + 0.2 * swing, generatorGradient: 1 + 0.9 * swing };
    assert.deepEqual(health.observe({ ...healthy, ...changes }), []);
  }
  assert.deepEqual(health.compare(0.8), []);
});

Deno.test("nothing is judged during the first 1000 steps", () => {
  const health = new Health(game);
  assert.deepEqual(observe(health, 999, { realAccuracy: 1, fakeAccuracy: 1 }), []);
  assert.deepEqual(health.compare(0), []);
  assert.deepEqual(observe(health, 1, { realAccuracy: 1, fakeAccuracy: 1 }), [["D too strong", 1]]);
});

Deno.test("a D that is right about both kinds is named once, and again when it was weaker in between", () => {
  const strong = { realAccuracy: 1, fakeAccuracy: 1 };
  const health = new Health(game);
  observe(health, 1000);
  const [first, ...others] = observe(health, 2000, strong);
  assert.equal(first[0], "D too strong");
  assert.ok(first[1] > 100, `a few bad steps are none: ${first[1]}`);
  assert.deepEqual(others, []);
  observe(health, 5); // not yet weak: 0.98 and more until below 0.93
  assert.deepEqual(observe(health, 2000, strong), []);
  observe(health, 500);
  assert.deepEqual(names(observe(health, 2000, strong)), ["D too strong"]);
  // To be right about one kind only is easy.
  const half = new Health(game);
  assert.deepEqual(observe(half, 3000, { realAccuracy: 1, fakeAccuracy: 0.5 }), []);
});

Deno.test("a gradient of G that shrinks a thousandfold is named once, and again when it had come back", () => {
  const health = new Health(game);
  observe(health, 1000);
  assert.deepEqual(observe(health, 3000, { generatorGradient: 0.005 }), [], "two hundred times is none");
  assert.deepEqual(names(observe(health, 3000, { generatorGradient: 1e-5 })), ["vanishing gradient"]);
  assert.deepEqual(observe(health, 1000), []);
  assert.deepEqual(names(observe(health, 3000, { generatorGradient: 0 })), ["vanishing gradient"]);
});

Deno.test("samples that hardly differ are named once, and again when they had differed", () => {
  const health = new Health(game);
  observe(health, 1000);
  const reals = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i));
  const compare = (share: number) =>
    health.compare(diversity(reals.map((x) => 3 + share * x), 2) / diversity(reals, 2));
  assert.deepEqual([compare(1), compare(0.5)], [[], []]);
  const [{ name, text }] = compare(0.2);
  assert.equal(name, "mode collapse");
  assert.match(text, /^samples differ from each other 20 % as much as real ones; try --pack 2/);
  assert.deepEqual([compare(0.1), compare(0.4), compare(0.2)], [[], [], []]);
  assert.deepEqual(compare(0.5), []);
  assert.equal(compare(0).length, 1);
});

Deno.test("every warning says what was seen, and a remedy, in one line", () => {
  const health = new Health(game);
  const texts = Array.from({ length: 4000 }, (_, step) =>
    health.observe({
      ...healthy,
      realAccuracy: 1,
      fakeAccuracy: 1,
      generatorGradient: step < 1000 ? 1 : 0,
    })).flat().map(({ text }) => text);
  assert.equal(texts.length, 2);
  assert.match(texts[0], /^D is right about 100 % of real and of generated samples.*; try --penalty r1/);
  assert.match(texts[1], /^G's gradient is [\d.e-]+, \d+ times shorter than it was; try --noise/);
});

Deno.test("diversity is the root mean variance over elements", () => {
  // Two elements with variances 1 and 4.
  assert.equal(diversity(Float32Array.of(0, 0, 2, 4, 0, 4, 2, 0), 2), Math.sqrt(2.5));
  assert.equal(diversity(Float32Array.of(7, 8, 7, 8), 2), 0);
});

Deno.test("remedies that the game has already are not named, and a critic may be strong", () => {
  const strong = { ...healthy, realAccuracy: 1, fakeAccuracy: 1 };
  const texts = (watched: ConstructorParameters<typeof Health>[0]) => {
    const health = new Health(watched);
    return Array.from({ length: 1500 }, () => health.observe(strong)).flat().map(({ text }) => text);
  };
  assert.match(texts(game)[0], /try --penalty r1, or --norm-d spectral/);
  const r1 = { name: "r1", penalty: penalties.r1, weight: 1 };
  const [text] = texts({ ...game, penalties: [r1], view: { spectralNorm: true } });
  assert.match(text, /try a lower --learning-rate-d/);
  assert.deepEqual(texts({ ...game, loss: losses.wgan }), []);
});

Deno.test("what a game can't have is not named: points can't be augmented, auto-encoders don't judge packs", () => {
  const warned = (watched: ConstructorParameters<typeof Health>[0]) => {
    const health = new Health(watched);
    const strong = { ...healthy, realAccuracy: 1, fakeAccuracy: 1 };
    const found = Array.from({ length: 1500 }, () => health.observe(strong)).flat();
    return [...found, ...health.compare(0)].map(({ text }) => text);
  };
  const [strong, collapsed] = warned(game);
  assert.match(strong, /--augment all/);
  assert.match(collapsed, /--pack 2/);
  assert.doesNotMatch(warned({ ...game, model: { sample: [2] } }).join(), /augment/);
  assert.doesNotMatch(warned({ ...game, loss: losses.began }).join(), /pack/);
});

Deno.test("a game that has every remedy is told one that can be taken further", () => {
  const used = {
    ...game,
    loss: losses.relativistic,
    penalties: (["r1", "r2"] as const).map((name) => ({ name, penalty: penalties[name], weight: 1 })),
    view: { packed: 2, minibatchDeviation: true },
  };
  const health = new Health(used);
  observe(health, 1000);
  assert.match(health.compare(0)[0].text, /; try lower rates$/);
});
