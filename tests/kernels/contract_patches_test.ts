/** `contract` on patches of images: the three faces of a convolution, against plain loops in float64. */
import { type ContractBlocks, contractBlocks } from "../../src/plan/blocks.ts";
import type { Operands } from "../../src/plan/instructions.ts";
import { normals } from "../support/random.ts";
import { type Bench, check, noPatches, packedSize, type Patches, plainOutput } from "./contract_harness.ts";

type Pair = readonly [y: number, x: number];

/** x [images, height, width, inChannels], w [outChannels, kernelY, kernelX, inChannels / groups]. */
interface Convolution {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

/** Everything that can be different from its neighbour is. */
const usual: Convolution = {
  images: 2,
  height: 7,
  width: 9,
  inChannels: 6,
  outChannels: 10,
  kernel: [3, 2],
  stride: [1, 1],
  pad: [1, 0],
  dilation: [1, 1],
  groups: 1,
};

const cases: readonly Partial<Convolution>[] = [
  {},
  { kernel: [1, 1], pad: [0, 0] },
  { kernel: [4, 4], stride: [2, 2], pad: [1, 1], height: 8, width: 8 },
  { kernel: [4, 4], stride: [2, 2], pad: [1, 1], height: 8, width: 8, inChannels: 16, outChannels: 24 },
  { kernel: [5, 3], stride: [2, 3], pad: [2, 1] },
  { kernel: [3, 3], pad: [2, 2], inChannels: 3 },
  { kernel: [2, 2], pad: [-1, -2] },
  { kernel: [3, 3], dilation: [2, 2], pad: [2, 2], inChannels: 5 },
  { kernel: [3, 3], dilation: [1, 3], pad: [1, 3] },
  { kernel: [3, 3], pad: [1, 1], groups: 2 },
  { kernel: [3, 3], pad: [1, 1], groups: 6, outChannels: 6 },
  { kernel: [7, 9], pad: [3, 4], inChannels: 1, outChannels: 1, images: 1 },
  { kernel: [2, 2], pad: [5, 5], inChannels: 4, images: 1 },
  { kernel: [3, 3], pad: [1, 1], inChannels: 23, outChannels: 5, images: 3, height: 5, width: 4 },
];

function outSize({ height, width, kernel, stride, pad, dilation }: Convolution): Pair {
  const size = (i: 0 | 1, extent: number) =>
    Math.floor((extent + 2 * pad[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1;
  return [size(0, height), size(1, width)];
}

/** Calls `visit` for each product of the convolution: positions in x, w and y. */
function eachProduct(c: Convolution, visit: (x: number, w: number, y: number) => void): void {
  const [outHeight, outWidth] = outSize(c);
  const inGroup = c.inChannels / c.groups, outGroup = c.outChannels / c.groups;
  for (let y = 0; y < c.images * outHeight * outWidth * c.outChannels; y++) {
    const o = y % c.outChannels, ox = Math.floor(y / c.outChannels) % outWidth;
    const oy = Math.floor(y / c.outChannels / outWidth) % outHeight;
    const image = Math.floor(y / c.outChannels / outWidth / outHeight);
    for (let tap = 0; tap < c.kernel[0] * c.kernel[1]; tap++) {
      const iy = oy * c.stride[0] - c.pad[0] + Math.floor(tap / c.kernel[1]) * c.dilation[0];
      const ix = ox * c.stride[1] - c.pad[1] + (tap % c.kernel[1]) * c.dilation[1];
      if (iy < 0 || iy >= c.height || ix < 0 || ix >= c.width) continue;
      for (let i = 0; i < inGroup; i++) {
        const x = ((image * c.height + iy) * c.width + ix) * c.inChannels + Math.floor(o / outGroup) * inGroup + i;
        visit(x, (o * c.kernel[0] * c.kernel[1] + tap) * inGroup + i, y);
      }
    }
  }
}

function sizes(c: Convolution): { x: number; w: number; y: number } {
  const [outHeight, outWidth] = outSize(c);
  return {
    x: c.images * c.height * c.width * c.inChannels,
    w: c.outChannels * c.kernel[0] * c.kernel[1] * c.inChannels / c.groups,
    y: c.images * outHeight * outWidth * c.outChannels,
  };
}

/** The window of the convolution over x, for one group. */
function windows(c: Convolution): Patches {
  const [gridHeight, gridWidth] = outSize(c);
  return {
    ...{ images: c.images, height: c.height, width: c.width, pixelStride: c.inChannels },
    ...{ channels: c.inChannels / c.groups, kernelHeight: c.kernel[0], kernelWidth: c.kernel[1] },
    ...{ strideY: c.stride[0], strideX: c.stride[1], padTop: c.pad[0], padLeft: c.pad[1] },
    ...{ dilationY: c.dilation[0], dilationX: c.dilation[1], gridHeight, gridWidth },
  };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Packs filters; `fields` says which of their axes are rows and which are columns. */
function packFilters(
  bench: Bench,
  blocks: ContractBlocks,
  fields: Omit<Operands<"pack">, "out" | "outBatchStride" | "depthBlock" | "tileColumns">,
): Operands<"pack"> {
  const { depthBlock, tileColumns } = blocks;
  const packed = { ...fields, out: 0, outBatchStride: 0, depthBlock, tileColumns };
  packed.outBatchStride = packedSize(packed);
  packed.out = bench.reserve(fields.batch * packed.outBatchStride);
  return packed;
}

const smallBlocks = { rowBlock: 12, columnBlock: 32, depthBlock: 20 } as const;

/** For small blocks, and for those that the planner chooses. */
function checkBoth(name: string, run: (name: string, blocks: Partial<ContractBlocks>) => void): void {
  run(`${name}, small blocks`, smallBlocks);
  run(`${name}, the planner's blocks`, {});
}

function checkForward(name: string, c: Convolution, chosen: Partial<ContractBlocks>): void {
  check(name, (bench, random) => {
    const { x: xSize, w: wSize, y: ySize } = sizes(c);
    const x = normals(random, xSize), w = normals(random, wSize);
    const expected = new Float64Array(ySize);
    eachProduct(c, (xAt, wAt, yAt) => expected[yAt] += x[xAt] * w[wAt]);

    const [gridHeight, gridWidth] = outSize(c);
    const inGroup = c.inChannels / c.groups, n = c.outChannels / c.groups;
    const m = c.images * gridHeight * gridWidth, k = c.kernel[0] * c.kernel[1] * inGroup;
    const blocks = { ...contractBlocks(m, n, k), ...chosen };
    const pack = packFilters(bench, blocks, {
      ...{ batch: c.groups, n, tapsY: c.kernel[0], tapsX: c.kernel[1], channels: inGroup },
      ...{ strideTapY: c.kernel[1] * inGroup, strideTapX: inGroup, strideChannel: 1, strideColumn: k },
      ...{ source: bench.place(w), sourceBatchStride: n * k },
    });
    const out = bench.reserve(ySize, 8);
    const contract = {
      ...{ m, n, k, batch: c.groups, aKind: 1, a: bench.place(x), aBatchStride: inGroup, aRowStride: 0 },
      ...{ aColumnStride: 0, bKind: 0, b: pack.out, bBatchStride: pack.outBatchStride, ...windows(c), out },
      ...{ ...plainOutput(m, n), cBatchStride: n, cGridHeight: gridHeight, cGridWidth: gridWidth },
      ...{ cStrideImage: gridHeight * gridWidth * c.outChannels, cStrideY: gridWidth * c.outChannels },
      ...{ cStrideX: c.outChannels, ...blocks },
    };
    return { packs: [pack], contracts: [contract], out, offsets: upTo(ySize), expected, depth: k };
  });
}

function checkFilterGrad(name: string, c: Convolution, chosen: Partial<ContractBlocks>): void {
  check(name, (bench, random) => {
    const { x: xSize, w: wSize, y: ySize } = sizes(c);
    const x = normals(random, xSize), dy = normals(random, ySize);
    const expected = new Float64Array(wSize);
    eachProduct(c, (xAt, wAt, yAt) => expected[wAt] += x[xAt] * dy[yAt]);

    const inGroup = c.inChannels / c.groups, m = c.outChannels / c.groups;
    const n = c.kernel[0] * c.kernel[1] * inGroup, k = ySize / c.outChannels;
    const blocks = { ...contractBlocks(m, n, k, true), ...chosen };
    const out = bench.reserve(wSize, 12);
    const contract = {
      ...{ m, n, k, batch: c.groups, aKind: 0, a: bench.place(dy), aBatchStride: m, aRowStride: 1 },
      ...{ aColumnStride: c.outChannels, bKind: 1, b: bench.place(x), bBatchStride: inGroup, ...windows(c), out },
      ...{ ...plainOutput(m, n), ...blocks },
    };
    return { packs: [], contracts: [contract], out, offsets: upTo(wSize), expected, depth: k };
  });
}

/**
 * The input gradient of an undilated convolution, one contraction for each phase of the stride. Along one axis,
 * dx[s·t + p] sums over the taps ky ≡ p + pad (mod s), that is ky = r + s·j, whose dy lies at t + (p + pad − r) / s − j:
 * windows of stride 1 over dy, the taps in falling order.
 */
function checkInputGrad(name: string, c: Convolution, chosen: Partial<ContractBlocks>): void {
  check(name, (bench, random) => {
    const { x: xSize, w: wSize, y: ySize } = sizes(c);
    const w = normals(random, wSize), dy = normals(random, ySize);
    const expected = new Float64Array(xSize);
    eachProduct(c, (xAt, wAt, yAt) => expected[xAt] += w[wAt] * dy[yAt]);

    const inGroup = c.inChannels / c.groups, outGroup = c.outChannels / c.groups;
    const [height, width] = outSize(c);
    const place = { w: bench.place(w), dy: bench.place(dy) };
    const tapStep = [c.kernel[1] * inGroup, inGroup], extent = [c.height, c.width];
    const out = bench.reserve(xSize, 4);
    const packs: Operands<"pack">[] = [];
    const contracts = upTo(c.stride[0] * c.stride[1]).map((phase) => {
      const [y, x] = [Math.floor(phase / c.stride[1]), phase % c.stride[1]].map((p, axis) => {
        const s = c.stride[axis], r = (p + c.pad[axis]) % s, taps = Math.ceil((c.kernel[axis] - r) / s);
        return {
          taps,
          pad: taps - 1 - (p + c.pad[axis] - r) / s,
          lastTap: (r + s * (taps - 1)) * tapStep[axis],
          grid: Math.ceil((extent[axis] - p) / s),
          first: p,
        };
      });
      const m = c.images * y.grid * x.grid, n = inGroup, k = y.taps * x.taps * outGroup;
      const blocks = { ...contractBlocks(m, n, k), ...chosen };
      const pack = packFilters(bench, blocks, {
        ...{ batch: c.groups, n, tapsY: y.taps, tapsX: x.taps, channels: outGroup },
        ...{ strideTapY: -c.stride[0] * tapStep[0], strideTapX: -c.stride[1] * tapStep[1] },
        ...{ strideChannel: c.kernel[0] * tapStep[0], strideColumn: 1 },
        ...{ source: place.w + 4 * (y.lastTap + x.lastTap), sourceBatchStride: wSize / c.groups },
      });
      packs.push(pack);
      return {
        ...{ m, n, k, batch: c.groups, aKind: 1, a: place.dy, aBatchStride: outGroup, aRowStride: 0 },
        ...{ aColumnStride: 0, bKind: 0, b: pack.out, bBatchStride: pack.outBatchStride, ...noPatches },
        ...{ images: c.images, height, width, pixelStride: c.outChannels, channels: outGroup },
        ...{ kernelHeight: y.taps, kernelWidth: x.taps, padTop: y.pad, padLeft: x.pad },
        ...{ gridHeight: y.grid, gridWidth: x.grid, out: out + 4 * (y.first * c.width + x.first) * c.inChannels },
        ...{ ...plainOutput(m, n), cBatchStride: inGroup, cGridHeight: y.grid, cGridWidth: x.grid },
        ...{ cStrideImage: c.height * c.width * c.inChannels, cStrideY: c.stride[0] * c.width * c.inChannels },
        ...{ cStrideX: c.stride[1] * c.inChannels, ...blocks },
      };
    });
    const depth = c.kernel[0] * c.kernel[1] * outGroup;
    return { packs, contracts, out, offsets: upTo(xSize), expected, depth };
  });
}

Deno.test("a convolution is patches times filters, whatever its window", () => {
  for (const c of cases) {
    checkBoth(`conv2d ${JSON.stringify(c)}`, (name, blocks) => checkForward(name, { ...usual, ...c }, blocks));
  }
});

Deno.test("its filter gradient is dyᵀ times patches", () => {
  for (const c of cases) {
    checkBoth(`conv2dFilterGrad ${JSON.stringify(c)}`, (name, blocks) => {
      checkFilterGrad(name, { ...usual, ...c }, blocks);
    });
  }
});

Deno.test("its input gradient is one product for each phase of the stride, written through the grid of C", () => {
  const undilated = cases.filter((c) => c.dilation === undefined && (c.stride ?? [1])[0] <= (c.kernel ?? [3])[0]);
  for (const c of undilated) {
    checkBoth(`conv2dInputGrad ${JSON.stringify(c)}`, (name, blocks) => {
      checkInputGrad(name, { ...usual, ...c }, blocks);
    });
  }
});
