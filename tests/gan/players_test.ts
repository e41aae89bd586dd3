/** What D gets to see, and what its heads say: on networks that pass on what they are given. */
import assert from "node:assert/strict";
import { ShapeError, UsageError } from "../../src/core/errors.ts";
import { type Conditioning, type ConditioningName, conditionings } from "../../src/gan/conditioning.ts";
import { losses } from "../../src/gan/losses.ts";
import { judge, type Judged } from "../../src/gan/players.ts";
import { grad } from "../../src/graph/grad.ts";
import { mul, reshape, square, sum } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { mlp } from "../../src/models/mlp.ts";
import { defineModel, type Model } from "../../src/models/model.ts";
import { runner } from "../nn/run.ts";
import { assertNear, average } from "../support/differences.ts";

/** D's body returns what it sees; its score is the sum of squares. G returns its latent vector. */
function glass(sample: readonly number[]): Model {
  return defineModel({
    name: "glass",
    latent: 2,
    sample,
    modulated: false,
    generator: (z) => z,
    features: (x) => x,
    head: (features) => sum(reshape(square(features), [features.shape[0], -1]), [1]),
  });
}

const labelled = (kind: ConditioningName, classes = 3): Conditioning => ({
  kind: conditionings[kind],
  attributes: [{ name: "class", classes: Array.from({ length: classes }, (_, i) => String(i)) }],
  continuous: 0,
});

const count = (length: number, from = 1) => Float64Array.from({ length }, (_, i) => from + i);

Deno.test("a condition is joined to the channels of each pixel, and neighbours of a batch are packed along the channels", async () => {
  const model = glass([2, 1, 2]);
  let seen: Tensor | undefined;
  const watched = { ...model, features: (x: Tensor) => seen = x };
  const settings: Judged = {
    model: watched,
    loss: losses.wgan,
    conditioning: labelled("concat"),
    view: { packed: 2 },
  };
  const { run } = await runner(() => {
    const x = input("x", [4, 2, 1, 2]);
    const { scores, answers } = judge(settings, x, "train", input("condition", [4, 3]));
    assert.deepEqual([scores.shape, answers, seen!.shape], [[2], undefined, [2, 2, 1, 10]]);
    const [slope] = grad(sum(mul(scores, input("weights", [2]))), [x]);
    return { seen: seen!, scores, slope };
  });
  const x = count(16);
  const condition = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0);
  const found = await run({ x, condition, weights: Float64Array.of(1, -3) });
  const pixel = (sample: number, at: number) => [...x.subarray(4 * sample + 2 * at, 4 * sample + 2 * at + 2)];
  const label = (sample: number) => [...condition.subarray(3 * sample, 3 * sample + 3)];
  const expected = [0, 1].flatMap((pack) =>
    [0, 1].flatMap((at) => [2 * pack, 2 * pack + 1].flatMap((sample) => [...pixel(sample, at), ...label(sample)]))
  );
  assert.deepEqual(found.seen, expected);
  const ofPack = (pack: number) => expected.slice(20 * pack, 20 * pack + 20).reduce((total, v) => total + v * v, 0);
  assert.deepEqual(found.scores, [ofPack(0), ofPack(1)]);
  // A sample moves the score of its own pack alone.
  assert.deepEqual(found.slope, [...x].map((value, i) => 2 * value * (i < 8 ? 1 : -3)));
});

Deno.test("without a condition, packs or noise D sees samples as they are", async () => {
  const { run } = await runner(() => {
    const x = input("x", [2, 3]);
    return { scores: judge({ model: glass([3]), loss: losses.wgan }, x, "train").scores };
  });
  assert.deepEqual((await run({ x: count(6) })).scores, [14, 77]);
});

Deno.test("a projection adds the product of the embedded condition and the summed features, pack by pack", async () => {
  for (const packed of [1, 2]) {
    const packs = 4 / packed;
    const width = 2 * packed;
    const settings: Judged = {
      model: glass([1, 2, 2]),
      loss: losses.hinge,
      conditioning: labelled("projection"),
      view: { packed },
    };
    const { engine, run } = await runner(() => {
      const { scores, answers } = judge(settings, input("x", [4, 1, 2, 2]), "train", input("condition", [4, 3]));
      assert.equal(answers, undefined);
      return { scores };
    });
    const [x, classes] = [count(16, -7), [2, 0, 1, 2]];
    const condition = Float64Array.from(classes.flatMap((index) => [0, 1, 2].map((i) => i === index ? 1 : 0)));
    // Rows are channels of the features, columns classes; those of packed samples one behind the other.
    const weights = count(width * 3 * packed, -3);
    assert.deepEqual(engine.read("D.projection.weight"), new Float64Array(weights.length), "starts at zero");
    engine.write("D.projection.weight", weights);
    const { scores } = await run({ x, condition });
    const expected = Array.from({ length: packs }, (_, pack) => {
      const own = x.subarray(4 * packed * pack, 4 * packed * (pack + 1));
      const squares = own.reduce((total, value) => total + value * value, 0);
      let product = 0;
      for (let channel = 0; channel < width; channel++) {
        const [member, c] = [Math.floor(channel / 2), channel % 2];
        const pooled = own[4 * member + c] + own[4 * member + 2 + c];
        for (let other = 0; other < packed; other++) {
          product += pooled * weights[channel * 3 * packed + 3 * other + classes[packed * pack + other]];
        }
      }
      return squares + product;
    });
    assert.deepEqual(scores, expected, `packs of ${packed}`);
  }
});

Deno.test("a projection can't make the error of an auto-encoder negative, however sure of the condition it is", async () => {
  const settings: Judged = {
    model: mlp({ sample: [3], latent: 2, hidden: [5] }),
    loss: losses.ebgan,
    conditioning: labelled("projection"),
  };
  const { engine, run } = await runner(() => ({
    scores: judge(settings, input("x", [4, 3]), "train", input("condition", [4, 3])).scores,
  }));
  const inputs = {
    x: count(12).map((value) => value / 12),
    condition: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0),
  };
  const weights = engine.read("D.projection.weight");
  const scoresAt = async (weight: number) => {
    engine.write("D.projection.weight", new Float64Array(weights.length).fill(weight));
    return (await run(inputs)).scores;
  };
  const [against, unsure, sure] = [await scoresAt(-99), await scoresAt(0), await scoresAt(99)];
  assert.ok([against, unsure, sure].every((scores) => scores.every((score) => score <= 0)));
  assert.ok(unsure.every((score, i) => (against[i] - score) * (sure[i] - score) < 0), "it counts all the same");
});

Deno.test("D that names classes answers for every sample, also of a pack", async () => {
  const { engine, run } = await runner(() => {
    const settings: Judged = {
      model: glass([2]),
      loss: losses.hinge,
      conditioning: { ...labelled("infogan"), continuous: 1 },
      view: { packed: 2 },
    };
    const { scores, answers } = judge(settings, input("x", [4, 2]), "train", input("condition", [4, 3]));
    assert.deepEqual([scores.shape, answers?.shape], [[2], [4, 4]]);
    return { answers: answers! };
  });
  const [weights, bias] = [count(8 * 4, -9), count(8)];
  engine.write("D.answers.weight", weights);
  engine.write("D.answers.bias", bias);
  const x = Float64Array.of(1, 2, 3, 4, 0, 0, 0, 1);
  const { answers } = await run({ x, condition: new Float64Array(12) });
  const expected = [0, 1].flatMap((pack) =>
    Array.from(bias, (b, row) => b + [0, 1, 2, 3].reduce((t, c) => t + weights[4 * row + c] * x[4 * pack + c], 0))
  );
  assert.deepEqual(answers, expected);
});

Deno.test("a score of D as an auto-encoder is minus the mean error, squared or absolute, of its copy", async () => {
  for (const [name, error] of [["ebgan", (e: number) => e * e], ["began", Math.abs]] as const) {
    const model = mlp({ sample: [3], latent: 2, hidden: [] });
    const { engine, store, run } = await runner(() => ({
      scores: judge({ model, loss: losses[name] }, input("x", [2, 3]), "train").scores,
    }));
    assert.deepEqual(
      store.slots().map((slot) => slot.name).sort(),
      ["D.G.0.bias", "D.G.0.weight", "D.code.bias", "D.code.weight"],
    );
    const layer = (prefix: string, v: readonly number[]) => {
      const [weight, bias] = [engine.read(`${prefix}.weight`), engine.read(`${prefix}.bias`)];
      return Array.from(bias, (b, row) => v.reduce((t, value, c) => t + weight[row * v.length + c] * value, b));
    };
    const samples = [[1, -2, 0.5], [0.25, 3, -1]];
    const expected = samples.map((x) => {
      const copy = layer("D.G.0", layer("D.code", x));
      return -average(copy.map((value, i) => error(value - x[i])));
    });
    assertNear(name, (await run({ x: Float64Array.from(samples.flat()) })).scores, expected, 1e-9);
  }
});

Deno.test("batches that do not split, packs of an auto-encoder, and augmented points are refused", () => {
  const traced = (changes: Partial<Judged>, batch: number) => () =>
    trace(new Store(1), "test", () => ({
      y: judge({ model: glass([3]), loss: losses.wgan, ...changes }, input("x", [batch, 3]), "train").scores,
    }));
  assert.throws(traced({ view: { packed: 4 } }, 6), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /^a batch of 6 samples does not split into packs of 4; take a multiple of 4$/);
    return true;
  });
  assert.throws(traced({ view: { packed: 2 }, loss: losses.began }, 4), UsageError);
  assert.throws(traced({ view: { augmentation: { policies: ["cutout"], adaptive: false } } }, 4), ShapeError);
});
