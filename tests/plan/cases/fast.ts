/** Random convolutions by fast forms: windows, filters and gradients. */
import fc from "fast-check";
import { fastFilterSize, type FastForm, fastForms, fastGradientSize, fastTiles } from "../../../src/plan/fast_forms.ts";
import {
  fastConvolutionScratchBytes,
  fastFilterGradScratchBytes,
  fastFilterScratchBytes,
  fastGradientScratchBytes,
} from "../../../src/plan/fast_scratch.ts";
import { caseOf, lay, type Layout, type Memory, sourceLayout, targetLayout, upTo } from "./case.ts";
import { TILE_ROWS } from "../../../src/plan/tiles.ts";

const form = fc.constantFrom(...fastForms.map(({ code }) => code));
/** Whole chunks of a transform; odd numbers of them leave half a panel. */
const chunks = (max: number) => upTo(max).map((count) => 8 * count);
const phases = upTo(2);
const grid = fc.oneof(upTo(9), upTo(18));

const windows = fc.record({
  images: upTo(3),
  height: upTo(12),
  width: upTo(12),
  channels: chunks(3),
  /** Floats between the channels of one pixel and those of the next. */
  gap: fc.constantFrom(0, 0, 5, 8, 40),
  phasesY: phases,
  phasesX: phases,
  stepY: upTo(3),
  stepX: upTo(3),
  padTop: fc.integer({ min: -3, max: 4 }),
  padLeft: fc.integer({ min: -3, max: 4 }),
  gridHeight: grid,
  gridWidth: grid,
});

type Windows = typeof windows extends fc.Arbitrary<infer W> ? W : never;

/** Floats from the first channel of the first pixel to the last one of the last. */
const imageOf = ({ images, height, width, channels, gap }: Windows) =>
  (images * height * width - 1) * (channels + gap) + channels;
/** The fields of windows. */
const fieldsOf = ({ gap, ...o }: Windows) => ({ ...o, pixelStride: o.channels + gap });
const tilesOf = (form: FastForm, { images, gridHeight, gridWidth }: Windows) =>
  fastTiles(form, images, gridHeight, gridWidth);
const depthOf = ({ phasesY, phasesX, channels }: Pick<Windows, "phasesY" | "phasesX" | "channels">) =>
  phasesY * phasesX * channels;

/** The same layout with the elements of one axis next to each other. */
function adjacent(axis: number, { order, gap, step }: Layout): Layout {
  return {
    order: [axis, ...order.filter((other) => other !== axis)],
    gap: gap.with(axis, 0),
    step: step.with(axis, 1),
  };
}

/** The axes of a filter's layout. */
const CHANNEL = 4, COLUMN = 5;

function scratchOf({ scratch, scratchStride }: Memory, bytes: number) {
  if (bytes > scratchStride) throw new RangeError(`a case needs ${bytes} bytes of scratch`);
  return { scratch, scratchStride };
}

const filterSizes = fc.record({
  form,
  phasesY: phases,
  phasesX: phases,
  channels: chunks(3),
  n: chunks(5),
  adjacent: fc.constantFrom(CHANNEL, COLUMN),
  layout: sourceLayout,
});

export const fastFilter = caseOf("fastFilter", filterSizes, ({ layout, adjacent: axis, ...o }, memory) => {
  const form = fastForms[o.form];
  const extents = [o.phasesY, o.phasesX, form.taps, form.taps, o.channels, o.n];
  const { strides, origin, size } = lay(extents, adjacent(axis, layout));
  const [stridePhaseY, stridePhaseX, strideTapY, strideTapX, strideChannel, strideColumn] = strides;
  return {
    ...o,
    source: memory.input(size) + 4 * origin,
    ...{ stridePhaseY, stridePhaseX, strideTapY, strideTapX, strideChannel, strideColumn },
    out: memory.output(fastFilterSize(form, depthOf(o), o.n)),
    ...scratchOf(memory, fastFilterScratchBytes(form)),
  };
});

const convolutionSizes = fc.record({
  form,
  windows,
  n: chunks(5),
  gridStep: upTo(2),
  hasBias: fc.boolean(),
  activation: fc.nat(3),
  tileBlocks: upTo(2),
  splitColumns: fc.nat(1),
});

export const fastConvolution = caseOf("fastConvolution", convolutionSizes, ({ windows, ...o }, memory) => {
  const form = fastForms[o.form];
  const cStrideX = o.n * o.gridStep, cStrideY = cStrideX * windows.gridWidth * o.gridStep;
  const cStrideImage = cStrideY * windows.gridHeight;
  const cReach = (windows.images - 1) * cStrideImage + (windows.gridHeight - 1) * cStrideY +
    (windows.gridWidth - 1) * cStrideX + o.n;
  const tileBlock = TILE_ROWS * o.tileBlocks;
  return {
    form: o.form,
    ...fieldsOf(windows),
    x: memory.input(imageOf(windows)),
    n: o.n,
    filter: memory.input(fastFilterSize(form, depthOf(windows), o.n)),
    out: memory.output(cReach),
    ...{ cStrideImage, cStrideY, cStrideX },
    bias: o.hasBias ? memory.input(o.n) : 0,
    activation: o.activation,
    slope: 0.2,
    tileBlock,
    splitColumns: o.splitColumns,
    ...scratchOf(memory, fastConvolutionScratchBytes(form, { ...windows, n: o.n, tileBlock })),
  };
});

export const fastGradient = caseOf("fastGradient", fc.record({ form, windows }), (o, memory) => {
  const form = fastForms[o.form];
  return {
    form: o.form,
    ...fieldsOf(o.windows),
    x: memory.input(imageOf(o.windows)),
    out: memory.output(fastGradientSize(form, tilesOf(form, o.windows), o.windows.channels)),
    ...scratchOf(memory, fastGradientScratchBytes(form, o.windows)),
  };
});

const filterGradSizes = fc.record({
  form,
  windows: fc.oneof(windows, windows.chain((o) => chunks(6).map((channels) => ({ ...o, channels })))),
  n: chunks(3),
  layout: targetLayout,
  batch: fc.constantFrom(1, 1, 2, 3),
  /** Floats between the operands of one item of the batch and those of the next. */
  batchGap: fc.constantFrom(0, 0, 3, 16),
  tileBlock: upTo(9),
  channelPanels: upTo(2),
});

export const fastFilterGrad = caseOf("fastFilterGrad", filterGradSizes, ({ windows, layout, ...o }, memory) => {
  const form = fastForms[o.form];
  const extents = [windows.phasesY, windows.phasesX, form.taps, form.taps, windows.channels, o.n];
  const { strides, origin, size } = lay(extents, adjacent(CHANNEL, layout));
  const [stridePhaseY, stridePhaseX, strideTapY, strideTapX, , strideColumn] = strides;
  const blocks = { tileBlock: o.tileBlock, channelBlock: 16 * o.channelPanels };
  const gradientSize = fastGradientSize(form, tilesOf(form, windows), o.n);
  // Items of x lie side by side in each pixel where there is room, or one behind the other.
  const xBatchStride = o.batch * windows.channels <= windows.channels + windows.gap
    ? windows.channels
    : imageOf(windows);
  const [gradientBatchStride, outBatchStride] = [gradientSize + o.batchGap, size + o.batchGap];
  const ofBatch = (stride: number, last: number) => (o.batch - 1) * stride + last;
  return {
    form: o.form,
    ...fieldsOf(windows),
    batch: o.batch,
    x: memory.input(ofBatch(xBatchStride, imageOf(windows))),
    xBatchStride,
    n: o.n,
    gradient: memory.input(ofBatch(gradientBatchStride, gradientSize)),
    gradientBatchStride,
    out: memory.output(ofBatch(outBatchStride, size)) + 4 * origin,
    outBatchStride,
    ...{ stridePhaseY, stridePhaseX, strideTapY, strideTapX, strideColumn },
    ...blocks,
    ...scratchOf(memory, fastFilterGradScratchBytes(form, { ...windows, n: o.n, ...blocks })),
  };
});
