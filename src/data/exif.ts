/** The orientation that a camera notes in a JPEG file: phones store photos lying and say how to turn them. */
import type { Picture } from "./resample.ts";

const SEGMENT_EXIF = 0xe1;
const SEGMENT_SCAN = 0xda;
const TAG_ORIENTATION = 0x0112;

/**
 * The orientation (1 to 8, EXIF 2.3 §4.6.4) of a JPEG file; 1 (upright) if it has none or the note is damaged: then
 * the picture is shown as other viewers show it.
 */
export function exifOrientation(jpeg: Uint8Array): number {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== SEGMENT_SCAN;) {
    const length = view.getUint16(at + 2);
    if (jpeg[at + 1] === SEGMENT_EXIF && at + 2 + length <= jpeg.length) {
      const orientation = readOrientation(jpeg.subarray(at + 4, at + 2 + length));
      if (orientation !== undefined) return orientation;
    }
    at += 2 + length;
  }
  return 1;
}

/** `segment`: "Exif", two zero bytes, then a TIFF header and its first directory of 12-byte entries. */
function readOrientation(segment: Uint8Array): number | undefined {
  if (segment.length < 16 || String.fromCharCode(...segment.subarray(0, 6)) !== "Exif\0\0") return undefined;
  const tiff = new DataView(segment.buffer, segment.byteOffset + 6, segment.length - 6);
  const littleEndian = tiff.getUint16(0) === 0x4949; // "II"
  const directory = tiff.getUint32(4, littleEndian);
  if (directory + 2 > tiff.byteLength) return undefined;
  const entries = tiff.getUint16(directory, littleEndian);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > tiff.byteLength) return undefined;
    if (tiff.getUint16(at, littleEndian) !== TAG_ORIENTATION) continue;
    const orientation = tiff.getUint16(at + 8, littleEndian);
    return orientation >= 1 && orientation <= 8 ? orientation : undefined;
  }
  return undefined;
}

/** The picture as it should be seen. Orientations 2, 4, 5 and 7 are mirrored; 5 to 8 exchange the axes. */
export function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { width, height, channels, data } = picture;
  const swaps = orientation >= 5;
  const turned = { width: swaps ? height : width, height: swaps ? width : height };
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const result = new Uint8Array(data.length);
  for (let y = 0; y < turned.height; y++) {
    for (let x = 0; x < turned.width; x++) {
      const sourceX = swaps ? y : x;
      const sourceY = swaps ? x : y;
      const column = fromRight ? width - 1 - sourceX : sourceX;
      const row = fromBottom ? height - 1 - sourceY : sourceY;
      const from = (row * width + column) * channels;
      result.set(data.subarray(from, from + channels), (y * turned.width + x) * channels);
    }
  }
  return { ...turned, channels, data: result };
}
