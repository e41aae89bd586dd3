import assert from "node:assert/strict";
import { grad } from "../../src/graph/grad.ts";
import { mul, sum } from "../../src/graph/ops.ts";
import type { SlotLayout } from "../../src/graph/store.ts";
import { scope } from "../../src/graph/tensor.ts";
import { input, read, slot } from "../../src/graph/trace.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { copyOf, zeros } from "../../src/nn/initializers.ts";
import { conv2d, convTranspose2d } from "../../src/nn/layers/convolution.ts";
import type { Mode } from "../../src/nn/layers/layer.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { layerNorm } from "../../src/nn/layers/normalization.ts";
import { updateAverage, withAverage } from "../../src/nn/average.ts";
import { withSpectralNorm } from "../../src/nn/spectral_norm.ts";
import { assertClose } from "../support/assert.ts";
import { normals, randomOf } from "../support/random.ts";
import { toleranceOf } from "../support/tolerance.ts";
import { runner } from "./run.ts";

const close = toleranceOf("float64", "accumulated", 1000);

/** Rows of the matrix that a slot is: one for each output. */
function rowsOf(w: ArrayLike<number>, shape: readonly number[], outputsLast: boolean): number[][] {
  const outputs = outputsLast ? shape[shape.length - 1] : shape[0];
  const rest = w.length / outputs;
  return Array.from(
    { length: outputs },
    (_, o) => Array.from({ length: rest }, (_, r) => outputsLast ? w[r * outputs + o] : w[o * rest + r]),
  );
}

const times = (rows: number[][], v: number[]) => rows.map((row) => row.reduce((t, x, i) => t + x * v[i], 0));
const timesTransposed = (rows: number[][], u: number[]) =>
  rows[0].map((_, i) => rows.reduce((total, row, o) => total + row[i] * u[o], 0));
const unit = (v: number[]) => v.map((x) => x / Math.hypot(...v));

/** The largest singular value, by many steps in float64. */
function largest(rows: number[][]): number {
  let v = unit(rows[0].map((_, i) => 1 + i / 10));
  for (let step = 0; step < 5000; step++) v = unit(timesTransposed(rows, times(rows, v)));
  return Math.hypot(...times(rows, v));
}

const weights: readonly { readonly shape: readonly number[]; readonly layout: SlotLayout }[] = [
  { shape: [4, 6], layout: "plain" },
  { shape: [5, 3, 3, 2], layout: "filter" },
  { shape: [2, 3, 3, 5], layout: "transposedFilter" },
];

/** Reads D.w through spectral normalisation. */
function reading(shape: readonly number[], layout: SlotLayout, values: Float32Array, mode: Mode = "train") {
  return runner(() => {
    const weight = scope("D", () => slot("w", shape, "parameter", copyOf(values), layout));
    const y = withSpectralNorm("D", mode, () => read(weight));
    const [slope] = grad(sum(mul(y, input("cotangent", shape))), [read(weight)]);
    return { y, slope };
  });
}

Deno.test("after 50 steps weights are divided by their largest singular value", async () => {
  for (const { shape, layout } of weights) {
    const values = normals(randomOf(`spectral ${shape}`), sizeOf(shape));
    const { run, engine } = await reading(shape, layout, values);
    const rows = rowsOf(values, shape, layout === "transposedFilter");
    let outputs = await run({ cotangent: values });
    for (let step = 1; step < 50; step++) outputs = await run({ cotangent: values });
    const sigma = largest(rows);
    assertClose(layout, shape, outputs.y, Array.from(values, (x) => x / sigma), { relative: 1e-6, ofScale: 0 });
    assert.equal(engine.read("D.w.u").length, rows.length);
  }
});

Deno.test("each program takes one step of power iteration from where the last one was", async () => {
  const matrix = Float32Array.of(3, 0, 0, 1);
  const { run, engine, store } = await reading([2, 2], "plain", matrix);
  assert.equal(store.get("D.w.u").kind, "statistic");
  assert.ok(Math.abs(Math.hypot(...engine.read("D.w.u")) - 1) < 1e-6);
  engine.write("D.w.u", [0.6, 0.8]);
  let u = [0.6, 0.8];
  for (let step = 0; step < 3; step++) {
    const { y } = await run({ cotangent: matrix });
    const v = unit([3 * u[0], u[1]]);
    u = unit([3 * v[0], v[1]]);
    const sigma = u[0] * 3 * v[0] + u[1] * v[1];
    assertClose(`step ${step}`, [2], engine.read("D.w.u"), u, close);
    assertClose(`step ${step}`, [4], y, Array.from(matrix, (x) => x / sigma), close);
  }
});

Deno.test("gradients are those of W / uᵀWv with u and v held fixed", async () => {
  for (const { shape, layout } of weights) {
    const random = randomOf(`spectral gradient ${shape}`);
    const values = normals(random, sizeOf(shape));
    const cotangent = normals(random, sizeOf(shape));
    const { run, engine } = await reading(shape, layout, values);
    const outputsLast = layout === "transposedFilter";
    const rows = rowsOf(values, shape, outputsLast);
    const v = unit(timesTransposed(rows, Array.from(engine.read("D.w.u"))));
    const u = unit(times(rows, v));
    const value = (w: Float64Array) => {
      const sigma = times(rowsOf(w, shape, outputsLast), v).reduce((total, x, i) => total + x * u[i], 0);
      return w.reduce((total, x, i) => total + x * cotangent[i], 0) / sigma;
    };
    const { slope } = await run({ cotangent });
    const moved = Float64Array.from(values);
    const expected = Array.from(values, (w, i) => {
      const at = (step: number) => {
        moved[i] = w + step;
        const result = value(moved);
        moved[i] = w;
        return result;
      };
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    });
    assertClose(layout, shape, slope, expected, { relative: 1e-7, ofScale: 1e-7 });
  }
});

Deno.test("evaluation takes no step; it uses the u that training left", async () => {
  const matrix = Float32Array.of(3, 0, 0, 1);
  const { run, engine, program } = await reading([2, 2], "plain", matrix, "evaluate");
  assert.deepEqual([...program.assignments.keys()], []);
  engine.write("D.w.u", [1, 0]);
  assertClose("y", [4], (await run({ cotangent: matrix })).y, [1, 0, 0, 1 / 3], close);
});

Deno.test("weights that are read twice in a program are normalised once", async () => {
  const { program } = await runner(() => {
    const network = () => scope("D", () => linear("fc", input("x", [2, 3]), 4));
    return withSpectralNorm("D", "train", () => ({ real: network(), fake: network() }));
  });
  const { real, fake } = Object.fromEntries(program.outputs);
  assert.equal(real.inputs[0].inputs[1], fake.inputs[0].inputs[1]);
  assert.deepEqual([...program.assignments.keys()].map(({ name }) => name), ["D.fc.weight.u"]);
});

Deno.test("biases, norms and other networks stay as they are; filters of all kinds are normalised", async () => {
  const { store } = await runner(() => {
    const x = input("x", [1, 4, 4, 3]);
    withSpectralNorm("D", "train", () => {
      scope("G", () => conv2d("conv", x, 2, { kernel: 3 }));
      scope("D", () => {
        conv2d("conv", x, 5, { kernel: 3 });
        convTranspose2d("up", x, 6, { kernel: 3 });
        layerNorm("norm", x, { axes: 3 });
      });
    });
    return {};
  });
  const states = store.slots().filter(({ kind }) => kind === "statistic").map(({ name, shape }) => [name, ...shape]);
  assert.deepEqual(states, [["D.conv.weight.u", 5], ["D.up.weight.u", 6]]);
});

Deno.test("a matrix of zeros is left as it is, and so is its u", async () => {
  const { run, engine } = await runner(() => {
    const weight = scope("D", () => slot("w", [2, 3], "parameter", zeros));
    const y = withSpectralNorm("D", "train", () => read(weight));
    return { y, slope: grad(sum(y), [read(weight)])[0] };
  });
  const before = Array.from(engine.read("D.w.u"));
  const { y, slope } = await run();
  assert.deepEqual([y, slope], [new Array(6).fill(0), new Array(6).fill(1)]);
  assert.deepEqual(Array.from(engine.read("D.w.u")), before);
});

Deno.test("averaged weights are normalised by their own singular value", async () => {
  const { run, engine } = await runner(() => {
    const weight = scope("G", () => slot("w", [2, 2], "parameter", copyOf(Float32Array.of(3, 0, 0, 1))));
    const normalized = (mode: Mode) => withSpectralNorm("G", mode, () => read(weight));
    const own = normalized("train");
    updateAverage("G", 0.5);
    return { own, averaged: withAverage("G", () => normalized("evaluate")) };
  });
  engine.write("G.w.u", [1, 0]);
  engine.write("average.G.w", [5, 0, 0, 1]);
  const { own, averaged } = await run();
  assertClose("own", [4], own, [1, 0, 0, 1 / 3], close);
  assertClose("averaged", [4], averaged, [1, 0, 0, 1 / 4], close);
  assertClose("average of u", [2], engine.read("average.G.w.u"), [1, 0], close);
});
