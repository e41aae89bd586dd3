import assert from "node:assert/strict";
import {
  classifierPrograms,
  type Recipe,
  schedule,
  testClassifier,
  trainClassifier,
} from "../../scripts/classifier_training.ts";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { Store } from "../../src/graph/store.ts";
import { classifier } from "../../src/models/classifier.ts";
import { randomOf } from "../support/random.ts";

const SIZE = 16;

/** Bars in noise: bright or dark, lying or standing, somewhere in the picture. */
function bars(seed: string, count: number): Dataset {
  const random = randomOf(seed);
  const pixels = Uint8Array.from({ length: count * SIZE * SIZE }, () => 100 + 56 * random());
  const [brightness, direction] = [new Uint16Array(count), new Uint16Array(count)];
  for (let n = 0; n < count; n++) {
    brightness[n] = Math.floor(2 * random());
    direction[n] = Math.floor(2 * random());
    const place = 3 + Math.floor(10 * random());
    for (let i = 2; i < 14; i++) {
      const at = direction[n] === 0 ? place * SIZE + i : i * SIZE + place;
      pixels[n * SIZE * SIZE + at] = brightness[n] === 0 ? 20 : 236;
    }
  }
  const labels = [
    { name: "brightness", classes: ["dark", "bright"], indices: brightness },
    { name: "direction", classes: ["lying", "standing"], indices: direction },
  ];
  return { name: "bars", count, size: SIZE, channels: 1, pixels, labels };
}

Deno.test("a classifier learns what images have in common, and finds it in new ones, the same in each run", async () => {
  const recipe: Recipe = { epochs: 4, batch: 32, learningRate: 4e-3, shift: 2, flip: true, seed: 5 };
  const dataset = bars("train", 400);
  const train = async () => {
    const store = new Store(recipe.seed);
    const network = classifier({ size: SIZE, channels: 1, attributes: dataset.labels });
    const programs = classifierPrograms(store, network, dataset, recipe);
    const engine = await compileWasm(store, [programs.step, programs.test], { threads: 2 });
    try {
      const before = await testClassifier(engine, programs.test, bars("test", 200));
      const losses: number[] = [];
      await trainClassifier(engine, programs.step, dataset, recipe, (_, __, loss) => losses.push(loss));
      const after = await testClassifier(engine, programs.test, bars("test", 200));
      return { before, losses, after, weight: engine.read("C.head.direction.weight") };
    } finally {
      await engine.close();
    }
  };
  const first = await train();
  assert.equal(first.losses.length, 50);
  for (const name of ["brightness", "direction"]) {
    assert.ok(first.before.get(name)! < 0.8, `${name} is found by an untrained network`);
    assert.ok(first.after.get(name)! >= 0.97, `${name}: ${first.after.get(name)}`);
  }
  const second = await train();
  assert.deepEqual([second.losses, second.weight], [first.losses, first.weight]);
});

Deno.test("the learning rate rises over a tenth of the steps and falls to 0", () => {
  const rates = Array.from({ length: 100 }, (_, step) => schedule(step, 100));
  assert.equal(rates[9], 1);
  assert.equal(Math.max(...rates), 1);
  assert.ok(rates[0] > 0 && rates[99] > 0 && rates[99] < 0.001);
  assert.ok(rates.every((rate, i) => i === 0 || (i <= 9 ? rate > rates[i - 1] : rate <= rates[i - 1])));
});
