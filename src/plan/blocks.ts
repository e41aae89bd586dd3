/**
 * Block sizes of a contraction. They depend on its shape alone, never on the machine or the number of threads, because
 * `depthBlock` decides the order of additions and so the bits of the result.
 */
import type { Operands } from "./instructions.ts";
import { TILE_ROWS } from "./tiles.ts";

// Measured on a Zen 3 (32 KiB level 1, 512 KiB level 2): 1024³ at 88 % of the roof with depth 1024, 83 % with 512 and 79 %
// with 256, because C is read and written again for each depth block; rows from 96 up hardly matter.

/** Depth of a block: a panel of B, 1024 × 16 floats, streams from level 2 into the register tile. */
const MAX_DEPTH = 1024;
/** The same where B is patches, whose packed block must fit level 2 as well. */
const MAX_PATCH_DEPTH = 512;
/** Rows of a block: A's packed block, 96 × 1024 floats, takes 384 KiB of level-2 cache. */
const MAX_ROWS = 96;
/** Columns of a block: B's packed block, 1024 × 1024 floats, takes 4 MiB of level-3 cache. Without, 2048³ is a tenth slower. */
const MAX_COLUMNS = 1024;
/** The same where B is patches: its packed block, 512 × 256 floats, takes 512 KiB of a 1 MiB level-2 cache. */
const MAX_PATCH_COLUMNS = 256;

export type ContractBlocks = Pick<
  Operands<"contract">,
  "tileColumns" | "rowBlock" | "columnBlock" | "depthBlock" | "splitColumns"
>;

/** The smallest multiple of `unit` that is at least `extent`. */
function wholeUnits(extent: number, unit: number): number {
  return Math.ceil(extent / unit) * unit;
}

/** Cuts `extent` into the fewest blocks of at most `largest`, as equal as whole units allow. */
export function evenBlock(extent: number, largest: number, unit: number): number {
  return wholeUnits(extent / Math.ceil(extent / largest), unit);
}

/** 16, the tile that fills the 256-bit registers, unless half of its last panel or more would be padding. */
function tileColumns(n: number): number {
  return n <= 8 ? 8 : 16;
}

/** Four at a time is what the packers transpose. */
function depthBlock(k: number, bIsPatches: boolean): number {
  return evenBlock(k, bIsPatches ? MAX_PATCH_DEPTH : MAX_DEPTH, 4);
}

/**
 * Threads share out the longer side, counted in panels: the shorter one is packed (A's rows) or read (B's panels) by
 * every thread, and long sides can be shared out evenly. Rows win a tie, as a thread then packs only its part of A;
 * but blocks of B that are patches are the costlier part to pack twice, so there columns need only be enough.
 */
function splitColumns(m: number, n: number, bIsPatches: boolean): boolean {
  const rowPanels = Math.ceil(m / TILE_ROWS), columnPanels = Math.ceil(n / tileColumns(n));
  return bIsPatches ? columnPanels >= Math.min(rowPanels, 8) : columnPanels > rowPanels;
}

/**
 * The blocks for C = A·B, m × k by k × n.
 * @param bIsPatches whether B is packed on the fly (`bKind` 1); else it is packed beforehand with the same `depthBlock`
 *   and `tileColumns`.
 */
export function contractBlocks(m: number, n: number, k: number, bIsPatches = false): ContractBlocks {
  const width = tileColumns(n);
  return {
    tileColumns: width,
    rowBlock: evenBlock(m, MAX_ROWS, TILE_ROWS),
    columnBlock: evenBlock(n, bIsPatches ? MAX_PATCH_COLUMNS : MAX_COLUMNS, width),
    depthBlock: depthBlock(k, bIsPatches),
    splitColumns: splitColumns(m, n, bIsPatches) ? 1 : 0,
  };
}
