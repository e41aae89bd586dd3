/** Footprints of `pack`, `contract` and `matvec`. */
import { contractScratchBytes } from "../contract_scratch.ts";
import type { Operands } from "../instructions.ts";
import {
  type Access,
  type Axis,
  batchAxis,
  count,
  type Footprint,
  MAX_COUNT,
  readBox,
  refuse,
  requireBetween,
  requirePositive,
  requireWork,
  writeBox,
} from "./access.ts";
import { TILE_ROWS } from "../tiles.ts";

/** Elements of a k × n matrix in column panels: the last panel is filled up with zeros. */
function packedSize(k: number, n: number, tileColumns: number): number {
  return count("the packed matrix", k, Math.ceil(n / tileColumns), tileColumns);
}

function requireTile(o: { readonly tileColumns: number; readonly depthBlock: number }): void {
  if (o.tileColumns !== 8 && o.tileColumns !== 16) refuse(`tileColumns is ${o.tileColumns}, expected 8 or 16`);
  requirePositive(o, ["depthBlock"]);
}

/**
 * `pack`: a strided matrix [batch][tapsY·tapsX·channels][n] → its column panels, `batch` of k × ⌈n / tileColumns⌉ ·
 * tileColumns. @throws VerifyError
 */
export function pack(o: Operands<"pack">): Footprint {
  requirePositive(o, ["batch", "n", "tapsY", "tapsX", "channels"]);
  requireTile(o);
  const k = count("tapsY·tapsX·channels", o.tapsY, o.tapsX, o.channels);
  const size = packedSize(k, o.n, o.tileColumns);
  requireWork(o.batch, size);
  return {
    reads: [
      readBox("source", o.source, [
        batchAxis(o.batch, o.sourceBatchStride),
        { extent: o.tapsY, stride: o.strideTapY },
        { extent: o.tapsX, stride: o.strideTapX },
        { extent: o.channels, stride: o.strideChannel },
        { extent: o.n, stride: o.strideColumn },
      ]),
    ],
    writes: [writeBox("out", o.out, [batchAxis(o.batch, o.outBatchStride), { extent: size, stride: 1 }])],
  };
}

/** Demands that a window's place, counted in elements of a row of pixels, fits a kernel's signed numbers everywhere. */
function requireReach(
  axis: string,
  channels: number,
  length: number,
  grid: number,
  stride: number,
  kernel: number,
  dilation: number,
  pad: number,
): void {
  const reach = (length + grid * stride + kernel * dilation + Math.abs(pad)) * channels;
  if (reach > MAX_COUNT) refuse(`the patches reach ${reach} along the ${axis}, expected at most ${MAX_COUNT}`);
}

/** The image tensor that patches are cut from; windows are clipped to it. `rows` × `columns` is the patch matrix. */
function patchAxes(o: Operands<"contract">, rows: "m" | "k", columns: "k" | "n"): Axis[] {
  requirePositive(o, ["images", "height", "width", "pixelStride", "channels", "kernelHeight", "kernelWidth"]);
  requirePositive(o, ["strideY", "strideX", "dilationY", "dilationX", "gridHeight", "gridWidth"]);
  requireReach("height", o.channels, o.height, o.gridHeight, o.strideY, o.kernelHeight, o.dilationY, o.padTop);
  requireReach("width", o.channels, o.width, o.gridWidth, o.strideX, o.kernelWidth, o.dilationX, o.padLeft);
  const grid = count("images·gridHeight·gridWidth", o.images, o.gridHeight, o.gridWidth);
  const window = count("kernelHeight·kernelWidth·channels", o.kernelHeight, o.kernelWidth, o.channels);
  if (o[rows] !== grid) {
    refuse(`${rows} is ${o[rows]}, but the patches have images·gridHeight·gridWidth = ${grid} rows`);
  }
  if (o[columns] !== window) {
    refuse(`${columns} is ${o[columns]}, but the patches have kernelHeight·kernelWidth·channels = ${window} columns`);
  }
  if (o.channels > o.pixelStride) refuse(`channels is ${o.channels}, more than the pixelStride ${o.pixelStride}`);
  const pixels = count("images·height·width", o.images, o.height, o.width);
  return [{ extent: pixels, stride: o.pixelStride }, { extent: o.channels, stride: 1 }];
}

function readA(o: Operands<"contract">): Access {
  const batch = batchAxis(o.batch, o.aBatchStride);
  if (o.aKind === 1) return readBox("a", o.a, [batch, ...patchAxes(o, "m", "k")]);
  return readBox("a", o.a, [batch, { extent: o.m, stride: o.aRowStride }, { extent: o.k, stride: o.aColumnStride }]);
}

function readB(o: Operands<"contract">): Access {
  const batch = batchAxis(o.batch, o.bBatchStride);
  if (o.bKind === 1) return readBox("b", o.b, [batch, ...patchAxes(o, "k", "n")]);
  return readBox("b", o.b, [batch, { extent: packedSize(o.k, o.n, o.tileColumns), stride: 1 }]);
}

function writeC(o: Operands<"contract">): Access {
  const grid = count("cGridHeight·cGridWidth", o.cGridHeight, o.cGridWidth);
  if (o.m % grid !== 0) refuse(`m is ${o.m}, expected a multiple of cGridHeight·cGridWidth = ${grid}`);
  return writeBox("out", o.out, [
    batchAxis(o.batch, o.cBatchStride),
    { extent: o.m / grid, stride: o.cStrideImage },
    { extent: o.cGridHeight, stride: o.cStrideY },
    { extent: o.cGridWidth, stride: o.cStrideX },
    { extent: o.n, stride: 1 },
  ]);
}

/**
 * `contract`: A [batch][m][k], B [batch][k][n] (panels, or patches of images) and a bias [batch][n] → C on its grid.
 * Blocks must be whole tiles, because the scratch is laid out for them. @throws VerifyError
 */
export function contract(o: Operands<"contract">): Footprint {
  requirePositive(o, ["m", "n", "k", "batch", "cGridHeight", "cGridWidth", "rowBlock", "columnBlock"]);
  requireTile(o);
  requireBetween(o, ["aKind", "bKind", "splitColumns"], 0, 1);
  requireBetween(o, ["activation"], 0, 3);
  if (o.aKind === 1 && o.bKind === 1) refuse("aKind and bKind are both patches, expected one of them at most");
  if (o.rowBlock % TILE_ROWS !== 0) refuse(`rowBlock is ${o.rowBlock}, expected a multiple of ${TILE_ROWS}`);
  if (o.columnBlock % o.tileColumns !== 0) {
    refuse(`columnBlock is ${o.columnBlock}, expected a multiple of tileColumns = ${o.tileColumns}`);
  }
  requireWork(o.batch, o.m, o.n, o.k);
  const reads = [readA(o), readB(o)];
  if (o.bias !== 0) {
    reads.push(readBox("bias", o.bias, [batchAxis(o.batch, o.biasBatchStride), { extent: o.n, stride: 1 }]));
  }
  return {
    reads,
    writes: [writeC(o)],
    scratch: { pointer: o.scratch, stride: o.scratchStride, bytes: contractScratchBytes(o) },
  };
}

/**
 * `matvec`: a [batch][rows][depth], x [batch][depth] and a bias [batch][rows] or [batch] → [batch][rows].
 * @throws VerifyError
 */
export function matvec(o: Operands<"matvec">): Footprint {
  requirePositive(o, ["rows", "depth", "batch"]);
  requireBetween(o, ["activation"], 0, 3);
  requireBetween(o, ["biasStride"], 0, 1);
  if (o.aRowStride !== 1 && o.aColumnStride !== 1) {
    refuse(`aRowStride is ${o.aRowStride} and aColumnStride ${o.aColumnStride}, expected one of them to be 1`);
  }
  count("batch·rows", o.batch, o.rows);
  requireWork(o.batch, o.rows, o.depth);
  const batch = (stride: number) => batchAxis(o.batch, stride);
  const row = (stride: number): Axis => ({ extent: o.rows, stride });
  const reads = [
    readBox("a", o.a, [batch(o.aBatchStride), row(o.aRowStride), { extent: o.depth, stride: o.aColumnStride }]),
    readBox("x", o.x, [batch(o.xBatchStride), { extent: o.depth, stride: 1 }]),
  ];
  if (o.bias !== 0) reads.push(readBox("bias", o.bias, [batch(o.biasBatchStride), row(o.biasStride)]));
  return { reads, writes: [writeBox("out", o.out, [batch(o.outBatchStride), row(1)])] };
}
