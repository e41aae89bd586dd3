/** PNG and JPEG files to RGB pictures. Bytes from outside: read by pure JavaScript, within fixed limits. */
import { convertIndexedToRgb, decode as decodePngFile, type DecodedPng } from "fast-png";
import * as jpeg from "jpeg-js";
import { DataError } from "../core/errors.ts";
import { exifOrientation, upright } from "./exif.ts";
import { coverSquare, type Picture } from "./resample.ts";

const MAX_MEGAPIXELS = 100;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** What files of other kinds begin with, to name them in the message. */
const OTHER_KINDS: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^RIFF....WEBP/s, "a WebP picture"],
  [/^GIF8/, "a GIF picture"],
  [/^BM/, "a BMP picture"],
  [/^(II\*\0|MM\0\*)/, "a TIFF picture"],
  [/^....ftyp(avif|avis)/s, "an AVIF picture"],
  [/^....ftyp(heic|heix|mif1)/s, "a HEIC picture"],
  [/^\s*<(\?xml|svg|!DOCTYPE)/i, "a text in XML or HTML"],
];

/**
 * The picture in a PNG or JPEG file, whichever its content is: 8-bit RGB, grey spread to three channels, alpha
 * composited on white, 16-bit rounded, turned upright as its EXIF orientation asks. `path` is for the message.
 * @throws DataError naming the file if it is neither, damaged, or too large.
 */
export function decodePicture(bytes: Uint8Array, path: string): Picture {
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return guarded(path, "PNG", () => decodePng(bytes));
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return guarded(path, "JPEG", () => decodeJpeg(bytes));
  if (bytes.length === 0) {
    throw new DataError(`${path} is empty; expected a PNG or JPEG picture: get it again or remove it`);
  }
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  const kind = OTHER_KINDS.find(([pattern]) => pattern.test(start))?.[1] ?? "something else";
  throw new DataError(`${path} is ${kind}; expected a PNG or JPEG picture: convert it or remove it`);
}

function guarded(path: string, kind: string, decode: () => Picture): Picture {
  try {
    return decode();
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0].replace(/[\s:]+$/, "");
    throw new DataError(`${path} is a damaged ${kind} file (${reason}); get it again or remove it`);
  }
}

function decodeJpeg(bytes: Uint8Array): Picture {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MAX_MEGAPIXELS,
    maxMemoryUsageInMB: 2048,
  });
  return upright({ width, height, channels: 3, data }, exifOrientation(bytes));
}

function decodePng(bytes: Uint8Array): Picture {
  // The header comes first and says how much memory the rest will need: looked at before anything is unpacked.
  if (bytes.length < 33) throw new Error("it ends within its header");
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [header.getUint32(16), header.getUint32(20)];
  if (width === 0 || height === 0) throw new Error(`its size is ${width}×${height}`);
  if (width * height > MAX_MEGAPIXELS * 1e6) {
    throw new Error(`its size is ${width}×${height}, at most ${MAX_MEGAPIXELS} megapixels are read`);
  }
  const png = decodePngFile(bytes, { checkCrc: true });
  const expected = Math.ceil((width * png.channels * png.depth) / 8) * height;
  const got = png.data.length * png.data.BYTES_PER_ELEMENT;
  if (got !== expected) throw new Error(`${got} bytes of pixels, expected ${expected}`);
  const { samples, channels } = png.palette ? fromPalette(png) : fromSamples(png);
  const data = new Uint8Array(width * height * 3);
  const hasAlpha = channels === 2 || channels === 4;
  for (let from = 0, to = 0; to < data.length; from += channels, to += 3) {
    const alpha = hasAlpha ? samples[from + channels - 1] : 255;
    for (let c = 0; c < 3; c++) {
      const value = samples[channels >= 3 ? from + c : from];
      data[to + c] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return { width, height, channels: 3, data };
}

/** Samples of 8 bits, with or without alpha as the last channel. */
interface Samples {
  readonly samples: Uint8Array;
  readonly channels: number;
}

function fromPalette(png: DecodedPng): Samples {
  const samples = convertIndexedToRgb(png);
  return { samples, channels: samples.length / (png.width * png.height) };
}

/** Grey and RGB samples of 1 to 16 bits; one colour may be marked as transparent (tRNS). */
function fromSamples(png: DecodedPng): Samples {
  const values = png.depth < 8 ? unpackBits(png) : png.data;
  const most = 2 ** png.depth - 1;
  const key = png.transparency;
  const keyed = key !== undefined && key.length === png.channels;
  const channels = png.channels + (keyed ? 1 : 0);
  const samples = new Uint8Array(png.width * png.height * channels);
  for (let from = 0, to = 0; to < samples.length; from += png.channels) {
    let isKey = keyed;
    for (let c = 0; c < png.channels; c++) {
      const value = values[from + c];
      isKey &&= value === key?.[c];
      samples[to++] = Math.round((value * 255) / most);
    }
    if (keyed) samples[to++] = isKey ? 0 : 255;
  }
  return { samples, channels };
}

/** Grey of 1, 2 or 4 bits, packed from the high bits of each byte down; rows begin at a byte. */
function unpackBits({ width, height, depth, data }: DecodedPng): Uint8Array {
  const values = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = data[y * rowBytes + ((x * depth) >> 3)];
      values[y * width + x] = (byte >> (8 - depth - ((x * depth) & 7))) & (2 ** depth - 1);
    }
  }
  return values;
}

/** The picture in a file as size×size×3 bytes: its shorter side fits, the middle of the longer one is kept. */
export function decodeSquare(bytes: Uint8Array, path: string, size: number): Uint8Array {
  return coverSquare(decodePicture(bytes, path), size).data;
}
