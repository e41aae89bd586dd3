/** What a case is, and the generators that all cases share. */
import fc from "fast-check";
import { BLOCK } from "../../../src/plan/expression.ts";
import type { Instruction, Mnemonic, Operands } from "../../../src/plan/instructions.ts";

/** Where the operands of a case come to lie. */
export interface Memory {
  /** Address of so many initialised floats. */
  input(elements: number): number;
  /** Address of so many floats to be written. */
  output(elements: number): number;
  /** Address of so many initialised floats that are also written. */
  update(elements: number): number;
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

/** Turns a generator of sizes into one of cases. */
export function caseOf<M extends Mnemonic, S>(
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

export const upTo = (max: number) => fc.integer({ min: 1, max });
/** Lengths around lanes and blocks of registers. */
export const lengths = fc.oneof(upTo(9), upTo(70), fc.constantFrom(BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5));

/** Extents of a space of at most a few thousand elements, often with leading ones. */
export const extents: fc.Arbitrary<number[]> = fc.oneof(
  fc.tuple(fc.constant(1), upTo(3), upTo(3), upTo(4), upTo(5), upTo(7)),
  fc.tuple(upTo(2), upTo(2), upTo(3), upTo(3), upTo(3), upTo(9)),
  fc.tuple(fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), upTo(9), lengths),
  fc.tuple(fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), lengths, upTo(9)),
  fc.tuple(fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), fc.constant(1), lengths),
);

/** How one operand is laid out: order of the axes in memory, and for each axis a gap, a direction, or a broadcast. */
export interface Layout {
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

/** Layouts of operands that are read, in any way. */
export const sourceLayout = layouts([1, 1, 0, -1]);
/** Layouts without broadcasts. */
export const targetLayout = layouts([1, 1, -1]);

/** Strides of a layout, and the element its origin is at, in a stretch of `size` elements. */
export function lay(extents: readonly number[], { order, gap, step }: Layout) {
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

export const dims = ([d0, d1, d2, d3, d4, d5]: readonly number[]) => ({ d0, d1, d2, d3, d4, d5 });
export const sourceStrides = ([s0, s1, s2, s3, s4, s5]: readonly number[]) => ({ s0, s1, s2, s3, s4, s5 });
export const targetStrides = ([t0, t1, t2, t3, t4, t5]: readonly number[]) => ({ t0, t1, t2, t3, t4, t5 });
export const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);
