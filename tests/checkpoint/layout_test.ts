import assert from "node:assert/strict";
import fc from "fast-check";
import { fromFile, type SlotSpec, tensorsOf, toFile, valuesOf } from "../../src/checkpoint/layout.ts";
import { DataError } from "../../src/core/errors.ts";
import { sizeOf, stridesOf } from "../../src/core/shape.ts";

const slots: SlotSpec[] = [
  { name: "G.conv.weight", shape: [5, 2, 3, 4], layout: "filter" },
  { name: "G.up.weight", shape: [4, 3, 2, 5], layout: "transposedFilter" },
  { name: "G.linear.weight", shape: [6, 7], layout: "plain" },
  { name: "step", shape: [], layout: "plain" },
];
const counting = (slot: SlotSpec) => Float32Array.from({ length: sizeOf(slot.shape) }, (_, index) => index);

Deno.test("element [o, y, x, i] of a filter is element [o, i, y, x] of its file", () => {
  for (const slot of slots.slice(0, 2)) {
    const [outs, height, width, ins] = slot.shape;
    const { shape, data } = toFile(slot, counting(slot));
    assert.deepEqual(shape, [outs, ins, height, width]);
    const [fromO, fromY, fromX, fromI] = stridesOf(slot.shape);
    const [toO, toI, toY, toX] = stridesOf(shape);
    for (let o = 0; o < outs; o++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let i = 0; i < ins; i++) {
            assert.equal(data[o * toO + i * toI + y * toY + x * toX], o * fromO + y * fromY + x * fromX + i * fromI);
          }
        }
      }
    }
  }
});

Deno.test("a slot goes through a file with all its bits, and never shares memory with it", () => {
  const slot = fc.record({
    layout: fc.constantFrom("plain", "filter", "transposedFilter"),
    shape: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4)),
  });
  fc.assert(
    fc.property(slot, fc.nat(), ({ layout, shape }, seed) => {
      const words = Uint32Array.from({ length: sizeOf(shape) }, (_, index) => Math.imul(seed + index, 0x9e3779b1));
      const spec = { name: "w", shape, layout };
      const tensor = toFile(spec, new Float32Array(words.buffer));
      const back = fromFile(spec, tensor);
      assert.deepEqual(new Uint32Array(back.buffer), words);
      assert.notEqual(tensor.data.buffer, words.buffer);
      assert.notEqual(back.buffer, tensor.data.buffer);
    }),
    { seed: 3, numRuns: 200 },
  );
});

Deno.test("all slots go through a file", () => {
  const values = valuesOf(slots, tensorsOf(slots, counting));
  assert.deepEqual([...values], slots.map((slot) => [slot.name, counting(slot)]));
});

Deno.test("tensors of another model are refused by name", () => {
  const tensors = tensorsOf(slots, counting);
  const more = new Map([...tensors, ["D.extra", { shape: [], data: new Float32Array(1) }]]);
  const fewer = new Map([...tensors].filter(([name]) => name !== "step"));
  const wider = new Map([...tensors, ["G.conv.weight", { shape: [5, 2, 3, 4], data: new Float32Array(120) }]]);
  const message = (pattern: RegExp) => (error: unknown) => error instanceof DataError && pattern.test(error.message);
  assert.throws(() => valuesOf(slots, more), message(/holds D\.extra, which the model has not/));
  assert.throws(() => valuesOf(slots, fewer), message(/holds no step/));
  assert.throws(() => valuesOf(slots, wider), message(/G\.conv\.weight has shape 5×2×3×4, expected 5×4×2×3/));
});
