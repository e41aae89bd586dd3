/** Instructions of the fast forms of convolutions (`fast_forms.ts`). */
import type { InstructionSchema } from "./schema.ts";

/**
 * Windows of an NHWC image tensor for a fast form (`fast_forms.ts`): a tile of outputs × outputs positions of the grid sees,
 * in each phase p, the rows (tileY·outputs + i)·stepY + p − padTop for 0 ≤ i < size, and columns alike. Each pixel has
 * `channels` adjacent floats, and the next one begins pixelStride floats behind it: there is room for those of other
 * groups. First in all instructions that have it, so that one field has one place.
 */
const windows = {
  form: "enum",
  images: "size",
  height: "size",
  width: "size",
  channels: "size",
  pixelStride: "size",
  phasesY: "size",
  phasesX: "size",
  stepY: "size",
  stepX: "size",
  padTop: "int",
  padLeft: "int",
  gridHeight: "size",
  gridWidth: "size",
} as const;

/** Where the taps of each phase's filter lie: tap (i, j) of phase (p, q) is at Σ of these distances. */
const taps = {
  stridePhaseY: "stride",
  stridePhaseX: "stride",
  strideTapY: "stride",
  strideTapX: "stride",
} as const;

export const fast = {
  /**
   * Transforms a filter for `fastConvolution`: k = (phaseY, phaseX, channel), columns n. out is
   * [size²][⌈n / 16⌉][k][16], columns beyond n zero, with 16 zeros behind each of
   * the size² matrices.
   */
  fastFilter: {
    opcode: 19,
    fields: {
      form: "enum",
      phasesY: "size",
      phasesX: "size",
      channels: "size",
      n: "size",
      source: "pointer",
      ...taps,
      strideChannel: "stride",
      strideColumn: "stride",
      out: "pointer",
      scratch: "pointer",
      scratchStride: "size",
    },
  },

  /**
   * C = act(conv + bias) by a fast form: the windows of x, transformed, times `filter`, transformed back. C's pixel
   * (image, y, x) of the grid starts at out + 4·(image·cStrideImage + y·cStrideY + x·cStrideX) and has n channels.
   * `tileBlock` tiles (a multiple of 6) are worked on at a time. splitColumns 0: threads share out tiles, 1: columns.
   */
  fastConvolution: {
    opcode: 20,
    fields: {
      ...windows,
      x: "pointer",
      n: "size",
      filter: "pointer",
      out: "pointer",
      cStrideImage: "size",
      cStrideY: "size",
      cStrideX: "size",
      bias: "pointer",
      activation: "enum",
      slope: "float",
      tileBlock: "size",
      splitColumns: "enum",
      scratch: "pointer",
      scratchStride: "size",
    },
  },

  /**
   * Transforms the gradient of a convolution's outputs for `fastFilterGrad`: tiles of outputs × outputs pixels of x (one
   * phase). out is [size²][⌈channels / 6⌉][tile][6], with 16 zeros behind each of the size² matrices.
   */
  fastGradient: {
    opcode: 21,
    fields: { ...windows, x: "pointer", out: "pointer", scratch: "pointer", scratchStride: "size" },
  },

  /**
   * The gradient of a filter by a fast form: the windows of x, transformed, times `gradient` (of n channels), summed over
   * tiles, transformed back. Element (o, tap, channel) of out is at o·strideColumn + the tap's distances + channel. All
   * that `batch` times, each with operands of its own. `tileBlock` tiles and `channelBlock` channels (a multiple of 16) are
   * worked on at a time.
   */
  fastFilterGrad: {
    opcode: 22,
    fields: {
      ...windows,
      batch: "size",
      x: "pointer",
      xBatchStride: "size",
      n: "size",
      gradient: "pointer",
      gradientBatchStride: "size",
      out: "pointer",
      outBatchStride: "size",
      ...taps,
      strideColumn: "stride",
      tileBlock: "size",
      channelBlock: "size",
      scratch: "pointer",
      scratchStride: "size",
    },
  },
} as const satisfies Record<string, InstructionSchema>;
