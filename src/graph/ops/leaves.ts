/** Values that nothing is computed from: constants, tables and random numbers. */
import type { Shape } from "../../core/shape.ts";
import { make, type Tensor } from "../tensor.ts";

/** One number as a tensor of shape []. */
export function constant(value: number): Tensor {
  return make("constant", { value }, []);
}

/** A fixed table of numbers. */
export function literal(values: ArrayLike<number>, shape: Shape): Tensor {
  return make("literal", { values: Float32Array.from(values), shape }, []);
}

/** Uniform numbers in [0, 1), new in each draw; `stream` names them: draws of different streams never meet. */
export function uniform(stream: string, shape: Shape): Tensor {
  return make("uniform", { stream, shape }, []);
}

/** Standard normal numbers, new in each draw; see `uniform`. */
export function normal(stream: string, shape: Shape): Tensor {
  return make("normal", { stream, shape }, []);
}
