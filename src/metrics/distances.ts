/** Euclidean distances of points, squared: of all pairs, to the nearest of another set, to the k-th nearest of one. */
import { UsageError } from "../core/errors.ts";
import type { Points } from "./points.ts";
import { forEachProduct, type Visit } from "./products.ts";

/** |x|² of each point. */
function squaredNorms({ count, length, values }: Points): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = i * length; k < (i + 1) * length; k++) sum += values[k] * values[k];
    return sum;
  });
}

/** As `forEachProduct`, with the squared Euclidean distances |xᵢ|² + |yⱼ|² − 2 xᵢ·yⱼ, which are never below 0. */
export function forEachSquaredDistance(x: Points, y: Points, visit: Visit, options?: { triangle?: boolean }): void {
  const ofX = squaredNorms(x), ofY = x === y ? ofX : squaredNorms(y);
  forEachProduct(x, y, (row, first, products) => {
    for (let j = 0; j < products.length; j++) {
      products[j] = Math.max(ofX[row] + ofY[first + j] - 2 * products[j], 0);
    }
    visit(row, first, products);
  }, options);
}

/** The squared distance of each point of x to its nearest of y. */
export function nearestSquares(x: Points, y: Points): Float64Array {
  const nearest = new Float64Array(x.count).fill(Infinity);
  forEachSquaredDistance(x, y, (row, _, squares) => {
    let least = nearest[row];
    for (let j = 0; j < squares.length; j++) if (squares[j] < least) least = squares[j];
    nearest[row] = least;
  });
  return nearest;
}

/**
 * The squared distance of each point to its k-th nearest other one.
 * @throws UsageError if there are not more than k points.
 */
export function neighbourSquares(points: Points, k: number): Float64Array {
  const { count } = points;
  if (count <= k) throw new UsageError(`${count} points have no ${k} neighbours each; expected more than ${k}`);
  /** The k nearest of each point so far, ascending. */
  const nearest = new Float64Array(count * k).fill(Infinity);
  const note = (point: number, square: number) => {
    let at = point * k + k - 1;
    if (!(square < nearest[at])) return;
    for (; at > point * k && nearest[at - 1] > square; at--) nearest[at] = nearest[at - 1];
    nearest[at] = square;
  };
  forEachSquaredDistance(points, points, (row, first, squares) => {
    for (let j = Math.max(row + 1 - first, 0); j < squares.length; j++) {
      note(row, squares[j]);
      note(first + j, squares[j]);
    }
  }, { triangle: true });
  return Float64Array.from({ length: count }, (_, i) => nearest[i * k + k - 1]);
}
