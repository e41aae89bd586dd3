/** Linear primitives and their adjoints: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩, exact up to rounding and without any step size. */
import assert from "node:assert/strict";
import { evaluate } from "../../src/backend/reference/evaluate.ts";
import { type Shape, sizeOf } from "../../src/core/shape.ts";
import { literal, mul, sum } from "../../src/graph/ops.ts";
import { make, type Tensor } from "../../src/graph/tensor.ts";
import { convolutions } from "../cases/contraction.ts";
import { poolings, scalings } from "../cases/resampling.ts";
import { tables } from "../cases/movement.ts";
import { distinct, indices, normals, randomOf } from "../support/random.ts";

const inner = (a: Tensor, b: Tensor) => sum(mul(a, b));
const random = randomOf("adjoints");
const table = (shape: Shape, fill = normals) => literal(fill(random, sizeOf(shape)), shape);

/** All products are the same number, up to the rounding of that many terms. */
function assertEqualProducts(label: string, products: readonly Tensor[]): void {
  const [first, ...others] = evaluate(products).map(([value]) => value);
  for (const other of others) {
    assert.ok(Math.abs(other - first) <= 1e-11 * (1 + Math.abs(first)), `${label}: ${other} is not ${first}`);
  }
}

Deno.test("the three faces of a convolution are adjoint to each other", () => {
  for (const { label, window, x: xShape, w: wShape, y: yShape } of convolutions) {
    const [x, w, y] = [table(xShape), table(wShape), table(yShape)];
    const size = { inHeight: xShape[1], inWidth: xShape[2] };
    const kernel = { kernelHeight: wShape[1], kernelWidth: wShape[2] };
    assertEqualProducts(label, [
      inner(make("conv2d", window, [x, w]), y),
      inner(make("conv2dInputGrad", { ...window, ...size }, [y, w]), x),
      inner(make("conv2dFilterGrad", { ...window, ...kernel }, [x, y]), w),
    ]);
  }
});

Deno.test("average pooling, maximum pooling and bilinear resampling are adjoint to their gradients", () => {
  for (const { label, window, x: xShape, y: yShape } of poolings) {
    const [x, values, y] = [table(xShape, distinct), table(xShape), table(yShape)];
    const size = { inHeight: xShape[1], inWidth: xShape[2] };
    assertEqualProducts(`averagePool ${label}`, [
      inner(make("averagePool", window, [values]), y),
      inner(make("averagePoolGrad", { ...window, ...size }, [y]), values),
    ]);
    assertEqualProducts(`maxPoolPick ${label}`, [
      inner(make("maxPoolPick", window, [x, values]), y),
      inner(make("maxPoolScatter", window, [x, y]), values),
    ]);
  }
  for (const [xShape, outHeight, outWidth] of scalings) {
    const [x, y] = [table(xShape), table([xShape[0], outHeight, outWidth, xShape[3]])];
    assertEqualProducts(`bilinear to ${outHeight}×${outWidth}`, [
      inner(make("bilinear", { outHeight, outWidth }, [x]), y),
      inner(make("bilinearGrad", { inHeight: xShape[1], inWidth: xShape[2] }, [y]), x),
    ]);
  }
});

Deno.test("gathering rows and adding into rows are adjoint", () => {
  for (const [tableShape, places] of tables) {
    const rows = tableShape[0];
    const [x, y] = [table(tableShape), table([...places, ...tableShape.slice(1)])];
    const where = table(places, indices(rows));
    assertEqualProducts(`${rows} rows`, [
      inner(make("gather", {}, [x, where]), y),
      inner(make("scatterAdd", { rows }, [where, y]), x),
    ]);
  }
});
