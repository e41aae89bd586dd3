/** The kernels of fast convolution forms in the self-test of native-speed mode. */
import { fastFilterSize, type FastForm, fastGradientSize, fastTiles } from "../../plan/fast_forms.ts";
import {
  fastConvolutionScratchBytes,
  fastFilterGradScratchBytes,
  fastFilterScratchBytes,
  fastGradientScratchBytes,
} from "../../plan/fast_scratch.ts";
import { instruction, type Operand, type Twin } from "./twin_operands.ts";
import { TILE_ROWS } from "../../plan/tiles.ts";

const IMAGES = 1;
const GRID = 9;
const CHANNELS = 8;
const COLUMNS = 24;

/** Calls `visit` for each product of a convolution padded by one: positions of x, of the filter, of y. */
function eachProduct(
  { taps }: FastForm,
  phases: number,
  extent: number,
  strides: { readonly tap: number; readonly channel: number; readonly column: number },
  visit: (x: number, filter: number, y: number) => void,
): void {
  const kernel = taps * phases;
  for (let i = 0; i < GRID * GRID * kernel * kernel; i++) {
    const tap = i % (kernel * kernel), pixel = Math.floor(i / (kernel * kernel));
    const iy = Math.floor(pixel / GRID) * phases + Math.floor(tap / kernel) - 1;
    const ix = pixel % GRID * phases + tap % kernel - 1;
    if (iy < 0 || iy >= extent || ix < 0 || ix >= extent) continue;
    for (let channel = 0; channel < CHANNELS; channel++) {
      for (let column = 0; column < COLUMNS; column++) {
        visit(
          (iy * extent + ix) * CHANNELS + channel,
          tap * strides.tap + channel * strides.channel + column * strides.column,
          pixel * COLUMNS + column,
        );
      }
    }
  }
}

/**
 * A convolution and the gradient of its filter, one behind the other in memory: 4×4 filters of stride 2 for a form of two
 * taps, 3×3 filters of stride 1 for one of three, with columns adjacent in the former and channels in the latter.
 */
export function fastConvolution(operand: Operand, form: FastForm): Twin {
  const phases = form.taps === 2 ? 2 : 1, kernel = form.taps * phases, extent = GRID * phases;
  const depth = phases * phases * CHANNELS, filterSize = kernel * kernel * CHANNELS * COLUMNS;
  const strides = phases === 2
    ? { tap: CHANNELS * COLUMNS, channel: COLUMNS, column: 1 }
    : { tap: CHANNELS, channel: 1, column: kernel * kernel * CHANNELS };
  const gradientStrides = { tap: CHANNELS, channel: 1, column: kernel * kernel * CHANNELS };
  const pixels = GRID * GRID;
  const x = operand.random(extent * extent * CHANNELS);
  const filter = operand.random(filterSize);
  const bias = operand.random(COLUMNS);
  const dy = operand.random(pixels * COLUMNS);
  const out = operand.reserve(pixels * COLUMNS + filterSize);

  const windows = {
    ...{ form: form.code, images: IMAGES, height: extent, width: extent, channels: CHANNELS, pixelStride: CHANNELS },
    ...{ phasesY: phases, phasesX: phases, stepY: phases, stepX: phases, padTop: 1, padLeft: 1 },
    ...{ gridHeight: GRID, gridWidth: GRID },
  };
  const own = {
    ...{ form: form.code, images: IMAGES, height: GRID, width: GRID, channels: COLUMNS, pixelStride: COLUMNS },
    ...{ phasesY: 1, phasesX: 1, stepY: 1, stepX: 1, padTop: 0, padLeft: 0, gridHeight: GRID, gridWidth: GRID },
  };
  const taps = (tap: number) => ({
    ...{ stridePhaseY: kernel * tap, stridePhaseX: tap, strideTapY: phases * kernel * tap, strideTapX: phases * tap },
  });
  const scratch = (bytes: number) => ({ scratch: operand.reserve(bytes / 4), scratchStride: bytes });
  const tiles = fastTiles(form, IMAGES, GRID, GRID);
  const transformed = operand.reserve(fastFilterSize(form, depth, COLUMNS));
  const gradient = operand.reserve(fastGradientSize(form, tiles, COLUMNS));
  const [tileBlock, blocks] = [TILE_ROWS, { tileBlock: 5, channelBlock: 16 }];
  const program = [
    instruction("fastFilter", {
      ...{ form: form.code, phasesY: phases, phasesX: phases, channels: CHANNELS, n: COLUMNS },
      ...{ source: filter.address, ...taps(strides.tap), strideChannel: strides.channel, strideColumn: strides.column },
      ...{ out: transformed, ...scratch(fastFilterScratchBytes(form)) },
    }),
    instruction("fastConvolution", {
      ...windows,
      ...{ x: x.address, n: COLUMNS, filter: transformed, out },
      ...{ cStrideImage: pixels * COLUMNS, cStrideY: GRID * COLUMNS, cStrideX: COLUMNS },
      ...{ bias: bias.address, activation: 0, slope: 0, tileBlock, splitColumns: 0 },
      ...scratch(fastConvolutionScratchBytes(form, { ...windows, n: COLUMNS, tileBlock })),
    }),
    instruction("fastGradient", {
      ...own,
      ...{ x: dy.address, out: gradient, ...scratch(fastGradientScratchBytes(form, own)) },
    }),
    instruction("fastFilterGrad", {
      ...windows,
      ...{ batch: 1, x: x.address, xBatchStride: 0, n: COLUMNS, gradient, gradientBatchStride: 0 },
      ...{ out: out + 4 * pixels * COLUMNS, outBatchStride: 0 },
      ...{ ...taps(gradientStrides.tap), strideColumn: gradientStrides.column, ...blocks },
      ...scratch(fastFilterGradScratchBytes(form, { channels: CHANNELS, n: COLUMNS, ...blocks })),
    }),
  ];

  const y = new Float64Array(pixels * COLUMNS).map((_, i) => bias.values[i % COLUMNS]);
  const dw = new Float64Array(filterSize);
  eachProduct(form, phases, extent, strides, (i, tap, o) => y[o] += x.values[i] * filter.values[tap]);
  eachProduct(form, phases, extent, gradientStrides, (i, tap, o) => dw[tap] += x.values[i] * dy.values[o]);
  return { name: `F(${form.outputs}, ${form.taps})`, program, out, expected: [...y, ...dw] };
}
