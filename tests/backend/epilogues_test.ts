/**
 * Bias and activation at the end of contractions, exactly and by fast forms: against the reference, which computes them
 * one after the other, with equal bits for 1, 2 and 3 threads. `deno task test` runs this file in both V8 modes.
 */
import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import * as ops from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, type Program, trace } from "../../src/graph/trace.ts";
import type { Mnemonic } from "../../src/plan/instructions.ts";
import { assertClose } from "../support/assert.ts";
import { normals, randomOf } from "../support/random.ts";
import { toleranceOf } from "../support/tolerance.ts";

interface Contraction {
  readonly label: string;
  readonly a: Shape;
  readonly b: Shape;
  /** Columns of the result, and terms of each element. */
  readonly n: number;
  readonly terms: number;
  /** Instructions that compute it, exactly; by a fast form, always the same. */
  readonly exact: readonly Mnemonic[];
  readonly fast: boolean;
  build(a: Tensor, b: Tensor): Tensor;
}

const products: readonly Mnemonic[] = ["pack", "contract"];

const contractions: readonly Contraction[] = [
  {
    label: "a matrix product",
    ...{ a: [13, 11], b: [11, 24], n: 24, terms: 11, exact: products, fast: false },
    build: (a, b) => ops.matmul(a, b),
  },
  {
    label: "a matrix times a vector",
    ...{ a: [37, 11], b: [11, 1], n: 1, terms: 11, exact: ["matvec"], fast: false },
    build: (a, b) => ops.matmul(a, b),
  },
  {
    label: "a vector times a matrix",
    ...{ a: [1, 11], b: [11, 37], n: 37, terms: 11, exact: ["matvec"], fast: false },
    build: (a, b) => ops.matmul(a, b),
  },
  {
    label: "a vector times a transposed matrix",
    ...{ a: [1, 11], b: [37, 11], n: 37, terms: 11, exact: ["matvec"], fast: false },
    build: (a, b) => ops.matmul(a, b, { transposeB: true }),
  },
  {
    label: "a 3×3 convolution",
    ...{ a: [2, 10, 7, 8], b: [24, 3, 3, 8], n: 24, terms: 72, exact: products, fast: true },
    build: (x, w) => ops.conv2d(x, w, { padding: 1 }),
  },
  {
    label: "a 4×4 convolution of stride 2",
    ...{ a: [1, 10, 6, 16], b: [40, 4, 4, 16], n: 40, terms: 256, exact: products, fast: true },
    build: (x, w) => ops.conv2d(x, w, { stride: 2, padding: 1 }),
  },
  {
    label: "a 3×3 convolution in three groups",
    ...{ a: [1, 6, 9, 24], b: [48, 3, 3, 8], n: 48, terms: 72, exact: products, fast: true },
    build: (x, w) => ops.conv2d(x, w, { padding: 1, groups: 3 }),
  },
  {
    label: "a transposed 4×4 convolution of stride 2 in two groups",
    ...{ a: [1, 5, 3, 32], b: [32, 4, 4, 8], n: 16, terms: 64, exact: products, fast: true },
    build: (x, w) => ops.convTranspose2d(x, w, { stride: 2, padding: 1, groups: 2 }),
  },
  {
    label: "a transposed 4×4 convolution of stride 2",
    ...{ a: [2, 5, 3, 24], b: [24, 4, 4, 8], n: 8, terms: 96, exact: products, fast: true },
    build: (x, w) => ops.convTranspose2d(x, w, { stride: 2, padding: 1 }),
  },
];

const activations: readonly { readonly label: string; apply(x: Tensor): Tensor }[] = [
  { label: "nothing", apply: (x) => x },
  { label: "relu", apply: ops.relu },
  { label: "leaky relu", apply: (x) => ops.leakyRelu(x, 0.3) },
  { label: "tanh", apply: ops.tanh },
];

const draw = { seed: 0, draw: 0 };

function programsOf({ a, b, n, build }: Contraction, store: Store): readonly Program[] {
  return activations.flatMap(({ label, apply }) =>
    [false, true].map((biased) =>
      trace(store, `${label}${biased ? " after a bias" : ""}`, () => {
        const y = build(input("a", a), input("b", b));
        return { y: apply(biased ? ops.add(y, input("bias", [n])) : y) };
      })
    )
  );
}

const fastMnemonics: readonly Mnemonic[] = ["fastFilter", "fastConvolution"];

for (const contraction of contractions) {
  Deno.test(`bias and activation end ${contraction.label}, exactly and by fast forms`, async () => {
    const store = new Store(0);
    const programs = programsOf(contraction, store);
    const random = randomOf(contraction.label);
    const inputs = {
      a: normals(random, sizeOf(contraction.a)),
      b: normals(random, sizeOf(contraction.b)),
      // A bias for all elements together must not leave relu too few of them to tell the scale by.
      bias: contraction.n === 1 ? Float32Array.of(1) : normals(random, contraction.n).map((x) => 3 * x),
    };
    const reference = await compileReference(store, programs);
    for (const build of ["plain", "relaxed"] as const) {
      for (const exact of [true, false]) {
        const fast = contraction.fast && !exact;
        const only = fast ? fastMnemonics : contraction.exact;
        const first: Float32Array[] = [];
        for (const threads of [1, 2, 3]) {
          const engine = await compileWasm(store, programs, { threads, build, forms: exact ? "none" : "all" });
          for (const [i, program] of programs.entries()) {
            const what = `${contraction.label} (${build}), ${program.name}`;
            const { instructions } = engine.plan(program);
            assert.ok(instructions.every(({ instruction }) => only.includes(instruction.mnemonic)), what);
            const y = (await engine.run(program, inputs, draw)).y as Float32Array;
            const expected = (await reference.run(program, inputs, draw)).y;
            const tolerance = toleranceOf("float32", fast ? "transformed" : "accumulated", contraction.terms);
            // Before tanh the values, and their errors, are larger.
            const scale = program.name.startsWith("tanh") ? Math.sqrt(contraction.terms) : 1;
            const allowed = { relative: tolerance.relative, ofScale: scale * tolerance.ofScale };
            assertClose(what, program.outputs.get("y")!.shape, y, expected, allowed);
            first[i] ??= y;
            assert.deepEqual(y, first[i], `${what}: ${threads} threads against 1`);
          }
          await engine.close();
        }
      }
    }
  });
}
