/** A thread that draws faces. Bundled to text by `scripts/build_data.ts`; it reads no file. */
import { initWasm } from "@resvg/resvg-wasm";
import { facePainter } from "./faces_draw.ts";
import { FACE_ATTRIBUTES, faceAt } from "./faces_parts.ts";
import { serve } from "./pool.ts";

export interface FacesSetup {
  readonly resvg: WebAssembly.Module;
  readonly seed: number;
  readonly size: number;
}

/** Faces `first` to `first + count − 1`. */
export interface FacesJob {
  readonly first: number;
  readonly count: number;
}

export interface FacesAnswer {
  readonly first: number;
  /** count×size×size×3 */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** For each attribute, the class of each face. */
  readonly classes: readonly Uint16Array[];
}

serve<FacesSetup, FacesJob, FacesAnswer>(async ({ resvg, seed, size }) => {
  await initWasm(resvg);
  const paint = facePainter(size);
  return ({ first, count }) => {
    const imageBytes = size * size * 3;
    const pixels = new Uint8Array(count * imageBytes);
    const classes = FACE_ATTRIBUTES.map(() => new Uint16Array(count));
    for (let i = 0; i < count; i++) {
      const face = faceAt(seed, first + i);
      pixels.set(paint(face), i * imageBytes);
      face.classes.forEach((index, attribute) => classes[attribute][i] = index);
    }
    return { message: { first, pixels, classes }, transfer: [pixels.buffer] };
  };
});
