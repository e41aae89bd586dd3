/** Iteration spaces: how several operands are walked together in as few axes as possible. */
import { InternalError } from "../core/errors.ts";
import { type Shape, stridesOf } from "../core/shape.ts";
import { MAX_AXES } from "./instructions.ts";

/** Extents, outermost first, and for each operand the distance in elements from one position to the next. */
export interface Space {
  readonly extents: readonly number[];
  /** strides[operand][axis] */
  readonly strides: readonly (readonly number[])[];
}

/** Strides with which a tensor of shape `shape` is read along a space of shape `space` it broadcasts to. */
export function broadcastStrides(shape: Shape, space: Shape): number[] {
  const own = stridesOf(shape);
  const missing = space.length - shape.length;
  return space.map((_, axis) => axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing]);
}

/**
 * The same walk with fewer axes: axes of extent 1 go, and neighbours merge where every operand steps through both as
 * through one. Axes of different `kinds` (reduced or not) never merge; the kinds that remain come back too.
 */
export function collapse<K>(space: Space, kinds: readonly K[]): Space & { readonly kinds: readonly K[] } {
  const extents: number[] = [];
  const strides: number[][] = space.strides.map(() => []);
  const left: K[] = [];
  space.extents.forEach((extent, axis) => {
    if (extent === 1) return;
    const last = extents.length - 1;
    const joins = last >= 0 && left[last] === kinds[axis] &&
      space.strides.every((own, operand) => strides[operand][last] === own[axis] * extent);
    if (joins) {
      extents[last] *= extent;
      space.strides.forEach((own, operand) => strides[operand][last] = own[axis]);
    } else {
      extents.push(extent);
      left.push(kinds[axis]);
      space.strides.forEach((own, operand) => strides[operand].push(own[axis]));
    }
  });
  return { extents, strides, kinds: left };
}

/** Instruction fields `d0 … d5`: the extents behind leading ones. */
export function extentFields(extents: readonly number[]): Record<"d0" | "d1" | "d2" | "d3" | "d4" | "d5", number> {
  const [d0, d1, d2, d3, d4, d5] = padded(extents, 1);
  return { d0, d1, d2, d3, d4, d5 };
}

/** Instruction fields `s0 … s5`. */
export function strideFields(strides: readonly number[]): Record<"s0" | "s1" | "s2" | "s3" | "s4" | "s5", number> {
  const [s0, s1, s2, s3, s4, s5] = padded(strides, 0);
  return { s0, s1, s2, s3, s4, s5 };
}

/** Instruction fields `t0 … t5`. */
export function targetFields(strides: readonly number[]): Record<"t0" | "t1" | "t2" | "t3" | "t4" | "t5", number> {
  const [t0, t1, t2, t3, t4, t5] = padded(strides, 0);
  return { t0, t1, t2, t3, t4, t5 };
}

function padded(values: readonly number[], filler: number): number[] {
  if (values.length > MAX_AXES) {
    throw new InternalError(
      `an iteration space has ${values.length} axes after merging; instructions hold ${MAX_AXES}`,
    );
  }
  return [...new Array<number>(MAX_AXES - values.length).fill(filler), ...values];
}
