import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { encode as encodePng } from "fast-png";
import * as jpeg from "jpeg-js";
import { DataError } from "../../src/core/errors.ts";
import { decodePicture } from "../../src/data/decode.ts";
import { exifOrientation, upright } from "../../src/data/exif.ts";
import { noise, oneLine } from "./support.ts";

/** A PNG file made by hand: kinds that the encoder at hand does not write. `rows` include the filter bytes. */
function handMadePng(
  { width, height, depth, colorType }: { width: number; height: number; depth: number; colorType: number },
  rows: readonly number[],
  extra: readonly (readonly [type: string, data: readonly number[]])[] = [],
): Uint8Array {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, depth);
  header.setUint8(9, colorType);
  const chunks: [string, Uint8Array][] = [
    ["IHDR", new Uint8Array(header.buffer)],
    ...extra.map(([type, data]): [string, Uint8Array] => [type, Uint8Array.from(data)]),
    ["IDAT", new Uint8Array(deflateSync(Uint8Array.from(rows)))],
    ["IEND", new Uint8Array()],
  ];
  const file = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const bigEndian = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  for (const [type, data] of chunks) {
    const body = Uint8Array.of(...new TextEncoder().encode(type), ...data);
    file.push(...bigEndian(data.length), ...body, ...bigEndian(crc32(body)));
  }
  return Uint8Array.from(file);
}

const rgbOf = (bytes: Uint8Array): number[] => [...decodePicture(bytes, "x").data];

Deno.test("PNG: grey, grey and alpha, RGB and RGBA, of 8 and 16 bits", () => {
  const png = (channels: number, data: Uint8Array | Uint16Array, depth: 8 | 16 = 8) =>
    encodePng({ width: 2, height: 1, channels, data, depth });
  assert.deepEqual(rgbOf(png(1, Uint8Array.of(0, 200))), [0, 0, 0, 200, 200, 200]);
  assert.deepEqual(rgbOf(png(3, Uint8Array.of(1, 2, 3, 4, 5, 6))), [1, 2, 3, 4, 5, 6]);
  // Alpha is composited on white: 0 gives white, 255 the colour, 51 a fifth of it and four fifths of white.
  assert.deepEqual(rgbOf(png(2, Uint8Array.of(100, 0, 100, 51))), [255, 255, 255, 224, 224, 224]);
  assert.deepEqual(rgbOf(png(4, Uint8Array.of(9, 8, 7, 255, 0, 0, 0, 51))), [9, 8, 7, 204, 204, 204]);
  assert.deepEqual(rgbOf(png(1, Uint16Array.of(65535, 257 * 77), 16)), [255, 255, 255, 77, 77, 77]);
  assert.deepEqual(rgbOf(png(3, Uint16Array.of(0, 65535, 128, 129, 257, 514), 16)), [0, 255, 0, 1, 1, 2]);
});

Deno.test("PNG: grey of 1, 2 and 4 bits with rows that end within a byte", () => {
  const grey = (depth: number, rows: number[]) => handMadePng({ width: 3, height: 2, depth, colorType: 0 }, rows);
  const first = (bytes: Uint8Array) => rgbOf(bytes).filter((_, i) => i % 3 === 0);
  assert.deepEqual(first(grey(1, [0, 0b10100000, 0, 0b01100000])), [255, 0, 255, 0, 255, 255]);
  assert.deepEqual(first(grey(2, [0, 0b00011000, 0, 0b11000100])), [0, 85, 170, 255, 0, 85]);
  assert.deepEqual(first(grey(4, [0, 0x0f, 0x10, 0, 0x2e, 0x70])), [0, 255, 17, 34, 238, 119]);
});

Deno.test("PNG: palettes, with transparency too, and transparent colours", () => {
  const size = { width: 3, height: 1, depth: 2, colorType: 3 };
  const palette: [string, number[]] = ["PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255]];
  assert.deepEqual(rgbOf(handMadePng(size, [0, 0b00011000], [palette])), [255, 0, 0, 0, 255, 0, 0, 0, 255]);
  const faded = handMadePng(size, [0, 0b00011000], [palette, ["tRNS", [0, 51]]]);
  assert.deepEqual(rgbOf(faded), [255, 255, 255, 204, 255, 204, 0, 0, 255]);
  const keyedGrey = handMadePng({ width: 2, height: 1, depth: 8, colorType: 0 }, [0, 7, 8], [["tRNS", [0, 7]]]);
  assert.deepEqual(rgbOf(keyedGrey), [255, 255, 255, 8, 8, 8]);
  const rgb = { width: 3, height: 1, depth: 8, colorType: 2 };
  const keyedRgb = handMadePng(rgb, [0, 1, 2, 3, 1, 2, 4, 0, 0, 0], [["tRNS", [0, 1, 0, 2, 0, 3]]]);
  assert.deepEqual(rgbOf(keyedRgb), [255, 255, 255, 1, 2, 4, 0, 0, 0]);
});

Deno.test("PNG: an index beyond the palette, absurd sizes and every kind of damage are one line with the name", () => {
  const palette: [string, number[]] = ["PLTE", [255, 0, 0]];
  const good = encodePng({ width: 16, height: 16, channels: 3, data: noise(768), depth: 8 });
  const absurd = handMadePng({ width: 60000, height: 60000, depth: 8, colorType: 2 }, [0]);
  const none = handMadePng({ width: 0, height: 4, depth: 8, colorType: 2 }, [0]);
  const short = handMadePng({ width: 4, height: 4, depth: 8, colorType: 0 }, [0, 1, 2, 3, 4]);
  const beyond = handMadePng({ width: 2, height: 1, depth: 8, colorType: 3 }, [0, 0, 1], [palette]);
  const flipped = good.slice();
  flipped[good.length >> 1] ^= 0x10;
  const cases = { absurd, none, short, beyond, flipped, half: good.subarray(0, 400), header: good.subarray(0, 20) };
  for (const [name, bytes] of Object.entries(cases)) {
    assert.throws(() => decodePicture(bytes, "a/b.png"), oneLine(DataError, /^a\/b\.png is a damaged PNG/), name);
  }
});

Deno.test("JPEG: colour and grey-looking pictures, whatever the file is called", () => {
  const data = new Uint8Array(16 * 8 * 4);
  for (let i = 0; i < 128; i++) data.set([200, 40, 90, 255], 4 * i);
  const file = new Uint8Array(jpeg.encode({ width: 16, height: 8, data }, 95).data);
  const picture = decodePicture(file, "photo.png");
  assert.deepEqual([picture.width, picture.height, picture.channels, picture.data.length], [16, 8, 3, 384]);
  for (const [channel, value] of [200, 40, 90].entries()) assert.ok(Math.abs(picture.data[channel] - value) <= 3);
});

Deno.test("JPEG: a file cut off is one line with the name", () => {
  const data = noise(64 * 64 * 4);
  const file = new Uint8Array(jpeg.encode({ width: 64, height: 64, data }, 90).data);
  for (const length of [2, 20, 200, file.length >> 1]) {
    assert.throws(
      () => decodePicture(file.subarray(0, length), "a/b.jpg"),
      oneLine(DataError, /^a\/b\.jpg is a damaged JPEG/),
      `${length} bytes`,
    );
  }
});

Deno.test("random damage gives a picture or a DataError of one line, in short time", () => {
  const png = encodePng({ width: 24, height: 24, channels: 4, data: noise(2304), depth: 8 });
  const photo = new Uint8Array(jpeg.encode({ width: 24, height: 24, data: noise(2304) }, 80).data);
  for (const [name, file] of Object.entries({ png, photo })) {
    const random = noise(4 * 600, 3);
    for (let trial = 0; trial < 600; trial++) {
      const [high, low, value, cut] = random.subarray(4 * trial, 4 * trial + 4);
      const bytes = cut < 40 ? file.slice(0, Math.floor((file.length * low) / 256)) : file.slice();
      bytes[(high * 256 + low) % bytes.length] = value;
      try {
        const picture = decodePicture(bytes, name);
        assert.equal(picture.data.length, picture.width * picture.height * 3);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        oneLine(DataError, new RegExp(`^${name} is`))(error);
      }
    }
  }
});

Deno.test("files of other kinds are named", () => {
  const text = (start: string) => Uint8Array.from(start + "\0".repeat(20), (letter) => letter.charCodeAt(0));
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(), /is empty/],
    [text("RIFF\x10\x00\x00\x00WEBPVP8 "), /a WebP picture/],
    [text("GIF89a"), /a GIF picture/],
    [text("<?xml version"), /XML or HTML/],
    [text("<!DOCTYPE html>"), /XML or HTML/],
    [text("hello"), /something else/],
  ];
  for (const [bytes, pattern] of cases) {
    assert.throws(() => decodePicture(bytes, "a.png"), oneLine(DataError, /^a\.png/, pattern, /PNG or JPEG/));
  }
});

/** The start of a JPEG file with an EXIF segment of one entry. */
function exifHead(orientation: number, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + 4 + 6 + 8 + 2 + 12 + 4));
  view.setUint16(0, 0xffd8);
  view.setUint16(2, 0xffe1);
  view.setUint16(4, view.byteLength - 4);
  [..."Exif\0\0"].forEach((letter, i) => view.setUint8(6 + i, letter.charCodeAt(0)));
  view.setUint16(12, littleEndian ? 0x4949 : 0x4d4d);
  view.setUint16(14, 42, littleEndian);
  view.setUint32(16, 8, littleEndian);
  view.setUint16(20, 1, littleEndian);
  view.setUint16(22, 0x0112, littleEndian);
  view.setUint16(24, 3, littleEndian);
  view.setUint32(26, 1, littleEndian);
  view.setUint16(30, orientation, littleEndian);
  return new Uint8Array(view.buffer);
}

Deno.test("the orientation of a photo is read in both byte orders, and is 1 when absent or damaged", () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    assert.equal(exifOrientation(exifHead(orientation, true)), orientation);
    assert.equal(exifOrientation(exifHead(orientation, false)), orientation);
  }
  assert.equal(exifOrientation(exifHead(9, true)), 1);
  const whole = exifHead(6, true);
  for (let length = 0; length < whole.length - 4; length++) assert.equal(exifOrientation(whole.subarray(0, length)), 1);
  for (let position = 2; position < whole.length; position++) {
    const damaged = whole.slice();
    damaged[position] ^= 0xff;
    const orientation = exifOrientation(damaged);
    assert.ok(orientation >= 1 && orientation <= 8);
  }
});

Deno.test("pictures are turned as the eight orientations say", () => {
  // Stored rows: 1 2 3 / 4 5 6. What is seen follows from where row 0 and column 0 are (EXIF 2.3, 4.6.4).
  const stored = { width: 3, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const seen: [number, number, number[]][] = [
    [1, 3, [1, 2, 3, 4, 5, 6]],
    [2, 3, [3, 2, 1, 6, 5, 4]],
    [3, 3, [6, 5, 4, 3, 2, 1]],
    [4, 3, [4, 5, 6, 1, 2, 3]],
    [5, 2, [1, 4, 2, 5, 3, 6]],
    [6, 2, [4, 1, 5, 2, 6, 3]],
    [7, 2, [6, 3, 5, 2, 4, 1]],
    [8, 2, [3, 6, 2, 5, 1, 4]],
  ];
  for (const [orientation, width, data] of seen) {
    const turned = upright(stored, orientation);
    assert.deepEqual([turned.width, [...turned.data]], [width, data], `orientation ${orientation}`);
  }
});
