/** `narrowConv`, `narrowFilterGrad` and `narrowInputGrad`: the three faces of a convolution, against plain float64 loops. */
import {
  filterElements,
  narrowConvScratch,
  narrowFilterGradScratch,
  narrowInputGradScratch,
  type NarrowWindow,
  productFloats,
  sumRows,
} from "../../src/plan/narrow_scratch.ts";
import { type Addresses, assertNear, builds, instructionOf, randomFloats, runKernel } from "./harness.ts";

type Window = Omit<NarrowWindow, "scratch" | "scratchStride">;

const usual: Window = {
  images: 2,
  height: 12,
  width: 16,
  channels: 3,
  outChannels: 16,
  kernelHeight: 4,
  kernelWidth: 4,
  strideY: 2,
  strideX: 2,
  padTop: 1,
  padLeft: 1,
  gridHeight: 6,
  gridWidth: 8,
  bandRows: 6,
};

/** Bands that divide the grid and that do not, windows that leave the image at each side, sizes of all remainders. */
const windows: readonly Partial<Window>[] = [
  {},
  { bandRows: 1, outChannels: 48 },
  { bandRows: 4, images: 3 },
  { bandRows: 9, images: 1, gridWidth: 6, width: 12 },
  { channels: 1 },
  { channels: 2, gridHeight: 7, bandRows: 3, padTop: 3 },
  { channels: 4, kernelWidth: 6 },
  { kernelHeight: 3, kernelWidth: 3, strideY: 1, strideX: 1, gridHeight: 12, gridWidth: 16, bandRows: 5 },
  { channels: 1, kernelHeight: 3, kernelWidth: 3, strideY: 1, strideX: 1, gridHeight: 12, gridWidth: 16, bandRows: 2 },
  { kernelHeight: 1, kernelWidth: 1, strideY: 1, strideX: 1, padTop: 0, padLeft: 0, gridHeight: 12, gridWidth: 16 },
  { kernelHeight: 5, kernelWidth: 6, strideY: 3, strideX: 3, padTop: 4, padLeft: 5, gridWidth: 7, bandRows: 2 },
  { kernelHeight: 2, strideY: 3, gridHeight: 4, bandRows: 1 },
  { kernelHeight: 7, kernelWidth: 8, strideX: 1, gridWidth: 9, padLeft: 0, padTop: 0, bandRows: 1 },
  { height: 2, width: 3, padTop: 5, padLeft: 6, gridHeight: 5, gridWidth: 7, bandRows: 2 },
];

/** Windows that only the faces read that stage their image. */
const cut: readonly Partial<Window>[] = [
  { padTop: -2, padLeft: -3, bandRows: 4 },
  { kernelWidth: 3, strideX: 2 },
  { kernelHeight: 2, kernelWidth: 1, strideX: 3, gridWidth: 6 },
];

const elementsOfX = (w: Window) => w.images * w.height * w.width * w.channels;
const elementsOfY = (w: Window) => w.images * w.gridHeight * w.gridWidth * w.outChannels;

/** Calls `visit` for each product of the convolution: places in x, in y, and the filter's element. */
function eachProduct(w: Window, visit: (x: number, y: number, element: number, filter: number) => void): void {
  for (let y = 0; y < elementsOfY(w); y++) {
    const filter = y % w.outChannels, pixel = Math.floor(y / w.outChannels);
    const ox = pixel % w.gridWidth, oy = Math.floor(pixel / w.gridWidth) % w.gridHeight;
    const image = Math.floor(pixel / w.gridWidth / w.gridHeight);
    for (let element = 0; element < filterElements(w); element++) {
      const channel = element % w.channels, tap = Math.floor(element / w.channels);
      const iy = oy * w.strideY - w.padTop + Math.floor(tap / w.kernelWidth);
      const ix = ox * w.strideX - w.padLeft + tap % w.kernelWidth;
      if (iy < 0 || iy >= w.height || ix < 0 || ix >= w.width) continue;
      visit(((image * w.height + iy) * w.width + ix) * w.channels + channel, y, element, filter);
    }
  }
}

/** Panels of 16 columns of the matrix whose element (row, column) is `at(row, column)`, zero beyond the last column. */
function panelsOf(rows: number, columns: number, at: (row: number, column: number) => number): Float32Array {
  const panels = Math.ceil(columns / 16);
  return new Float32Array(panels * rows * 16).map((_, place) => {
    const column = Math.floor(place / 16 / rows) * 16 + place % 16;
    return column < columns ? at(Math.floor(place / 16) % rows, column) : 0;
  });
}

const activations = [
  (x: number) => x,
  (x: number) => Math.max(x, 0),
  (x: number) => x < 0 ? 0.25 * x : x,
  Math.tanh,
];

/** Sums of float32 products in float64, with the biases and the activation. */
function expectedOf(
  w: Window,
  size: number,
  biases: Float32Array | undefined,
  activation: number,
  term: (place: { x: number; y: number; element: number; filter: number }) => readonly [place: number, value: number],
): Float64Array {
  const sums = new Float64Array(size);
  eachProduct(w, (x, y, element, filter) => {
    const [place, value] = term({ x, y, element, filter });
    sums[place] += value;
  });
  return sums.map((sum, i) => activations[activation](sum + (biases ? biases[i % biases.length] : 0)));
}

/** The harness's scratch, after a look at its size. */
function scratchOf({ scratch }: Addresses, bytes: number): Addresses["scratch"] {
  if (bytes > scratch.scratchStride) throw new RangeError("a case needs more scratch");
  return scratch;
}

const near = { relative: 2e-6, absolute: 2e-5 };
const all = (list: readonly Partial<Window>[]) => list.map((w) => ({ ...usual, ...w }));
const textOf = (w: Window, build: string) => `${JSON.stringify(w)} (${build})`;

Deno.test("narrowConv is a convolution with bias and activation", () => {
  all([...windows, ...cut]).forEach((w, i) => {
    const k = filterElements(w), activation = i % 4;
    const x = randomFloats(elementsOfX(w), i), filters = randomFloats(w.outChannels * k, i + 100);
    const bias = i % 3 === 0 ? undefined : randomFloats(w.outChannels, i + 200);
    const expected = expectedOf(w, elementsOfY(w), bias, activation, ({ x: at, y, element, filter }) => [
      y,
      x[at] * filters[filter * k + element],
    ]);
    const panels = panelsOf(k, w.outChannels, (row, column) => filters[column * k + row]);
    for (const build of builds) {
      const { outputs } = runKernel(
        build,
        [x, panels, ...(bias ? [bias] : [])],
        [elementsOfY(w)],
        (addresses) =>
          instructionOf("narrowConv", {
            x: addresses.inputs[0],
            ...w,
            ...scratchOf(addresses, narrowConvScratch({ ...w, scratch: 0, scratchStride: 0 })),
            filters: addresses.inputs[1],
            bias: bias ? addresses.inputs[2] : 0,
            activation,
            slope: 0.25,
            out: addresses.outputs[0],
          }),
      );
      assertNear(outputs[0], expected, textOf(w, build), near);
    }
  });
});

Deno.test("narrowFilterGrad sums dw over pieces of y, in whole tiles", () => {
  all([...windows, ...cut]).forEach((w, i) => {
    const chunkBands = 1 + i % 3, bands = Math.ceil(w.gridHeight / w.bandRows);
    const pieces = Math.ceil(w.images * bands / chunkBands);
    const x = randomFloats(elementsOfX(w), i), dy = randomFloats(elementsOfY(w), i + 100);
    const run = w.kernelWidth * w.channels, rows = sumRows(w), size = w.kernelHeight * rows * w.outChannels;
    const expected = new Float64Array(pieces * size);
    eachProduct(w, (at, y, element, filter) => {
      const row = Math.floor(y / w.outChannels / w.gridWidth), image = Math.floor(row / w.gridHeight);
      const piece = Math.floor((image * bands + Math.floor(row % w.gridHeight / w.bandRows)) / chunkBands);
      const place = (Math.floor(element / run) * rows + element % run) * w.outChannels + filter;
      expected[piece * size + place] += x[at] * dy[y];
    });
    const used = (place: number) => Math.floor(place / w.outChannels) % rows < run;
    for (const build of builds) {
      const { outputs } = runKernel(build, [x, dy], [pieces * size], (addresses) =>
        instructionOf("narrowFilterGrad", {
          x: addresses.inputs[0],
          ...w,
          ...scratchOf(addresses, narrowFilterGradScratch({ ...w, scratch: 0, scratchStride: 0 })),
          dy: addresses.inputs[1],
          chunkBands,
          out: addresses.outputs[0],
        }));
      assertNear(
        outputs[0].filter((_, place) => used(place)),
        expected.filter((_, place) => used(place)),
        textOf(w, build),
        near,
      );
    }
  });
});

Deno.test("narrowInputGrad is the input gradient, or a transposed convolution with bias and activation", () => {
  all([...windows, { outChannels: 5 }, { outChannels: 33, kernelWidth: 2 }]).forEach((w, i) => {
    const k = filterElements(w), activation = i % 4;
    const dy = randomFloats(elementsOfY(w), i), filters = randomFloats(w.outChannels * k, i + 100);
    const bias = i % 3 === 1 ? undefined : randomFloats(w.channels, i + 200);
    const expected = expectedOf(w, elementsOfX(w), bias, activation, ({ x, y, element, filter }) => [
      x,
      dy[y] * filters[filter * k + element],
    ]);
    const panels = panelsOf(w.outChannels, k, (row, column) => filters[row * k + column]);
    if (panels.length !== productFloats(w) * w.outChannels) throw new RangeError("the panels have another size");
    for (const build of builds) {
      const { outputs } = runKernel(
        build,
        [dy, panels, ...(bias ? [bias] : [])],
        [elementsOfX(w)],
        (addresses) =>
          instructionOf("narrowInputGrad", {
            dy: addresses.inputs[0],
            ...w,
            ...scratchOf(addresses, narrowInputGradScratch({ ...w, scratch: 0, scratchStride: 0 })),
            filters: addresses.inputs[1],
            bias: bias ? addresses.inputs[2] : 0,
            activation,
            slope: 0.25,
            out: addresses.outputs[0],
          }),
      );
      assertNear(outputs[0], expected, textOf(w, build), near);
    }
  });
});
