/**
 * The scratch that a thread needs for `contract`. Layout, each piece rounded up to 64 bytes (a cache line), in floats
 * or 32-bit words; `assembly/gemm/scratch.ts` is its twin, and both change together:
 *
 *     sums      6 × 16                       the tile
 *     offsets   rowBlock                     C's rows
 *     zeros     depthBlock                   stands for rows that are missing or padding
 *     rows      rowBlock × depthBlock        A's packed block
 *     table     rowBlock × 3                 aKind 1: where the patches start
 *     staging   6 × depthBlock               aKind 1: window rows that cross the image's edge
 *     columns   depthBlock × columnBlock     bKind 1: B's packed block
 */
import type { Operands } from "./instructions.ts";

type ScratchOperands = Pick<Operands<"contract">, "aKind" | "bKind" | "rowBlock" | "columnBlock" | "depthBlock">;

const SUMS = 6 * 16;

/** Bytes of scratch that one thread needs: the least value of `scratchStride`. */
export function contractScratchBytes(
  { aKind, bKind, rowBlock, columnBlock, depthBlock }: ScratchOperands,
): number {
  const pieces = [SUMS, rowBlock, depthBlock, rowBlock * depthBlock];
  if (aKind === 1) pieces.push(rowBlock * 3, 6 * depthBlock);
  if (bKind === 1) pieces.push(depthBlock * columnBlock);
  return pieces.reduce((bytes, words) => bytes + Math.ceil(words * 4 / 64) * 64, 0);
}
