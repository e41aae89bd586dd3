import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DataError } from "../../src/core/errors.ts";
import { parseIdx, unpack } from "../../src/data/idx.ts";
import { idxFile, noise, oneLine } from "./support.ts";

Deno.test("an idx file gives back its shape and bytes", () => {
  const data = noise(2 * 3 * 5);
  const array = parseIdx(idxFile([2, 3, 5], data), "x");
  assert.deepEqual(array.shape, [2, 3, 5]);
  assert.deepEqual(array.data, data);
});

Deno.test("an idx file inside of a larger buffer is read from its own start", () => {
  const file = idxFile([4], [1, 2, 3, 4]);
  const buffer = new Uint8Array(file.length + 7);
  buffer.set(file, 7);
  assert.deepEqual([...parseIdx(buffer.subarray(7), "x").data], [1, 2, 3, 4]);
});

Deno.test("idx files that are cut off, too long, or of another kind are refused in one line", () => {
  const good = idxFile([2, 3, 4], noise(24));
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(), /not an idx file.*nothing/],
    ["two bytes", good.subarray(0, 2), /not an idx file/],
    ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2), /not an idx file.*89504e47/],
    ["floats", Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0), /32-bit floats/],
    ["an unknown type", Uint8Array.of(0, 0, 0x42, 1, 0, 0, 0, 0), /unknown type 0x42/],
    ["half a header", good.subarray(0, 10), /within its header of 3 axes/],
    ["no axes", Uint8Array.of(0, 0, 8, 0, 9), /header of 0 axes/],
    ["cut off", good.subarray(0, good.length - 1), /cut off.*39 bytes.*2×3×4.*40/],
    ["too long", Uint8Array.of(...good, 0), /too long.*41 bytes.*40/],
    ["absurd sizes", idxFile([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []), /cut off/],
  ];
  for (const [name, bytes, pattern] of cases) {
    assert.throws(() => parseIdx(bytes, "some/path"), oneLine(DataError, /^some\/path /, pattern), name);
  }
});

Deno.test("gzip is known by its content, and a damaged one is refused", () => {
  const plain = idxFile([3], [7, 8, 9]);
  const packed = new Uint8Array(gzipSync(plain));
  assert.deepEqual(new Uint8Array(unpack(packed, "x")), plain);
  assert.equal(unpack(plain, "x"), plain);
  const cutOff = packed.subarray(0, packed.length - 9);
  assert.throws(() => unpack(cutOff, "some/path"), oneLine(DataError, /^some\/path does not unpack/));
  const flipped = packed.slice();
  flipped[packed.length - 6] ^= 0x55; // within the checksum
  assert.throws(() => unpack(flipped, "some/path"), oneLine(DataError, /^some\/path does not unpack/));
});

Deno.test("no corruption of an idx header does anything but throw a DataError or give as many bytes as it says", () => {
  const good = idxFile([2, 3, 4], noise(24));
  for (let position = 0; position < 16; position++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = good.slice();
      bytes[position] = byte;
      try {
        const { shape, data } = parseIdx(bytes, "x");
        assert.equal(data.length, shape.reduce((a, b) => a * b, 1));
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.ok(error instanceof DataError);
      }
    }
  }
});
