import assert from "node:assert/strict";
import { join } from "node:path";
import { decode } from "fast-png";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { imageGrid, writePng } from "../../src/report/grid.ts";
import { encodeLabelsCsv, encodeNpy, encodePng, imageAt, type Pixels, toBytes } from "../../src/report/image.ts";

function stack(count: number, height: number, width: number, channels: number): Pixels {
  const bytes = Uint8Array.from({ length: count * height * width * channels }, (_, i) => (i * 37) % 251);
  return { count, height, width, channels, bytes };
}

Deno.test("bytes survive the way to [−1, 1] and back, and what is outside is clamped", () => {
  const all = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);
  assert.deepEqual([...toBytes(all)], Array.from({ length: 256 }, (_, byte) => byte));
  assert.deepEqual([...toBytes(Float32Array.of(-3, 9, Infinity, -Infinity, NaN, 0))], [0, 255, 255, 0, 0, 128]);
});

Deno.test("a PNG gives back its pixels, and equal pixels give equal files", () => {
  for (const channels of [1, 3]) {
    const picture = stack(1, 5, 7, channels);
    const file = encodePng(picture);
    const { width, height, data } = decode(file, { checkCrc: true });
    assert.deepEqual([width, height, new Uint8Array(data)], [7, 5, picture.bytes]);
    assert.deepEqual(encodePng({ ...picture, bytes: picture.bytes.slice() }), file);
  }
});

Deno.test("a grid holds every picture at its place, between gaps of the background", () => {
  const pixels = stack(5, 2, 3, 3);
  const grid = imageGrid(pixels, { columns: 3, gap: 1, scale: 2, background: [9, 8, 7] });
  assert.deepEqual([grid.width, grid.height, grid.channels], [3 * 7 + 1, 2 * 5 + 1, 3]);
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      const [column, row] = [Math.floor((x - 1) / 7), Math.floor((y - 1) / 5)];
      const [left, top] = [(x - 1) % 7, (y - 1) % 5];
      const image = row * 3 + column;
      const inside = x > 0 && y > 0 && left < 6 && top < 4 && image < 5;
      const source = ((image * 2 + (top >> 1)) * 3 + (left >> 1)) * 3;
      const expected = inside ? pixels.bytes.subarray(source, source + 3) : Uint8Array.of(9, 8, 7);
      const at = (y * grid.width + x) * 3;
      assert.deepEqual(grid.bytes.subarray(at, at + 3), expected, `row ${y}, column ${x}`);
    }
  }
});

Deno.test("grey pictures become RGB, one picture needs no gap, and a grid is as square as it can be", () => {
  const grey = imageGrid(stack(1, 1, 2, 1), { gap: 0 });
  assert.deepEqual([...grey.bytes], [0, 0, 0, 37, 37, 37]);
  const grid = imageGrid(stack(10, 4, 4, 3), { gap: 0 });
  assert.deepEqual([grid.width, grid.height], [16, 12]);
});

Deno.test("a grid of nothing or with absurd options is a usage error", () => {
  const pixels = stack(2, 2, 2, 3);
  assert.throws(() => imageGrid({ ...pixels, count: 0 }), UsageError);
  for (const options of [{ columns: 0 }, { columns: 1.5 }, { gap: -1 }, { scale: 0 }, { scale: NaN }]) {
    assert.throws(() => imageGrid(pixels, options), UsageError);
  }
});

Deno.test("a PNG that can't be written is an error of one line, and leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "missing", "grid.png");
    await assert.rejects(writePng(path, stack(1, 2, 2, 3)), (error) => error instanceof DataError);
    await writePng(join(folder, "grid.png"), stack(1, 2, 2, 3));
    assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["grid.png"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an npy file has NumPy's header, with the data at a multiple of 64 bytes", () => {
  for (const pixels of [stack(3, 4, 5, 3), stack(123456, 1, 1, 1)]) {
    const file = encodeNpy(pixels.bytes, [pixels.count, pixels.height, pixels.width, pixels.channels]);
    assert.equal(String.fromCharCode(...file.subarray(0, 8)), "\x93NUMPY\x01\0");
    const length = new DataView(file.buffer).getUint16(8, true);
    assert.equal((10 + length) % 64, 0);
    const header = new TextDecoder().decode(file.subarray(10, 10 + length));
    const { count, height, width, channels } = pixels;
    const shape = `(${count}, ${height}, ${width}, ${channels})`;
    assert.match(header, /^\{'descr': '\|u1', 'fortran_order': False, 'shape': \([0-9, ]+\), \} *\n$/);
    assert.ok(header.includes(shape));
    assert.deepEqual(file.subarray(10 + length), pixels.bytes);
  }
});

Deno.test("images are cut out of a stack, and labels become a table", () => {
  const pixels = stack(3, 2, 2, 3);
  assert.deepEqual(imageAt(pixels, 2), { ...pixels, count: 1, bytes: pixels.bytes.subarray(24) });
  const csv = encodeLabelsCsv(["0.png", "a,b.png"], [
    { name: "hair", values: ["pink", 'a "b"'] },
    { name: "skin", values: ["pale", "dark"] },
  ]);
  assert.equal(new TextDecoder().decode(csv), 'file,hair,skin\r\n0.png,pink,pale\r\n"a,b.png","a ""b""",dark\r\n');
});
