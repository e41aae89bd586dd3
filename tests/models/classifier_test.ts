import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { UsageError } from "../../src/core/errors.ts";
import { Store } from "../../src/graph/store.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { classesOf, classifier, classifierLoss, FEATURES } from "../../src/models/classifier.ts";
import { crossEntropy } from "../../src/nn/cross_entropy.ts";
import { oneHot } from "../../src/graph/ops.ts";

const attributes = [{ name: "hue", classes: ["red", "green", "blue"] }, { name: "tilt", classes: ["left", "right"] }];

Deno.test("images become features, and logits for each attribute", () => {
  const store = new Store(1);
  const network = classifier({ size: 16, channels: 3, attributes });
  trace(store, "test", () => {
    const { features, logits } = network(input("x", [5, 16, 16, 3]), "train");
    assert.deepEqual(features.shape, [5, FEATURES]);
    assert.deepEqual(logits.map(({ shape }) => shape), [[5, 3], [5, 2]]);
    return {};
  });
  assert.ok(store.has("C.0.weight") && store.has("C.head.tilt.bias"));
});

Deno.test("sizes that cannot be halved three times, and other images, are refused", () => {
  assert.throws(() => classifier({ size: 28, channels: 1, attributes }), UsageError);
  const network = classifier({ size: 16, channels: 1, attributes });
  assert.throws(
    () => trace(new Store(1), "test", () => ({ y: network(input("x", [1, 16, 16, 3]), "train").features })),
    UsageError,
  );
});

Deno.test("cross-entropy is the mean of −log of the probability of the label, summed over attributes", async () => {
  const store = new Store(1);
  const program = trace(store, "test", () => {
    const logits = [input("a", [2, 3]), input("b", [2, 2])];
    const labels = [input("of a", [2]), input("of b", [2])];
    const sight = { features: logits[0], logits };
    const [first, second] = classesOf(sight);
    return {
      first,
      second,
      one: crossEntropy(logits[0], oneHot(labels[0], logits[0].shape[1])),
      all: classifierLoss(sight, labels),
    };
  });
  const engine = await compileReference(store, [program]);
  const { first, second, one, all } = await engine.run(program, {
    a: Float64Array.of(Math.log(1), Math.log(2), Math.log(5), 1000, 1000, 1000),
    b: Float64Array.of(0, 0, Math.log(3), 0),
    "of a": Float64Array.of(2, 0),
    "of b": Float64Array.of(1, 1),
  }, { seed: 0, draw: 0 });
  const expected = (Math.log(8 / 5) + Math.log(3)) / 2;
  assert.ok(Math.abs(one[0] - expected) < 1e-12);
  assert.ok(Math.abs(all[0] - expected - (Math.log(2) + Math.log(4)) / 2) < 1e-12);
  assert.deepEqual([...first, ...second], [2, 0, 0, 0]);
});
