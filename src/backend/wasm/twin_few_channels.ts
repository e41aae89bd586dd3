/** Twins of the convolutions with few channels: plain loops over the windows of two images. */
import { narrowConvScratch, narrowFilterGradScratch, narrowInputGradScratch } from "../../plan/narrow_scratch.ts";
import { instruction, type Operand, type Twin } from "./twin_operands.ts";

/** 4×4 windows at stride 2 over two images of 8 × 14 × 3, in bands of 3 and 1 rows; 32 filters. */
const window = {
  images: 2,
  height: 8,
  width: 14,
  channels: 3,
  outChannels: 32,
  kernelHeight: 4,
  kernelWidth: 4,
  strideY: 2,
  strideX: 2,
  padTop: 1,
  padLeft: 1,
  gridHeight: 4,
  gridWidth: 7,
  bandRows: 3,
};
const PIXELS = 56;
const X_ELEMENTS = 672;
const FILTERS = 32;
const ELEMENTS = 48;

/** Calls `visit` for each pixel of y and element of a filter that meet at a place of x. */
function eachMeeting(visit: (x: number, pixel: number, element: number) => void): void {
  const { images, height, width, channels, gridHeight, gridWidth } = window;
  for (let pixel = 0; pixel < images * gridHeight * gridWidth; pixel++) {
    const image = Math.floor(pixel / gridWidth / gridHeight);
    for (let element = 0; element < ELEMENTS; element++) {
      const y = 2 * (Math.floor(pixel / gridWidth) % gridHeight) - 1 + Math.floor(element / 12);
      const x = 2 * (pixel % gridWidth) - 1 + Math.floor(element / channels) % 4;
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      visit(((image * height + y) * width + x) * channels + element % channels, pixel, element);
    }
  }
}

/** Room for the scratch of a thread. */
function scratchOf(operand: Operand, bytes: number): { scratch: number; scratchStride: number } {
  return { scratch: operand.reserve(bytes / 4), scratchStride: bytes };
}

const unplaced = { ...window, scratch: 0, scratchStride: 0 };

/** Each of the three faces, without bias and activation. */
export function fewChannels(operand: Operand): Twin[] {
  const x = operand.random(X_ELEMENTS);
  const dy = operand.random(PIXELS * FILTERS);
  // Panels are random as well: two of 16 columns, each [element][filter], and three, each [filter][element].
  const byFilter = operand.random(ELEMENTS * FILTERS), byElement = operand.random(ELEMENTS * FILTERS);
  const y = new Float64Array(PIXELS * FILTERS), dw = new Float64Array(ELEMENTS * FILTERS);
  const dx = new Float64Array(X_ELEMENTS);
  eachMeeting((at, pixel, element) => {
    for (let filter = 0; filter < FILTERS; filter++) {
      const inPanel = (Math.floor(filter / 16) * ELEMENTS + element) * 16 + filter % 16;
      y[pixel * FILTERS + filter] += x.values[at] * byFilter.values[inPanel];
      dw[element * FILTERS + filter] += x.values[at] * dy.values[pixel * FILTERS + filter];
      const inOther = (Math.floor(element / 16) * FILTERS + filter) * 16 + element % 16;
      dx[at] += dy.values[pixel * FILTERS + filter] * byElement.values[inOther];
    }
  });
  const yOut = operand.reserve(y.length), dwOut = operand.reserve(dw.length), dxOut = operand.reserve(dx.length);
  const epilogue = { bias: 0, activation: 0, slope: 0 };
  return [
    {
      name: "narrowConv",
      program: [instruction("narrowConv", {
        ...{ x: x.address, ...window, ...scratchOf(operand, narrowConvScratch(unplaced)) },
        ...{ filters: byFilter.address, ...epilogue, out: yOut },
      })],
      out: yOut,
      expected: y,
    },
    {
      name: "narrowFilterGrad",
      program: [instruction("narrowFilterGrad", {
        ...{ x: x.address, ...window, ...scratchOf(operand, narrowFilterGradScratch(unplaced)) },
        ...{ dy: dy.address, chunkBands: 4, out: dwOut },
      })],
      out: dwOut,
      expected: dw,
    },
    {
      name: "narrowInputGrad",
      program: [instruction("narrowInputGrad", {
        ...{ dy: dy.address, ...window, ...scratchOf(operand, narrowInputGradScratch(unplaced)) },
        ...{ filters: byElement.address, ...epilogue, out: dxOut },
      })],
      out: dxOut,
      expected: dx,
    },
  ];
}
