/** Footprints of `narrowConv`, `narrowFilterGrad` and `narrowInputGrad`. */
import type { Operands } from "../instructions.ts";
import {
  narrowConvScratch,
  narrowFilterGradScratch,
  narrowInputGradScratch,
  type NarrowWindow,
  productFloats,
  rowsAbove,
  sumRows,
} from "../narrow_scratch.ts";
import {
  type Access,
  count,
  type Footprint,
  readDense,
  refuse,
  requireBetween,
  requirePositive,
  requireWork,
  writeDense,
} from "./access.ts";
import { PANEL_COLUMNS } from "../tiles.ts";

/** Pixels of a row of y that tiles of six need, so that the last one can step back. */
const LEAST_GRID_WIDTH = 6;
/** Demands a window that a kernel's signed numbers can walk, and returns the elements of x, of y and of a filter. */
function sizesOf(o: NarrowWindow): { readonly x: number; readonly y: number; readonly k: number } {
  requirePositive(o, ["images", "height", "width", "channels", "outChannels", "kernelHeight", "kernelWidth"]);
  requirePositive(o, ["strideY", "strideX", "gridHeight", "gridWidth", "bandRows"]);
  const lines = o.height + (o.gridHeight + o.bandRows + 1) * o.strideY + o.kernelHeight + Math.abs(o.padTop);
  const line = (o.width + (o.gridWidth + 1) * o.strideX + o.kernelWidth + Math.abs(o.padLeft)) * o.channels;
  count("the band that windows cover", lines, line);
  const k = count("kernelHeight·kernelWidth·channels", o.kernelHeight, o.kernelWidth, o.channels);
  const y = count("y", o.images, o.gridHeight, o.gridWidth, o.outChannels);
  requireWork(y, k);
  requireWork(o.images, lines, line);
  return { x: count("x", o.images, o.height, o.width, o.channels), y, k };
}

function requireMultiple(what: string, value: number, unit: number): void {
  if (value % unit !== 0) refuse(`${what} is ${value}, expected a multiple of ${unit}`);
}

function requireGridWidth({ gridWidth }: NarrowWindow): void {
  if (gridWidth < LEAST_GRID_WIDTH) refuse(`gridWidth is ${gridWidth}, expected at least ${LEAST_GRID_WIDTH}`);
}

/** Panels of the filters and the bias, if there is one. */
function readFilters(
  o: Pick<Operands<"narrowConv">, "filters" | "bias" | "activation">,
  panels: number,
  biases: number,
): Access[] {
  requireBetween(o, ["activation"], 0, 3);
  const filters = readDense("filters", o.filters, panels);
  return o.bias === 0 ? [filters] : [filters, readDense("bias", o.bias, biases)];
}

/** `narrowConv`: x, filters [outChannels / 16][K][16] and a bias [outChannels] → y. @throws VerifyError */
export function narrowConv(o: Operands<"narrowConv">): Footprint {
  const { x, y, k } = sizesOf(o);
  requireMultiple("outChannels", o.outChannels, PANEL_COLUMNS);
  requireGridWidth(o);
  const panels = count("the filters", k, o.outChannels);
  count("the places of a band's windows", o.bandRows, o.gridWidth);
  return {
    reads: [readDense("x", o.x, x), ...readFilters(o, panels, o.outChannels)],
    writes: [writeDense("out", o.out, y)],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: narrowConvScratch(o) },
  };
}

/** `narrowFilterGrad`: x and dy → sums [pieces][kernelHeight][sumRows][outChannels]. @throws VerifyError */
export function narrowFilterGrad(o: Operands<"narrowFilterGrad">): Footprint {
  const { x, y } = sizesOf(o);
  requirePositive(o, ["chunkBands"]);
  requireMultiple("outChannels", o.outChannels, PANEL_COLUMNS);
  const bands = count("the bands", o.images, Math.ceil(o.gridHeight / o.bandRows));
  const sums = count("out", Math.ceil(bands / o.chunkBands), o.kernelHeight, sumRows(o), o.outChannels);
  requireWork(y, o.kernelHeight, sumRows(o));
  return {
    reads: [readDense("x", o.x, x), readDense("dy", o.dy, y)],
    writes: [writeDense("out", o.out, sums)],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: narrowFilterGradScratch(o) },
  };
}

/** `narrowInputGrad`: dy, filters [⌈K / 16⌉][outChannels][16] and a bias [channels] → dx. @throws VerifyError */
export function narrowInputGrad(o: Operands<"narrowInputGrad">): Footprint {
  const { x, y } = sizesOf(o);
  requireGridWidth(o);
  requireMultiple("kernelWidth", o.kernelWidth, o.strideX);
  if (o.padTop < 0) refuse(`padTop is ${o.padTop}, expected at least 0`);
  if (o.padLeft < 0) refuse(`padLeft is ${o.padLeft}, expected at least 0`);
  const panels = count("the filters", productFloats(o), o.outChannels);
  count("the products of a band", o.bandRows + rowsAbove(o), o.gridWidth, productFloats(o));
  return {
    reads: [readDense("dy", o.dy, y), ...readFilters(o, panels, o.channels)],
    writes: [writeDense("out", o.out, x)],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: narrowInputGradScratch(o) },
  };
}
