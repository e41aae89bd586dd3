/** `matvec`: a matrix times a vector, against plain float64 loops. */
import assert from "node:assert/strict";
import type { KernelBuild } from "../../src/backend/wasm/module.ts";
import type { Operands } from "../../src/plan/instructions.ts";
import { assertClose } from "../support/assert.ts";
import { toleranceOf } from "../support/tolerance.ts";
import { type Addresses, builds, instructionOf, randomFloats, runKernel } from "./harness.ts";

/** Which way the matrix lies: its rows or its columns are adjacent elements. */
type Layout = "rows" | "columns";

interface Product {
  readonly layout: Layout;
  readonly rows: number;
  readonly depth: number;
  readonly batch?: number;
  /** A bias for each row, or one for all of a batch. */
  readonly bias?: "none" | "each" | "one";
  readonly activation?: number;
}

const SLOPE = 0.25;
const activations = [
  (x: number) => x,
  (x: number) => Math.max(x, 0),
  (x: number) => x < 0 ? SLOPE * x : x,
  Math.tanh,
];

/** Elements between the lines of a matrix, and between the operands of a batch, that the kernel must leave alone. */
const GAP = 3;

function check(product: Product, build: KernelBuild): void {
  const { layout, rows, depth, batch = 1, bias = "none", activation = 0 } = product;
  const what = `${JSON.stringify(product)} (${build})`;
  const [lines, length] = layout === "rows" ? [rows, depth] : [depth, rows];
  const lineStep = length + GAP;
  const [rowStep, columnStep] = layout === "rows" ? [lineStep, 1] : [1, lineStep];
  const aStep = lines * lineStep + GAP, xStep = depth + GAP, outStep = rows + GAP;
  const biases = bias === "each" ? rows : 1, biasStep = biases + GAP;
  const a = randomFloats(batch * aStep, rows), x = randomFloats(batch * xStep, depth, 1 / Math.sqrt(depth));
  const b = randomFloats(batch * biasStep, 5);
  const { outputs: [out] } = runKernel(build, [a, x, b], [batch * outStep], ({ inputs, outputs }: Addresses) => {
    const operands: Operands<"matvec"> = {
      ...{ rows, depth, batch, a: inputs[0], aBatchStride: aStep, aRowStride: rowStep, aColumnStride: columnStep },
      ...{ x: inputs[1], xBatchStride: xStep, out: outputs[0], outBatchStride: outStep },
      ...{ bias: bias === "none" ? 0 : inputs[2], biasBatchStride: biasStep, biasStride: bias === "each" ? 1 : 0 },
      ...{ activation, slope: SLOPE },
    };
    return instructionOf("matvec", operands);
  });
  const sums = new Float64Array(batch * rows), found = new Float32Array(batch * rows);
  for (let i = 0; i < batch * rows; i++) {
    const g = Math.floor(i / rows), r = i % rows;
    let sum = bias === "none" ? 0 : b[g * biasStep + (bias === "each" ? r : 0)];
    for (let k = 0; k < depth; k++) sum += a[g * aStep + r * rowStep + k * columnStep] * x[g * xStep + k];
    sums[i] = sum;
    found[i] = out[g * outStep + r];
  }
  const expected = sums.map(activations[activation]);
  const { relative, ofScale } = toleranceOf("float32", "accumulated", depth);
  // Errors are those of the sums, which may be larger than what an activation leaves of them.
  const scale = Math.max(1, Math.hypot(...sums) / Math.hypot(...expected));
  assertClose(what, [batch, rows], found, expected, { relative, ofScale: scale * ofScale });
  const between = out.filter((_, i) => i % outStep >= rows);
  assert.ok(between.every(Number.isNaN), `${what} writes between the results of a batch`);
}

for (const layout of ["rows", "columns"] as const) {
  Deno.test(`matvec is right at, below and above every boundary of lanes, groups and strips: adjacent ${layout}`, () => {
    for (const build of builds) {
      for (const rows of [1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 36, 63, 67]) {
        for (const depth of [1, 2, 3, 4, 7, 8, 9, 12, 16, 17, 31, 32, 37]) check({ layout, rows, depth }, build);
      }
    }
  });

  Deno.test(`matvec walks over batches: adjacent ${layout}`, () => {
    for (const build of builds) {
      for (const batch of [2, 3, 8]) {
        for (const [rows, depth] of [[1, 40], [3, 9], [5, 4], [37, 6], [70, 3]]) {
          check({ layout, rows, depth, batch, bias: "each", activation: 2 }, build);
          check({ layout, rows, depth, batch, bias: "one" }, build);
        }
      }
    }
  });

  Deno.test(`matvec ends with bias and activation: adjacent ${layout}`, () => {
    for (const build of builds) {
      for (const bias of ["none", "each", "one"] as const) {
        for (const activation of [0, 1, 2, 3]) {
          for (const rows of [3, 8, 45]) check({ layout, rows, depth: 11, bias, activation }, build);
        }
      }
    }
  });

  Deno.test(`matvec sums long vectors as precisely as any sum: adjacent ${layout}`, () => {
    for (const build of builds) for (const rows of [1, 6, 34]) check({ layout, rows, depth: 4099 }, build);
  });
}
