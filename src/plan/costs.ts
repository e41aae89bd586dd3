/**
 * What a convolution costs, directly and by a fast form: estimated from its shape alone, so that a program takes the
 * same forms on every computer. An estimate is a sum of counts times the nanoseconds of `cost_table.ts`, which
 * `scripts/fit_costs.ts` fits to times of one thread; a single one of them means little by itself.
 */
import { costTable } from "./cost_table.ts";
import { type FastForm, fastTiles } from "./fast_forms.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "./tiles.ts";

/** Forward and input gradient are one kind of work (the fit measures the former), filter gradients another. */
export type CostFace = "convolution" | "filterGrad";

/** A convolution as a product for each of its pixels; the filter has form.taps² taps a phase. */
export interface ConvolutionShape {
  readonly images: number;
  /** Positions of the windows. */
  readonly gridHeight: number;
  readonly gridWidth: number;
  /** Channels of all phases together. */
  readonly depth: number;
  readonly n: number;
}

/** What is counted; see `directCounts` and `fastCounts`. */
export const costTerms = ["multiplyAdds", "gathered", "columns", "filter", "instructions"] as const;
export type Counts = Readonly<Record<(typeof costTerms)[number], number>>;

/** Nanoseconds for each way of computing: `direct`, or a form's code. */
export type CostTable = Readonly<Record<CostFace, Readonly<Record<string, Counts>>>>;

const costs: CostTable = costTable;

function whole(extent: number, unit: number): number {
  return Math.ceil(extent / unit) * unit;
}

/**
 * The counts of direct computation: multiplications in whole register tiles, elements of windows taken out, elements on
 * the other side (outputs, or their gradients), elements of the filter, and what there is once.
 */
export function directCounts(face: CostFace, { taps }: FastForm, shape: ConvolutionShape): Counts {
  const { images, gridHeight, gridWidth, depth, n } = shape;
  const pixels = images * gridHeight * gridWidth, elements = taps * taps * depth;
  const multiplyAdds = face === "convolution"
    ? whole(pixels, TILE_ROWS) * elements * whole(n, PANEL_COLUMNS)
    : whole(n, TILE_ROWS) * pixels * whole(elements, PANEL_COLUMNS);
  return { multiplyAdds, gathered: pixels * elements, columns: pixels * n, filter: elements * n, instructions: 1 };
}

/** The same for a fast form: multiplications, then elements of transformed windows, columns and filters. */
export function fastCounts(face: CostFace, form: FastForm, shape: ConvolutionShape): Counts {
  const { images, gridHeight, gridWidth, depth, n } = shape;
  const points = form.size ** 2, tiles = fastTiles(form, images, gridHeight, gridWidth);
  const multiplyAdds = face === "convolution"
    ? points * whole(tiles, TILE_ROWS) * depth * whole(n, PANEL_COLUMNS)
    : points * tiles * whole(depth, PANEL_COLUMNS) * whole(n, TILE_ROWS);
  const sizes = { gathered: points * tiles * depth, columns: points * tiles * n, filter: points * depth * n };
  return { multiplyAdds, ...sizes, instructions: 1 };
}

function nanoseconds(each: Counts, counts: Counts): number {
  return costTerms.reduce((sum, term) => sum + each[term] * counts[term], 0);
}

/** Estimated nanoseconds on one thread: directly, and by the form. */
export function estimate(face: CostFace, form: FastForm, shape: ConvolutionShape): { direct: number; fast: number } {
  return {
    direct: nanoseconds(costs[face].direct, directCounts(face, form, shape)),
    fast: nanoseconds(costs[face][form.code], fastCounts(face, form, shape)),
  };
}
