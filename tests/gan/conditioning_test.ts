import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import {
  answerLength,
  answerLoss,
  type Conditioning,
  conditionings,
  encodeClasses,
  requireAttributes,
  trainingCondition,
} from "../../src/gan/conditioning.ts";
import { grad } from "../../src/graph/grad.ts";
import { input } from "../../src/graph/trace.ts";
import { runner } from "../nn/run.ts";
import { assertNear, assertSlopes, average, slopes } from "../support/differences.ts";

/** Two attributes with 2 and 3 classes. */
const attributes = [
  { name: "side", classes: ["left", "right"] },
  { name: "height", classes: ["low", "middle", "high"] },
];
const conditioning = (kind: keyof typeof conditionings, continuous = 0): Conditioning => ({
  kind: conditionings[kind],
  attributes,
  continuous,
});

Deno.test("classes become one-hot vectors side by side, attribute by attribute", async () => {
  const { run } = await runner(() => ({ y: encodeClasses(conditioning("concat"), input("classes", [3, 2])) }));
  const { y } = await run({ classes: Float32Array.of(0, 2, 1, 0, 1, 1) });
  assert.deepEqual(y, [...[1, 0, 0, 0, 1], ...[0, 1, 1, 0, 0], ...[0, 1, 0, 1, 0]]);
});

Deno.test("labels condition both programs; codes are drawn, every class equally often, and anew for each program and run", async () => {
  const labelled = await runner(() => ({ y: trainingCondition(conditioning("acgan"), 2, "discriminator") }));
  assert.deepEqual((await labelled.run({ labels: Float32Array.of(1, 2, 0, 0) })).y, [0, 1, 0, 0, 1, 1, 0, 1, 0, 0]);

  const batch = 6000;
  const { program, run } = await runner(() => ({
    d: trainingCondition(conditioning("infogan"), batch, "discriminator"),
    g: trainingCondition(conditioning("infogan"), batch, "generator"),
  }));
  assert.deepEqual([...program.inputs.keys()], []);
  const [first, second] = [await run(), await run()];
  for (const codes of [first.d, first.g, second.d]) {
    const counts = [0, 1, 2, 3, 4].map((column) => {
      const values = codes.filter((_, i) => i % 5 === column);
      assert.ok(values.every((value) => value === 0 || value === 1));
      return values.filter((value) => value === 1).length;
    });
    assert.deepEqual([counts[0] + counts[1], counts[2] + counts[3] + counts[4]], [batch, batch]);
    // Five deviations of a binomial distribution.
    for (const [column, count] of counts.entries()) {
      const p = column < 2 ? 1 / 2 : 1 / 3;
      assert.ok(Math.abs(count - batch * p) < 5 * Math.sqrt(batch * p * (1 - p)), `class ${column}: ${count}`);
    }
    // The attributes are drawn apart: half of each class of one has the first class of the other.
    const both = Array.from({ length: batch }, (_, i) => codes[5 * i] * codes[5 * i + 2]).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(both - batch / 6) < 5 * Math.sqrt(batch * 5 / 36), `${both} have both first classes`);
  }
  assert.notDeepEqual(first.d, first.g);
  assert.notDeepEqual(first.d, second.d);
});

Deno.test("answers cost the cross-entropy of each attribute, and a tenth of the squared error of continuous codes", async () => {
  const info = conditioning("infogan", 2);
  assert.equal(answerLength(info), 7);
  const classes = [[1, 0], [0, 2]];
  const z = [9, 9, 0.5, -1.5, 9, 9, 2, 0.25];
  const point = { answers: [0.3, -1, 0.7, 0, 1.1, -0.4, 2, -0.8, 0.6, 0.1, 1.5, -2, 0.9, 0.2] };
  const formula = ({ answers }: { readonly answers: readonly number[] }) => {
    const row = (i: number) => answers.slice(7 * i, 7 * i + 7);
    const entropy = (logits: readonly number[], index: number) =>
      -Math.log(Math.exp(logits[index]) / logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const named = [0, 1].map((i) =>
      entropy(row(i).slice(0, 2), classes[i][0]) + entropy(row(i).slice(2, 5), classes[i][1])
    );
    const errors = [0, 1].flatMap((i) => [0, 1].map((code) => (row(i)[5 + code] - z[4 * i + 2 + code]) ** 2));
    return average(named) + 0.1 * average(errors);
  };
  const { run } = await runner(() => {
    const answers = input("answers", [2, 7]);
    const condition = encodeClasses(info, input("classes", [2, 2]));
    const loss = answerLoss(info, answers, condition, input("z", [2, 4]));
    return { loss, slope: grad(loss, [answers])[0] };
  });
  const { loss, slope } = await run({
    answers: Float64Array.from(point.answers),
    classes: Float32Array.from(classes.flat()),
    z: Float64Array.from(z),
  });
  assertNear("loss", loss, [formula(point)]);
  assertSlopes("slope", slope, slopes(formula, point, "answers"));
});

Deno.test("there must be something to condition on", () => {
  const refuse = (kind: keyof typeof conditionings, message: RegExp) =>
    assert.throws(() => requireAttributes({ ...conditioning(kind), attributes: [] }), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  refuse("projection", /^these data have no labels/);
  refuse("infogan", /^infogan needs a categorical code/);
});
