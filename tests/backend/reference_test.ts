/** The reference backend: what it computes where no finite difference or golden vector looks, and how it runs. */
import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { evaluate } from "../../src/backend/reference/evaluate.ts";
import { DuelError, UsageError } from "../../src/core/errors.ts";
import * as ops from "../../src/graph/ops.ts";
import { type Initializer, Store } from "../../src/graph/store.ts";
import { type Tensor, withOrigin } from "../../src/graph/tensor.ts";
import { assign, input, read, slot, trace } from "../../src/graph/trace.ts";
import { assertClose } from "../support/assert.ts";
import { toleranceOf } from "../support/tolerance.ts";

const draw = { seed: 7, draw: 0 };
const vector = (...values: number[]) => ops.literal(values, [values.length]);
const valueOf = (tensor: Tensor) => [...evaluate([tensor])[0]];
const filledWith = (value: number): Initializer => (values) => void values.fill(value);

Deno.test("erf agrees with tabulated values on both of its branches", () => {
  // NIST Digital Library of Mathematical Functions, table 7.2; arguments that float32 holds exactly.
  const table: readonly (readonly [number, number])[] = [
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [3.5, 0.9999992569016276],
    [-1.5, -0.9661051464753108],
    [10, 1],
    [-Infinity, -1],
  ];
  const found = valueOf(ops.erf(vector(...table.map(([x]) => x))));
  assertClose("erf", [table.length], found, table.map(([, y]) => y), { relative: 1e-14, ofScale: 0 });
  assert.ok(Number.isNaN(valueOf(ops.erf(vector(NaN)))[0]));
});

Deno.test("softplus and sigmoid stay exact far from zero", () => {
  const x = vector(-700, -40, 40, 700);
  const tolerance = toleranceOf("float64", "elementary");
  assertClose("softplus", [4], valueOf(ops.softplus(x)), [Math.exp(-700), Math.exp(-40), 40, 700], tolerance);
  assertClose("sigmoid", [4], valueOf(ops.sigmoid(x)), [Math.exp(-700), Math.exp(-40), 1, 1], tolerance);
});

Deno.test("comparisons with NaN are 0, and NaN passes through the rest", () => {
  const [x, one] = [vector(NaN), vector(1)];
  for (const compared of [ops.less(x, one), ops.lessEqual(one, x), ops.equal(x, x)]) {
    assert.deepEqual(valueOf(compared), [0]);
  }
  for (const result of [ops.min(x, one), ops.max(one, x), ops.maxOver(ops.concat([one, x], 0)), ops.sign(x)]) {
    assert.deepEqual(valueOf(result), [NaN]);
  }
});

Deno.test("padding counts in an average and is never a maximum", () => {
  const x = ops.literal([-4, -8, -12, -16], [1, 2, 2, 1]);
  assert.deepEqual(valueOf(ops.averagePool(x, { kernel: 2, padding: 1 })), [-1, -2, -3, -4]);
  assert.deepEqual(valueOf(ops.maxPool(x, { kernel: 2, padding: 1 })), [-4, -8, -12, -16]);
});

for (const bad of [-1, 3, 0.5, NaN, Infinity, 2 ** 32]) {
  Deno.test(`the index ${bad} is an error in gather, scatterAdd and oneHot`, () => {
    const [table, where] = [vector(1, 2, 3), vector(1, bad)];
    const expected = { name: "UsageError", message: new RegExp(`index ${bad} at position 1`) };
    assert.throws(() => evaluate([ops.gather(table, where)]), expected);
    assert.throws(() => evaluate([ops.scatterAdd(where, vector(1, 2), 3)]), expected);
    assert.throws(() => evaluate([ops.oneHot(where, 3)]), expected);
  });
}

Deno.test("a graph of many thousand nodes in a row is evaluated without recursion", () => {
  const one = vector(1);
  let x: Tensor = vector(0);
  // Without an origin to inherit, each node would look through the stack for the user's line.
  withOrigin(one.origin, () => {
    for (let i = 0; i < 30_000; i++) x = ops.add(x, one);
  });
  assert.deepEqual(valueOf(x), [30_000]);
});

Deno.test("assignments commit together at the end of a run, and reads see what was assigned before them", async () => {
  const store = new Store(1);
  const program = trace(store, "swap", () => {
    const [a, b] = [slot("a", [2], "parameter", filledWith(1)), slot("b", [2], "parameter", filledWith(2))];
    const [oldA, oldB] = [read(a), read(b)];
    assign(a, oldB);
    assign(b, ops.add(oldA, read(a)));
    return { sum: ops.add(read(a), read(b)) };
  });
  const engine = await compileReference(store, [program]);
  const { sum } = await engine.run(program, {}, draw);
  assert.deepEqual([...sum], [5, 5]);
  assert.deepEqual([...engine.read("a")], [2, 2]);
  assert.deepEqual([...engine.read("b")], [3, 3]);
  await engine.run(program, {}, draw);
  assert.deepEqual([...engine.read("b")], [5, 5]);
  engine.write("a", [10, 20]);
  assert.deepEqual([...(await engine.run(program, {}, draw)).sum], [20, 30]);
});

Deno.test("what a run gives out and takes in is copied", async () => {
  const store = new Store(1);
  const program = trace(store, "copies", () => {
    const held = slot("held", [1], "parameter", filledWith(1));
    const x = input("x", [1]);
    assign(held, x);
    return { x, before: ops.reshape(x, [1, 1]) };
  });
  const engine = await compileReference(store, [program]);
  const given = Float64Array.of(3);
  const { x, before } = await engine.run(program, { x: given }, draw);
  given[0] =
    x[0] =
    before[0] =
    engine.read("held")[0] =
      9;
  assert.deepEqual([...engine.read("held")], [3]);
});

Deno.test("a failed run leaves the slots as they were", async () => {
  const store = new Store(1);
  const program = trace(store, "fails", () => {
    const held = slot("held", [], "parameter", filledWith(1));
    assign(held, ops.constant(2));
    return { row: ops.gather(vector(1, 2), input("index", [])) };
  });
  const engine = await compileReference(store, [program]);
  await assert.rejects(engine.run(program, { index: Float32Array.of(2) }, draw), UsageError);
  assert.deepEqual([...engine.read("held")], [1]);
});

Deno.test("missing and misshapen values are refused by name", async () => {
  const store = new Store(1);
  const body = () => ({ y: ops.mul(input("x", [2]), read(slot("w", [2], "parameter", filledWith(1)))) });
  const [program, stranger] = [trace(store, "known", body), trace(store, "stranger", body)];
  const engine = await compileReference(store, [program]);
  await assert.rejects(engine.run(program, {}, draw), { name: "UsageError", message: /input x is missing/ });
  await assert.rejects(engine.run(program, { x: new Float32Array(3) }, draw), { message: /input x has 3 numbers/ });
  await assert.rejects(engine.run(stranger, { x: new Float32Array(2) }, draw), { message: /stranger/ });
  assert.throws(() => engine.write("w", [1]), UsageError);
  assert.throws(() => engine.read("v"), DuelError);
});

Deno.test("random tensors depend on seed, stream and draw, and on nothing else", async () => {
  const store = new Store(1);
  const program = trace(store, "random", () => ({
    a: ops.uniform("a", [64]),
    again: ops.uniform("a", [8, 8]),
    b: ops.uniform("b", [64]),
  }));
  const engine = await compileReference(store, [program]);
  const first = await engine.run(program, {}, draw);
  assert.deepEqual(first, await engine.run(program, {}, draw));
  assert.deepEqual(first.a, first.again);
  const others = [
    first.b,
    (await engine.run(program, {}, { seed: 7, draw: 1 })).a,
    (await engine.run(program, {}, { seed: 8, draw: 0 })).a,
  ];
  for (const other of others) assert.notDeepEqual(first.a, other);
});
