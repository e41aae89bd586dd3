import assert from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { encodeGif } from "../../src/report/gif.ts";
import type { Pixels } from "../../src/report/image.ts";

function plain(width: number, height: number, color: readonly number[]): Pixels {
  const bytes = Uint8Array.from({ length: width * height * 3 }, (_, i) => color[i % 3]);
  return { count: 1, height, width, channels: 3, bytes };
}

/** One picture of a GIF: how long it stays, and the colour that each pixel has. */
interface Decoded {
  readonly hundredths: number;
  readonly colors: number[][];
}

/** Reads a GIF whose pictures fill it (GIF89a specification); LZW codes are unpacked here, apart from the encoder. */
function decode(bytes: Uint8Array): { width: number; height: number; frames: Decoded[]; loops: boolean } {
  const text = (from: number, length: number) => String.fromCharCode(...bytes.subarray(from, from + length));
  assert.equal(text(0, 6), "GIF89a");
  const word = (at: number) => bytes[at] + 256 * bytes[at + 1];
  const tableAt = (flags: number) => flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  const colorsOf = (at: number, length: number) =>
    Array.from({ length: length / 3 }, (_, i) => [...bytes.subarray(at + 3 * i, at + 3 * i + 3)]);
  let at = 13;
  const global = colorsOf(at, tableAt(bytes[10]));
  at += tableAt(bytes[10]);
  const frames: Decoded[] = [];
  let [hundredths, loops] = [0, false];
  const blocks = () => {
    const data: number[] = [];
    while (bytes[at] !== 0) {
      data.push(...bytes.subarray(at + 1, at + 1 + bytes[at]));
      at += bytes[at] + 1;
    }
    at++;
    return data;
  };
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      const kind = bytes[at + 1];
      at += 2;
      const data = blocks();
      if (kind === 0xf9) hundredths = data[1] + 256 * data[2];
      if (kind === 0xff) {
        loops = String.fromCharCode(...data.slice(0, 11)) === "NETSCAPE2.0" && data[12] + data[13] === 0;
      }
      continue;
    }
    assert.equal(bytes[at], 0x2c);
    const flags = bytes[at + 9];
    at += 10;
    const table = flags & 0x80 ? colorsOf(at, tableAt(flags)) : global;
    at += tableAt(flags);
    const bits = bytes[at++];
    frames.push({ hundredths, colors: unpack(blocks(), bits).map((index) => table[index]) });
  }
  return { width: word(6), height: word(8), frames, loops };
}

/** LZW as GIF has it. */
function unpack(data: readonly number[], bits: number): number[] {
  const [clear, end] = [2 ** bits, 2 ** bits + 1];
  let [width, buffer, held, at] = [bits + 1, 0, 0, 0];
  let table: number[][] = [];
  let last: number[] | undefined;
  const output: number[] = [];
  for (;;) {
    while (held < width) {
      buffer += data[at++] * 2 ** held;
      held += 8;
    }
    const code = buffer % 2 ** width;
    buffer = Math.floor(buffer / 2 ** width);
    held -= width;
    if (code === end) return output;
    if (code === clear) {
      table = Array.from({ length: end + 1 }, (_, i) => [i]);
      [width, last] = [bits + 1, undefined];
      continue;
    }
    const entry: number[] = table[code] ?? [...last!, last![0]];
    output.push(...entry);
    if (last && table.length < 4096) table.push([...last, entry[0]]);
    if (table.length === 2 ** width && width < 12) width++;
    last = entry;
  }
}

Deno.test("a GIF shows its pictures one after the other, the last one longer, and repeats", () => {
  const shades = plain(7, 5, [0, 0, 0]);
  shades.bytes.forEach((_, i) => shades.bytes[i] = i % 3 === 0 ? 8 * Math.floor(i / 3 % 32) : 16);
  const gif = encodeGif([plain(7, 5, [255, 0, 0]), shades, plain(7, 5, [0, 0, 255])], 120);
  const { width, height, frames, loops } = decode(gif);
  assert.deepEqual([width, height, frames.length, loops], [7, 5, 3, true]);
  assert.deepEqual(frames.map(({ hundredths }) => hundredths), [12, 12, 60]);
  frames[0].colors.forEach((color) => assert.deepEqual(color, [255, 0, 0]));
  frames[2].colors.forEach((color) => assert.deepEqual(color, [0, 0, 255]));
  frames[1].colors.forEach((color, i) =>
    color.forEach((value, channel) => assert.ok(Math.abs(value - shades.bytes[3 * i + channel]) <= 8, `pixel ${i}`))
  );
});

Deno.test("no pictures, or pictures of several sizes, are usage errors", () => {
  assert.throws(() => encodeGif([], 100), UsageError);
  assert.throws(() => encodeGif([plain(2, 2, [0, 0, 0]), plain(2, 3, [0, 0, 0])], 100), UsageError);
});
