/** Instructions of matrix products. */
import type { InstructionSchema } from "./schema.ts";

/** A sliding window over an NHWC image tensor; row (image, y, x) of the grid, column (ky, kx, channel). */
const patches = {
  images: "size",
  height: "size",
  width: "size",
  /** elements from one pixel to the next (all channels, also those of other groups) */
  pixelStride: "size",
  channels: "size",
  kernelHeight: "size",
  kernelWidth: "size",
  strideY: "size",
  strideX: "size",
  /** rows above (columns left of) the image that the first window covers; negative: it starts inside */
  padTop: "int",
  padLeft: "int",
  dilationY: "size",
  dilationX: "size",
  gridHeight: "size",
  gridWidth: "size",
} as const;

export const contraction = {
  /**
   * Packs a right-hand matrix into column panels for `contract`: element (k, n), k = (ty, tx, channel), is
   * source[ty·strideTapY + tx·strideTapX + channel·strideChannel + n·strideColumn]. Layout of the result: depth blocks
   * of `depthBlock` rows; in each, panels of `tileColumns` columns, [row][column], columns beyond n are zero. Every
   * element of a matrix without taps has tapsY = tapsX = 1.
   */
  pack: {
    opcode: 5,
    fields: {
      batch: "size",
      n: "size",
      tapsY: "size",
      tapsX: "size",
      channels: "size",
      strideTapY: "stride",
      strideTapX: "stride",
      strideChannel: "stride",
      strideColumn: "stride",
      source: "pointer",
      sourceBatchStride: "stride",
      out: "pointer",
      outBatchStride: "size",
      depthBlock: "size",
      tileColumns: "size",
    },
  },

  /**
   * C = act(A·B + bias), batched. A is m × k, B is k × n, C's row r = (image, y, x) of the grid
   * cGridHeight × cGridWidth starts at out + 4·(image·cStrideImage + y·cStrideY + x·cStrideX); columns are adjacent.
   * aKind 0: matrix, a[r·aRowStride + k·aColumnStride]; 1: A's rows are the patches below, read from `a`.
   * bKind 0: panels made by `pack`; 1: B's rows (k) are the patches, read from `b`.
   * activation 0: none, 1: relu, 2: leaky relu with `slope`, 3: tanh. bias 0: none, else n floats.
   * splitColumns 0: threads share out C's rows, 1: its columns.
   */
  contract: {
    opcode: 6,
    fields: {
      m: "size",
      n: "size",
      k: "size",
      batch: "size",
      aKind: "enum",
      a: "pointer",
      aBatchStride: "size",
      aRowStride: "size",
      aColumnStride: "size",
      bKind: "enum",
      b: "pointer",
      bBatchStride: "size",
      ...patches,
      out: "pointer",
      cBatchStride: "size",
      cGridHeight: "size",
      cGridWidth: "size",
      cStrideImage: "size",
      cStrideY: "size",
      cStrideX: "size",
      bias: "pointer",
      biasBatchStride: "size",
      activation: "enum",
      slope: "float",
      tileColumns: "size",
      rowBlock: "size",
      columnBlock: "size",
      depthBlock: "size",
      splitColumns: "enum",
      scratch: "pointer",
      scratchStride: "size",
    },
  },

  /**
   * A matrix times a vector, batched: out[r] = act(Σ a[r·aRowStride + k·aColumnStride] · x[k] + bias[r·biasStride]) for
   * `rows` rows and k below `depth`. One of a's strides is 1. biasStride 1: a bias a row, 0: one for all of a batch.
   * bias 0: none; activation as in `contract`.
   */
  matvec: {
    opcode: 26,
    fields: {
      rows: "size",
      depth: "size",
      batch: "size",
      a: "pointer",
      aBatchStride: "size",
      aRowStride: "size",
      aColumnStride: "size",
      x: "pointer",
      xBatchStride: "size",
      out: "pointer",
      outBatchStride: "size",
      bias: "pointer",
      biasBatchStride: "size",
      biasStride: "size",
      activation: "enum",
      slope: "float",
    },
  },
} as const satisfies Record<string, InstructionSchema>;
