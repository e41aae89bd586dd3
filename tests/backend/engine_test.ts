/** The WASM engine itself: digests, slots, inputs and indices that are wrong. */
import assert from "node:assert/strict";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import { gather, mul } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { scope } from "../../src/graph/tensor.ts";
import { assign, input, read, slot, trace } from "../../src/graph/trace.ts";

const draw = { seed: 0, draw: 0 };

function doubling() {
  const store = new Store(0);
  const program = trace(store, "doubling", () => {
    const value = slot("value", [3], "parameter", (values) => values.set([1, 2, 3]));
    assign(value, mul(read(value), input("factor", [])));
    return { before: read(value) };
  });
  return { store, program };
}

Deno.test("slots keep what a program assigns, and can be read and written", async () => {
  const { store, program } = doubling();
  const engine = await compileWasm(store, [program], { threads: 1 });
  try {
    await engine.run(program, { factor: Float32Array.of(2) }, draw);
    assert.deepEqual([...engine.read("value")], [2, 4, 6]);
    engine.write("value", [5, 5, 5]);
    await engine.run(program, { factor: Float32Array.of(3) }, draw);
    assert.deepEqual([...engine.read("value")], [15, 15, 15]);
  } finally {
    await engine.close();
  }
});

Deno.test("a plan's digest is the same for any number of threads, and another one for another build", async () => {
  const digests = [];
  for (const options of [{ threads: 1 }, { threads: 3 }, { threads: 1, build: "plain" as const }]) {
    const { store, program } = doubling();
    const engine = await compileWasm(store, [program], { build: "relaxed", ...options });
    digests.push(engine.planDigest);
    await engine.close();
  }
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], digests[2]);
});

Deno.test("missing inputs, unknown slots and foreign programs are named", async () => {
  const { store, program } = doubling();
  const engine = await compileWasm(store, [program], { threads: 1 });
  try {
    await assert.rejects(engine.run(program, {}, draw), /input factor of program doubling has no values; expected 1/);
    await assert.rejects(engine.run(doubling().program, {}, draw), /was not compiled for this engine/);
    assert.throws(() => engine.read("weight"), /no slot called weight; known: value/);
    assert.throws(() => engine.write("value", [1]), /holds 3 numbers/);
  } finally {
    await engine.close();
  }
});

Deno.test("an index outside its table is refused with the layer's name, and the run goes on", async () => {
  const store = new Store(0);
  const program = trace(store, "lookup", () => {
    const rows = scope("words", () => gather(input("table", [4, 2]), input("index", [3])));
    return { rows };
  });
  const engine = await compileWasm(store, [program], { threads: 2 });
  const table = Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31);
  try {
    const wrong = engine.run(program, { table, index: Float32Array.of(0, 4, 1) }, draw);
    await assert.rejects(wrong, /words: index 1 of gather/);
    const { rows } = await engine.run(program, { table, index: Float32Array.of(3, 0, 1) }, draw);
    assert.deepEqual([...rows], [30, 31, 0, 1, 10, 11]);
  } finally {
    await engine.close();
  }
});
