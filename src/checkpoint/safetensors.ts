/**
 * The safetensors format: u64 header length (little-endian), JSON header padded with spaces to a multiple of 8, then
 * one buffer without holes. All machines that Deno runs on are little-endian, so bytes are copied as they are.
 *
 * Ours carry two digests in `__metadata__`: `digest`, the SHA-256 of the buffer, and `headerDigest`, that of the
 * header as it would be written without this one entry. With both, a flipped bit anywhere is found.
 */
import { DataError, InternalError } from "../core/errors.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import type { FileTensor } from "./layout.ts";
import { createHash } from "node:crypto";
import * as v from "valibot";

/** What a file holds. `metadata` is without the digests. */
export interface SafetensorsFile {
  readonly tensors: Map<string, FileTensor>;
  readonly metadata: Record<string, string>;
  /** Whether both digests were there, and right. Files of other tools carry none. */
  readonly sealed: boolean;
}

const metadataKey = "__metadata__";
const digestKeys = ["digest", "headerDigest"];
const lengthBytes = 8;
const headerLimit = 100_000_000;

/** The element types that are read, and how; what float32 does not hold is rounded. Only F32 is written. */
const readable: ReadonlyMap<string, { readonly bytes: number; readonly read: (buffer: ArrayBuffer) => Float32Array }> =
  new Map([
    ["F32", { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
    ["F64", { bytes: 8, read: (buffer) => new Float32Array(new Float64Array(buffer)) }],
    ["F16", { bytes: 2, read: (buffer) => new Float32Array(new Float16Array(buffer)) }],
    ["BF16", { bytes: 2, read: (buffer) => readBfloat16(new Uint16Array(buffer)) }],
    ["I64", { bytes: 8, read: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) }],
    ["I32", { bytes: 4, read: (buffer) => new Float32Array(new Int32Array(buffer)) }],
    ["U8", { bytes: 1, read: (buffer) => new Float32Array(new Uint8Array(buffer)) }],
  ]);

/** bfloat16 is the upper half of a float32. */
function readBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.strictObject({
  dtype: v.string(),
  shape: v.array(natural),
  data_offsets: v.strictTuple([natural, natural]),
});

type Entry = v.InferOutput<typeof entrySchema>;

/**
 * The bytes of a file that holds `tensors`, as F32, and `metadata`. Names are sorted, nothing depends on the time:
 * equal contents, in any order, give equal bytes.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, FileTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const reserved = Object.keys(metadata).find((key) => digestKeys.includes(key)) ??
    (tensors.has(metadataKey) ? metadataKey : undefined);
  if (reserved !== undefined) throw new InternalError(`${reserved} is a name that the file format needs itself`);

  const entries = new Map<string, Entry>();
  const chunks: Uint8Array[] = [];
  let end = 0;
  for (const name of [...tensors.keys()].sort()) {
    const { shape, data } = tensors.get(name)!;
    if (data.length !== sizeOf(shape)) {
      throw new InternalError(`${name} has ${data.length} values; expected those of ${showShape(shape)}`);
    }
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    entries.set(name, { dtype: "F32", shape: [...shape], data_offsets: [end, end += data.byteLength] });
  }

  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  const sealed = new Map([...Object.entries(metadata), ["digest", hash.digest("hex")]]);
  sealed.set("headerDigest", digestOf(headerText(entries, sealed)));
  const header = new TextEncoder().encode(headerText(entries, sealed));
  const headerLength = Math.ceil(header.length / 8) * 8;

  const bytes = new Uint8Array(lengthBytes + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerLength);
  bytes.set(header, lengthBytes);
  let offset = lengthBytes + headerLength;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * Reads a file of ours or of another tool. Everything is checked: lengths, JSON, names, types, ranges, that the
 * tensors fill the buffer without holes or overlaps, and the digests if there are any.
 * @throws DataError that says what is damaged; it does not know the file's name.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { text, data } = split(bytes);
  const { entries, metadata } = parseHeader(text);
  checkExtents(entries, data.length);
  checkDigests(entries, metadata, data);
  const tensors = new Map<string, FileTensor>();
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of entries) {
    const { buffer } = new Uint8Array(data.subarray(begin, end));
    tensors.set(name, { shape, data: readable.get(dtype)!.read(buffer) });
  }
  const sealed = digestKeys.every((key) => metadata.has(key));
  for (const key of digestKeys) metadata.delete(key);
  return { tensors, metadata: Object.fromEntries(metadata), sealed };
}

/** The header's text, and the buffer after it. */
function split(bytes: Uint8Array): { text: string; data: Uint8Array } {
  if (bytes.length < lengthBytes) {
    throw new DataError(`not a safetensors file: it has ${bytes.length} bytes, expected a header`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > headerLimit) {
    throw new DataError(`not a safetensors file: its header would have ${length} bytes, at most ${headerLimit} may be`);
  }
  const dataStart = lengthBytes + Number(length);
  if (dataStart > bytes.length) {
    throw new DataError(`the file ends inside of its header: expected ${dataStart} bytes, it has ${bytes.length}`);
  }
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes.subarray(lengthBytes, dataStart)), data: bytes.subarray(dataStart) };
  } catch {
    throw new DataError("the safetensors header is damaged: it is not UTF-8");
  }
}

function parseHeader(text: string): { entries: Map<string, Entry>; metadata: Map<string, string> } {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new DataError("the safetensors header is damaged: it is not JSON");
  }
  if (!text.startsWith("{")) throw new DataError("the safetensors header is damaged: it does not begin with {");
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new DataError(`the safetensors header is damaged: ${quote(twice)} is there twice`);

  const entries = new Map<string, Entry>();
  let metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(header as Record<string, unknown>)) {
    if (name === metadataKey) {
      metadata = readMetadata(value);
    } else {
      const entry = v.safeParse(entrySchema, value);
      if (!entry.success) {
        throw new DataError(
          `the safetensors header is damaged at ${quote(name)}: expected a dtype, a shape and two data_offsets`,
        );
      }
      entries.set(name, entry.output);
    }
  }
  return { entries, metadata };
}

/** By hand, because valibot's record leaves out keys such as `constructor`. */
function readMetadata(value: unknown): Map<string, string> {
  const fields = typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : undefined;
  if (!fields?.every((field): field is [string, string] => typeof field[1] === "string")) {
    throw new DataError(`the safetensors header is damaged: expected strings in ${metadataKey}`);
  }
  return new Map(fields);
}

/**
 * The first key that an object of the (valid) JSON text holds twice, which `JSON.parse` would pass over. Strings are
 * found by their quotes: a pattern for a whole string overflows the stack of the pattern matcher on a long one.
 */
function repeatedKey(text: string): string | undefined {
  const objects: Set<string>[] = [];
  let string = "";
  let stringStart: number | undefined;
  for (const { 0: token, index } of text.matchAll(/\\.|["{}:]/g)) {
    if (stringStart !== undefined) {
      if (token !== '"') continue;
      string = text.slice(stringStart, index + 1);
      stringStart = undefined;
    } else if (token === '"') stringStart = index;
    else if (token === "{") objects.push(new Set());
    else if (token === "}") objects.pop();
    else {
      const key: string = JSON.parse(string);
      const keys = objects.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Each tensor has the bytes of its shape, and together they fill the buffer in a row. */
function checkExtents(entries: ReadonlyMap<string, Entry>, dataLength: number): void {
  const inOrder = [...entries].sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);
  let filled = 0;
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of inOrder) {
    const type = readable.get(dtype);
    if (!type) {
      const known = [...readable.keys()].join(", ");
      throw new DataError(`${quote(name)} holds ${quote(dtype)}, expected one of ${known}; convert the file to F32`);
    }
    if (begin !== filled) {
      throw new DataError(
        `the safetensors header is damaged: ${
          quote(name)
        } begins at ${begin}, expected ${filled}, without hole or overlap`,
      );
    }
    const size = sizeOf(shape) * type.bytes;
    if (end - begin !== size) {
      throw new DataError(
        `the safetensors header is damaged: ${quote(name)}, ${dtype} of shape ${showShape(shape)}, has ` +
          `${end - begin} bytes, expected ${size}`,
      );
    }
    filled = end;
  }
  if (filled !== dataLength) {
    throw new DataError(`the file has ${dataLength} bytes of data, expected ${filled}; it is cut off or damaged`);
  }
}

function checkDigests(entries: ReadonlyMap<string, Entry>, metadata: ReadonlyMap<string, string>, data: Uint8Array) {
  const unsealed = new Map(metadata);
  unsealed.delete("headerDigest");
  const header = metadata.get("headerDigest");
  if (header !== undefined && header !== digestOf(headerText(entries, unsealed))) {
    throw new DataError("the file is damaged: its header does not match its digest");
  }
  const digest = metadata.get("digest");
  if (digest !== undefined && digest !== digestOf(data)) {
    throw new DataError("the file is damaged: its data does not match its digest");
  }
}

/** The header as this module writes it, keys sorted; built as text because `__proto__` is a name like any other. */
function headerText(entries: ReadonlyMap<string, Entry>, metadata: ReadonlyMap<string, string>): string {
  const meta = objectText([...metadata].map(([key, value]) => [key, JSON.stringify(value)]));
  const tensors = [...entries].map(([name, { dtype, shape, data_offsets }]): [string, string] => [
    name,
    JSON.stringify({ dtype, shape, data_offsets }),
  ]);
  return objectText([[metadataKey, meta], ...tensors]);
}

function objectText(fields: [string, string][]): string {
  const sorted = fields.sort(([a], [b]) => a < b ? -1 : 1);
  return `{${sorted.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A name from a file, short and on one line. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
