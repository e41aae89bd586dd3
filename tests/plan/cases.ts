/**
 * Random valid instructions of every opcode: small, but around the places where kernels change their way (lanes, tiles,
 * blocks, single elements, broadcasts, flips, windows that cross edges).
 */
import fc from "fast-check";
import { contractScratchBytes } from "../../src/plan/contract_scratch.ts";
import { BLOCK, type ExpressionOp, expressionOps } from "../../src/plan/expression.ts";
import type { Instruction, Mnemonic, Operands } from "../../src/plan/instructions.ts";

/** Where the operands of a case come to lie. */
export interface Memory {
  /** Address of so many initialised floats. */
  input(elements: number): number;
  /** Address of so many floats to be written; of all results, `indices` are small whole numbers. */
  output(elements: number): number;
  /** Address of `elements` floats holding indices, most of them below `bound`. */
  indices(elements: number, bound: number): number;
  readonly scratch: number;
  readonly scratchStride: number;
}

/** An instruction without addresses. */
export interface Case<M extends Mnemonic = Mnemonic> {
  readonly mnemonic: M;
  /** For messages: the operands that are not addresses. */
  readonly sizes: unknown;
  readonly operands: (memory: Memory) => Operands<M>;
}

export type Cases = { readonly [M in Exclude<Mnemonic, "halt">]: fc.Arbitrary<Case<M>> };

function caseOf<M extends Mnemonic, S>(
  mnemonic: M,
  sizes: fc.Arbitrary<S>,
  operands: (sizes: S, memory: Memory) => Operands<M>,
): fc.Arbitrary<Case<M>> {
  return sizes.map((sizes) => ({ mnemonic, sizes, operands: (memory) => operands(sizes, memory) }));
}

/** The instruction of a case, placed in memory. */
export function instructionOf<M extends Mnemonic>(
  { mnemonic, operands }: Case<M>,
  memory: Memory,
  { single = false, barrier = true } = {},
): Instruction {
  return { mnemonic, single, barrier, operands: operands(memory) } as unknown as Instruction;
}

const upTo = (max: number) => fc.integer({ min: 1, max });
const lengths = fc.oneof(upTo(9), upTo(70), fc.constantFrom(BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5));

/** Extents of a space of at most a few thousand elements, often with leading ones. */
const extents: fc.Arbitrary<number[]> = fc.oneof(
  fc.tuple(fc.constant(1), upTo(3), upTo(3), upTo(4), upTo(5), upTo(7)),
  fc.tuple(upTo(2), upTo(2), upTo(3), upTo(3), upTo(3), upTo(9)),
  fc.tuple(fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), upTo(9), lengths),
  fc.tuple(fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), lengths, upTo(9)),
  fc.tuple(fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), lengths),
);

/** How one operand is laid out: order of the axes in memory, and for each axis a gap, a direction, or a broadcast. */
interface Layout {
  readonly order: readonly number[];
  readonly gap: readonly number[];
  readonly step: readonly (-1 | 0 | 1)[];
}

const anyOrder = fc.oneof(
  fc.constant([5, 4, 3, 2, 1, 0]),
  fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }),
);
const gaps = fc.oneof(
  fc.constant([0, 0, 0, 0, 0, 0]),
  fc.array(fc.constantFrom(0, 0, 0, 1, 3), { minLength: 6, maxLength: 6 }),
);

function layouts(steps: readonly (-1 | 0 | 1)[]): fc.Arbitrary<Layout> {
  return fc.record({
    order: anyOrder,
    gap: gaps,
    step: fc.oneof(
      fc.constant<(-1 | 0 | 1)[]>([1, 1, 1, 1, 1, 1]),
      fc.array(fc.constantFrom(...steps), { minLength: 6, maxLength: 6 }),
    ),
  });
}

const sourceLayout = layouts([1, 1, 0, -1]);
const targetLayout = layouts([1, 1, -1]);

/** Strides of a layout, and the element its origin is at, in a stretch of `size` elements. */
function lay(extents: readonly number[], { order, gap, step }: Layout) {
  const strides = new Array<number>(extents.length).fill(0);
  let [size, origin] = [1, 0];
  for (const axis of order) {
    if (step[axis] === 0) continue;
    const stride = size + gap[axis];
    strides[axis] = stride * step[axis];
    const reach = (extents[axis] - 1) * stride;
    if (step[axis] < 0) origin += reach;
    size += reach;
  }
  return { strides, origin, size };
}

const dims = ([d0, d1, d2, d3, d4, d5]: readonly number[]) => ({ d0, d1, d2, d3, d4, d5 });
const sourceStrides = ([s0, s1, s2, s3, s4, s5]: readonly number[]) => ({ s0, s1, s2, s3, s4, s5 });
const targetStrides = ([t0, t1, t2, t3, t4, t5]: readonly number[]) => ({ t0, t1, t2, t3, t4, t5 });
const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

const opNames = Object.keys(expressionOps) as ExpressionOp[];

/** Code that loads all inputs and computes with what it has; every register up to its length is written. */
const expressions = fc.record({
  inputs: fc.array(sourceLayout, { maxLength: 4 }),
  steps: fc.array(
    fc.record({ op: fc.constantFrom(...opNames), a: fc.nat(), b: fc.nat(), c: fc.nat(), value: fc.float() }),
    { minLength: 1, maxLength: 8 },
  ),
  outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
});
type Expression = typeof expressions extends fc.Arbitrary<infer T> ? T : never;

function codeOf({ inputs, steps }: Expression): Operands<"map">["code"] {
  const code = inputs.map((_, i) => ({ op: expressionOps.load as number, target: i, a: i, b: 0, c: 0, value: 0 }));
  for (const step of steps) {
    const target = code.length;
    const op = target === 0 || step.op === "load" && inputs.length === 0 ? "constant" : step.op;
    const bound = op === "load" ? inputs.length : Math.max(1, target);
    code.push({
      op: expressionOps[op],
      target,
      a: step.a % bound,
      b: step.b % bound,
      c: step.c % bound,
      value: step.value,
    });
  }
  return code;
}

function inputsOf({ inputs }: Expression, extents: readonly number[], memory: Memory): Operands<"map">["inputs"] {
  return inputs.map((layout) => {
    const { strides, origin, size } = lay(extents, layout);
    return { pointer: memory.input(size) + 4 * origin, ...sourceStrides(strides) };
  });
}

const map = caseOf("map", fc.record({ extents, expression: expressions }), ({ extents, expression }, memory) => {
  const code = codeOf(expression);
  const outputs = expression.outputs.map((register) => ({
    pointer: memory.output(product(extents)),
    register: register % code.length,
  }));
  return {
    ...dims(extents),
    inputCount: expression.inputs.length,
    codeCount: code.length,
    outputCount: outputs.length,
    registers: code.length,
    scratch: memory.scratch,
    scratchStride: memory.scratchStride,
    inputs: inputsOf(expression, extents, memory),
    code,
    outputs,
  };
});

const reduceSizes = fc.record({
  extents,
  expression: expressions,
  bounds: fc.tuple(fc.nat(6), fc.nat(6)),
  chunk: fc.oneof(upTo(8), upTo(600), fc.constantFrom(512, 1024, 4096)),
  kinds: fc.array(fc.nat(1), { minLength: 3, maxLength: 3 }),
});

const reduce = caseOf("reduce", reduceSizes, ({ extents, expression, bounds, chunk, kinds }, memory) => {
  const code = codeOf(expression);
  const [firstReduced, endReduced] = bounds.toSorted((a, b) => a - b);
  const reduced = product(extents.slice(firstReduced, endReduced));
  const results = product(extents) / reduced * Math.ceil(reduced / chunk);
  const outputs = expression.outputs.map((register, i) => ({
    pointer: memory.output(results),
    register: register % code.length,
    kind: kinds[i],
  }));
  return {
    ...dims(extents),
    firstReduced,
    endReduced,
    chunk,
    inputCount: expression.inputs.length,
    codeCount: code.length,
    outputCount: outputs.length,
    registers: code.length,
    scratch: memory.scratch,
    scratchStride: memory.scratchStride,
    inputs: inputsOf(expression, extents, memory),
    code,
    outputs,
  };
});

const move = caseOf("move", fc.record({ extents, from: sourceLayout, to: targetLayout }), (sizes, memory) => {
  const source = lay(sizes.extents, sizes.from);
  const target = lay(sizes.extents, sizes.to);
  return {
    ...dims(sizes.extents),
    source: memory.input(source.size) + 4 * source.origin,
    ...sourceStrides(source.strides),
    target: memory.output(target.size) + 4 * target.origin,
    ...targetStrides(target.strides),
  };
});

const tileColumns = fc.constantFrom(8, 16);
const packedSize = (k: number, n: number, tile: number) => k * Math.ceil(n / tile) * tile;

const packSizes = fc.record({
  batch: upTo(3),
  n: upTo(40),
  tapsY: upTo(3),
  tapsX: upTo(3),
  channels: fc.oneof(upTo(6), upTo(40)),
  layout: sourceLayout,
  gap: fc.constantFrom(0, 0, 4),
  depthBlock: fc.oneof(upTo(8), upTo(300)),
  tileColumns,
});

const pack = caseOf("pack", packSizes, ({ layout, gap, ...o }, memory) => {
  // Axes of the layout: 1 batch, 2 tapsY, 3 tapsX, 4 channels, 5 columns.
  const { strides, origin, size } = lay([1, o.batch, o.tapsY, o.tapsX, o.channels, o.n], layout);
  const outBatchStride = packedSize(o.tapsY * o.tapsX * o.channels, o.n, o.tileColumns) + gap;
  const [, sourceBatchStride, strideTapY, strideTapX, strideChannel, strideColumn] = strides;
  return {
    ...o,
    strideTapY,
    strideTapX,
    strideChannel,
    strideColumn,
    source: memory.input(size) + 4 * origin,
    sourceBatchStride,
    out: memory.output(o.batch * outBatchStride - gap),
    outBatchStride,
  };
});

const windows = fc.record({
  images: upTo(3),
  height: upTo(9),
  width: upTo(9),
  channels: fc.oneof(upTo(3), upTo(18)),
  otherChannels: fc.constantFrom(0, 0, 3),
  kernelHeight: upTo(4),
  kernelWidth: upTo(4),
  strideY: upTo(3),
  strideX: upTo(3),
  padTop: fc.integer({ min: -2, max: 4 }),
  padLeft: fc.integer({ min: -2, max: 4 }),
  dilationY: upTo(2),
  dilationX: upTo(2),
  gridHeight: upTo(7),
  gridWidth: upTo(7),
});

const contractSizes = fc.record({
  kind: fc.constantFrom("matrices", "patches × panels", "matrix × patches"),
  batch: upTo(3),
  m: fc.oneof(upTo(7), upTo(40)),
  n: fc.oneof(upTo(9), upTo(40)),
  k: fc.oneof(upTo(5), upTo(70)),
  window: windows,
  matrixLayout: sourceLayout,
  grid: fc.tuple(upTo(4), upTo(4), upTo(4)),
  gridStep: upTo(2),
  /** whether the matrices of the batch lie side by side in each row of C, as those of groups do */
  sideBySide: fc.boolean(),
  hasBias: fc.boolean(),
  activation: fc.nat(3),
  tileColumns,
  rowBlocks: upTo(4),
  columnBlocks: upTo(3),
  depthBlock: fc.oneof(upTo(9), upTo(100)),
  splitColumns: fc.nat(1),
});

const contract = caseOf("contract", contractSizes, (o, memory) => {
  const { otherChannels, ...window } = o.window;
  const [aKind, bKind] = [o.kind === "patches × panels" ? 1 : 0, o.kind === "matrix × patches" ? 1 : 0];
  const patchRows = window.images * window.gridHeight * window.gridWidth;
  const patchColumns = window.kernelHeight * window.kernelWidth * window.channels;
  const grid = aKind === 1 ? [window.images, window.gridHeight, window.gridWidth] : o.grid;
  const m = product(grid);
  const n = bKind === 1 ? patchColumns : o.n;
  const k = aKind === 1 ? patchColumns : bKind === 1 ? patchRows : o.k;

  // The batch walks over groups of channels of one image tensor.
  const pixelStride = o.batch * window.channels + otherChannels;
  const image = () => memory.input(window.images * window.height * window.width * pixelStride);
  // Axes of the layout: 3 batch, 4 rows, 5 columns; sizes are unsigned, so nothing runs backwards.
  const forward = { ...o.matrixLayout, step: o.matrixLayout.step.map((step) => Math.abs(step) as 0 | 1) };
  const matrix = lay([1, 1, 1, o.batch, m, k], forward);
  const bBatchStride = bKind === 1 ? window.channels : packedSize(k, n, o.tileColumns);

  const cStrideX = (o.sideBySide ? o.batch * n : n) * o.gridStep;
  const cStrideY = cStrideX * grid[2] * o.gridStep;
  const cStrideImage = cStrideY * grid[1];
  const cBatchStride = o.sideBySide ? n : cStrideImage * grid[0];
  const cReach = (o.batch - 1) * cBatchStride + (grid[0] - 1) * cStrideImage + (grid[1] - 1) * cStrideY +
    (grid[2] - 1) * cStrideX + n;
  const blocks = {
    aKind,
    bKind,
    rowBlock: 6 * o.rowBlocks,
    columnBlock: o.tileColumns * o.columnBlocks,
    depthBlock: o.depthBlock,
  };
  if (contractScratchBytes(blocks) > memory.scratchStride) throw new RangeError("a case needs more scratch");
  return {
    m,
    n,
    k,
    batch: o.batch,
    a: aKind === 1 ? image() : memory.input(matrix.size),
    aBatchStride: aKind === 1 ? window.channels : matrix.strides[3],
    aRowStride: matrix.strides[4],
    aColumnStride: matrix.strides[5],
    b: bKind === 1 ? image() : memory.input(o.batch * bBatchStride),
    bBatchStride,
    ...window,
    pixelStride,
    out: memory.output(cReach),
    cBatchStride,
    cGridHeight: grid[1],
    cGridWidth: grid[2],
    cStrideImage,
    cStrideY,
    cStrideX,
    bias: o.hasBias ? memory.input(o.batch * n) : 0,
    biasBatchStride: n,
    activation: o.activation,
    slope: 0.2,
    tileColumns: o.tileColumns,
    ...blocks,
    splitColumns: o.splitColumns,
    scratch: memory.scratch,
    scratchStride: memory.scratchStride,
  };
});

const rowsOf = fc.record({ rows: upTo(12), width: fc.oneof(upTo(9), upTo(40)), count: upTo(30) });

const scans = fc.record({
  outer: upTo(6),
  length: fc.oneof(upTo(9), upTo(70)),
  inner: fc.oneof(fc.constant(1), upTo(9), upTo(40)),
});

/** One axis of a pooling: any window that has no empty places. */
const poolAxis = fc.record({ length: upTo(9), kernel: upTo(4), stride: upTo(3), pad: fc.nat(), out: fc.nat() })
  .map(({ length, kernel, stride, pad, out }) => {
    const padding = pad % kernel;
    return { length, kernel, stride, pad: padding, out: 1 + out % Math.ceil((length + padding) / stride) };
  });

const poolings = fc.record({ images: upTo(3), channels: fc.oneof(upTo(5), upTo(20)), y: poolAxis, x: poolAxis })
  .map(({ images, channels, y, x }) => ({
    images,
    height: y.length,
    width: x.length,
    channels,
    outHeight: y.out,
    outWidth: x.out,
    kernelHeight: y.kernel,
    kernelWidth: x.kernel,
    strideY: y.stride,
    strideX: x.stride,
    padTop: y.pad,
    padLeft: x.pad,
  }));

const resizings = fc.record({
  images: upTo(3),
  height: upTo(7),
  width: upTo(7),
  channels: fc.oneof(upTo(5), upTo(20)),
  outHeight: upTo(11),
  outWidth: upTo(11),
});

interface Images {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
}
const sizeOfX = (o: Images) => o.images * o.height * o.width * o.channels;
const sizeOfY = (o: Images) => o.images * o.outHeight * o.outWidth * o.channels;

/** A case generator for every opcode. */
export const cases: Cases = {
  fill: caseOf("fill", fc.record({ count: lengths, value: fc.float() }), (o, { output }) => ({
    ...o,
    out: output(o.count),
  })),
  map,
  reduce,
  move,
  pack,
  contract,
  gather: caseOf("gather", rowsOf, (o, { input, indices, output }) => ({
    ...o,
    table: input(o.rows * o.width),
    indices: indices(o.count, o.rows),
    out: output(o.count * o.width),
  })),
  scatterAdd: caseOf("scatterAdd", rowsOf, (o, { input, indices, output }) => ({
    ...o,
    indices: indices(o.count, o.rows),
    updates: input(o.count * o.width),
    out: output(o.rows * o.width),
  })),
  oneHot: caseOf("oneHot", fc.record({ count: upTo(30), depth: upTo(30) }), (o, { indices, output }) => ({
    ...o,
    indices: indices(o.count, o.depth),
    out: output(o.count * o.depth),
  })),
  argmax: caseOf("argmax", scans, (o, { input, output }) => ({
    ...o,
    source: input(o.outer * o.length * o.inner),
    out: output(o.outer * o.inner),
  })),
  cumulativeSum: caseOf("cumulativeSum", fc.tuple(scans, fc.nat(1)), ([o, reverse], { input, output }) => ({
    ...o,
    reverse,
    source: input(o.outer * o.length * o.inner),
    out: output(o.outer * o.length * o.inner),
  })),
  averagePool: caseOf("averagePool", poolings, (o, { input, output }) => ({
    ...o,
    x: input(sizeOfX(o)),
    out: output(sizeOfY(o)),
  })),
  averagePoolGrad: caseOf("averagePoolGrad", poolings, (o, { input, output }) => ({
    ...o,
    dy: input(sizeOfY(o)),
    out: output(sizeOfX(o)),
  })),
  maxPoolPick: caseOf("maxPoolPick", poolings, (o, { input, output }) => ({
    ...o,
    x: input(sizeOfX(o)),
    values: input(sizeOfX(o)),
    out: output(sizeOfY(o)),
  })),
  maxPoolScatter: caseOf("maxPoolScatter", poolings, (o, { input, output }) => ({
    ...o,
    x: input(sizeOfX(o)),
    dy: input(sizeOfY(o)),
    out: output(sizeOfX(o)),
  })),
  bilinear: caseOf("bilinear", resizings, (o, { input, output }) => ({
    ...o,
    x: input(sizeOfX(o)),
    out: output(sizeOfY(o)),
  })),
  bilinearGrad: caseOf("bilinearGrad", resizings, (o, { input, output }) => ({
    ...o,
    dy: input(sizeOfY(o)),
    out: output(sizeOfX(o)),
  })),
  random: caseOf(
    "random",
    fc.record({ count: lengths, stream: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), kind: fc.nat(1) }),
    (o, { output }) => ({ ...o, out: output(o.count) }),
  ),
};

/** Opcodes with a case, in the order of the instruction set. */
export const mnemonics = Object.keys(cases) as (keyof Cases)[];
