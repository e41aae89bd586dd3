import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import { type Dataset, loadDataset } from "../../src/data/dataset.ts";
import { type ExtractorName, extractorOf, extractors, loadExtractor } from "../../src/metrics/classifiers.ts";
import { labelAccuracy } from "../../src/metrics/modes.ts";
import { withFolder } from "../data/support.ts";

const mnist = fileURLToPath(new URL("../../../shared/data/mnist", import.meta.url));
const ignore = !existsSync(mnist);
if (ignore) {
  console.warn("the test of the classifier of digits is left out: the folder ../shared/data/mnist is missing");
}

/** The share of images whose class an extractor finds, for each attribute. */
async function accuracies(name: ExtractorName, { pixels, labels }: Dataset): Promise<Map<string, number>> {
  const extractor = await loadExtractor(name);
  assert.deepEqual(labels.map(({ name, classes }) => ({ name, classes })), extractor.attributes);
  const engine = await compileWasm(extractor.store, extractor.programs, { threads: 2 });
  try {
    const { classes } = await extractor.extract(engine, Float32Array.from(pixels, (byte) => byte / 127.5 - 1));
    return new Map(labels.map(({ name, indices }, i) => [name, labelAccuracy(classes[i], indices)]));
  } finally {
    await engine.close();
  }
}

Deno.test("the extractors are named after their data, and have the committed weights", async () => {
  for (const [name, { file }] of Object.entries(extractors)) {
    const extractor = await loadExtractor(name as ExtractorName);
    assert.equal(extractor.name, name);
    const path = new URL(`../../src/metrics/classifiers/${file}.safetensors`, import.meta.url);
    const bytes = await Deno.readFile(path);
    assert.equal(extractor.digest, createHash("sha256").update(bytes).digest("hex"));
    assert.ok(bytes.length <= 500_000, `${file} has ${bytes.length} bytes`);
    assert.ok(Object.values(extractorOf).includes(extractor.name as ExtractorName));
  }
});

Deno.test({ name: "digits that were not trained on are told apart", ignore }, async () => {
  const test = await loadDataset({ name: "mnist", size: 32, dataDir: mnist, cacheDir: "/nowhere", split: "test" });
  const digit = (await accuracies("duel-mnist-32", test)).get("digit")!;
  assert.ok(digit >= 0.994, `${digit}`);
});

Deno.test("faces that were not trained on are told apart by hair, style, skin, glasses and beard", async () => {
  await withFolder(async (cacheDir) => {
    const faces = await loadDataset({ name: "faces", size: 32, cacheDir, seed: 3, count: 512 });
    // Of 4096 faces 5 beards are taken for others, which at 32 pixels differ by a few of them.
    const least: Record<string, number> = { hair: 0.995, style: 0.99, skin: 0.995, glasses: 0.995, beard: 0.99 };
    for (const [name, share] of await accuracies("duel-faces-32", faces)) {
      assert.ok(share >= least[name], `${name}: ${share}`);
    }
  });
});
