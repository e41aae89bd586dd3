/**
 * The scratch that a thread needs for convolutions with few channels. Layouts, each piece rounded up to 64 bytes (a cache
 * line), in floats or 32-bit words; the kernels (`assembly/conv/narrow_*.ts`) lay the pieces out themselves, and both
 * change together:
 *
 *     narrowConv         bias       outChannels
 *                        windows    bandRows × gridWidth          where they lie in the band
 *                        panel      6 × K
 *                        band       lines × line, 8
 *     narrowFilterGrad   zeros      16
 *                        panels     bandRows × gridWidth × outChannels    dy
 *                        band       lines × line, 8
 *     narrowInputGrad    table      kernelHeight × kernelWidth    terms of a line
 *                        bias       width × channels              in whole eights
 *                        line       steps × step, 8               sums of a line
 *                        products   pixels of a band × ⌈K / 16⌉·16, 8
 */
import type { Operands } from "./instructions.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "./tiles.ts";

/** The fields that all three have. */
export type NarrowWindow = Omit<Operands<"narrowConv">, "x" | "filters" | "bias" | "activation" | "slope" | "out">;

const BAND_SLACK = 8;
/** Floats that are read behind products, and written behind a line's sums, as parts of vectors. */
const LINE_SLACK = 8;

function bytesOf(...pieces: number[]): number {
  return pieces.reduce((bytes, words) => bytes + Math.ceil(words * 4 / 64) * 64, 0);
}

/** Floats of a staged band. */
function bandFloats(o: NarrowWindow): number {
  const lines = (o.bandRows - 1) * o.strideY + o.kernelHeight;
  return lines * ((o.gridWidth - 1) * o.strideX + o.kernelWidth) * o.channels + BAND_SLACK;
}

/** Elements of a filter. */
export function filterElements(o: Pick<NarrowWindow, "kernelHeight" | "kernelWidth" | "channels">): number {
  return o.kernelHeight * o.kernelWidth * o.channels;
}

/** Floats of the products of a pixel of dy with all elements of a filter, in whole panels. */
export function productFloats(o: Pick<NarrowWindow, "kernelHeight" | "kernelWidth" | "channels">): number {
  return Math.ceil(filterElements(o) / PANEL_COLUMNS) * PANEL_COLUMNS;
}

/** Rows of sums that the filter's gradient keeps for a row of a window: all of its elements, in whole tiles. */
export function sumRows(o: Pick<NarrowWindow, "kernelWidth" | "channels">): number {
  return Math.ceil(o.kernelWidth * o.channels / TILE_ROWS) * TILE_ROWS;
}

/** Rows of dy before a band that reach into its part of dx. */
export function rowsAbove(o: Pick<NarrowWindow, "kernelHeight" | "strideY">): number {
  return Math.ceil(o.kernelHeight / o.strideY) - 1;
}

/** Bytes of scratch that one thread needs for `narrowConv`. */
export function narrowConvScratch(o: NarrowWindow): number {
  return bytesOf(o.bandRows * o.gridWidth, TILE_ROWS * filterElements(o), bandFloats(o));
}

/** Bytes of scratch that one thread needs for `narrowFilterGrad`. */
export function narrowFilterGradScratch(o: NarrowWindow): number {
  return bytesOf(PANEL_COLUMNS, o.bandRows * o.gridWidth * o.outChannels, bandFloats(o));
}

/** Bytes of scratch that one thread needs for `narrowInputGrad`. */
export function narrowInputGradScratch(o: NarrowWindow): number {
  const steps = Math.ceil((o.padLeft + o.width) / o.strideX);
  return bytesOf(
    o.kernelHeight * o.kernelWidth,
    Math.ceil(o.width * o.channels / 8) * 8,
    steps * o.strideX * o.channels + LINE_SLACK,
    (o.bandRows + rowsAbove(o)) * o.gridWidth * productFloats(o) + LINE_SLACK,
  );
}
