/**
 * The scratch that a thread needs for the instructions of fast forms, in floats or 32-bit words, each piece rounded up to
 * 64 bytes; `assembly/conv/fast_*.ts` are its twins, and all change together. `FAST_GAP` floats follow each of the matrices
 * that a transform reads or writes.
 */
import { FAST_CHUNK, FAST_GAP, type FastForm } from "./fast_forms.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "./tiles.ts";
import type { Operands } from "./instructions.ts";

/** Table of addresses, distances to products, and the transform's own 8 × 6 × 6 floats. */
const HEAD = 64 + 64 + 288;
function bytesOf(pieces: readonly number[]): number {
  return pieces.reduce((bytes, floats) => bytes + Math.ceil(floats * 4 / 64) * 64, 0);
}

function whole(extent: number, unit: number): number {
  return Math.ceil(extent / unit) * unit;
}

/** `fastFilter`: the head, then four transformed filters of eight channels. */
export function fastFilterScratchBytes({ size }: FastForm): number {
  return bytesOf([HEAD, 4 * size * size * FAST_CHUNK]);
}

/** `fastConvolution`: the head, zeros, a tile of outputs, the transformed windows, the products. */
export function fastConvolutionScratchBytes(
  { outputs, size }: FastForm,
  { channels, phasesY, phasesX, n, tileBlock }: Pick<
    Operands<"fastConvolution">,
    "channels" | "phasesY" | "phasesX" | "n" | "tileBlock"
  >,
): number {
  const [depth, width] = [phasesY * phasesX * channels, whole(n, PANEL_COLUMNS)];
  return bytesOf([
    HEAD,
    channels,
    outputs * outputs * (width + FAST_GAP),
    tileBlock * size * size * (depth + FAST_GAP),
    tileBlock * size * size * (width + FAST_GAP),
  ]);
}

/** `fastGradient`: the head, zeros, a transformed tile. */
export function fastGradientScratchBytes(
  { size }: FastForm,
  { channels }: Pick<Operands<"fastGradient">, "channels">,
): number {
  return bytesOf([HEAD, channels, size * size * (channels + FAST_GAP)]);
}

/** `fastFilterGrad`: the head, zeros, the taps of a column, the transformed windows, the sums. */
export function fastFilterGradScratchBytes(
  { taps, size }: FastForm,
  { channels, n, tileBlock, channelBlock }: Pick<
    Operands<"fastFilterGrad">,
    "channels" | "n" | "tileBlock" | "channelBlock"
  >,
): number {
  return bytesOf([
    HEAD,
    channels,
    taps * taps * (channelBlock + FAST_GAP),
    size * size * (tileBlock * channelBlock + FAST_GAP),
    size * size * (whole(n, TILE_ROWS) * channelBlock + FAST_GAP),
  ]);
}
