/** Instructions of convolutions with few channels. */
import type { InstructionSchema } from "./schema.ts";

/**
 * Shared by all convolutions of few channels, in the words of their forward face: x is [images, height, width, channels],
 * y is [images, gridHeight, gridWidth, outChannels], a filter is kernelHeight × kernelWidth × channels = K elements of
 * which a row's, kernelWidth × channels, are adjacent in x. Threads share out bands of at most `bandRows` rows of y.
 */
const narrowWindow = {
  images: "size",
  height: "size",
  width: "size",
  channels: "size",
  outChannels: "size",
  kernelHeight: "size",
  kernelWidth: "size",
  strideY: "size",
  strideX: "size",
  padTop: "int",
  padLeft: "int",
  gridHeight: "size",
  gridWidth: "size",
  bandRows: "size",
  scratch: "pointer",
  scratchStride: "size",
} as const;

export const fewChannels = {
  /**
   * y = act(conv2d(x, w) + bias). `filters`: the panels that `pack` makes of the K × outChannels matrix w, in one depth
   * block, 16 columns each. outChannels is a multiple of 16, gridWidth at least 6. bias, activation: as in `contract`.
   */
  narrowConv: {
    opcode: 23,
    fields: {
      x: "pointer",
      ...narrowWindow,
      filters: "pointer",
      bias: "pointer",
      activation: "enum",
      slope: "float",
      out: "pointer",
    },
  },

  /**
   * The sums of the filter's gradient from pieces of y, `chunkBands` bands each: out is [pieces][kernelHeight][rows of a
   * window row, rounded up to whole sixes][outChannels]; what the rows beyond kernelWidth × channels hold is of no use.
   * outChannels is a multiple of 16.
   */
  narrowFilterGrad: {
    opcode: 24,
    fields: { x: "pointer", ...narrowWindow, dy: "pointer", chunkBands: "size", out: "pointer" },
  },

  /**
   * dx = act(conv2dInputGrad(dy, w) + bias), which is the transposed convolution. `filters`: the panels that `pack` makes
   * of the outChannels × K matrix wᵀ, in one depth block, 16 columns each. kernelWidth is a multiple of strideX, gridWidth
   * at least 6. bias (`channels` floats), activation: as in `contract`.
   */
  narrowInputGrad: {
    opcode: 25,
    fields: {
      dy: "pointer",
      ...narrowWindow,
      filters: "pointer",
      bias: "pointer",
      activation: "enum",
      slope: "float",
      out: "pointer",
    },
  },
} as const satisfies Record<string, InstructionSchema>;
