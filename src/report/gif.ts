/** Pictures one after the other as an animated GIF. */
import * as gifenc from "gifenc";
import { UsageError } from "../core/errors.ts";
import type { Pixels } from "./image.ts";

type Palette = readonly (readonly number[])[];

/** What is used of gifenc, which comes without types. */
interface Gifenc {
  GIFEncoder(): {
    writeFrame(
      indices: Uint8Array,
      width: number,
      height: number,
      options: { readonly palette: Palette; readonly delay: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  };
  quantize(rgba: Uint8Array, colors: number): Palette;
  applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
}

// Deno gives the package's CommonJS module as `default`, bundlers its ES module.
const { GIFEncoder, quantize, applyPalette } = ("default" in gifenc ? gifenc.default : gifenc) as unknown as Gifenc;

/** How much longer the last picture stays, so that one sees where it ends. */
const REST = 5;

/**
 * The GIF file of RGB pictures of one size, repeated for ever; each has up to 256 colours of its own.
 * @param delay milliseconds a picture, in steps of ten.
 * @throws UsageError for no pictures, or pictures of several sizes.
 */
export function encodeGif(frames: readonly Pixels[], delay: number): Uint8Array<ArrayBuffer> {
  if (frames.length === 0) throw new UsageError("a GIF needs at least one picture, got none");
  const [{ width, height }] = frames;
  const encoder = GIFEncoder();
  frames.forEach((frame, index) => {
    if (frame.width !== width || frame.height !== height || frame.channels !== 3) {
      throw new UsageError(
        `the pictures of a GIF have one size and three channels; expected ${height}×${width}×3, got ${frame.height}×` +
          `${frame.width}×${frame.channels}`,
      );
    }
    const rgba = opaque(frame.bytes);
    const palette = quantize(rgba, 256);
    const last = index === frames.length - 1;
    encoder.writeFrame(applyPalette(rgba, palette), width, height, { palette, delay: last ? REST * delay : delay });
  });
  encoder.finish();
  return encoder.bytes();
}

/** Red, green, blue → red, green, blue, 255. */
function opaque(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(rgb.length / 3 * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
  }
  return rgba;
}
