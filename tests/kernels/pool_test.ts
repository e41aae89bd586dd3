import type { Mnemonic } from "../../src/plan/instructions.ts";
import { assertNear, assertSameBits, builds, instructionOf, randomFloats, runKernel } from "./harness.ts";

interface Window {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padLeft: number;
}

const window = (
  [images, height, width, channels]: readonly number[],
  [kernelHeight, kernelWidth]: readonly number[],
  [strideY, strideX]: readonly number[],
  [padTop, padLeft]: readonly number[],
  [outHeight, outWidth]: readonly number[],
): Window => ({
  images,
  height,
  width,
  channels,
  outHeight,
  outWidth,
  kernelHeight,
  kernelWidth,
  strideY,
  strideX,
  padTop,
  padLeft,
});

const windows: readonly Window[] = [
  window([2, 6, 8, 3], [2, 2], [2, 2], [0, 0], [3, 4]),
  window([1, 7, 5, 4], [2, 2], [2, 2], [0, 0], [3, 2]),
  window([2, 7, 7, 5], [3, 3], [2, 2], [0, 0], [3, 3]),
  window([1, 8, 9, 17], [2, 2], [3, 4], [0, 0], [3, 2]),
  window([2, 7, 6, 33], [3, 3], [1, 2], [1, 1], [7, 3]),
  window([1, 5, 9, 1], [2, 4], [1, 3], [1, 2], [5, 3]),
  window([1, 6, 6, 2], [3, 3], [1, 1], [-1, -2], [3, 2]),
];

/** Calls `visit` with the flat place of each output element and of every input element its window covers. */
function visitWindows(w: Window, visit: (y: number, places: number[]) => void): void {
  for (let image = 0; image < w.images; image++) {
    for (let oy = 0; oy < w.outHeight; oy++) {
      for (let ox = 0; ox < w.outWidth; ox++) {
        for (let c = 0; c < w.channels; c++) {
          const places: number[] = [];
          for (let ky = 0; ky < w.kernelHeight; ky++) {
            for (let kx = 0; kx < w.kernelWidth; kx++) {
              const [iy, ix] = [oy * w.strideY + ky - w.padTop, ox * w.strideX + kx - w.padLeft];
              const inside = iy >= 0 && iy < w.height && ix >= 0 && ix < w.width;
              if (inside) places.push(((image * w.height + iy) * w.width + ix) * w.channels + c);
            }
          }
          visit(((image * w.outHeight + oy) * w.outWidth + ox) * w.channels + c, places);
        }
      }
    }
  }
}

const argmax = (x: Float32Array, places: readonly number[]) =>
  places.reduce((best, place) => x[place] > x[best] ? place : best);

for (const w of windows) {
  const xSize = w.images * w.height * w.width * w.channels;
  const ySize = w.images * w.outHeight * w.outWidth * w.channels;
  const area = w.kernelHeight * w.kernelWidth;
  const x = randomFloats(xSize, 41).map((value) => Math.round(value * 3)); // with equal maxima
  const values = randomFloats(xSize, 42);
  const dy = randomFloats(ySize, 43);
  const name = `${w.images}×${w.height}×${w.width}×${w.channels}, windows ${w.kernelHeight}×${w.kernelWidth}`;
  for (const build of builds) {
    Deno.test(`average and maximum pooling and their adjoints, ${name} (${build})`, () => {
      const average = new Array<number>(ySize).fill(0), spread = new Array<number>(xSize).fill(0);
      const picked = new Float32Array(ySize), scattered = new Array<number>(xSize).fill(0);
      visitWindows(w, (y, places) => {
        for (const place of places) {
          average[y] += x[place] / area;
          spread[place] += dy[y] / area;
        }
        picked[y] = values[argmax(x, places)];
        scattered[argmax(x, places)] += dy[y];
      });
      const run = (inputs: readonly Float32Array[], size: number, mnemonic: Mnemonic, fields: readonly string[]) =>
        runKernel(build, inputs, [size], (at) => {
          const pointers = Object.fromEntries(fields.map((field, i) => [field, at.inputs[i]]));
          return instructionOf(mnemonic, { ...pointers, out: at.outputs[0], ...w } as never);
        }).outputs[0];
      assertNear(run([x], ySize, "averagePool", ["x"]), average, "averagePool");
      assertNear(run([dy], xSize, "averagePoolGrad", ["dy"]), spread, "averagePoolGrad");
      assertSameBits(run([x, values], ySize, "maxPoolPick", ["x", "values"]), picked, "maxPoolPick");
      assertNear(run([x, dy], xSize, "maxPoolScatter", ["x", "dy"]), scattered, "maxPoolScatter");
    });
  }
}
