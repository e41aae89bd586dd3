/**
 * The self-test of native-speed mode: hot kernels against plain loops in TypeScript on random data. In this mode V8
 * optimises a kernel when it is first called (`--no-liftoff`), so what is tested is what will run.
 */
import { normals } from "../../core/random.ts";
import { contractScratchBytes } from "../../plan/contract_scratch.ts";
import { ARENA_BASE, control } from "../../plan/control.ts";
import { encode } from "../../plan/encode.ts";
import { BLOCK, expressionOps, reductionBytes } from "../../plan/expression.ts";
import { fastForms } from "../../plan/fast_forms.ts";
import { createMemory } from "./memory.ts";
import { instantiateKernels } from "./module.ts";
import { fastConvolution } from "./twin_fast.ts";
import { fewChannels } from "./twin_few_channels.ts";
import { instruction, MEMORY_BYTES, Operand, SEED, type Twin } from "./twin_operands.ts";

/** Largest deviation allowed: sums of up to 162 products of numbers in [−1, 1), in any rounding. */
const TOLERANCE = 1e-4;
const DRAW = 7;

const dims = (d3: number, d4: number, d5: number) => ({ d0: 1, d1: 1, d2: 1, d3, d4, d5 });
const strides = (s3: number, s4: number, s5: number) => ({ s0: 0, s1: 0, s2: 0, s3, s4, s5 });

/** A 3×3 window over two images of 9 × 9 × 5, padded by one; as a matrix, 162 rows of 45 columns. */
const patches = {
  images: 2,
  height: 9,
  width: 9,
  pixelStride: 5,
  channels: 5,
  kernelHeight: 3,
  kernelWidth: 3,
  strideY: 1,
  strideX: 1,
  padTop: 1,
  padLeft: 1,
  dilationY: 1,
  dilationX: 1,
  gridHeight: 9,
  gridWidth: 9,
};
const PATCH_ROWS = 162;
const PATCH_COLUMNS = 45;

/** The matrix that the patches of x stand for. */
function patchMatrix(x: Float32Array): Float32Array {
  const { width, height, channels } = patches;
  return new Float32Array(PATCH_ROWS * PATCH_COLUMNS).map((_, place) => {
    const row = Math.floor(place / PATCH_COLUMNS), column = place % PATCH_COLUMNS;
    const iy = Math.floor(row / width) % height + Math.floor(column / channels / 3) - 1;
    const ix = row % width + Math.floor(column / channels) % 3 - 1;
    if (iy < 0 || iy >= height || ix < 0 || ix >= width) return 0;
    return x[((Math.floor(row / width / height) * height + iy) * width + ix) * channels + column % channels];
  });
}

function product(m: number, n: number, k: number, a: Float32Array, b: Float32Array): Float64Array {
  return new Float64Array(m * n).map((_, place) => {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[Math.floor(place / n) * k + i] * b[i * n + place % n];
    return sum;
  });
}

/** `aKind` 1: A is the patches; `bKind` 1: B is, else it is packed first. */
function contraction(operand: Operand, tileColumns: number, aKind: number, bKind: number): Twin {
  const image = operand.random(2 * 9 * 9 * 5);
  const m = aKind === 1 ? PATCH_ROWS : 67;
  const k = aKind === 1 ? PATCH_COLUMNS : bKind === 1 ? PATCH_ROWS : 75;
  const n = bKind === 1 ? PATCH_COLUMNS : 53;
  const a = aKind === 1 ? { address: image.address, values: patchMatrix(image.values) } : operand.random(m * k);
  const b = bKind === 1 ? { address: image.address, values: patchMatrix(image.values) } : operand.random(k * n);
  const blocks = { rowBlock: 24, columnBlock: 32, depthBlock: 40 };
  const panels = operand.reserve(Math.ceil(n / tileColumns) * tileColumns * k);
  const out = operand.reserve(m * n);
  const scratchStride = contractScratchBytes({ aKind, bKind, ...blocks });
  const program = [instruction("contract", {
    ...patches,
    ...blocks,
    ...{ m, n, k, batch: 1, aKind, a: a.address, aBatchStride: 0, aRowStride: k, aColumnStride: 1 },
    ...{ bKind, b: bKind === 1 ? b.address : panels, bBatchStride: 0 },
    ...{ out, cBatchStride: 0, cGridHeight: 1, cGridWidth: m, cStrideImage: 0, cStrideY: 0, cStrideX: n },
    ...{ bias: 0, biasBatchStride: 0, activation: 0, slope: 0, tileColumns, splitColumns: 0 },
    ...{ scratch: operand.reserve(scratchStride / 4), scratchStride },
  })];
  if (bKind === 0) {
    program.unshift(instruction("pack", {
      ...{ batch: 1, n, tapsY: 1, tapsX: 1, channels: k, strideTapY: 0, strideTapX: 0, strideChannel: n },
      ...{ strideColumn: 1, source: b.address, sourceBatchStride: 0, out: panels, outBatchStride: 0 },
      ...{ depthBlock: blocks.depthBlock, tileColumns },
    }));
  }
  const kinds = `${aKind === 1 ? "patches" : "matrix"} × ${bKind === 1 ? "patches" : "matrix"}`;
  return { name: `contract, 6×${tileColumns}, ${kinds}`, program, out, expected: product(m, n, k, a.values, b.values) };
}

/** A matrix of 70 × 37 times a vector, row by row or, lying the other way round, column by column. */
function matrixVector(operand: Operand, byRows: boolean): Twin {
  const [rows, depth] = [70, 37];
  const a = operand.random(rows * depth), x = operand.random(depth);
  const [aRowStride, aColumnStride] = byRows ? [depth, 1] : [1, rows];
  const out = operand.reserve(rows);
  const program = [instruction("matvec", {
    ...{ rows, depth, batch: 1, a: a.address, aBatchStride: 0, aRowStride, aColumnStride, x: x.address },
    ...{ xBatchStride: 0, out, outBatchStride: 0, bias: 0, biasBatchStride: 0, biasStride: 0 },
    ...{ activation: 0, slope: 0 },
  })];
  const expected = new Float64Array(rows);
  for (let i = 0; i < rows * depth; i++) {
    const row = i % rows, k = Math.floor(i / rows);
    expected[row] += a.values[row * aRowStride + k * aColumnStride] * x.values[k];
  }
  return { name: `matvec, ${byRows ? "rows" : "columns"}`, program, out, expected };
}

/** e^(x·y + ½) over rows, with y repeated in each. */
function pointwise(operand: Operand): Twin {
  const [rows, columns] = [37, 64];
  const x = operand.random(rows * columns);
  const y = operand.random(columns);
  const out = operand.reserve(rows * columns);
  const op = (name: keyof typeof expressionOps, target: number, a = 0, b = 0, c = 0, value = 0) => ({
    ...{ op: expressionOps[name], target, a, b, c, value },
  });
  const program = [instruction("map", {
    ...dims(1, rows, columns),
    ...{ inputCount: 2, codeCount: 5, outputCount: 1, registers: 4 },
    ...{ scratch: operand.reserve(4 * BLOCK), scratchStride: 16 * BLOCK },
    inputs: [{ pointer: x.address, ...strides(0, columns, 1) }, { pointer: y.address, ...strides(0, 0, 1) }],
    code: [
      op("load", 0, 0),
      op("load", 1, 1),
      op("constant", 2, 0, 0, 0, 0.5),
      op("multiplyAdd", 3, 0, 1, 2),
      op("exp", 3, 3),
    ],
    outputs: [{ pointer: out, register: 3 }],
  })];
  const expected = Array.from(x.values, (value, i) => Math.exp(value * y.values[i % columns] + 0.5));
  return { name: "map", program, out, expected };
}

/** Sums of a matrix of 40 × 100 along its rows, or along its columns. */
function sums(operand: Operand, axis: 0 | 1): Twin {
  const [rows, columns] = [40, 100];
  const x = operand.random(rows * columns);
  const out = operand.reserve(columns);
  const program = [instruction("reduce", {
    ...dims(1, rows, columns),
    ...{ firstReduced: 4 + axis, endReduced: 5 + axis, chunk: 100 },
    ...{ inputCount: 1, codeCount: 1, outputCount: 1, registers: 1 },
    ...{ scratch: operand.reserve(reductionBytes(1, 1) / 4), scratchStride: reductionBytes(1, 1) },
    inputs: [{ pointer: x.address, ...strides(0, columns, 1) }],
    code: [{ op: expressionOps.load, target: 0, a: 0, b: 0, c: 0, value: 0 }],
    outputs: [{ pointer: out, register: 0, kind: 0 }],
  })];
  const expected = new Float64Array(axis === 0 ? columns : rows);
  x.values.forEach((value, i) => expected[axis === 0 ? i % columns : Math.floor(i / columns)] += value);
  return { name: `reduce, axis ${axis}`, program, out, expected };
}

function transposition(operand: Operand): Twin {
  const [rows, columns] = [45, 70];
  const x = operand.random(rows * columns);
  const out = operand.reserve(rows * columns);
  const program = [instruction("move", {
    ...dims(1, columns, rows),
    ...{ source: x.address, ...strides(0, 1, columns) },
    ...{ target: out, t0: 0, t1: 0, t2: 0, t3: 0, t4: rows, t5: 1 },
  })];
  const expected = x.values.map((_, i) => x.values[(i % rows) * columns + Math.floor(i / rows)]);
  return { name: "move", program, out, expected };
}

function randomNumbers(operand: Operand): Twin {
  const count = 1000;
  const out = operand.reserve(count);
  const program = [instruction("random", { out, count, stream: 5, kind: 1 })];
  return { name: "random", program, out, expected: normals(count, SEED, 5, DRAW) };
}

/**
 * Compares the hot kernels of a module with plain loops.
 * @returns what differs, or undefined if all is well.
 */
export function strictTwinMismatch(module: WebAssembly.Module): string | undefined {
  const { memory } = createMemory(MEMORY_BYTES);
  const kernels = instantiateKernels(module, memory);
  const words = new Uint32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  words[control.program / 4] = ARENA_BASE;
  words[control.seedLow / 4] = SEED;
  words[control.draw / 4] = DRAW;
  words[control.paired / 4] = 1;
  const operand = new Operand(floats);
  const twins = [
    contraction(operand, 16, 0, 0),
    contraction(operand, 8, 0, 0),
    contraction(operand, 16, 1, 0),
    contraction(operand, 16, 0, 1),
    matrixVector(operand, true),
    matrixVector(operand, false),
    ...fastForms.map((form) => fastConvolution(operand, form)),
    ...fewChannels(operand),
    pointwise(operand),
    sums(operand, 0),
    sums(operand, 1),
    transposition(operand),
    randomNumbers(operand),
  ];
  for (const { name, program, out, expected } of twins) {
    const encoded = encode(program);
    words.set(encoded, ARENA_BASE / 4);
    const result = floats.subarray(out / 4, out / 4 + expected.length);
    result.fill(NaN);
    kernels.walk(ARENA_BASE, encoded.length, 0, 1);
    const wrong = result.findIndex((value, i) => !(Math.abs(value - expected[i]) <= TOLERANCE));
    if (wrong >= 0) return `${name} gives ${result[wrong]} for element ${wrong}, expected ${expected[wrong]}`;
  }
  return undefined;
}
