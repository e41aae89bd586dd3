/** The cases themselves: each builds its own primitive, and has its own name and so its own numbers. */
import assert from "node:assert/strict";
import { operandValues, programOf } from "../cases/case.ts";
import { allCases } from "../cases/cases.ts";

Deno.test("each variant of a case ends in its primitive", () => {
  for (const [op, { variants }] of allCases) {
    for (const variant of variants) {
      assert.equal(programOf(op, variant).outputs.get("y")?.op, op, `${op}, ${variant.label}`);
    }
  }
});

Deno.test("the variants of a case have different labels", () => {
  for (const [op, { variants }] of allCases) {
    assert.equal(new Set(variants.map(({ label }) => label)).size, variants.length, op);
  }
});

Deno.test("operand values are the same each time and fit into float32", () => {
  for (const [op, { variants }] of allCases) {
    for (const variant of variants) {
      const values = operandValues(op, variant);
      assert.deepEqual(values, operandValues(op, variant));
      for (const operand of Object.values(values)) assert.deepEqual(operand, Float32Array.from(operand));
    }
  }
});
