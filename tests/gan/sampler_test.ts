import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { UsageError } from "../../src/core/errors.ts";
import { gridLatents, seedLatent, slerp } from "../../src/gan/latents.ts";
import { batchSizes, Sampler } from "../../src/gan/sampler.ts";
import { Store } from "../../src/graph/store.ts";
import { dcgan } from "../../src/models/dcgan.ts";

const LATENT = 4;
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
  const model = dcgan({ size: 16, channels: 1, latent: LATENT, base: 2 });
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

Deno.test("latent vectors are functions of their seeds", () => {
  assert.deepEqual(seedLatent(7, 5), seedLatent(7, 5));
  assert.notDeepEqual(seedLatent(7, 5), seedLatent(8, 5));
  assert.deepEqual(seedLatent(7, 9).slice(0, 5), seedLatent(7, 5));
  assert.deepEqual(gridLatents(3, 2, 5), gridLatents(3, 2, 5));
  assert.notDeepEqual(gridLatents(3, 2, 5), gridLatents(4, 2, 5));
});

Deno.test("truncation draws what is beyond its threshold again and keeps the rest", () => {
  const whole = seedLatent(1, 1000);
  const truncated = seedLatent(1, 1000, 0.5);
  assert.ok(truncated.every((value) => Math.abs(value) <= 0.5));
  assert.ok(new Set(truncated).size > 990);
  whole.forEach((value, i) => assert.equal(truncated[i] === value, Math.abs(value) <= 0.5));
  assert.throws(() => seedLatent(1, 3, 0), UsageError);
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
