import assert from "node:assert/strict";
import { ShapeError } from "../../src/core/errors.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { grad } from "../../src/graph/grad.ts";
import { sum } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import { input, trace } from "../../src/graph/trace.ts";
import { minibatchDeviation } from "../../src/nn/layers/minibatch.ts";
import { assertClose } from "../support/assert.ts";
import { normals, randomOf } from "../support/random.ts";
import { toleranceOf } from "../support/tolerance.ts";
import { evaluate } from "./run.ts";

/** The definition, sample by sample: the groups are n mod N/size. */
function expected(x: Float32Array, samples: number, size: number): number[] {
  const features = x.length / samples;
  const groups = samples / size;
  return Array.from({ length: samples }, (_, sample) => {
    let total = 0;
    for (let feature = 0; feature < features; feature++) {
      const values = Array.from({ length: size }, (_, k) => x[(sample % groups + k * groups) * features + feature]);
      const mean = values.reduce((a, b) => a + b) / size;
      total += Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / size + 1e-8);
    }
    return total / features;
  });
}

Deno.test("minibatch deviation adds one channel: how much each sample's group differs", async () => {
  const cases = [
    { shape: [8, 3], size: 4 },
    { shape: [12, 2, 3, 5], size: 4 },
    { shape: [3, 2, 2, 1], size: 4 },
    { shape: [6, 4], size: 2 },
    { shape: [1, 4], size: 4 },
  ];
  for (const { shape, size } of cases) {
    const x = normals(randomOf(`deviation ${shape}`), sizeOf(shape));
    const channels = shape[shape.length - 1];
    const y = await evaluate(() => minibatchDeviation("m", input("x", shape), size), { x });
    const deviations = expected(x, shape[0], Math.min(size, shape[0]));
    const pixels = x.length / channels;
    const all = Array.from({ length: pixels }, (_, pixel) => [
      ...x.subarray(pixel * channels, (pixel + 1) * channels),
      deviations[Math.floor(pixel * shape[0] / pixels)],
    ]).flat();
    assertClose(`${shape}`, [...shape.slice(0, -1), channels + 1], y, all, toleranceOf("float64", "accumulated", 100));
  }
});

Deno.test("equal samples have a small deviation and a gradient that is finite", async () => {
  const body = () => {
    const x = input("x", [4, 3]);
    return grad(sum(minibatchDeviation("m", x)), [x])[0];
  };
  const slopes = await evaluate(body, { x: new Float32Array(12).fill(2) });
  assert.ok(slopes.every((slope) => Math.abs(slope - 1) < 1e-9), `${slopes}`);
});

Deno.test("a batch that does not split into groups is refused", () => {
  trace(new Store(1), "test", () => {
    assert.throws(() => minibatchDeviation("m", input("x", [6, 3])), (error: Error) => {
      assert.ok(error instanceof ShapeError);
      assert.match(error.message, /^m: a batch of 6 does not split into groups of 4/);
      return true;
    });
    return {};
  });
});
