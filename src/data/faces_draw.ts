/** Faces as pixels: facesjs makes the SVG of a choice of parts, resvg draws it. */
import { Resvg } from "@resvg/resvg-wasm";
import { faceToSvgString } from "facesjs";
import type { FaceChoice } from "./faces_parts.ts";
import { resampler } from "./resample.ts";

// facesjs draws into a stand-in for the page's document, which it looks for where Node has its globals.
Object.assign(globalThis, { global: globalThis });

/** The part of the drawing (400×600 units) that is shown: the head with all of its hair, and the neck. */
const VIEW_BOX = "4 104 392 392";
/** Each pixel is the average of so many squared that resvg draws: crisper lines than its own anti-aliasing alone. */
const OVERSAMPLING = 2;

/** A function that draws a face as size×size×3 bytes. `initWasm` of resvg must have been awaited. */
export function facePainter(size: number): (face: FaceChoice) => Uint8Array {
  const drawn = size * OVERSAMPLING;
  const shrink = resampler({ width: drawn, height: drawn, channels: 3 }, size, size);
  return (face) => shrink(withoutAlpha(render(svgOf(face), drawn, face.background)));
}

function svgOf(face: FaceChoice): string {
  return faceToSvgString(face.config)
    .replace(/viewBox="[^"]*"/, `viewBox="${VIEW_BOX}"`)
    .replaceAll("rgba(150,150,175,.5)", face.lens); // the lenses of facesjs's glasses
}

function render(svg: string, size: number, background: string): Uint8Array {
  const drawing = new Resvg(svg, {
    background,
    fitTo: { mode: "width", value: size },
    font: { loadSystemFonts: false },
  });
  const image = drawing.render();
  const pixels = image.pixels;
  image.free();
  drawing.free();
  return pixels;
}

/** RGBA to RGB; the background makes all pixels opaque. */
function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from];
    rgb[to++] = rgba[from + 1];
    rgb[to++] = rgba[from + 2];
  }
  return rgb;
}
