/** Convolutions for the kernels of fast forms: windows, and plain loops in float64 that say what comes out. */
import {
  fastFilterSize,
  type FastForm,
  fastGradientSize,
  fastTiles,
  type Matrix,
  transposed,
} from "../../src/plan/fast_forms.ts";
import { transform } from "../support/matrices.ts";
import { normals, type Random } from "../support/random.ts";
import { indices } from "./harness.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "../../src/plan/tiles.ts";

type Pair = readonly [y: number, x: number];

/**
 * Phases of a convolution over x [images, height, width, channels], `gap` floats of no meaning between pixels; each phase
 * has taps² taps for each channel and column.
 */
export interface Convolution {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly gap: number;
  readonly n: number;
  readonly phases: Pair;
  readonly step: Pair;
  readonly pad: Pair;
  readonly grid: Pair;
}

/** Everything that can be different from its neighbour is. */
const usual: Convolution = {
  images: 2,
  height: 7,
  width: 9,
  channels: 8,
  gap: 0,
  n: 16,
  phases: [1, 1],
  step: [1, 1],
  pad: [1, 0],
  grid: [6, 7],
};

const changes: readonly Partial<Convolution>[] = [
  {},
  { images: 1, height: 3, width: 2, n: 8, grid: [1, 1] },
  { channels: 24, n: 8, grid: [4, 8] },
  { n: 40, images: 1 },
  { phases: [2, 2], step: [2, 2], pad: [1, 1], height: 11, width: 14, grid: [5, 7] },
  { phases: [1, 2], step: [1, 2], pad: [-1, 2], grid: [5, 4] },
  { phases: [2, 1], step: [3, 2], pad: [2, -2], height: 17, grid: [5, 3] },
  { pad: [6, -5], grid: [13, 9], images: 1 },
  { images: 5, grid: [9, 10], pad: [2, 2] },
  { gap: 3 },
  { channels: 16, gap: 32, n: 8, phases: [2, 2], step: [2, 2], pad: [1, 1], height: 10, width: 12, grid: [5, 6] },
];

export const convolutions: readonly Convolution[] = changes.map((change) => ({ ...usual, ...change }));

export const labelOf = (form: FastForm, c: object) => `F(${form.outputs}, ${form.taps}), ${JSON.stringify(c)}`;

/** The fields of sliding windows. */
export const windowsOf = (form: FastForm, c: Convolution) => ({
  form: form.code,
  ...{ images: c.images, height: c.height, width: c.width, channels: c.channels, pixelStride: pixelStrideOf(c) },
  ...{ phasesY: c.phases[0], phasesX: c.phases[1], stepY: c.step[0], stepX: c.step[1] },
  ...{ padTop: c.pad[0], padLeft: c.pad[1], gridHeight: c.grid[0], gridWidth: c.grid[1] },
});

export const pixelStrideOf = ({ channels, gap }: Convolution) => channels + gap;
export const pixelsOf = ({ images, height, width }: Convolution) => images * height * width;

/** Normal numbers for x, NaN between the pixels. */
export function imagesOf(random: Random, c: Convolution): Float32Array {
  const step = pixelStrideOf(c);
  const x = normals(random, (pixelsOf(c) - 1) * step + c.channels);
  for (let end = c.channels; end < x.length; end += step) x.fill(NaN, end, end + c.gap);
  return x;
}

export const depthOf = ({ phases, channels }: Convolution) => phases[0] * phases[1] * channels;
const tilesOf = (form: FastForm, { images, grid }: Convolution) => fastTiles(form, images, ...grid);

/** The place in x of what position (gridY, gridX) sees through tap (tapY, tapX) of a phase; undefined outside of x. */
function placeOf(
  c: Convolution,
  image: number,
  [phaseY, phaseX]: Pair,
  [gridY, gridX]: Pair,
  [tapY, tapX]: Pair,
): number | undefined {
  const y = (gridY + tapY) * c.step[0] + phaseY - c.pad[0], x = (gridX + tapX) * c.step[1] + phaseX - c.pad[1];
  if (y < 0 || y >= c.height || x < 0 || x >= c.width) return undefined;
  return ((image * c.height + y) * c.width + x) * pixelStrideOf(c);
}

/** Calls `visit` for each product of x (at x + channel), filter [phases][taps][channels][n] and y [images][grid][n]. */
export function eachProduct(
  { taps }: FastForm,
  c: Convolution,
  visit: (x: number, tap: number, y: number) => void,
): void {
  const [phaseCount, tapCount] = [c.phases[0] * c.phases[1], taps * taps];
  for (const [image, gridY, gridX, phase, tap] of indices([c.images, ...c.grid, phaseCount, tapCount])) {
    const phases: Pair = [Math.floor(phase / c.phases[1]), phase % c.phases[1]];
    const place = placeOf(c, image, phases, [gridY, gridX], [Math.floor(tap / taps), tap % taps]);
    if (place === undefined) continue;
    const y = ((image * c.grid[0] + gridY) * c.grid[1] + gridX) * c.n;
    for (let channel = 0; channel < c.channels; channel++) {
      visit(place + channel, ((phase * tapCount + tap) * c.channels + channel) * c.n, y);
    }
  }
}

/** L · square · Lᵀ of all squares, each point of the result into its matrix of `out`. */
function transformAll(
  l: Matrix,
  out: Float64Array,
  squares: Iterable<{ readonly square: Matrix; readonly to: number }>,
): void {
  const step = out.length / l.length ** 2;
  for (const { square, to } of squares) {
    transform(l, square).flat().forEach((value, point) => out[point * step + to] = value);
  }
}

const squareOf = (size: number, of: (i: number, j: number) => number): Matrix =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => of(i, j)));

/** What `fastFilter` makes of a filter [phases][taps][channels][n]. */
export function transformedFilter(form: FastForm, c: Convolution, filter: Float32Array): Float64Array {
  const { taps } = form, depth = depthOf(c);
  const out = new Float64Array(fastFilterSize(form, depth, c.n));
  const squares = [...indices([depth, c.n])].map(([k, column]) => {
    const phase = Math.floor(k / c.channels), channel = k % c.channels;
    return {
      square: squareOf(
        taps,
        (i, j) => filter[((phase * taps * taps + i * taps + j) * c.channels + channel) * c.n + column],
      ),
      to: (Math.floor(column / PANEL_COLUMNS) * depth + k) * PANEL_COLUMNS + column % PANEL_COLUMNS,
    };
  });
  transformAll(form.filter, out, squares);
  return out;
}

/** What `fastGradient` makes of dy: in each tile the pixels that its positions see through tap (0, 0). */
export function transformedGradient(form: FastForm, c: Convolution, dy: Float32Array): Float64Array {
  const { outputs } = form;
  const [tilesY, tilesX] = c.grid.map((extent) => Math.ceil(extent / outputs));
  const tiles = tilesOf(form, c);
  const out = new Float64Array(fastGradientSize(form, tiles, c.channels));
  const squares = [...indices([c.images, tilesY, tilesX, c.channels])].map(([image, tileY, tileX, channel]) => ({
    square: squareOf(outputs, (i, j) => {
      const place = placeOf(c, image, [0, 0], [tileY * outputs + i, tileX * outputs + j], [0, 0]);
      return place === undefined ? 0 : dy[place + channel];
    }),
    to: (Math.floor(channel / TILE_ROWS) * tiles + (image * tilesY + tileY) * tilesX + tileX) * TILE_ROWS +
      channel % TILE_ROWS,
  }));
  transformAll(transposed(form.output), out, squares);
  return out;
}

/** Both layouts of a filter [phaseY, phaseX, tapY, tapX, channel, column], some of its axes backwards. */
export const filterLayouts: readonly { readonly order: readonly number[]; readonly backwards: readonly number[] }[] = [
  { order: [0, 1, 2, 3, 4, 5], backwards: [] },
  { order: [5, 2, 0, 3, 1, 4], backwards: [] },
  { order: [4, 3, 1, 2, 0, 5], backwards: [2, 3] },
  { order: [2, 5, 3, 0, 1, 4], backwards: [0, 3, 5] },
];

/** Strides of a dense array whose axes lie in `order`, outermost first, and the element its origin is at. */
export function layOut(extents: readonly number[], { order, backwards }: (typeof filterLayouts)[number]) {
  const strides = extents.map(() => 0);
  let [size, origin] = [1, 0];
  for (const axis of order.toReversed()) {
    strides[axis] = backwards.includes(axis) ? -size : size;
    if (backwards.includes(axis)) origin += (extents[axis] - 1) * size;
    size *= extents[axis];
  }
  return { strides, origin };
}
