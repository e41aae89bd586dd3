/**
 * Data sets kept in the cache once they are drawn or decoded. A pack is the eight bytes `duelpack`, the length of the
 * header as a little-endian 32-bit integer, the header in JSON, then the pixels and each attribute's classes
 * (16-bit, little-endian). The header has the SHA-256 of all that follows it.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { throughFile } from "../core/kept.ts";
import type { Dataset, LabelAttribute, SourceOptions } from "./types.ts";

const MAGIC = new TextEncoder().encode("duelpack");
const PREFIX_BYTES = MAGIC.length + 4;

const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const headerSchema = v.object({
  /** What the pack was made from; another key is another data set. */
  key: v.string(),
  sha256: v.string(),
  name: v.string(),
  count: positive,
  size: positive,
  channels: positive,
  labels: v.array(v.object({ name: v.string(), classes: v.array(v.string()) })),
});

/** The bytes of a pack. */
export function encodePack(dataset: Dataset, key: string): Uint8Array {
  const { name, count, size, channels, pixels, labels } = dataset;
  const parts = [pixels, ...labels.map((label) => littleEndian(label.indices))];
  const header = new TextEncoder().encode(JSON.stringify({
    key,
    sha256: sha256(parts),
    ...{ name, count, size, channels },
    labels: labels.map(({ name, classes }) => ({ name, classes })),
  }));
  const length = parts.reduce((sum, part) => sum + part.length, PREFIX_BYTES + header.length);
  const pack = new Uint8Array(length);
  pack.set(MAGIC);
  new DataView(pack.buffer).setUint32(MAGIC.length, header.length, true);
  let at = PREFIX_BYTES;
  for (const part of [header, ...parts]) {
    pack.set(part, at);
    at += part.length;
  }
  return pack;
}

/** The data set in a pack; "other" if it was made from another key, "damaged" if it is not a whole, unchanged pack. */
export function decodePack(pack: Uint8Array, key: string): Dataset | "other" | "damaged" {
  if (pack.length < PREFIX_BYTES || MAGIC.some((byte, i) => pack[i] !== byte)) return "damaged";
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  const bodyStart = PREFIX_BYTES + view.getUint32(MAGIC.length, true);
  const header = parseHeader(pack.subarray(PREFIX_BYTES, bodyStart));
  if (header === undefined) return "damaged";
  if (header.key !== key) return "other";
  const { sha256: digest, name, count, size, channels } = header;
  const body = pack.subarray(bodyStart);
  const pixelBytes = count * size * size * channels;
  if (body.length !== pixelBytes + header.labels.length * count * 2 || sha256([body]) !== digest) return "damaged";
  const labels = header.labels.map((label, index): LabelAttribute => {
    const start = bodyStart + pixelBytes + index * count * 2;
    const indices = Uint16Array.from({ length: count }, (_, i) => view.getUint16(start + 2 * i, true));
    return { ...label, indices };
  });
  return { name, count, size, channels, pixels: body.subarray(0, pixelBytes), labels };
}

/** The data set in the pack at `path`, or else `make()`, which is then kept there; see `throughFile`. */
export async function throughCache(
  path: string,
  key: string,
  onNotice: SourceOptions["onNotice"],
  make: () => Promise<Dataset>,
): Promise<Dataset> {
  const form = {
    what: "the data set",
    encode: (dataset: Dataset) => encodePack(dataset, key),
    decode: (bytes: Uint8Array) => decodePack(bytes, key),
  };
  return await throughFile(path, form, onNotice, make);
}

/** A short name for a key, for file names. */
export function keyDigest(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

function parseHeader(bytes: Uint8Array): v.InferOutput<typeof headerSchema> | undefined {
  try {
    const result = v.safeParse(headerSchema, JSON.parse(new TextDecoder().decode(bytes)));
    return result.success ? result.output : undefined;
  } catch {
    return undefined; // not JSON: damaged
  }
}

function littleEndian(indices: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(indices.length * 2);
  const view = new DataView(bytes.buffer);
  indices.forEach((index, i) => view.setUint16(2 * i, index, true));
  return bytes;
}

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
