/** What the README shows as code runs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as duel from "../src/mod.ts";

const root = new URL("..", import.meta.url);

/** The blocks of TypeScript in the README that contain `word`. */
function blocks(word: string): string[] {
  const text = Deno.readTextFileSync(fileURLToPath(new URL("README.md", root)));
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code).filter((code) => code.includes(word));
}

Deno.test("a loss of one's own, as the README writes it, trains points", async () => {
  const [code, ...others] = blocks("duel.GanLoss");
  assert.equal(others.length, 0);
  const folder = Deno.makeTempDirSync();
  try {
    const file = join(folder, "loss.ts");
    Deno.writeTextFileSync(file, code.replaceAll("./src/mod.ts", new URL("src/mod.ts", root).href));
    const { boosting } = await import(`file://${file}`);
    const update: duel.Update = (parameters, gradients, learningRate) =>
      duel.adam(parameters, gradients, { learningRate, beta1: 0.5 });
    const store = new duel.Store(1);
    const settings: duel.GanSettings = {
      model: duel.mlp({ sample: [2], latent: 2, hidden: [16, 16] }),
      loss: boosting,
      batch: 32,
      updateDiscriminator: update,
      updateGenerator: update,
    };
    const programs = {
      discriminator: duel.discriminatorStep(store, settings),
      generator: duel.generatorStep(store, settings),
    };
    const engine = await duel.compileWasm(store, Object.values(programs), { threads: 1 });
    const source: duel.BatchSource = (draw, { real }) => duel.toys["two-gaussians"].fill(1, draw, real);
    const trainer = new duel.Trainer(engine, store, programs, source, {
      ...{ seed: 1, discriminatorSteps: 1, averageDecay: 0.9, discriminatorRate: 1e-3, generatorRate: 1e-3 },
    });
    const losses: number[] = [];
    while (trainer.step < 200) {
      const result = await trainer.advance();
      assert.ok(result.kind === "step");
      losses.push(result.discriminatorLoss);
    }
    assert.ok(Math.min(...losses) < 0.9 * losses[0], `${losses[0]} at first, ${Math.min(...losses)} at least`);
    await engine.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
