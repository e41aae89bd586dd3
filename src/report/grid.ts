/** Many small pictures on one sheet. */
import { UsageError } from "../core/errors.ts";
import { writeFileAtomic } from "../core/files.ts";
import { encodePng, type Pixels } from "./image.ts";

export interface GridOptions {
  /** Pictures a row; the default makes the sheet as square as it can be. */
  readonly columns?: number;
  /** Pixels between neighbours and around the sheet, after magnifying. Default 2. */
  readonly gap?: number;
  /** Each pixel becomes a square of so many: small pictures stay sharp in viewers that smooth. Default 1. */
  readonly scale?: number;
  /** Colour of gaps and empty places. Default white. */
  readonly background?: readonly [red: number, green: number, blue: number];
}

/**
 * One RGB picture with all pictures of a stack in reading order. Grey pictures become RGB.
 * @throws UsageError for an empty stack, or columns, gap or scale that are not sensible integers.
 */
export function imageGrid(pixels: Pixels, options: GridOptions = {}): Pixels {
  const { count, channels } = pixels;
  const columns = Math.min(options.columns ?? Math.ceil(Math.sqrt(count)), count);
  const gap = options.gap ?? 2;
  const scale = options.scale ?? 1;
  requireInteger("the number of pictures", count, 1);
  requireInteger("columns", columns, 1);
  requireInteger("gap", gap, 0);
  requireInteger("scale", scale, 1);
  const cellHeight = pixels.height * scale + gap;
  const cellWidth = pixels.width * scale + gap;
  const height = gap + Math.ceil(count / columns) * cellHeight;
  const width = gap + columns * cellWidth;
  const bytes = fill(new Uint8Array(height * width * 3), options.background ?? [255, 255, 255]);
  for (let index = 0; index < count; index++) {
    const top = gap + Math.floor(index / columns) * cellHeight;
    const left = gap + (index % columns) * cellWidth;
    for (let y = 0; y < pixels.height * scale; y++) {
      const row = (index * pixels.height + Math.floor(y / scale)) * pixels.width;
      let target = ((top + y) * width + left) * 3;
      for (let x = 0; x < pixels.width * scale; x++) {
        const source = (row + Math.floor(x / scale)) * channels;
        bytes[target++] = pixels.bytes[source];
        bytes[target++] = pixels.bytes[channels === 3 ? source + 1 : source];
        bytes[target++] = pixels.bytes[channels === 3 ? source + 2 : source];
      }
    }
  }
  return { count: 1, height, width, channels: 3, bytes };
}

/** Writes one picture as a PNG, whole or not at all. @throws FileError */
export async function writePng(path: string, picture: Pixels): Promise<void> {
  await writeFileAtomic(path, encodePng(picture));
}

function fill(bytes: Uint8Array, color: readonly [number, number, number]): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = color[i % 3];
  return bytes;
}

function requireInteger(what: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new UsageError(`${what} of an image grid must be an integer of at least ${least}, got ${value}`);
  }
}
