/**
 * Layout of a thread's scratch for `contract`, pieces rounded up to 64 bytes. `src/plan/contract_scratch.ts` is its twin:
 * both change together.
 *
 *     sums      6 × 16 floats                the tile
 *     offsets   rowBlock words               C's rows
 *     zeros     depthBlock floats            stands for rows that are missing or padding
 *     rows      rowBlock × depthBlock        A's packed block
 *     table     rowBlock × 3 words           aKind 1: where the patches start
 *     staging   6 × depthBlock floats        aKind 1: window rows that cross the image's edge
 *     columns   depthBlock × columnBlock     bKind 1: B's packed block
 */

import { CONTRACT_DEPTH_BLOCK, CONTRACT_ROW_BLOCK } from "../abi.gen";
import { word } from "../simd";

// @ts-ignore: decorator
@inline const SUMS: usize = 384;

/** Bytes rounded up to whole cache lines. */
// @ts-ignore: decorator
@inline export function whole(bytes: usize): usize {
  return (bytes + 63) & ~63;
}

export function scratchOffsets(scratch: usize): usize {
  return scratch + SUMS;
}

export function scratchZeros(instruction: usize, scratch: usize): usize {
  return scratchOffsets(scratch) + whole(<usize>word(instruction, CONTRACT_ROW_BLOCK) << 2);
}

export function scratchRows(instruction: usize, scratch: usize): usize {
  return scratchZeros(instruction, scratch) + whole(<usize>word(instruction, CONTRACT_DEPTH_BLOCK) << 2);
}

export function scratchTable(instruction: usize, scratch: usize): usize {
  const rows = <usize>word(instruction, CONTRACT_ROW_BLOCK) * <usize>word(instruction, CONTRACT_DEPTH_BLOCK);
  return scratchRows(instruction, scratch) + whole(rows << 2);
}

export function scratchStaging(instruction: usize, scratch: usize): usize {
  return scratchTable(instruction, scratch) + whole(<usize>word(instruction, CONTRACT_ROW_BLOCK) * 12);
}

/** As A and B are not both patches, B's block stands where A's table would. */
export function scratchColumns(instruction: usize, scratch: usize): usize {
  return scratchTable(instruction, scratch);
}
