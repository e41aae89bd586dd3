import assert from "node:assert/strict";
import { climb } from "../../src/course/climb.ts";
import * as duel from "../../src/mod.ts";

const { mul, square, sub, sum } = duel.ops;

/** D(x) = −(x − 1)² / (2·0.25), the logarithm of a normal density with mean 1 and deviation ½, but for a constant. */
const bell = (x: duel.Tensor) => mul(sum(square(sub(x, 1)), [1]), -1 / (2 * 0.25));

async function search(noise: number, rounds: number, bound: number): Promise<Float32Array> {
  const store = new duel.Store(1);
  const program = duel.trace(store, "search", () => ({
    found: climb(bell, duel.input("x", [4096, 1]), { steps: 10, rate: 0.01, noise, bound }),
  }));
  const engine = await duel.compileReference(store, [program]);
  let x: Float32Array = new Float32Array(4096).fill(-2);
  for (let draw = 0; draw < rounds; draw++) {
    x = Float32Array.from((await engine.run(program, { x }, { seed: 1, draw })).found);
  }
  await engine.close();
  return x;
}

function momentsOf(x: Float32Array): { mean: number; deviation: number } {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return { mean, deviation: Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length) };
}

Deno.test("without noise the search ends where D is highest", async () => {
  const x = await search(0, 40, 10);
  x.forEach((value) => assert.ok(Math.abs(value - 1) < 1e-3, `${value}`));
});

Deno.test("with the noise √(2·rate) it visits places in proportion to exp(D)", async () => {
  const { mean, deviation } = momentsOf(await search(Math.sqrt(0.02), 30, 10));
  // A step of 0.01 in a well of curvature 4 makes the deviation 1 % too large; 4096 samples leave 1 % of it open.
  assert.ok(Math.abs(mean - 1) < 0.03, `mean ${mean}`);
  assert.ok(Math.abs(deviation - 0.5) < 0.02, `deviation ${deviation}`);
});

Deno.test("values stay within the bound", async () => {
  const x = await search(0, 40, 0.5);
  x.forEach((value) => assert.ok(value <= 0.5));
});
