/** Static shapes: lists of non-negative integers, outermost axis first. A scalar has the shape `[]`. */
import { ShapeError } from "./errors.ts";

export type Shape = readonly number[];

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Whether two shapes have the same rank and the same extents. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** `64×32×32×3`, or `scalar`. */
export function showShape(shape: Shape): string {
  return shape.length === 0 ? "scalar" : shape.join("×");
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/**
 * The shape two operands broadcast to (NumPy's rule: align the last axes; extents are equal or one of them is 1).
 * @throws ShapeError naming the axis that does not fit.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const extentA = a[axis - rank + a.length] ?? 1;
    const extentB = b[axis - rank + b.length] ?? 1;
    if (extentA !== extentB && extentA !== 1 && extentB !== 1) {
      throw new ShapeError(
        `shapes ${showShape(a)} and ${showShape(b)} do not broadcast: axis ${
          axis - rank
        } has ${extentA} and ${extentB}; ` +
          `expected equal extents, or 1 in one of them`,
      );
    }
    return extentA === 1 ? extentB : extentA;
  });
}

/** Turns a possibly negative axis into one in `[0, rank)`. @throws ShapeError when it is outside. */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank) {
    throw new ShapeError(`axis ${axis} is outside of a tensor with ${rank} axes; expected ${-rank} to ${rank - 1}`);
  }
  return normal;
}
