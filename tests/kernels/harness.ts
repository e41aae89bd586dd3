/**
 * Runs one instruction directly on the kernels, without a team: operands lie between guard words at addresses that are
 * multiples of 4 only, outputs start as NaN, and the bits must be the same for 1, 2, 3 and 7 threads, with the loops for
 * paired vectors (odd numbers of threads) and without them. Small cases of the
 * relaxed build run once more in the checking build, which shows that no access leaves its operand.
 */
import assert from "node:assert/strict";
import { buildChecked } from "../../scripts/build.ts";
import { compileKernels, instantiateKernels, type KernelBuild, type Kernels } from "../../src/backend/wasm/module.ts";
import { createMemory } from "../../src/backend/wasm/memory.ts";
import { ARENA_BASE, control, WORKBENCH_BASE, WORKBENCH_STRIDE } from "../../src/plan/control.ts";
import { encode } from "../../src/plan/encode.ts";
import { BLOCK, type ExpressionOp, expressionOps } from "../../src/plan/expression.ts";
import type { Instruction, Mnemonic, Operands } from "../../src/plan/instructions.ts";

const MEMORY_BYTES = 64 * 2 ** 20;
const DATA = ARENA_BASE + 65536;
const GUARD_WORDS = 19;
/** What outputs and scratch hold before a run, and guard words always: a NaN. */
export const GUARD = 0x7fc0dead;
const THREADS = [1, 2, 3, 7];

const { memory } = createMemory(MEMORY_BYTES);
const modules = new Map<KernelBuild, Kernels>();
for (const build of ["plain", "relaxed"] as const) {
  modules.set(build, instantiateKernels(await compileKernels(build), memory));
}
/** Where the checking build may read and write, as byte ranges; set for each run. */
let readable: readonly Range[] = [];
let writable: readonly Range[] = [];
type Range = readonly [begin: number, end: number];
const checkedKernels = instantiateKernels(
  await WebAssembly.compile(await Deno.readFile(await buildChecked())),
  memory,
  {
    access(pointer: number, bytes: number, write: number) {
      const begin = pointer >>> 0;
      if ((write ? writable : readable).some(([first, end]) => begin >= first && begin + bytes <= end)) return;
      throw new Error(`${bytes} bytes at ${begin} are ${write ? "written" : "read"}, which belong to no one operand`);
    },
  },
);
/** Floats of all operands up to which a case also runs in the checking build. */
const CHECKED_FLOATS = 8000;
const words = new Uint32Array(memory.buffer);
const floats = new Float32Array(memory.buffer);

export const builds: readonly KernelBuild[] = ["plain", "relaxed"];

export interface Addresses {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Room for each thread, all NaN. */
  readonly scratch: { readonly scratch: number; readonly scratchStride: number };
}

export interface KernelRun {
  readonly outputs: Float32Array[];
  /** The control block's error word; all ones when there was none. */
  readonly error: bigint;
}

/** Scratch of a thread where nothing else is said: 64 registers. */
const REGISTERS_BYTES = 64 * BLOCK * 4;

/** Makes an instruction of a mnemonic and its operands, for all threads, without a barrier. */
export function instructionOf<M extends Mnemonic>(mnemonic: M, operands: Operands<M>): Instruction {
  return { mnemonic, single: false, barrier: false, operands } as unknown as Instruction;
}

export interface RunOptions {
  readonly seed?: number;
  readonly draw?: number;
  /** Bytes of scratch for each thread; room for 64 registers when left out. */
  readonly scratchBytes?: number;
  /** Fills outputs before the run, for instructions that work in place. */
  readonly prepare?: (outputs: readonly Float32Array[]) => void;
}

/** Runs an instruction for every number of threads. */
export function runKernel(
  build: KernelBuild,
  inputs: readonly Float32Array[],
  outputSizes: readonly number[],
  make: (addresses: Addresses) => Instruction,
  { seed = 0, draw = 0, scratchBytes: scratchStride = REGISTERS_BYTES, prepare = () => {} }: RunOptions = {},
): KernelRun {
  const kernels = modules.get(build)!;
  let at = DATA / 4 + 1;
  const place = (size: number) => {
    const start = at + GUARD_WORDS;
    at = start + size + GUARD_WORDS;
    return start;
  };
  const inputPlaces = inputs.map((values) => place(values.length));
  const outputPlaces = outputSizes.map(place);
  const end = at;
  const scratch = Math.ceil(end / 16) * 64;
  assert(scratch + Math.max(...THREADS) * scratchStride < MEMORY_BYTES, "the test's operands do not fit");
  const program = encode([make({
    inputs: inputPlaces.map((start) => start * 4),
    outputs: outputPlaces.map((start) => start * 4),
    scratch: { scratch, scratchStride },
  })]);
  words.set(program, ARENA_BASE / 4);
  words[control.program / 4] = ARENA_BASE;
  words[control.seedLow / 4] = seed % 2 ** 32;
  words[control.seedHigh / 4] = Math.floor(seed / 2 ** 32);
  words[control.draw / 4] = draw;

  const ranges = (places: readonly number[], sizes: readonly number[]): Range[] =>
    places.map((start, i) => [start * 4, (start + sizes[i]) * 4]);
  const outputRanges = ranges(outputPlaces, outputSizes);
  const inputRanges = ranges(inputPlaces, inputs.map((values) => values.length));
  const used = new Set<number>();
  for (const [begin, end] of [...inputRanges, ...outputRanges]) {
    for (let at = begin; at < end; at += 4) used.add(at / 4);
  }
  const runOnce = (kernels: Kernels, threads: number): KernelRun => {
    // Scratch as well: no result may come from what it held before.
    words.fill(GUARD, DATA / 4, (scratch + threads * scratchStride) / 4);
    inputs.forEach((values, i) => floats.set(values, inputPlaces[i]));
    prepare(outputPlaces.map((start, i) => floats.subarray(start, start + outputSizes[i])));
    words[control.paired / 4] = threads % 2;
    words.fill(0xffffffff, control.error / 4, control.error / 4 + 2);
    for (let thread = 0; thread < threads; thread++) {
      const begin = scratch + thread * scratchStride;
      const bench = WORKBENCH_BASE + thread * WORKBENCH_STRIDE;
      writable = [...outputRanges, [begin, begin + scratchStride], [bench, bench + WORKBENCH_STRIDE]];
      readable = [...inputRanges, ...writable];
      assert.equal(kernels.execute(ARENA_BASE, thread, threads), 1);
    }
    inputs.forEach((values, i) => {
      assertSameBits(floats.slice(inputPlaces[i], inputPlaces[i] + values.length), values, `input ${i}`);
    });
    for (let word = DATA / 4; word < end; word++) {
      if (!used.has(word) && words[word] !== GUARD) assert.fail(`a guard word was overwritten (${threads} threads)`);
    }
    const outputs = outputPlaces.map((start, i) => floats.slice(start, start + outputSizes[i]));
    return { outputs, error: new BigUint64Array(memory.buffer, control.error, 1)[0] };
  };
  const runs = THREADS.map((threads) => runOnce(kernels, threads));
  if (build === "relaxed" && end - DATA / 4 < CHECKED_FLOATS) {
    runs.push(runOnce(checkedKernels, 1), runOnce(checkedKernels, 2));
  }
  for (const run of runs.slice(1)) {
    run.outputs.forEach((output, i) => assertSameBits(output, runs[0].outputs[i], `output ${i} of more threads`));
    assert.equal(run.error, runs[0].error);
  }
  return runs[0];
}

/** Bit for bit, so that NaN equals NaN and −0 differs from 0. */
export function assertSameBits(actual: Float32Array, expected: Float32Array, what: string): void {
  const [a, b] = [actual, expected].map((values) => new Uint32Array(values.buffer, values.byteOffset, values.length));
  assert.equal(a.length, b.length, what);
  const i = a.findIndex((bits, i) => bits !== b[i]);
  if (i >= 0) assert.fail(`${what}: element ${i} is ${actual[i]}, expected ${expected[i]}`);
}

/** Compares with float64 values: |difference| ≤ absolute + relative·|expected|; infinities and NaN must match. */
export function assertNear(
  actual: Float32Array,
  expected: ArrayLike<number>,
  what: string,
  { relative = 2e-6, absolute = 1e-6 } = {},
): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < actual.length; i++) {
    const good = Object.is(actual[i], expected[i]) || actual[i] === expected[i] ||
      Math.abs(actual[i] - expected[i]) <= absolute + relative * Math.abs(expected[i]);
    if (!good) assert.fail(`${what}: element ${i} is ${actual[i]}, expected ${expected[i]}`);
  }
}

/** Reproducible numbers in [−scale, scale). */
export function randomFloats(count: number, seed: number, scale = 2): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

/** A register operation by name. */
export type Code = readonly [op: ExpressionOp, target: number, a?: number, b?: number, c?: number, value?: number];

/** The code list of a `map` or `reduce`. */
export function codeList(code: readonly Code[]) {
  return code.map(([op, target, a = 0, b = 0, c = 0, value = 0]) => ({
    op: expressionOps[op],
    target,
    a,
    b,
    c,
    value,
  }));
}

/** Six extents as fields d0 … d5, padded with leading ones. */
export function dims(extents: readonly number[]) {
  const d = padded(extents, 1);
  return { d0: d[0], d1: d[1], d2: d[2], d3: d[3], d4: d[4], d5: d[5] };
}

/** Strides as fields s0 … s5, padded with leading zeros. */
export function strides(values: readonly number[]) {
  const s = padded(values, 0);
  return { s0: s[0], s1: s[1], s2: s[2], s3: s[3], s4: s[4], s5: s[5] };
}

function padded(values: readonly number[], filler: number): number[] {
  return [...new Array<number>(6 - values.length).fill(filler), ...values];
}

/** All index tuples of a space, outermost slowest. */
export function* indices(extents: readonly number[]): Generator<number[]> {
  const index = extents.map(() => 0);
  const total = extents.reduce((product, extent) => product * extent, 1);
  for (let i = 0; i < total; i++) {
    yield [...index];
    for (let axis = extents.length - 1; axis >= 0 && ++index[axis] === extents[axis]; axis--) index[axis] = 0;
  }
}

/** Σ iₐ·sₐ */
export function offsetOf(index: readonly number[], steps: readonly number[]): number {
  return index.reduce((sum, i, axis) => sum + i * steps[axis], 0);
}
