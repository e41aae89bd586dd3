/** Lowering of contractions: each is one matrix product, or several. */
import { sizeOf } from "../../core/shape.ts";
import type { ContractKernel } from "../../graph/fuse.ts";
import { is, type Tensor } from "../../graph/tensor.ts";
import type { Lowering } from "./context.ts";
import { lowerFilterGrad, lowerForward, lowerInputGrad } from "./convolution.ts";
import { emitProduct, epilogueOf } from "./product.ts";

/** Emits the matrix products of a contraction, its bias and its activation included. */
export function lowerContract(kernel: ContractKernel, context: Lowering): void {
  const { contraction } = kernel;
  if (is(contraction, "matmul")) lowerMatmul(kernel, contraction, context);
  else if (is(contraction, "conv2d")) lowerForward(kernel, contraction, context);
  else if (is(contraction, "conv2dInputGrad")) lowerInputGrad(kernel, contraction, context);
  else lowerFilterGrad(kernel, contraction, context);
}

function lowerMatmul(kernel: ContractKernel, node: Tensor<"matmul">, context: Lowering): void {
  const [a, b] = node.inputs;
  const { transposeA, transposeB } = node.attributes;
  const batch = sizeOf(node.shape.slice(0, -2));
  const [m, n] = node.shape.slice(-2);
  const k = transposeA ? a.shape.at(-2)! : a.shape.at(-1)!;
  emitProduct({
    m,
    n,
    k,
    batch,
    a: {
      pointer: context.address(a),
      batchStride: m * k,
      rowStride: transposeA ? 1 : k,
      columnStride: transposeA ? m : 1,
    },
    b: {
      tensor: b,
      start: 0,
      batchStride: k * n,
      tapsY: 1,
      tapsX: 1,
      channels: k,
      strideTapY: 0,
      strideTapX: 0,
      strideChannel: transposeB ? 1 : n,
      strideColumn: transposeB ? k : 1,
    },
    out: context.address(kernel.output),
    cBatchStride: m * n,
    cGridHeight: 1,
    cGridWidth: 1,
    cStrideImage: n,
    cStrideY: 0,
    cStrideX: 0,
    // A bias belongs to the columns, whatever the batch.
    ...epilogueOf(kernel, 0, context),
  }, context);
}
