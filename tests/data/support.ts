/** What the tests of data sets share: temporary folders, idx files, small data sets. */
import { join } from "node:path";
import type { Dataset } from "../../src/data/dataset.ts";

/** Runs `body` with a folder of its own, which is removed afterwards. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "duel test " });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes files given by name, making folders as needed. */
export async function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeFile(path, bytes);
  }
}

/** An idx file of unsigned bytes. */
export function idxFile(shape: readonly number[], data: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
  bytes.set(Array.from(data), 4 + 4 * shape.length);
  return bytes;
}

/** Bytes that look random and are the same each time (a linear congruential generator, its high bits). */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** A data set of noise with one attribute of three classes. */
export function noiseDataset(count: number, size: number, channels: number): Dataset {
  return {
    name: "noise",
    ...{ count, size, channels },
    pixels: noise(count * size * size * channels),
    labels: [{ name: "kind", classes: ["a", "b", "ü"], indices: Uint16Array.from({ length: count }, (_, i) => i % 3) }],
  };
}

/** A matcher for `assert.rejects` and `assert.throws`: an error of this class, of one line, matching all patterns. */
export function oneLine(
  kind: new (...args: never[]) => Error,
  ...patterns: readonly RegExp[]
): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof kind)) throw new Error(`expected ${kind.name}, got ${error}`);
    if (error.message.includes("\n")) throw new Error(`more than one line: ${error.message}`);
    for (const pattern of patterns) {
      if (!pattern.test(error.message)) throw new Error(`${pattern} does not match: ${error.message}`);
    }
    return true;
  };
}
