/** What an evaluation rule is: the definition of one primitive, in plain float64. */
import type { Shape } from "../../core/shape.ts";
import type { Attributes, Op } from "../../graph/primitives.ts";
import type { Draw } from "../backend.ts";

/** The value of a tensor: its elements in row-major order. Never written to once it is made. */
export interface Ref {
  readonly shape: Shape;
  readonly values: Float64Array;
}

/** What leaves and random primitives look up. */
export interface Bindings {
  readonly inputs: ReadonlyMap<string, Float64Array>;
  /** Slots without an entry hold their initial values. */
  readonly slots: ReadonlyMap<string, Float64Array>;
  readonly draw: Draw;
}

/** From attributes and operands to the elements of the result, whose shape is known already. */
export type Rule<O extends Op> = (
  attributes: Attributes[O],
  inputs: readonly Ref[],
  output: Shape,
  bindings: Bindings,
) => Float64Array;

/** The rules of some primitives. */
export type Rules<O extends Op> = { readonly [K in O]: Rule<K> };
