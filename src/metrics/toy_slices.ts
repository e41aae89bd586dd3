/** The distance between points and a mixture of Gaussians, seen along lines: the sliced Wasserstein-1 distance. */
import type { Gaussian } from "../data/toys.ts";
import { massBelow, REACH } from "./toy_cells.ts";

/** Directions over half a turn: the others see the same. */
const DIRECTIONS = 16;

/** Steps of the table of a slice's distribution function. */
const STEPS = 512;

/** What a mixture looks like along one line: the mass below `low + i·step`, for i from 0 to `STEPS`. */
interface Slice {
  readonly direction: readonly number[];
  readonly low: number;
  readonly step: number;
  readonly below: Float64Array;
}

/**
 * A function from points, [n, dimensions], to their distance from a mixture. Projected on a line, an isotropic Gaussian
 * stays one, so the mixture's distribution function F is known; the distance along the line is the area between it and
 * the points' own, ∫ |F̂(s) − F(s)| ds. In one dimension that is the Wasserstein-1 distance; in two it is averaged over
 * directions (Rabin et al. 2011 for the idea). F is tabulated, so places are known to a step at worst, 1/512 of the
 * mixture's width; over many points that averages out.
 */
export function slicedWasserstein1(gaussians: readonly Gaussian[]): (points: Float32Array) => number {
  const dimensions = gaussians[0].center.length;
  const directions = dimensions === 1 ? [[1]] : Array.from({ length: DIRECTIONS }, (_, i) => {
    const angle = Math.PI * i / DIRECTIONS;
    return [Math.cos(angle), Math.sin(angle)];
  });
  const slices = directions.map((direction) => sliceOf(gaussians, direction));
  return (points) => slices.reduce((sum, slice) => sum + distanceAlong(slice, points), 0) / slices.length;
}

function project(values: ArrayLike<number>, at: number, direction: readonly number[]): number {
  return direction.reduce((sum, part, axis) => sum + part * values[at + axis], 0);
}

function sliceOf(gaussians: readonly Gaussian[], direction: readonly number[]): Slice {
  const projected = gaussians.map(({ center, sd, weight }) => ({ center: project(center, 0, direction), sd, weight }));
  const low = projected.reduce((least, { center, sd }) => Math.min(least, center - REACH * sd), Infinity);
  const high = projected.reduce((most, { center, sd }) => Math.max(most, center + REACH * sd), -Infinity);
  const step = (high - low) / STEPS;
  const below = new Float64Array(STEPS + 1);
  const whole = new Float64Array(STEPS + 2); // weights that are below from here on as a whole
  for (const { center, sd, weight } of projected) {
    const first = Math.max(Math.ceil((center - REACH * sd - low) / step), 0);
    const end = Math.min(Math.ceil((center + REACH * sd - low) / step), STEPS + 1);
    for (let i = first; i < end; i++) below[i] += weight * massBelow(low + i * step, center, sd);
    whole[end] += weight;
  }
  for (let i = 0, sum = 0; i <= STEPS; i++) below[i] += sum += whole[i];
  return { direction, low, step, below };
}

/** Of points beyond the table, the way to its end is added. */
function distanceAlong({ direction, low, step, below }: Slice, points: Float32Array): number {
  const count = points.length / direction.length;
  const high = low + STEPS * step;
  const reached = new Float64Array(STEPS + 2); // points between the step before and this one; last, those above
  let beyond = 0;
  for (let at = 0; at < points.length; at += direction.length) {
    const place = project(points, at, direction);
    if (!Number.isFinite(place)) return Infinity;
    beyond += Math.max(low - place, 0, place - high);
    reached[Math.min(Math.max(Math.ceil((place - low) / step), 0), STEPS + 1)]++;
  }
  let area = 0;
  for (let i = 0, seen = 0; i <= STEPS; i++) {
    seen += reached[i];
    const difference = Math.abs(seen / count - below[i]);
    area += i === 0 || i === STEPS ? difference / 2 : difference;
  }
  return area * step + beyond / count;
}
