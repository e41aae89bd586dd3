import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { UsageError } from "../../src/core/errors.ts";
import { conditionings } from "../../src/gan/conditioning.ts";
import { classColumns, gridLabels, gridLatents, lerp, seedClass, seedLatent, slerp } from "../../src/gan/latents.ts";
import { batchSizes, Sampler } from "../../src/gan/sampler.ts";
import { Store } from "../../src/graph/store.ts";
import { dcgan } from "../../src/models/dcgan.ts";
import { mlp } from "../../src/models/mlp.ts";

const LATENT = 4;
const smallDcgan = () => dcgan({ size: 16, channels: 1, latent: LATENT, base: 2 });
const length = (vector: Float32Array) => Math.hypot(...vector);

Deno.test("any number of samples is made of batches of 1, 8 and 64, with no more padding than must be", () => {
  const sizes = [1, 2, 8, 9, 64, 65, 66, 130, 200].map((count) => [count, ...batchSizes(count)]);
  assert.deepEqual(sizes, [
    [1, 1],
    [2, 8],
    [8, 8],
    [9, 64],
    [64, 64],
    [65, 64, 1],
    [66, 64, 8],
    [130, 64, 64, 8],
    [200, 64, 64, 64, 8],
  ]);
});

Deno.test("a sample is the same in any batch", async () => {
  const model = smallDcgan();
  const draw = async (count: number) => {
    const store = new Store(1);
    const sampler = new Sampler(store, { model }, count);
    const engine = await compileReference(store, sampler.programs);
    const latents = new Float32Array(count * LATENT);
    for (let i = 0; i < count; i++) latents.set(seedLatent(i, LATENT), i * LATENT);
    return await sampler.sample(engine, latents);
  };
  const many = await draw(66);
  assert.equal(many.length, 66 * 256);
  assert.deepEqual(await draw(1), many.slice(0, 256));
  assert.deepEqual(await draw(3), many.slice(0, 3 * 256));
  assert.notDeepEqual(many.slice(0, 256), many.slice(256, 512));
});

/** Two attributes with 2 and 3 classes. */
const attributes = [
  { name: "side", classes: ["left", "right"] },
  { name: "height", classes: ["low", "middle", "high"] },
];

Deno.test("a sample of a condition depends on its own labels alone, beside the latent vector and in batch norms", async () => {
  const models = { concat: mlp({ sample: [2], latent: LATENT, hidden: [5] }), projection: smallDcgan() };
  for (const kind of ["concat", "projection"] as const) {
    const [model, count] = [models[kind], 9];
    const store = new Store(1);
    const sampler = new Sampler(store, {
      model,
      conditioning: { kind: conditionings[kind], attributes, continuous: 0 },
    }, count);
    const engine = await compileReference(store, sampler.programs);
    // What a condition adds to batch norms is 0 at first.
    for (const { name, shape } of store.slots()) {
      if (name.includes("condition")) {
        engine.write(
          name,
          Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i)),
        );
      }
    }
    const latents = Float32Array.from({ length: count * LATENT }, (_, i) => Math.cos(i));
    const labels = gridLabels(attributes, count);
    const before = await sampler.sample(engine, latents, labels);
    const length = before.length / count;
    for (const attribute of [0, 1]) {
      const other = labels.slice();
      other[4 * 2 + attribute] = attribute === 0 ? 1 - other[8] : (other[9] + 1) % 3;
      const after = await sampler.sample(engine, latents, other);
      for (let i = 0; i < count; i++) {
        const [a, b] = [before, after].map((samples) => samples.slice(i * length, (i + 1) * length));
        if (i === 4) assert.notDeepEqual(a, b, `${kind}, ${attributes[attribute].name}`);
        else assert.deepEqual(a, b);
      }
    }
    for (const wrong of [undefined, labels.slice(1)]) {
      await assert.rejects(sampler.sample(engine, latents, wrong), UsageError);
    }
  }
});

Deno.test("the labels of a grid run through all combinations, the first attribute fastest", () => {
  const rows = Array.from(gridLabels(attributes, 8));
  assert.deepEqual(rows, [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2], [0, 0], [1, 0]].flat());
  assert.deepEqual([...gridLabels([], 3)], []);
});

Deno.test("the class of a seed is a function of it, each class comes as often, and attributes do not follow each other", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const classes = attributes.map((attribute) => seedClass(seed, attribute));
    assert.deepEqual(classes, attributes.map((attribute) => seedClass(seed, attribute)));
    counts.set(`${classes}`, (counts.get(`${classes}`) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ["0,0", "0,1", "0,2", "1,0", "1,1", "1,2"]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, `${[...counts]}`);
});

Deno.test("uniform latent numbers lie within ±1, and a way between them does too", () => {
  const uniform = { distribution: "uniform" } as const;
  for (const vector of [seedLatent(5, 4000, uniform), gridLatents(5, 40, 100, "uniform")]) {
    assert.ok(vector.every((value) => value >= -1 && value < 1));
    assert.ok(Math.abs(length(vector) ** 2 / 4000 - 1 / 3) < 0.03, "the mean square is a third");
    assert.ok(Math.abs(vector.reduce((a, b) => a + b) / 4000) < 0.05, "the mean is 0");
  }
  const [a, b] = [seedLatent(1, 64, uniform), seedLatent(2, 64, uniform)];
  assert.deepEqual([lerp(a, b, 0), lerp(a, b, 1)], [a, b]);
  assert.ok(lerp(a, b, 0.3).every((value, i) => Math.abs(value - (0.7 * a[i] + 0.3 * b[i])) < 1e-6));
});

Deno.test("latent vectors are functions of their seeds", () => {
  assert.deepEqual(seedLatent(7, 5), seedLatent(7, 5));
  assert.notDeepEqual(seedLatent(7, 5), seedLatent(8, 5));
  assert.deepEqual(seedLatent(7, 9).slice(0, 5), seedLatent(7, 5));
  assert.deepEqual(gridLatents(3, 2, 5), gridLatents(3, 2, 5));
  assert.notDeepEqual(gridLatents(3, 2, 5), gridLatents(4, 2, 5));
});

Deno.test("truncation draws what is beyond its threshold again and keeps the rest", () => {
  const whole = seedLatent(1, 1000);
  const truncated = seedLatent(1, 1000, { threshold: 0.5 });
  assert.ok(truncated.every((value) => Math.abs(value) <= 0.5));
  assert.ok(new Set(truncated).size > 990);
  whole.forEach((value, i) => assert.equal(truncated[i] === value, Math.abs(value) <= 0.5));
  assert.throws(() => seedLatent(1, 3, { threshold: 0 }), UsageError);
});

Deno.test("interpolation walks the great circle from one vector to the other", () => {
  const [a, b] = [seedLatent(1, 64), seedLatent(2, 64)];
  const close = (x: Float32Array, y: Float32Array) => x.forEach((value, i) => assert.ok(Math.abs(value - y[i]) < 1e-5));
  close(slerp(a, b, 0), a);
  close(slerp(a, b, 1), b);
  const ends = [length(a), length(b)];
  const middle = length(slerp(a, b, 0.5));
  assert.ok(middle > 0.95 * Math.min(...ends) && middle < 1.05 * Math.max(...ends), `${middle} between ${ends}`);
  assert.ok(length(a.map((value, i) => (value + b[i]) / 2)) < 0.9 * Math.min(...ends), "a straight line cuts through");
  close(slerp(Float32Array.of(0, 1), Float32Array.of(1, 0), 0.5), Float32Array.of(Math.SQRT1_2, Math.SQRT1_2));
  close(slerp(a, a, 0.3), a);
  assert.ok(slerp(a, a.map((value) => 2 * value), 0.5).every(Number.isFinite));
});

Deno.test("a grid has a column for each class, or combination of classes, where that is a sensible number", () => {
  const columns = (...counts: number[]) =>
    classColumns(counts.map((count) => ({ name: "", classes: Array.from({ length: count }, String) })));
  assert.deepEqual([columns(10), columns(3, 4), columns(7, 3), columns(2), columns(1000)], [
    10,
    12,
    7,
    undefined,
    undefined,
  ]);
});
