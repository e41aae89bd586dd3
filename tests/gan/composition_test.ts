/** What the parts of a composition do to the two programs of a step. */
import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { type ConditioningName, conditionings } from "../../src/gan/conditioning.ts";
import { losses } from "../../src/gan/losses.ts";
import { penalties } from "../../src/gan/penalties.ts";
import type { Scheduled } from "../../src/gan/schedule.ts";
import type { GanSettings } from "../../src/gan/settings.ts";
import { discriminatorStep, generatorStep } from "../../src/gan/step.ts";
import { mul, reshape } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Program } from "../../src/graph/trace.ts";
import { mlp } from "../../src/models/mlp.ts";
import { defineModel } from "../../src/models/model.ts";
import { ones } from "../../src/nn/initializers.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { sgd } from "../../src/nn/optimizers.ts";
import { assertNear } from "../support/differences.ts";

const BATCH = 8;

const settings: GanSettings = {
  model: mlp({ sample: [2], latent: 3, hidden: [5] }),
  loss: losses["non-saturating"],
  batch: BATCH,
  updateDiscriminator: (parameters, gradients, learningRate) => sgd(parameters, gradients, { learningRate }),
  updateGenerator: (parameters, gradients, learningRate) => sgd(parameters, gradients, { learningRate }),
};

/** Both programs of a composition, on the reference backend. */
async function composed(changes: Partial<GanSettings>) {
  const store = new Store(2);
  const gan = { ...settings, ...changes };
  const [d, g] = [discriminatorStep(store, gan), generatorStep(store, gan)];
  const engine = await compileReference(store, [d, g]);
  const real = Float32Array.from({ length: BATCH * sizeOf(gan.model.sample) }, (_, i) => Math.sin(i));
  /** Runs a program; the same draw is the same random numbers. */
  const step = async (program: Program, inputs: Record<string, Float32Array> = {}, learningRate = 0, draw = 0) => {
    const scalars = { learningRate: Float32Array.of(learningRate), averageDecay: Float32Array.of(0.5) };
    const outputs = await engine.run(program, { real, ...scalars, ...inputs }, { seed: 2, draw });
    return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values[0]]));
  };
  const parameters = (owner: string) =>
    store.slots().filter(({ name, kind }) => kind === "parameter" && name.startsWith(`${owner}.`));
  /** All parameters of a network, one behind the other. */
  const values = (owner: string) => parameters(owner).flatMap(({ name }) => Array.from<number>(engine.read(name)));
  const change = (owner: string, f: (value: number, name: string) => number) => {
    for (const { name } of parameters(owner)) engine.write(name, Array.from(engine.read(name), (x) => f(x, name)));
  };
  return { store, engine, d, g, step, parameters, values, change };
}

const labelled = (kind: ConditioningName, classes: readonly string[]) => ({
  kind: conditionings[kind],
  attributes: [{ name: "class", classes }],
  continuous: 0,
});

Deno.test("spectral norm takes the scale off every matrix of D, heads and decoders included, and leaves G alone", async () => {
  const compositions = [
    { loss: losses.hinge, conditioning: labelled("projection", ["a", "b"]) },
    { loss: losses.wgan, conditioning: labelled("acgan", ["a", "b"]) },
    { loss: losses.began },
  ];
  for (const [i, own] of ["projection", "answers", "G.2"].entries()) {
    const { store, engine, d, g, step, parameters, change } = await composed({
      ...compositions[i],
      view: { spectralNorm: true },
    });
    const matrices = parameters("D").filter(({ shape }) => shape.length >= 2).map(({ name }) => `${name}.u`);
    assert.ok(matrices.includes(`D.${own}.weight.u`), `${matrices}`);
    assert.deepEqual(store.slots().flatMap(({ name }) => name.endsWith(".u") ? [name] : []).sort(), matrices.sort());
    change("D", (x, name) => name.endsWith("bias") ? 0 : name.includes("projection") ? 0.3 : x);
    const labels = Float32Array.from({ length: BATCH }, (_, sample) => sample % 2);
    const start = new Map(matrices.map((name) => [name, engine.read(name)]));
    const look = async () => {
      start.forEach((u, name) => engine.write(name, u));
      const { loss, realScore, fakeScore } = await step(d, { labels });
      return [loss, realScore, fakeScore, (await step(g, { labels })).loss];
    };
    const before = await look();
    change("D", (x) => 3 * x);
    assertNear(`${own}, with three times the weights`, await look(), before, 1e-9);
    change("G", (x) => 3 * x);
    assert.notDeepEqual(await look(), before);
  }
});

Deno.test("weights of D are cut off after its step, those of G never", async () => {
  const limit = 0.25;
  const { d, g, step, values } = await composed({ loss: losses.wgan, clipWeights: limit });
  assert.ok(values("D").some((x) => Math.abs(x) > limit));
  await step(d, {}, 0.01);
  const clipped = values("D").map(Math.abs);
  assert.ok(clipped.every((x) => x <= limit) && clipped.includes(limit), `${clipped}`);
  assert.ok(clipped.some((x) => x < limit));
  await step(g, {}, 0.01);
  assert.ok(values("G").some((x) => Math.abs(x) > limit));
});

Deno.test("gradients longer than the limit are shortened to it, all of a network together, others are left", async () => {
  const moves = async (clipGradients?: number) => {
    const { d, g, step, values } = await composed(clipGradients === undefined ? {} : { clipGradients });
    const move = async (owner: string, program: Program) => {
      const before = values(owner);
      const { gradientNorm } = await step(program, {}, 1);
      return { gradientNorm, by: values(owner).map((x, i) => x - before[i]) };
    };
    return [await move("D", d), await move("G", g)];
  };
  const [freeD] = await moves();
  const [d, g] = await moves(0.01);
  assert.ok(d.gradientNorm > 0.02 && g.gradientNorm > 0.02, "both are longer");
  assertNear("the reported length is that before", [d.gradientNorm], [freeD.gradientNorm]);
  assertNear("lengths", [Math.hypot(...d.by), Math.hypot(...g.by)], [0.01, 0.01], 1e-9);
  assertNear("direction", d.by, freeD.by.map((x) => x * 0.01 / freeD.gradientNorm), 1e-9);
  assertNear("a limit that is not reached", (await moves(100))[0].by, freeD.by, 1e-12);
});

/** A G that makes zeros and a D whose score is the sum of what it sees. */
const blankModel = defineModel({
  name: "blank",
  latent: 3,
  sample: [4, 4, 1],
  modulated: false,
  generator: (z) => reshape(mul(linear("0", z, 16), 0), [BATCH, 4, 4, 1]),
  features: (x) => reshape(x, [BATCH, 16]),
  head: (features) => reshape(linear("0", features, 1, { bias: false, initializer: ones }), [BATCH]),
});

/** Runs both programs of that model. */
async function blank(changes: Partial<GanSettings>) {
  const { d, g, step } = await composed({ model: blankModel, loss: losses.wgan, ...changes });
  return async (inputs: Record<string, Float32Array> = {}, draw = 0) => {
    const nothing = { real: new Float32Array(16 * BATCH), ...inputs };
    const { realScore, fakeScore } = await step(d, nothing, 0, draw);
    return [realScore, fakeScore, (await step(g, nothing, 0, draw + 1)).loss];
  };
}

Deno.test("noise and augmentation are on real and on generated samples, in both programs, each time others", async () => {
  assert.deepEqual((await (await blank({}))()).map(Math.abs), [0, 0, 0]);
  for (
    const view of [
      { noise: 0.5 },
      { augmentation: { policies: ["brightness"], adaptive: false } },
    ] satisfies GanSettings["view"][]
  ) {
    const look = await blank({ view });
    const [first, second] = [await look(), await look({}, 2)];
    const numbers = [...first, ...second].map(Math.abs);
    assert.ok(numbers.every((x) => x > 1e-3), `${numbers}`);
    assert.equal(new Set(numbers).size, numbers.length, `${numbers}`);
  }
});

Deno.test("adaptive augmentation begins where D puts real samples beyond the border of the loss, and needs a border", async () => {
  const view = { augmentation: { policies: ["cutout"], adaptive: true } } satisfies GanSettings["view"];
  const probability = async (loss: GanSettings["loss"], score: number) => {
    const { engine, d, step } = await composed({ model: blankModel, loss, view });
    await step(d, { real: new Float32Array(16 * BATCH).fill(score / 16) });
    return engine.read("D.augment.p")[0] > 0;
  };
  const rises = async (loss: GanSettings["loss"]) => [
    await probability(loss, -0.25),
    await probability(loss, 0.25),
    await probability(loss, 0.75),
  ];
  assert.deepEqual(await rises(losses.hinge), [false, true, true]);
  assert.deepEqual(await rises(losses.lsgan), [false, false, true]);
  for (const name of ["wgan", "relativistic", "relativistic-average", "ebgan", "began"] as const) {
    const gan = { ...settings, model: blankModel, loss: losses[name], view };
    assert.throws(() => discriminatorStep(new Store(1), gan), /^UsageError: adaptive augmentation goes by a border/);
  }
});

Deno.test("noise that follows a schedule is an input of both programs, and its deviation", async () => {
  const look = await blank({ view: { noise: { shape: "linear", from: 1, to: 0, steps: 10 } } });
  const [half, one, none] = [
    await look({ noise: Float32Array.of(0.5) }),
    await look({ noise: Float32Array.of(1) }),
    await look({ noise: Float32Array.of(0) }),
  ];
  assertNear("twice the deviation", one, half.map((x) => 2 * x), 1e-12);
  assert.deepEqual(none.map(Math.abs), [0, 0, 0]);
});

Deno.test("weights of penalties are constants or the inputs of their names", async () => {
  const penalty = async (weight: Scheduled, inputs = {}) => {
    const { d, step } = await composed({ penalties: [{ name: "r1", penalty: penalties.r1, weight }] });
    const { loss, penalty } = await step(d, inputs);
    return { rest: loss - penalty, penalty };
  };
  const one = await penalty(1);
  const three = await penalty(3);
  const scheduled = await penalty({ shape: "cosine", from: 3, to: 1, steps: 9 }, { "penalty.r1": Float32Array.of(3) });
  assertNear("weight 3", [three.penalty, three.rest], [3 * one.penalty, one.rest], 1e-12);
  assertNear("as an input", [scheduled.penalty, scheduled.rest], [three.penalty, three.rest], 1e-12);
});

Deno.test("ACGAN's D pays for the classes of real and of generated samples, its G for those of its own", async () => {
  const { engine, d, g, step, change } = await composed({
    model: mlp({ sample: [2], latent: 3, hidden: [] }),
    conditioning: labelled("acgan", ["a", "b", "c"]),
  });
  change("G", () => 0);
  change("D", () => 0);
  // Logits are b for generated samples, which are 0, and b + W·(1, 1) for real ones; scores are 0.
  engine.write("D.answers.bias", [1, -1, 0.5]);
  engine.write("D.answers.weight", [1, 0, 0, 1, -1, -1]);
  const labels = Float32Array.from({ length: BATCH }, (_, i) => i % 2 === 0 ? 2 : 0);
  const entropy = (logits: readonly number[], index: number) =>
    Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[index];
  const cost = (logits: readonly number[]) => (entropy(logits, 2) + entropy(logits, 0)) / 2;
  const inputs = { labels, real: new Float32Array(2 * BATCH).fill(1) };
  const expected = [
    2 * Math.LN2 + cost([2, 0, -1.5]) + cost([1, -1, 0.5]),
    Math.LN2 + cost([1, -1, 0.5]),
  ];
  assertNear("losses", [(await step(d, inputs)).loss, (await step(g, inputs)).loss], expected, 1e-9);
});

Deno.test("InfoGAN's D and G pay for the codes of generated samples alone", async () => {
  const { engine, d, g, step, change } = await composed({
    model: mlp({ sample: [2], latent: 3, hidden: [] }),
    conditioning: labelled("infogan", ["0", "1", "2", "3"]),
  });
  change("G", () => 0);
  change("D", () => 0);
  // All classes are the same to D where the sample is 0; of real ones it is sure.
  engine.write("D.answers.weight", [9, 9, 0, 0, 0, 0, 0, 0]);
  const inputs = { real: new Float32Array(2 * BATCH).fill(1) };
  const losses = [(await step(d, inputs)).loss, (await step(g, inputs)).loss];
  assertNear("losses", losses, [2 * Math.LN2 + Math.log(4), Math.LN2 + Math.log(4)], 1e-9);
});

Deno.test("D is right beyond the border of the loss, or else beyond the middle between the mean scores", async () => {
  const accuracy = async (loss: GanSettings["loss"], bias: number) => {
    const { engine, d, step, change } = await composed({ loss, model: mlp({ sample: [2], latent: 3, hidden: [] }) });
    change("G", () => 0);
    change("D", () => 0);
    engine.write("D.0.weight", [1, 0]);
    engine.write("D.0.bias", [bias]);
    // Scores of real samples are bias + 3 for six of them and bias − 1 for two, those of generated ones bias.
    const real = Float32Array.from({ length: 2 * BATCH }, (_, i) => i < 12 ? 3 : -1);
    const { realAccuracy, fakeAccuracy } = await step(d, { real });
    return [realAccuracy, fakeAccuracy];
  };
  assert.deepEqual(await accuracy(losses.hinge, -0.5), [0.75, 1]);
  assert.deepEqual(await accuracy(losses.hinge, 2), [1, 0]);
  assert.deepEqual(await accuracy(losses.lsgan, 0.25), [0.75, 1]);
  assert.deepEqual(await accuracy(losses.lsgan, 0.75), [0.75, 0]);
  for (const bias of [-50, 0, 50]) assert.deepEqual(await accuracy(losses.wgan, bias), [0.75, 1]);
});
