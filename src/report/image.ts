/** Pictures as files: values to bytes, PNG, and NumPy's npy. Everything is channels-last (N×H×W×C). */
import { encode } from "fast-png";
import { InternalError } from "../core/errors.ts";
import { type Shape, showShape, sizeOf } from "../core/shape.ts";

/** One picture, or a stack of equal ones: bytes in row-major N×H×W×C order. */
export interface Pixels {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number;
  readonly bytes: Uint8Array;
}

/**
 * Values in [−1, 1] to bytes: round((x + 1)·127.5), clamped; the inverse of what the batch feeder does. NaN gives 0.
 */
export function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    bytes[i] = Math.min(Math.max(Math.floor(values[i] * 127.5 + 128), 0), 255);
  }
  return bytes;
}

/** Image `index` of a stack, as a view. */
export function imageAt(pixels: Pixels, index: number): Pixels {
  const length = pixels.height * pixels.width * pixels.channels;
  return { ...pixels, count: 1, bytes: pixels.bytes.subarray(index * length, (index + 1) * length) };
}

/** The PNG file of one picture. Equal pixels give equal files: no times, no text. */
export function encodePng(picture: Pixels): Uint8Array {
  const { height, width, channels, bytes } = picture;
  if (picture.count !== 1 || bytes.length !== height * width * channels) {
    throw new InternalError(`a PNG holds one picture: got ${bytes.length} bytes for ${height}×${width}×${channels}`);
  }
  return encode({ width, height, channels, depth: 8, data: bytes });
}

/**
 * An `.npy` file of bytes or 4-byte floats: format version 1.0, C order. The header is padded so that the data start at
 * a multiple of 64 bytes, as NumPy's format description asks (NEP 1).
 */
export function encodeNpy(values: Uint8Array | Float32Array, shape: Shape): Uint8Array {
  if (values.length !== sizeOf(shape)) {
    throw new InternalError(`got ${values.length} values for an array of ${showShape(shape)}`);
  }
  const type = values instanceof Uint8Array ? "|u1" : "<f4";
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const description = `{'descr': '${type}', 'fortran_order': False, 'shape': (${extents}), }`;
  const prefix = 10; // magic (6), version (2), length of the text (2)
  const total = Math.ceil((prefix + description.length + 1) / 64) * 64;
  const file = new Uint8Array(total + values.byteLength);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]); // \x93NUMPY, version 1.0
  const view = new DataView(file.buffer);
  view.setUint16(8, total - prefix, true);
  file.set(new TextEncoder().encode(description.padEnd(total - prefix - 1) + "\n"), prefix);
  if (values instanceof Uint8Array) file.set(values, total);
  else values.forEach((value, i) => view.setFloat32(total + 4 * i, value, true));
  return file;
}

/** A `labels.csv`: one line an image, `file` first, then one column per attribute (RFC 4180 quoting). */
export function encodeLabelsCsv(
  files: readonly string[],
  attributes: readonly { readonly name: string; readonly values: readonly string[] }[],
): Uint8Array {
  const rows = [["file", ...attributes.map((attribute) => attribute.name)]];
  files.forEach((file, row) => rows.push([file, ...attributes.map((attribute) => attribute.values[row])]));
  return new TextEncoder().encode(rows.map((row) => row.map(quote).join(",") + "\r\n").join(""));
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
