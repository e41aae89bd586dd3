/** Convolutions in groups by fast forms: each group has the bits that it would have by itself. */
import assert from "node:assert/strict";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import * as ops from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { make, type Tensor } from "../../src/graph/tensor.ts";
import { input, type Program, trace } from "../../src/graph/trace.ts";
import { normals, randomOf } from "../support/random.ts";

const [groups, images, size, inGroup, outGroup] = [3, 2, 10, 8, 16];

interface Face {
  readonly op: "conv2d" | "conv2dInputGrad" | "conv2dFilterGrad";
  /** Shapes of both operands with so many groups, and which axis of each, and of the result, belongs to the groups. */
  shapes(groups: number, kernel: number, out: number): readonly [Shape, Shape];
  readonly axes: readonly [number, number, number];
}

const faces: readonly Face[] = [
  {
    op: "conv2d",
    shapes: (groups, kernel) => [
      [images, size, size, groups * inGroup],
      [groups * outGroup, kernel, kernel, inGroup],
    ],
    axes: [3, 0, 3],
  },
  {
    op: "conv2dInputGrad",
    shapes: (groups, kernel, out) => [
      [images, out, out, groups * outGroup],
      [groups * outGroup, kernel, kernel, inGroup],
    ],
    axes: [3, 0, 3],
  },
  {
    op: "conv2dFilterGrad",
    shapes: (groups, _, out) => [
      [images, size, size, groups * inGroup],
      [images, out, out, groups * outGroup],
    ],
    axes: [3, 3, 0],
  },
];

/** Part `index` of `parts` equal ones along an axis. */
function partOf(x: Tensor, axis: number, index: number, parts: number): Tensor {
  const size = x.shape[axis] / parts;
  return ops.slice(x, x.shape.map(() => 0).with(axis, index * size), x.shape.with(axis, size));
}

for (const { op, shapes, axes } of faces) {
  for (const [kernel, stride] of [[3, 1], [4, 2]]) {
    Deno.test(`${op} of ${groups} groups, ${kernel}×${kernel}, stride ${stride}, has the bits of each group alone`, async () => {
      const out = size / stride;
      const window = (groups: number) => ops.convWindow({ stride, padding: 1, groups });
      const extents = { inHeight: size, inWidth: size, kernelHeight: kernel, kernelWidth: kernel };
      const face = (groups: number, inputs: readonly [Tensor, Tensor]) => {
        const { inHeight, inWidth, kernelHeight, kernelWidth } = extents;
        if (op === "conv2d") return make(op, window(groups), inputs);
        if (op === "conv2dInputGrad") return make(op, { ...window(groups), inHeight, inWidth }, inputs);
        return make(op, { ...window(groups), kernelHeight, kernelWidth }, inputs);
      };
      const [a, b] = shapes(groups, kernel, out);
      const store = new Store(0);
      const operands = () => [input("a", a), input("b", b)] as const;
      const programs: Program[] = [
        trace(store, "together", () => ({ y: face(groups, operands()) })),
        trace(store, "alone", () => {
          const [x, y] = operands();
          const parts = Array.from(
            { length: groups },
            (_, group) => face(1, [partOf(x, axes[0], group, groups), partOf(y, axes[1], group, groups)]),
          );
          return { y: ops.concat(parts, axes[2]) };
        }),
      ];
      const random = randomOf(`${op} ${kernel}`);
      const inputs = { a: normals(random, sizeOf(a)), b: normals(random, sizeOf(b)) };
      const engine = await compileWasm(store, programs, { threads: 2, forms: "all" });
      const results: Float32Array[] = [];
      for (const program of programs) {
        const { instructions } = engine.plan(program);
        assert.ok(instructions.some(({ instruction: { mnemonic } }) => mnemonic.startsWith("fast")), program.name);
        results.push((await engine.run(program, inputs, { seed: 0, draw: 0 })).y as Float32Array);
      }
      await engine.close();
      assert.deepEqual(results[0], results[1]);
    });
  }
}
