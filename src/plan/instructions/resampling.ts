/** Instructions that pool and resample images. */
import type { InstructionSchema } from "./schema.ts";

/** Shared by all pooling instructions: x is [images, height, width, channels], y is [images, outHeight, outWidth, channels]. */
const pooling = {
  images: "size",
  height: "size",
  width: "size",
  channels: "size",
  outHeight: "size",
  outWidth: "size",
  kernelHeight: "size",
  kernelWidth: "size",
  strideY: "size",
  strideX: "size",
  padTop: "int",
  padLeft: "int",
} as const;

export const resampling = {
  /** y = mean of each window of x (padding counts as zeros and in the divisor). */
  averagePool: { opcode: 12, fields: { x: "pointer", out: "pointer", ...pooling } },

  /** The adjoint of `averagePool`: dy → dx, overwrites dx. */
  averagePoolGrad: { opcode: 13, fields: { dy: "pointer", out: "pointer", ...pooling } },

  /** out = the element of `values` (shaped like x) at the place of x's maximum in each window (the first of equals). */
  maxPoolPick: { opcode: 14, fields: { x: "pointer", values: "pointer", out: "pointer", ...pooling } },

  /** The adjoint of `maxPoolPick` in `values`: adds dy at the place of x's maximum; overwrites out (shaped like x). */
  maxPoolScatter: { opcode: 15, fields: { x: "pointer", dy: "pointer", out: "pointer", ...pooling } },

  /** Bilinear resampling with half-pixel centres (align_corners = false), [images, height, width, channels] → outHeight × outWidth. */
  bilinear: {
    opcode: 16,
    fields: {
      x: "pointer",
      out: "pointer",
      images: "size",
      height: "size",
      width: "size",
      channels: "size",
      outHeight: "size",
      outWidth: "size",
    },
  },

  /** The adjoint of `bilinear`: dy [images, outHeight, outWidth, channels] → dx, overwrites dx. */
  bilinearGrad: {
    opcode: 17,
    fields: {
      dy: "pointer",
      out: "pointer",
      images: "size",
      height: "size",
      width: "size",
      channels: "size",
      outHeight: "size",
      outWidth: "size",
    },
  },
} as const satisfies Record<string, InstructionSchema>;
