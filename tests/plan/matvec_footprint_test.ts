import assert from "node:assert/strict";
import { footprint } from "../../src/plan/footprints.ts";
import type { Operands } from "../../src/plan/instructions.ts";

/** Three matrices of 5 × 7 by rows, nine elements apart. */
const product: Operands<"matvec"> = {
  ...{ rows: 5, depth: 7, batch: 3, a: 4096, aBatchStride: 50, aRowStride: 9, aColumnStride: 1 },
  ...{ x: 1 << 18, xBatchStride: 8, out: 1 << 19, outBatchStride: 6 },
  ...{ bias: 1 << 20, biasBatchStride: 5, biasStride: 1, activation: 3, slope: 0 },
};

const of = (operands: Operands<"matvec">) => footprint({ mnemonic: "matvec", single: false, barrier: false, operands });

function floatsOf(operands: Operands<"matvec">): Record<string, number> {
  const { reads, writes, scratch } = of(operands);
  assert.equal(scratch, undefined);
  return Object.fromEntries(
    [...reads, ...writes].map(({ operand, range }) => [operand, (range.end - range.begin) / 4]),
  );
}

Deno.test("a matrix times a vector says how much it touches", () => {
  const [a, x, out] = [2 * 50 + 4 * 9 + 7, 2 * 8 + 7, 2 * 6 + 5];
  assert.deepEqual(floatsOf(product), { a, x, out, bias: 15 });
  assert.deepEqual(floatsOf({ ...product, biasStride: 0 }), { a, x, out, bias: 11 });
  assert.deepEqual(floatsOf({ ...product, bias: 0, aRowStride: 1, aColumnStride: 5 }), {
    a: 2 * 50 + 6 * 5 + 5,
    x,
    out,
  });
});

Deno.test("a matrix times a vector is refused where its kernel would go astray", () => {
  const refuses = (message: RegExp, change: Partial<Operands<"matvec">>) =>
    assert.throws(() => of({ ...product, ...change }), message);
  refuses(/aRowStride is 9 and aColumnStride 2, expected one of them to be 1/, { aColumnStride: 2 });
  refuses(/biasStride is 2, expected 0 to 1/, { biasStride: 2 });
  refuses(/activation is 4, expected 0 to 3/, { activation: 4 });
  refuses(/depth is 0/, { depth: 0 });
  refuses(/out has strides that may write one element twice/, { outBatchStride: 4 });
  refuses(/batch·rows is/, { batch: 2 ** 20, rows: 2 ** 11, outBatchStride: 2 ** 11 });
  refuses(/the work is/, { aBatchStride: 0, xBatchStride: 0, batch: 2 ** 20, depth: 2 ** 21 });
});
