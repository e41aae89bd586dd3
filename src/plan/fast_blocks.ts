/**
 * Which fast form a convolution can take, and in which blocks. Like `blocks.ts`, by shape alone: the form decides the bits
 * of the result, and so do the tiles of a filter's gradient, whose sums they cut; sums over channels are never cut.
 */
import { evenBlock } from "./blocks.ts";
import { FAST_CHUNK, type FastForm, fastForms } from "./fast_forms.ts";
import { TILE_ROWS } from "./tiles.ts";
import type { Operands } from "./instructions.ts";

/** Most tiles of a block: V and M for so many stay in level 3, one of their matrices in level 2. */
const MAX_TILES = 48;
/** Floats of a thread's transformed windows, 8 MiB. */
const MAX_WINDOW_FLOATS = 2 ** 21;
/** Channels whose sums a thread of `fastFilterGrad` keeps. */
const CHANNEL_BLOCK = 32;
/** Tiles of a block of `fastFilterGrad`: the depth of its products. */
const GRADIENT_TILES = 256;

/** The form for `taps` × `taps` filters of `channels` × n, if there is one. */
export function fastFormOf(taps: number, channels: number, n: number): FastForm | undefined {
  if (channels % FAST_CHUNK !== 0 || n % FAST_CHUNK !== 0) return undefined;
  return fastForms.find((form) => form.taps === taps);
}

/**
 * Blocks of `fastConvolution`. Threads share out columns, and transform all windows each, only where tiles are so few that
 * the filter is many times as large: with 64 tiles and 512 columns sharing out tiles was still a tenth faster.
 */
export function fastConvolutionBlocks(
  { size }: FastForm,
  tiles: number,
  depth: number,
  n: number,
): Pick<Operands<"fastConvolution">, "tileBlock" | "splitColumns"> {
  const fitting = Math.floor(MAX_WINDOW_FLOATS / (size * size * depth) / TILE_ROWS) * TILE_ROWS;
  return {
    tileBlock: evenBlock(tiles, Math.max(TILE_ROWS, Math.min(MAX_TILES, fitting)), TILE_ROWS),
    splitColumns: 16 * tiles <= n ? 1 : 0,
  };
}

/** Blocks of `fastFilterGrad`. */
export function fastFilterGradBlocks(
  tiles: number,
  channels: number,
): Pick<Operands<"fastFilterGrad">, "tileBlock" | "channelBlock"> {
  return {
    tileBlock: evenBlock(tiles, GRADIENT_TILES, 1),
    channelBlock: evenBlock(channels, CHANNEL_BLOCK, 16),
  };
}
