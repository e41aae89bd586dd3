/**
 * The idx format of MNIST: two zero bytes, a byte for the type of the elements, a byte for the number of axes, their
 * lengths as big-endian 32-bit integers, then the elements in row-major order. Often packed by gzip.
 */
import { gunzipSync } from "node:zlib";
import { DataError } from "../core/errors.ts";
import { readFile } from "../core/files.ts";

/** Unsigned bytes with their shape. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A packed file may not unpack to more than this: it would be no set of small images, but an attack or a mistake. */
const MAX_UNPACKED_BYTES = 2 ** 31;
const TYPE_NAMES: Record<number, string> = {
  0x09: "signed bytes",
  0x0b: "16-bit integers",
  0x0c: "32-bit integers",
  0x0d: "32-bit floats",
  0x0e: "64-bit floats",
};

/** Reads a file and unpacks it if it is gzip, whatever its name says. @throws DataError */
export async function readUnpacked(path: string): Promise<Uint8Array> {
  return unpack(await readFile(path), path);
}

/** The bytes of a gzip file unpacked, others as they are. `path` is for the message. @throws DataError */
export function unpack(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`${path} does not unpack (${reason}); expected a whole gzip file: get it again`);
  }
}

/**
 * Reads an idx array of unsigned bytes. `path` is for the message.
 * @throws DataError if it is not idx, has another type, or is shorter or longer than its header says.
 */
export function parseIdx(bytes: Uint8Array, path: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    const start = bytes.subarray(0, 4).toHex();
    throw new DataError(
      `${path} is not an idx file: it starts with ${start || "nothing"}, expected 0000 and two more bytes; ` +
        `give the files of an idx data set`,
    );
  }
  const [, , type, rank] = bytes;
  if (type !== 0x08) {
    throw new DataError(
      `${path} holds ${TYPE_NAMES[type] ?? `elements of the unknown type 0x${type.toString(16).padStart(2, "0")}`}; ` +
        `only unsigned bytes (type 0x08) are read: convert it`,
    );
  }
  const headerLength = 4 + 4 * rank;
  if (rank === 0 || bytes.length < headerLength) {
    throw new DataError(`${path} ends within its header of ${rank} axes: the file is damaged, get it again`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = headerLength + shape.reduce((product, extent) => product * extent, 1);
  if (bytes.length !== expected) {
    throw new DataError(
      `${path} is ${bytes.length < expected ? "cut off" : "too long"}: it has ${bytes.length} bytes, ` +
        `its header (${shape.join("×")}) asks for ${expected}; get it again`,
    );
  }
  return { shape, data: bytes.subarray(headerLength) };
}
