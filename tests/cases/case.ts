/**
 * What a case is. There is one for each primitive, plain data and functions, used four ways: gradients on the reference
 * backend, other backends against the reference, guard words around operands, speed.
 */
import type { Shape } from "../../src/core/shape.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, type Program, trace } from "../../src/graph/trace.ts";
import { type Fill, normals, randomOf } from "../support/random.ts";
import type { Rounding } from "../support/tolerance.ts";

export interface Operand {
  readonly shape: Shape;
  readonly fill: Fill;
  /** Whether the gradient in this operand is what finite differences around these values give. */
  readonly differentiable: boolean;
}

/** One way to use a primitive: shapes, values and attributes. */
export interface Variant {
  /** Unique among the variants of its case. */
  readonly label: string;
  readonly operands: readonly Operand[];
  /** Called while tracing; its result is a node of the case's primitive. */
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  /** Terms that are added up for one element of the result. */
  readonly reductionLength: number;
}

export interface Case {
  readonly rounding: Rounding;
  readonly variants: readonly Variant[];
}

/** An operand that gradients are checked in. */
export function smooth(shape: Shape, fill: Fill = normals): Operand {
  return { shape, fill, differentiable: true };
}

/** An operand that has no gradient, or values at kinks, poles and beyond. */
export function rough(shape: Shape, fill: Fill): Operand {
  return { shape, fill, differentiable: false };
}

/** A variant; sums need their `reductionLength`. */
export function variant(
  label: string,
  operands: readonly Operand[],
  build: Variant["build"],
  reductionLength = 1,
): Variant {
  return { label, operands, build, reductionLength };
}

/** The name of the input that operand `index` is. */
export function operandName(index: number): string {
  return `operand${index}`;
}

/** Operand values by input name: always the same for the same primitive and variant. */
export function operandValues(op: string, { label, operands }: Variant): Record<string, Float32Array> {
  const random = randomOf(`${op} ${label}`);
  return Object.fromEntries(operands.map(({ shape, fill }, i) => [operandName(i), fill(random, sizeOf(shape))]));
}

/** The variant as a program of its own: inputs named by `operandName`, one output `y`. */
export function programOf(op: string, { label, operands, build }: Variant): Program {
  return trace(new Store(0), `${op} ${label}`, () => ({
    y: build(operands.map(({ shape }, i) => input(operandName(i), shape))),
  }));
}
