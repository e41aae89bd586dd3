import assert from "node:assert/strict";
import { join } from "node:path";
import { encode as encodePng } from "fast-png";
import * as jpeg from "jpeg-js";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { loadDataset } from "../../src/data/dataset.ts";
import { noise, oneLine, withFolder, writeFiles } from "./support.ts";

/** A PNG of one colour. */
function png(color: readonly number[], width = 12, height = 10): Uint8Array {
  const data = Uint8Array.from({ length: width * height * color.length }, (_, i) => color[i % color.length]);
  return encodePng({ width, height, channels: color.length, data, depth: 8 });
}

function jpg(color: readonly number[], width: number, height: number): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : color[i % 4]));
  return new Uint8Array(jpeg.encode({ width, height, data }, 95).data);
}

/** `count` files `<prefix>00.png` …, each of its own shade. */
function shades(count: number, prefix = ""): Record<string, Uint8Array> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${prefix}${String(i).padStart(2, "0")}.png`, png([i, 10, 200])]),
  );
}

Deno.test("pictures of any size and kind are read in the order of their names, by one thread or more", async () => {
  await withFolder(async (folder) => {
    const data = join(folder, "data");
    await writeFiles(data, {
      ...shades(40),
      "a wide.JPG": jpg([250, 120, 10], 90, 30),
      "b tall.jpeg": jpg([20, 120, 240], 9, 70),
      "c grey.png": png([77]),
      "d clear.png": png([0, 0, 0, 0]),
      ".hidden.png": Uint8Array.of(1, 2, 3),
      "notes.txt": Uint8Array.of(1, 2, 3),
    });
    const options = { name: data, size: 16, onNotice: assert.fail };
    const set = await loadDataset({ ...options, cacheDir: join(folder, "1"), threads: 1 });
    assert.deepEqual([set.name, set.count, set.size, set.channels, set.labels], ["data", 44, 16, 3, []]);
    const color = (image: number) => [...set.pixels.subarray(image * 768 + 300, image * 768 + 303)];
    assert.deepEqual(color(39), [39, 10, 200]);
    const near = (found: number[], wanted: number[]) => found.every((value, c) => Math.abs(value - wanted[c]) <= 4);
    assert.ok(near(color(40), [250, 120, 10]) && near(color(41), [20, 120, 240]));
    assert.deepEqual([color(42), color(43)], [[77, 77, 77], [255, 255, 255]]);
    const other = await loadDataset({ ...options, cacheDir: join(folder, "2"), threads: 3 });
    assert.deepEqual(other, set);
  });
});

Deno.test("sub-folders are classes when all pictures lie in them", async () => {
  await withFolder(async (folder) => {
    const data = join(folder, "data");
    await writeFiles(data, { ...shades(10, "cats/deep/"), ...shades(9, "apes/") });
    const notices: string[] = [];
    const options = {
      name: "folder",
      dataDir: data,
      size: 8,
      cacheDir: folder,
      onNotice: (t: string) => void notices.push(t),
    };
    const [label] = (await loadDataset(options)).labels;
    assert.deepEqual([label.name, label.classes], ["folder", ["apes", "cats"]]);
    assert.deepEqual([...label.indices], [...new Array(9).fill(0), ...new Array(10).fill(1)]);
    await writeFiles(data, { "beside.png": png([1, 2, 3]), "x.webp": Uint8Array.of(1) });
    assert.deepEqual((await loadDataset(options)).labels, []);
    assert.match(notices.join("\n"), /1 pictures are neither PNG nor JPEG[^]*these are no classes/);
  });
});

Deno.test("a folder where all is grey makes a set of one channel", async () => {
  await withFolder(async (folder) => {
    const files = Array.from({ length: 16 }, (_, i) => [`${i + 10}.png`, png([i * 9])]);
    await writeFiles(join(folder, "grey"), Object.fromEntries(files));
    const set = await loadDataset({ name: join(folder, "grey"), size: 8, cacheDir: folder });
    assert.deepEqual([set.channels, set.pixels.length, set.pixels[64], set.pixels[15 * 64]], [1, 1024, 9, 135]);
  });
});

Deno.test("the decoded pictures are kept until a file, a time or the size changes", async () => {
  await withFolder(async (folder) => {
    const data = join(folder, "data");
    await writeFiles(data, shades(17));
    let decoded = 0;
    const load = (size: number) =>
      loadDataset({ name: data, size, cacheDir: folder, onProgress: (done) => void (decoded += done > 0 ? 1 : 0) });
    const decodes = async (size = 8) => {
      decoded = 0;
      await load(size);
      return decoded > 0;
    };
    assert.equal(await decodes(), true);
    assert.equal(await decodes(), false);
    assert.equal(await decodes(9), true);
    await Deno.utime(join(data, "00.png"), new Date(1e12), new Date(1e12));
    assert.equal(await decodes(), true);
    assert.equal(await decodes(), false);
    await Deno.rename(join(data, "00.png"), join(data, "zz.png"));
    assert.equal(await decodes(), true);
    assert.deepEqual((await load(8)).pixels.subarray(16 * 192, 16 * 192 + 3), Uint8Array.of(0, 10, 200));
  });
});

Deno.test("a missing, empty or tiny folder and a file that is no picture are refused in one line", async () => {
  await withFolder(async (folder) => {
    const load = (name: string, files: Record<string, Uint8Array>) =>
      writeFiles(join(folder, name), files).then(() =>
        loadDataset({ name: "folder", dataDir: join(folder, name), size: 8, cacheDir: folder })
      );
    await assert.rejects(
      load("file.png/..", { "file.png": png([1]) }),
      oneLine(DataError, /has one image; .*at least 16/),
    );
    await assert.rejects(
      loadDataset({ name: "folder", dataDir: join(folder, "none"), size: 8, cacheDir: folder }),
      oneLine(UsageError, /none is not a folder/),
    );
    await assert.rejects(
      loadDataset({ name: "folder", dataDir: join(folder, "file.png"), size: 8, cacheDir: folder }),
      oneLine(UsageError, /file\.png is not a folder/),
    );
    await assert.rejects(load("empty", { "notes.txt": noise(3) }), oneLine(DataError, /no PNG or JPEG pictures/));
    await assert.rejects(load("few", shades(15)), oneLine(DataError, /15 images; a GAN needs at least 16/));
    const broken = { ...shades(20), "sub/broken.png": png([1, 2, 3]).subarray(0, 60) };
    await assert.rejects(load("broken", broken), oneLine(DataError, /sub\/broken\.png is a damaged PNG/));
    const misnamed = { ...shades(20), "w.jpg": new TextEncoder().encode("RIFF1234WEBPVP8 ") };
    await assert.rejects(
      load("misnamed", misnamed),
      oneLine(DataError, /w\.jpg is a WebP picture; expected a PNG or JPEG/),
    );
    assert.deepEqual(
      Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => /pack|tmp/.test(name)),
      [],
    );
  });
});
