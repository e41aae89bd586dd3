/** Footprints of the fast convolution forms. */
import {
  FAST_CHUNK,
  FAST_GAP,
  fastFilterSize,
  type FastForm,
  fastForms,
  fastGradientSize,
  fastTiles,
} from "../fast_forms.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "../tiles.ts";
import {
  fastConvolutionScratchBytes,
  fastFilterGradScratchBytes,
  fastFilterScratchBytes,
  fastGradientScratchBytes,
} from "../fast_scratch.ts";
import type { Operands } from "../instructions.ts";
import {
  type Axis,
  batchAxis,
  count,
  type Footprint,
  MAX_COUNT,
  readBox,
  readDense,
  refuse,
  requireBetween,
  requirePositive,
  requireWork,
  writeBox,
  writeDense,
} from "./access.ts";

type Windows = Pick<
  Operands<"fastConvolution">,
  | "form"
  | "images"
  | "height"
  | "width"
  | "channels"
  | "pixelStride"
  | "phasesY"
  | "phasesX"
  | "stepY"
  | "stepX"
  | "padTop"
  | "padLeft"
  | "gridHeight"
  | "gridWidth"
>;

function formOf(o: { readonly form: number }): FastForm {
  requireBetween(o, ["form"], 0, fastForms.length - 1);
  return fastForms[o.form];
}

function requireMultiple<K extends string>(o: Readonly<Record<K, number>>, name: K, unit: number): void {
  requirePositive(o, [name]);
  if (o[name] % unit !== 0) refuse(`${name} is ${o[name]}, expected a multiple of ${unit}`);
}

/** Windows that stay within a kernel's signed numbers: the form, its tiles, and the axes of the image tensor. */
function windowsOf(o: Windows): { readonly form: FastForm; readonly tiles: number; readonly axes: readonly Axis[] } {
  const form = formOf(o);
  requirePositive(o, ["images", "height", "width", "phasesY", "phasesX", "stepY", "stepX", "gridHeight", "gridWidth"]);
  requireMultiple(o, "channels", FAST_CHUNK);
  requireBetween(o, ["pixelStride"], o.channels, MAX_COUNT);
  for (
    const [length, grid, step, phases, pad] of [
      [o.height, o.gridHeight, o.stepY, o.phasesY, o.padTop],
      [o.width, o.gridWidth, o.stepX, o.phasesX, o.padLeft],
    ]
  ) {
    const reach = (length + (grid + 2 * form.size) * step + phases + Math.abs(pad)) * o.pixelStride;
    if (reach > MAX_COUNT) refuse(`the windows reach ${reach} elements far, expected at most ${MAX_COUNT}`);
  }
  return {
    form,
    tiles: count("the tiles", fastTiles(form, o.images, o.gridHeight, o.gridWidth)),
    axes: [
      { extent: count("images·height·width", o.images, o.height, o.width), stride: o.pixelStride },
      { extent: o.channels, stride: 1 },
    ],
  };
}

/** Axes of the filter's taps in all phases. */
function tapAxes(
  o: Pick<
    Operands<"fastFilter">,
    "phasesY" | "phasesX" | "stridePhaseY" | "stridePhaseX" | "strideTapY" | "strideTapX"
  >,
  { taps }: FastForm,
): Axis[] {
  return [
    { extent: o.phasesY, stride: o.stridePhaseY },
    { extent: o.phasesX, stride: o.stridePhaseX },
    { extent: taps, stride: o.strideTapY },
    { extent: taps, stride: o.strideTapX },
  ];
}

/** `fastFilter`: a filter of phases × taps² × channels × n → its transformed panels. @throws VerifyError */
export function fastFilter(o: Operands<"fastFilter">): Footprint {
  const form = formOf(o);
  requirePositive(o, ["phasesY", "phasesX"]);
  requireMultiple(o, "channels", FAST_CHUNK);
  requireMultiple(o, "n", FAST_CHUNK);
  if (o.strideChannel !== 1 && o.strideColumn !== 1) {
    refuse(`strideChannel is ${o.strideChannel} and strideColumn ${o.strideColumn}, expected 1 for one of them`);
  }
  const depth = count("phasesY·phasesX·channels", o.phasesY, o.phasesX, o.channels);
  return {
    reads: [
      readBox("source", o.source, [
        ...tapAxes(o, form),
        { extent: o.channels, stride: o.strideChannel },
        { extent: o.n, stride: o.strideColumn },
      ]),
    ],
    writes: [writeDense("out", o.out, count("the transformed filter", fastFilterSize(form, depth, o.n)))],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: fastFilterScratchBytes(form) },
  };
}

/** `fastConvolution`: x, a transformed filter and a bias → C on its grid. @throws VerifyError */
export function fastConvolution(o: Operands<"fastConvolution">): Footprint {
  const { form, tiles, axes } = windowsOf(o);
  requireMultiple(o, "n", FAST_CHUNK);
  requireMultiple(o, "tileBlock", TILE_ROWS);
  requireBetween(o, ["splitColumns"], 0, 1);
  requireBetween(o, ["activation"], 0, 3);
  const depth = count("phasesY·phasesX·channels", o.phasesY, o.phasesX, o.channels);
  const width = Math.ceil(o.n / PANEL_COLUMNS) * PANEL_COLUMNS;
  count("the transformed windows", form.size ** 2, o.tileBlock + 1, Math.max(depth, width) + FAST_GAP);
  requireWork(tiles, form.size ** 2, depth, o.n);
  const reads = [
    readBox("x", o.x, axes),
    readDense("filter", o.filter, count("the transformed filter", fastFilterSize(form, depth, o.n))),
  ];
  if (o.bias !== 0) reads.push(readDense("bias", o.bias, o.n));
  return {
    reads,
    writes: [
      writeBox("out", o.out, [
        { extent: o.images, stride: o.cStrideImage },
        { extent: o.gridHeight, stride: o.cStrideY },
        { extent: o.gridWidth, stride: o.cStrideX },
        { extent: o.n, stride: 1 },
      ]),
    ],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: fastConvolutionScratchBytes(form, o) },
  };
}

/** `fastGradient`: x [images][height][width][channels] → its transformed tiles. @throws VerifyError */
export function fastGradient(o: Operands<"fastGradient">): Footprint {
  const { form, tiles, axes } = windowsOf(o);
  return {
    reads: [readBox("x", o.x, axes)],
    writes: [writeDense("out", o.out, count("the transformed gradient", fastGradientSize(form, tiles, o.channels)))],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: fastGradientScratchBytes(form, o) },
  };
}

/** `fastFilterGrad`: x and a transformed gradient of n channels → n filters, `batch` times. @throws VerifyError */
export function fastFilterGrad(o: Operands<"fastFilterGrad">): Footprint {
  const { form, tiles, axes } = windowsOf(o);
  requireMultiple(o, "n", FAST_CHUNK);
  requireMultiple(o, "channelBlock", PANEL_COLUMNS);
  requirePositive(o, ["batch", "tileBlock"]);
  count("the transformed windows", form.size ** 2, o.tileBlock, o.channelBlock);
  count("the sums", form.size ** 2, o.n + TILE_ROWS, o.channelBlock);
  count("batch·phasesY·phasesX·channels", o.batch, o.phasesY, o.phasesX, o.channels);
  requireWork(tiles, form.size ** 2, o.batch, o.phasesY, o.phasesX, o.channels, o.n);
  return {
    reads: [
      readBox("x", o.x, [batchAxis(o.batch, o.xBatchStride), ...axes]),
      readBox("gradient", o.gradient, [
        batchAxis(o.batch, o.gradientBatchStride),
        { extent: count("the transformed gradient", fastGradientSize(form, tiles, o.n)), stride: 1 },
      ]),
    ],
    writes: [
      writeBox("out", o.out, [
        batchAxis(o.batch, o.outBatchStride),
        ...tapAxes(o, form),
        { extent: o.channels, stride: 1 },
        { extent: o.n, stride: o.strideColumn },
      ]),
    ],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: fastFilterGradScratchBytes(form, o) },
  };
}
