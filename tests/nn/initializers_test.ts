import assert from "node:assert/strict";
import {
  constant,
  copyOf,
  fanIn,
  fanInUniform,
  fanOut,
  kaimingNormal,
  normal,
  orthogonal,
  uniform,
  unitVector,
  xavierUniform,
} from "../../src/nn/initializers.ts";
import type { Initializer } from "../../src/graph/store.ts";

const random = { seed: 7, stream: "G.0.weight" };

function moments(values: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = values.reduce((total, x) => total + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((total, x) => total + (x - mean) ** 2, 0) / values.length);
  return { mean, deviation, largest: values.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) };
}

function filled(initializer: Initializer, shape: readonly number[], key = random): Float32Array {
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  initializer(values, shape, key);
  return values;
}

Deno.test("fan-in and fan-out count taps as PyTorch does", () => {
  assert.equal(fanIn([64, 4, 4, 3]), 48);
  assert.equal(fanOut([64, 4, 4, 3]), 1024);
  assert.equal(fanIn([10, 20]), 20);
  assert.equal(fanOut([10, 20]), 10);
});

Deno.test("a random direction has length 1, and is another one for each slot", () => {
  const one = filled(unitVector, [7]);
  assert.ok(Math.abs(one.reduce((total, x) => total + x * x, 0) - 1) < 1e-6);
  assert.notDeepEqual(filled(unitVector, [7], { ...random, stream: "G.1.weight" }), one);
});

Deno.test("random initialisers have the mean and the spread that their formulas name", () => {
  const shape = [64, 4, 4, 16];
  const cases: [string, Initializer, { mean: number; deviation: number }][] = [
    ["normal", normal(1, 0.02), { mean: 1, deviation: 0.02 }],
    ["uniform", uniform(0.5), { mean: 0, deviation: 0.5 / Math.sqrt(3) }],
    ["xavierUniform", xavierUniform(), { mean: 0, deviation: Math.sqrt(2 / (256 + 1024)) }],
    ["kaimingNormal", kaimingNormal(), { mean: 0, deviation: Math.sqrt(2 / 256) }],
    ["fanInUniform", fanInUniform, { mean: 0, deviation: 1 / 16 / Math.sqrt(3) }],
  ];
  for (const [name, initializer, expected] of cases) {
    const { mean, deviation } = moments(filled(initializer, shape));
    // 16,384 values: five standard errors are 4 % of the deviation for the mean and 3 % for the deviation itself.
    assert.ok(Math.abs(mean - expected.mean) < 0.04 * expected.deviation, `${name}: mean ${mean}`);
    assert.ok(Math.abs(deviation / expected.deviation - 1) < 0.03, `${name}: deviation ${deviation}`);
  }
  assert.ok(moments(filled(uniform(0.5), shape)).largest <= 0.5);
});

Deno.test("initial values are a function of seed and stream", () => {
  const first = filled(normal(), [50]);
  assert.deepEqual(filled(normal(), [50]), first);
  assert.notDeepEqual(filled(normal(), [50], { ...random, seed: 8 }), first);
  assert.notDeepEqual(filled(normal(), [50], { ...random, stream: "G.1.weight" }), first);
});

Deno.test("constant fills, copyOf copies", () => {
  assert.deepEqual(filled(constant(0.5), [2, 2]), Float32Array.of(0.5, 0.5, 0.5, 0.5));
  const values = Float32Array.of(1, 2);
  const copy = filled(copyOf(values), [2]);
  assert.deepEqual(copy, values);
  assert.notEqual(copy.buffer, values.buffer);
});

Deno.test("orthogonal weights have orthogonal rows, or columns where rows are many, of length gain", () => {
  for (const shape of [[5, 2, 2, 3], [12, 4]]) {
    const [rows, columns] = [shape[0], fanIn(shape)];
    const w = filled(orthogonal(2), shape);
    const byRow = rows <= columns;
    const [count, length] = byRow ? [rows, columns] : [columns, rows];
    const at = (vector: number, i: number) => w[byRow ? vector * columns + i : i * columns + vector];
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
        assert.ok(Math.abs(dot - (a === b ? 4 : 0)) < 1e-5, `${shape}: ⟨${a}, ${b}⟩ = ${dot}`);
      }
    }
  }
});
