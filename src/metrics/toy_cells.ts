/** Histograms of points over a grid of equal cells, and what a mixture of Gaussians makes of the same cells. */
import { erf } from "../core/special.ts";
import type { Gaussian } from "../data/toys.ts";

/** Equal cells, `cells` along each axis of a box. Cells are counted row by row: the last axis is outermost. */
export interface Grid {
  readonly box: readonly (readonly [low: number, high: number])[];
  readonly cells: number;
}

/** A Gaussian has less than 1e-15 of its mass beyond so many standard deviations. */
export const REACH = 8;

/** The part of a Gaussian below `x`. */
export function massBelow(x: number, center: number, sd: number): number {
  return 0.5 + 0.5 * erf((x - center) / (sd * Math.SQRT2));
}

/** The share of the points in each cell, and last the share outside of the box. Points that are not finite are outside. */
export function histogram(points: Float32Array, { box, cells }: Grid): Float64Array {
  const dimensions = box.length;
  const count = points.length / dimensions;
  const outside = cells ** dimensions;
  const shares = new Float64Array(outside + 1);
  for (let point = 0; point < count; point++) {
    let cell = 0;
    for (let axis = dimensions - 1; axis >= 0; axis--) {
      const [low, high] = box[axis];
      const place = Math.floor((points[point * dimensions + axis] - low) / (high - low) * cells);
      if (!(place >= 0 && place < cells)) {
        cell = outside;
        break;
      }
      cell = cell * cells + place;
    }
    shares[cell] += 1 / count;
  }
  return shares;
}

/** The mass of a mixture in each cell, and last outside of the box: exact for each Gaussian, by the error function. */
export function cellMasses(gaussians: readonly Gaussian[], grid: Grid): Float64Array {
  const { box, cells } = grid;
  const outside = cells ** box.length;
  const masses = new Float64Array(outside + 1);
  for (const { center, sd, weight } of gaussians) {
    const [columns, rows = { first: 0, masses: [1] }] = box.map(([low, high], axis) =>
      intervalMasses(center[axis], sd, low, (high - low) / cells, cells)
    );
    rows.masses.forEach((rowMass, row) =>
      columns.masses.forEach((columnMass, column) => {
        masses[(rows.first + row) * cells + columns.first + column] += weight * rowMass * columnMass;
      })
    );
  }
  masses[outside] = Math.max(0, 1 - masses.reduce((sum, mass) => sum + mass, 0));
  return masses;
}

/** The masses of a Gaussian in the intervals that it reaches, out of `count` of the width `step` that begin at `low`. */
function intervalMasses(center: number, sd: number, low: number, step: number, count: number) {
  const place = (x: number) => Math.min(Math.max(Math.floor((x - low) / step), 0), count);
  const first = place(center - REACH * sd);
  const last = Math.min(place(center + REACH * sd), count - 1);
  const masses: number[] = [];
  let before = massBelow(low + first * step, center, sd);
  for (let cell = first; cell <= last; cell++) {
    const upTo = massBelow(low + (cell + 1) * step, center, sd);
    masses.push(upTo - before);
    before = upTo;
  }
  return { first, masses };
}
