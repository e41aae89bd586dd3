import assert from "node:assert/strict";
import { fastFilterSize, fastForms, fastGradientSize } from "../../src/plan/fast_forms.ts";
import type { Mnemonic, Operands } from "../../src/plan/instructions.ts";
import { floatsOf, footprintOf } from "./footprint_support.ts";

/** The second of three groups of 8 channels; 3×3 filters, nine tiles. */
const [form] = fastForms.filter(({ taps }) => taps === 3);
const [channels, pixelStride, n, tiles] = [8, 24, 16, 9];
const windows = {
  ...{ form: form.code, images: 1, height: 9, width: 10, channels, pixelStride },
  ...{ phasesY: 1, phasesX: 1, stepY: 1, stepX: 1, padTop: 1, padLeft: 1, gridHeight: 9, gridWidth: 10 },
};
const scratch = { scratch: 1 << 24, scratchStride: 1 << 20 };
const x = 4096 + 4 * channels, X_FLOATS = (9 * 10 - 1) * pixelStride + channels;
const convolution: Operands<"fastConvolution"> = {
  ...windows,
  ...{ x, n, filter: 1 << 20, out: 1 << 21, cStrideImage: 9 * 10 * 3 * n, cStrideY: 10 * 3 * n, cStrideX: 3 * n },
  ...{ bias: 0, activation: 0, slope: 0, tileBlock: 6, splitColumns: 0, ...scratch },
};
const gradient: Operands<"fastGradient"> = { ...windows, x, out: 1 << 21, ...scratch };
const gradientSize = fastGradientSize(form, tiles, n), filterSize = n * 9 * channels;
const filterGrad: Operands<"fastFilterGrad"> = {
  ...windows,
  ...{ batch: 3, x: 4096, xBatchStride: channels, n, gradient: 1 << 20, gradientBatchStride: gradientSize },
  ...{ out: 1 << 21, outBatchStride: filterSize, stridePhaseY: 0, stridePhaseX: 0 },
  ...{ strideTapY: 3 * channels, strideTapX: channels, strideColumn: 9 * channels },
  ...{ tileBlock: 9, channelBlock: 16, ...scratch },
};

Deno.test("fast forms of a group of channels say how much they touch", () => {
  const y = footprintOf("fastConvolution", convolution);
  assert.deepEqual({ ...floatsOf(y.reads), ...floatsOf(y.writes) }, {
    x: X_FLOATS,
    filter: fastFilterSize(form, channels, n),
    out: (9 * 10 - 1) * 3 * n + n,
  });
  const z = footprintOf("fastGradient", gradient);
  assert.deepEqual({ ...floatsOf(z.reads), ...floatsOf(z.writes) }, {
    x: X_FLOATS,
    out: fastGradientSize(form, tiles, channels),
  });
  const dw = footprintOf("fastFilterGrad", filterGrad);
  assert.deepEqual({ ...floatsOf(dw.reads), ...floatsOf(dw.writes) }, {
    x: 9 * 10 * pixelStride,
    gradient: 3 * gradientSize,
    out: 3 * filterSize,
  });
});

Deno.test("fast forms are refused where their kernels would go astray", () => {
  const refuses = <M extends Mnemonic>(message: RegExp, mnemonic: M, operands: Operands<M>) =>
    assert.throws(() => footprintOf(mnemonic, operands), message);
  refuses(/pixelStride is 7, expected 8 to/, "fastConvolution", { ...convolution, pixelStride: 7 });
  refuses(/pixelStride is 0, expected 8 to/, "fastGradient", { ...gradient, pixelStride: 0 });
  refuses(/the windows reach/, "fastConvolution", { ...convolution, pixelStride: 2 ** 27 });
  refuses(/the windows reach/, "fastGradient", { ...gradient, padLeft: -(2 ** 27) });
  refuses(/images·height·width is/, "fastGradient", { ...gradient, images: 2 ** 24 });
  refuses(/channels is 12, expected a multiple of 8/, "fastGradient", { ...gradient, channels: 12 });
  refuses(/batch is 0, expected 1 to/, "fastFilterGrad", { ...filterGrad, batch: 0 });
  refuses(/x covers bytes/, "fastFilterGrad", { ...filterGrad, xBatchStride: 2 ** 29 });
  refuses(/may write one element twice/, "fastFilterGrad", { ...filterGrad, outBatchStride: filterSize - 1 });
  refuses(/the work is/, "fastFilterGrad", {
    ...filterGrad,
    ...{ images: 2 ** 12, batch: 2 ** 20, xBatchStride: 0 },
  });
});
