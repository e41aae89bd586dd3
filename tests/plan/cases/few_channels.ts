/** Random convolutions with few channels. */
import fc from "fast-check";
import type { Operands } from "../../../src/plan/instructions.ts";
import {
  filterElements,
  narrowConvScratch,
  narrowFilterGradScratch,
  narrowInputGradScratch,
  type NarrowWindow,
  productFloats,
  sumRows,
} from "../../../src/plan/narrow_scratch.ts";
import { caseOf, type Memory, upTo } from "./case.ts";

const sizes = fc.record({
  images: upTo(3),
  height: upTo(9),
  width: upTo(12),
  channels: upTo(4),
  filters: fc.oneof(upTo(3), upTo(40)),
  kernelHeight: upTo(4),
  kernelWidth: upTo(4),
  strideY: upTo(3),
  strideX: upTo(3),
  padTop: fc.integer({ min: -2, max: 4 }),
  padLeft: fc.integer({ min: -2, max: 4 }),
  gridHeight: upTo(6),
  gridWidth: fc.integer({ min: 6, max: 13 }),
  bandRows: upTo(4),
  chunkBands: upTo(3),
  hasBias: fc.boolean(),
  activation: fc.nat(3),
});

type Sizes = typeof sizes extends fc.Arbitrary<infer S> ? S : never;

function windowOf(
  { filters, chunkBands: _, hasBias: __, activation: ___, ...window }: Sizes,
  wholePanels: boolean,
  { scratch, scratchStride }: Memory,
): NarrowWindow {
  return { ...window, outChannels: wholePanels ? 16 * Math.ceil(filters / 16) : filters, scratch, scratchStride };
}

const elementsOfX = (o: NarrowWindow) => o.images * o.height * o.width * o.channels;
const elementsOfY = (o: NarrowWindow) => o.images * o.gridHeight * o.gridWidth * o.outChannels;

function requireRoom(bytes: number, { scratchStride }: Memory): void {
  if (bytes > scratchStride) throw new RangeError("a case needs more scratch");
}

const epilogueOf = ({ hasBias, activation }: Sizes, biases: number, memory: Memory) => ({
  bias: hasBias ? memory.input(biases) : 0,
  activation,
  slope: 0.2,
});

export const narrowConv = caseOf("narrowConv", sizes, (o, memory): Operands<"narrowConv"> => {
  const window = windowOf(o, true, memory);
  requireRoom(narrowConvScratch(window), memory);
  return {
    x: memory.input(elementsOfX(window)),
    ...window,
    filters: memory.input(filterElements(window) * window.outChannels),
    ...epilogueOf(o, window.outChannels, memory),
    out: memory.output(elementsOfY(window)),
  };
});

export const narrowFilterGrad = caseOf("narrowFilterGrad", sizes, (o, memory): Operands<"narrowFilterGrad"> => {
  const window = windowOf(o, true, memory);
  requireRoom(narrowFilterGradScratch(window), memory);
  const pieces = Math.ceil(window.images * Math.ceil(window.gridHeight / window.bandRows) / o.chunkBands);
  return {
    x: memory.input(elementsOfX(window)),
    ...window,
    dy: memory.input(elementsOfY(window)),
    chunkBands: o.chunkBands,
    out: memory.output(pieces * window.kernelHeight * sumRows(window) * window.outChannels),
  };
});

export const narrowInputGrad = caseOf("narrowInputGrad", sizes, (o, memory): Operands<"narrowInputGrad"> => {
  const drawn = windowOf(o, false, memory);
  const window = {
    ...drawn,
    kernelWidth: Math.ceil(drawn.kernelWidth / drawn.strideX) * drawn.strideX,
    padTop: Math.abs(drawn.padTop),
    padLeft: Math.abs(drawn.padLeft),
  };
  requireRoom(narrowInputGradScratch(window), memory);
  return {
    dy: memory.input(elementsOfY(window)),
    ...window,
    filters: memory.input(productFloats(window) * window.outChannels),
    ...epilogueOf(o, window.channels, memory),
    out: memory.output(elementsOfX(window)),
  };
});
