import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { DataError, UsageError } from "../../src/core/errors.ts";
import { loadDataset } from "../../src/data/dataset.ts";
import { loadPublished, PUBLISHED, type PublishedSet } from "../../src/data/mnist.ts";
import { idxFile, noise, oneLine, withFolder, writeFiles } from "./support.ts";

const mnist = fileURLToPath(new URL("../../../shared/data/mnist", import.meta.url));
const ignore = !existsSync(mnist);
if (ignore) console.warn("the tests with real MNIST are left out: the folder ../shared/data/mnist is missing");

Deno.test({ name: "the real MNIST loads with its digits, and reaches 32 pixels by zero padding", ignore }, async () => {
  const set = await loadDataset({ name: "mnist", size: 32, dataDir: mnist, cacheDir: "/nowhere", split: "test" });
  assert.deepEqual([set.count, set.size, set.channels], [10_000, 32, 1]);
  const [digits] = set.labels;
  assert.equal(digits.name, "digit");
  assert.deepEqual([...digits.indices.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  let border = 0;
  for (let i = 0; i < set.pixels.length; i++) {
    const [x, y] = [i % 32, (i >> 5) % 32];
    if (x < 2 || x >= 30 || y < 2 || y >= 30) border = Math.max(border, set.pixels[i]);
  }
  assert.equal(border, 0);
  const original = await loadDataset({ name: "mnist", size: 28, dataDir: mnist, cacheDir: "/nowhere", split: "test" });
  const row = original.pixels.subarray(10 * 28, 11 * 28);
  assert.deepEqual(set.pixels.subarray(12 * 32 + 2, 12 * 32 + 30), row);
});

const images = idxFile([20, 28, 28], noise(20 * 784));
const labels = idxFile([20], Array.from({ length: 20 }, (_, i) => i % 10));

Deno.test("files that are not MNIST's are refused under its name and read as idx", async () => {
  await withFolder(async (folder) => {
    await writeFiles(folder, { "train-images-idx3-ubyte": images, "train-labels.idx1-ubyte.gz": gzipSync(labels) });
    const options = { size: 32, dataDir: folder, cacheDir: folder };
    await assert.rejects(
      loadDataset({ name: "mnist", ...options }),
      oneLine(DataError, /train-images-idx3-ubyte is not the file of mnist/, /6bbc9ace/, /--data idx/),
    );
    const set = await loadDataset({ name: "idx", ...options });
    assert.deepEqual([set.count, set.size, set.labels.length], [20, 32, 0]);
    await Deno.rename(join(folder, "train-labels.idx1-ubyte.gz"), join(folder, "train-labels-idx1-ubyte.gz"));
    const labelled = await loadDataset({ name: "idx", ...options });
    assert.equal(labelled.labels[0].classes.length, 10);
    assert.deepEqual([...labelled.labels[0].indices.subarray(8, 12)], [8, 9, 0, 1]);
  });
});

Deno.test("a set of the four usual files is found packed or not, with a dash or a dot", async () => {
  const variants: Record<string, Uint8Array>[] = [
    { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels },
    { "train-images-idx3-ubyte.gz": gzipSync(images), "train-labels.idx1-ubyte": labels },
    { "train-images.idx3-ubyte": images, "train-labels.idx1-ubyte.gz": gzipSync(labels) },
    { "train-images.idx3-ubyte.gz": images, "train-labels-idx1-ubyte": gzipSync(labels) }, // known by content
  ];
  for (const files of variants) {
    await withFolder(async (folder) => {
      await writeFiles(folder, files);
      const set = await loadDataset({ name: "fashion-mnist", size: 28, dataDir: folder, cacheDir: folder });
      assert.deepEqual(set.pixels, images.subarray(16));
      assert.equal(set.labels[0].classes[9], "ankle boot");
    });
  }
});

Deno.test("an explicit idx file, a single one in a folder, and colour images are read", async () => {
  await withFolder(async (folder) => {
    const colour = noise(18 * 8 * 8 * 3);
    await writeFiles(folder, {
      "one/birds-idx3-ubyte": images,
      "two/birds-images-idx4-ubyte": idxFile([18, 8, 8, 3], colour),
      "two/birds-labels-idx1-ubyte": idxFile([18], new Uint8Array(18).fill(2)),
    });
    const single = await loadDataset({ name: "idx", size: 28, dataDir: join(folder, "one"), cacheDir: folder });
    assert.equal(single.count, 20);
    const set = await loadDataset({ name: join(folder, "two/birds-images-idx4-ubyte"), size: 8, cacheDir: folder });
    assert.deepEqual([set.count, set.channels, set.labels[0].classes.length], [18, 3, 3]);
    assert.deepEqual(set.pixels, colour);
  });
});

Deno.test("missing, empty, contradictory and too small idx sets are refused in one line", async () => {
  const cases: [Record<string, Uint8Array>, RegExp][] = [
    [{}, /has no train-images-idx3-ubyte/],
    [{ "train-images-idx3-ubyte": images }, /has no train-labels-idx1-ubyte/],
    [{ "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": idxFile([19], noise(19)) }, /19 labels for 20/],
    [
      { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": idxFile([20], new Uint8Array(20).fill(10)) },
      /label 0 is 10; expected 0 to 9/,
    ],
    [{ "train-images-idx3-ubyte": labels, "train-labels-idx1-ubyte": labels }, /shape 20; expected images/],
    [
      { "train-images-idx3-ubyte": idxFile([0, 28, 28], []), "train-labels-idx1-ubyte": idxFile([0], []) },
      /no images; a GAN needs at least 16/,
    ],
    [
      { "train-images-idx3-ubyte": idxFile([3, 0, 28], []), "train-labels-idx1-ubyte": idxFile([3], [1, 2, 3]) },
      /shape 3×0×28/,
    ],
    [
      { "train-images-idx3-ubyte": images.subarray(0, 5000), "train-labels-idx1-ubyte": labels },
      /cut off/,
    ],
  ];
  for (const [files, pattern] of cases) {
    await withFolder(async (folder) => {
      await writeFiles(folder, files);
      const options = { name: "fashion-mnist", size: 32, dataDir: folder, cacheDir: folder };
      await assert.rejects(loadDataset(options), oneLine(DataError, pattern));
    });
  }
  const missing = { name: "mnist", size: 32, dataDir: "/no/such/folder", cacheDir: "/nowhere" };
  await assert.rejects(loadDataset(missing), oneLine(UsageError, /\/no\/such\/folder is not a folder/));
});

/** A set of two files, served by a server on this machine, and how often each was asked for. */
async function served(
  answer: (file: string) => Response,
  body: (set: PublishedSet, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const file = new URL(request.url).pathname.slice(1);
    asked.push(file);
    return answer(file);
  });
  const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
  const digests = { images: md5(images), labels: md5(labels) };
  const set: PublishedSet = {
    ...PUBLISHED.mnist,
    mirrors: [`http://127.0.0.1:${server.addr.port}/`],
    md5: { of: "unpacked", train: digests, test: digests },
  };
  try {
    await body(set, asked);
  } finally {
    await server.shutdown();
  }
}

const serveFiles = (file: string): Response =>
  new Response(new Uint8Array(gzipSync(file.includes("images") ? images : labels)));

Deno.test("a published set is downloaded once, and again when the kept file is damaged", async () => {
  await withFolder((cacheDir) =>
    served(serveFiles, async (set, asked) => {
      const notices: string[] = [];
      const options = { size: 28, cacheDir, onNotice: (text: string) => void notices.push(text) };
      const first = await loadPublished("mnist", options, set);
      assert.deepEqual(asked, ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]);
      assert.deepEqual(await loadPublished("mnist", options, set), first);
      assert.equal(asked.length, 2);
      await Deno.writeFile(join(cacheDir, "mnist/train-images-idx3-ubyte.gz"), gzipSync("something else"));
      assert.deepEqual(await loadPublished("mnist", options, set), first);
      assert.equal(asked.length, 3);
      assert.match(notices.join("\n"), /damaged; downloading it again/);
    })
  );
});

Deno.test("the next mirror is tried, and the last failure names every reason and --data-dir", async () => {
  await withFolder((cacheDir) =>
    served(serveFiles, async (good) => {
      await served(() => new Response("lost", { status: 404 }), async (bad) => {
        const both = { ...good, mirrors: [...bad.mirrors, ...good.mirrors] };
        assert.equal((await loadPublished("mnist", { size: 28, cacheDir }, both)).count, 20);
      });
    })
  );
  await withFolder((cacheDir) =>
    served(() => new Response("a login page"), async (wrong) => {
      await served(() => new Response("lost", { status: 404 }), async (bad) => {
        const both = { ...wrong, mirrors: [...wrong.mirrors, ...bad.mirrors] };
        await assert.rejects(
          loadPublished("mnist", { size: 28, cacheDir }, both),
          oneLine(DataError, /could not download/, /its digest differs/, /status 404/, /--data-dir/),
        );
      });
      assert.equal(existsSync(join(cacheDir, "mnist/train-images-idx3-ubyte.gz")), false);
    })
  );
});

Deno.test("unknown names, sizes and paths are usage errors that say what is known", async () => {
  const reject = (spec: Parameters<typeof loadDataset>[0], ...patterns: RegExp[]) =>
    assert.rejects(loadDataset(spec), oneLine(UsageError, ...patterns));
  await reject(
    { name: "mnits", size: 32, cacheDir: "/nowhere" },
    /mnits/,
    /faces, mnist, fashion-mnist, stacked-mnist, idx, folder/,
  );
  await reject({ name: "mnist", size: 3.5, cacheDir: "/nowhere" }, /image size is 3.5; expected an integer from 8/);
  await reject({ name: "mnist", size: -32, cacheDir: "/nowhere" }, /image size is -32/);
  await reject({ name: "mnist", size: NaN, cacheDir: "/nowhere" }, /image size is NaN/);
  await reject({ name: "faces", size: 32, count: 0, cacheDir: "/nowhere" }, /number of faces is 0/);
  await reject({ name: "faces", size: 32, dataDir: "x", cacheDir: "/nowhere" }, /leave out --data-dir/);
  await reject({ name: "idx", size: 32, cacheDir: "/nowhere" }, /--data idx needs .* --data-dir/);
  await reject({ name: "folder", size: 32, cacheDir: "/nowhere" }, /--data folder needs .* --data-dir/);
  await reject({ name: fileURLToPath(import.meta.url), size: 32, cacheDir: "/nowhere" }, /a file that is no data set/);
});
