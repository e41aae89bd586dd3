/** Layers around a matrix of weights: linear maps, maxout and embeddings. */
import { sizeOf } from "../../core/shape.ts";
import { add, gather, matmul, maxOver, reshape } from "../../graph/ops.ts";
import type { Initializer } from "../../graph/store.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { read, slot } from "../../graph/trace.ts";
import { fanIn, fanInUniform, normal, uniform } from "../initializers.ts";
import { layer } from "./layer.ts";

export interface LinearOptions {
  /** Whether to add `bias`; true when left out. */
  readonly bias?: boolean;
  /** Of the weights; PyTorch's default (`fanInUniform`) when left out. */
  readonly initializer?: Initializer;
  /** Of the bias; uniform in ±1/√in, as PyTorch's, when left out. */
  readonly biasInitializer?: Initializer;
}

/**
 * y = x·Wᵀ + b for x [..., in] → [..., out].
 * Slots: `weight` [out, in], `bias` [out].
 */
export function linear(name: string, x: Tensor, out: number, options: LinearOptions = {}): Tensor {
  const { bias = true, initializer = fanInUniform, biasInitializer } = options;
  const width = x.shape[x.rank - 1];
  return layer(name, `linear ${width} → ${out}`, () => {
    const weight = slot("weight", [out, width], "parameter", initializer);
    const rows = x.rank === 2 ? x : reshape(x, [sizeOf(x.shape.slice(0, -1)), width]);
    const product = matmul(rows, read(weight), { transposeB: true });
    const start = biasInitializer ?? uniform(1 / Math.sqrt(fanIn(weight.shape)));
    const y = bias ? add(product, read(slot("bias", [out], "parameter", start))) : product;
    return x.rank === 2 ? y : reshape(y, [...x.shape.slice(0, -1), out]);
  });
}

/**
 * The largest of `pieces` linear maps, output by output: x [N, in] → [N, out] (Goodfellow et al. 2013, section 2).
 * Slots: `weight` [out · pieces, in], `bias` [out · pieces]; the pieces of an output are neighbours.
 */
export function maxout(name: string, x: Tensor, out: number, pieces: number, options: LinearOptions = {}): Tensor {
  const y = linear(name, x, out * pieces, options);
  return maxOver(reshape(y, [x.shape[0], out, pieces]), [2]);
}

/**
 * Row `indices[i]` of a trained table: indices [...] → [..., width].
 * Slot: `weight` [rows, width], which starts as standard normal numbers, as PyTorch's.
 */
export function embedding(
  name: string,
  indices: Tensor,
  rows: number,
  width: number,
  { initializer = normal() }: { readonly initializer?: Initializer } = {},
): Tensor {
  return layer(
    name,
    `embedding ${rows} × ${width}`,
    () => gather(read(slot("weight", [rows, width], "parameter", initializer)), indices),
  );
}
