/**
 * What an instruction touches, said as boxes of elements in exact integers, and the checks that all opcodes share.
 * Every error is a VerifyError whose message starts with the operand; the verifier adds which instruction it is.
 */
import { VerifyError } from "../../core/errors.ts";
import type { Range } from "../plan.ts";

/** As many floats as the address space holds; kernels count in signed 32-bit numbers, and the sum of two counts fits. */
export const MAX_COUNT = 2 ** 30;

/** Innermost loop iterations of one instruction: minutes at worst, so that every program ends. */
const MAX_WORK = 2 ** 40;

const ADDRESS_SPACE = 2 ** 32;
const BYTES = 4;

export interface Axis {
  readonly extent: number;
  /** Elements from one step to the next; zero repeats, negative runs backwards. */
  readonly stride: number;
}

/** The floats at pointer + 4·Σ iₐ·strideₐ for all 0 ≤ iₐ < extentₐ. */
export interface Box {
  readonly pointer: number;
  readonly axes: readonly Axis[];
}

/** One operand in memory. A read touches some of its box, a write all of it, each element once. */
export interface Access {
  readonly operand: string;
  readonly box: Box;
  /** The bytes from the first to the last element of the box. */
  readonly range: Range;
  /** A read whose element i is needed for element i of the (dense) outputs only, by the thread that writes that one. */
  readonly elementwise: boolean;
}

/** Thread t may do as it likes with `bytes` bytes at pointer + t·stride. */
export interface Scratch {
  readonly pointer: number;
  readonly stride: number;
  readonly bytes: number;
}

export interface Footprint {
  readonly reads: readonly Access[];
  readonly writes: readonly Access[];
  readonly scratch?: Scratch;
}

/** Ends the verification. */
export function refuse(message: string): never {
  throw new VerifyError(message);
}

/** Demands that the named operands lie in [low, high]. */
export function requireBetween<K extends string>(
  operands: Readonly<Record<K, number>>,
  names: readonly K[],
  low: number,
  high: number,
): void {
  for (const name of names) {
    const value = operands[name];
    if (!(value >= low && value <= high)) refuse(`${name} is ${value}, expected ${low} to ${high}`);
  }
}

/** Demands that the named sizes are at least one. */
export function requirePositive<K extends string>(operands: Readonly<Record<K, number>>, names: readonly K[]): void {
  requireBetween(operands, names, 1, MAX_COUNT);
}

/** The product of the named counts, which a kernel holds in one signed 32-bit number. */
export function count(what: string, ...factors: number[]): number {
  // Beyond 2^53 the product is rounded, but never back below the limit.
  const product = factors.reduce((a, b) => a * b, 1);
  if (product > MAX_COUNT) refuse(`${what} is ${product}, expected at most ${MAX_COUNT}`);
  return product;
}

/** Demands that an instruction ends in reasonable time. */
export function requireWork(...factors: number[]): void {
  const work = factors.reduce((a, b) => a * b, 1);
  if (work > MAX_WORK) refuse(`the work is ${work} innermost steps, expected at most ${MAX_WORK}`);
}

function rangeOf(operand: string, box: Box): Range {
  if (box.pointer % BYTES !== 0) refuse(`${operand} points to ${box.pointer}, expected a multiple of ${BYTES}`);
  let [low, high] = [0, 0];
  for (const { extent, stride } of box.axes) {
    // As in `count`, a product too large to be exact is also too large to pass.
    const reach = (extent - 1) * stride;
    if (reach < 0) low += reach;
    else high += reach;
  }
  const range = { begin: box.pointer + BYTES * low, end: box.pointer + BYTES * (high + 1) };
  if (range.begin < 0 || range.end > ADDRESS_SPACE) {
    refuse(`${operand} covers bytes ${range.begin} to ${range.end}, which no memory has`);
  }
  return range;
}

/** Axes that matter, innermost (smallest stride) first. */
function significantAxes(box: Box): Axis[] {
  return box.axes.filter(({ extent }) => extent > 1).sort((a, b) => Math.abs(a.stride) - Math.abs(b.stride));
}

/**
 * Whether no two index tuples of the box are the same element, as far as nesting shows: each axis steps over all that
 * the axes inside it cover. Every box cut out of a dense tensor, in any order of its axes, is nested.
 */
function isNested(box: Box): boolean {
  let covered = 1;
  for (const { extent, stride } of significantAxes(box)) {
    if (Math.abs(stride) < covered) return false;
    covered += (extent - 1) * Math.abs(stride);
  }
  return true;
}

/** The axis of a batch; the stride of a single item does not matter and need not make sense. */
export function batchAxis(extent: number, stride: number): Axis {
  return { extent, stride: extent === 1 ? 0 : stride };
}

/** Elements of a box that a write has proved to be nested. */
function elements(box: Box): number {
  return box.axes.reduce((product, { extent }) => product * extent, 1);
}

/** A read that touches some elements of a box. */
export function readBox(operand: string, pointer: number, axes: readonly Axis[], elementwise = false): Access {
  const box = { pointer, axes };
  return { operand, box, range: rangeOf(operand, box), elementwise };
}

/** A write to every element of a box, by one thread each. */
export function writeBox(operand: string, pointer: number, axes: readonly Axis[]): Access {
  const box = { pointer, axes };
  const range = rangeOf(operand, box);
  if (!isNested(box)) refuse(`${operand} has strides that may write one element twice`);
  return { operand, box, range, elementwise: false };
}

/** A read of `length` adjacent elements. */
export function readDense(operand: string, pointer: number, length: number): Access {
  return readBox(operand, pointer, [{ extent: length, stride: 1 }]);
}

/** A write of `length` adjacent elements. */
export function writeDense(operand: string, pointer: number, length: number): Access {
  return writeBox(operand, pointer, [{ extent: length, stride: 1 }]);
}

/** Whether a write leaves no gap in its range. */
export function isDense(write: Access): boolean {
  return elements(write.box) * BYTES === write.range.end - write.range.begin;
}

/** Calls `run(begin, end)` for the stretches of adjacent elements of a box, in elements from `origin` (a byte address). */
export function forEachRun(box: Box, origin: number, run: (begin: number, end: number) => void): void {
  const axes = significantAxes(box);
  const inner = axes[0] !== undefined && Math.abs(axes[0].stride) === 1 ? axes[0] : { extent: 1, stride: 1 };
  const outer = inner === axes[0] ? axes.slice(1) : axes;
  const low = Math.min(0, (inner.extent - 1) * inner.stride);
  const visit = (axis: number, at: number): void => {
    if (axis < 0) return run(at + low, at + low + inner.extent);
    for (let i = 0; i < outer[axis].extent; i++) visit(axis - 1, at + i * outer[axis].stride);
  };
  visit(outer.length - 1, (box.pointer - origin) / BYTES);
}
