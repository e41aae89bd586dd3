import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { losses } from "../../src/gan/losses.ts";
import type { GanSettings } from "../../src/gan/settings.ts";
import { discriminatorStep, generatorStep, samplingProgram } from "../../src/gan/step.ts";
import { Store } from "../../src/graph/store.ts";
import type { Program } from "../../src/graph/trace.ts";
import { mlp } from "../../src/models/mlp.ts";
import { adam, sgd } from "../../src/nn/optimizers.ts";

const model = mlp({ sample: [2], latent: 3, hidden: [8] });

const settings: GanSettings = {
  model,
  loss: losses["non-saturating"],
  batch: 16,
  updateDiscriminator: (parameters, gradients, learningRate) => sgd(parameters, gradients, { learningRate }),
  updateGenerator: (parameters, gradients, learningRate) => sgd(parameters, gradients, { learningRate }),
};

async function compiled(changes: Partial<GanSettings> = {}) {
  const store = new Store(3);
  const d = discriminatorStep(store, { ...settings, ...changes });
  const g = generatorStep(store, { ...settings, ...changes });
  const sample = samplingProgram(store, { model }, 4);
  const engine = await compileReference(store, [d, g, sample]);
  const real = Float32Array.from({ length: 32 }, (_, i) => 2 + 0.1 * Math.sin(i));
  let draw = 0;
  const one = (program: Program, learningRate = 0.1) =>
    engine.run(program, {
      real,
      learningRate: Float32Array.of(learningRate),
      averageDecay: Float32Array.of(0.5),
    }, { seed: 3, draw: draw++ });
  const snapshot = (owner: string) =>
    Object.fromEntries(
      store.slots().filter(({ name }) => name.startsWith(`${owner}.`)).map(({ name }) => [name, engine.read(name)]),
    );
  return { store, engine, d, g, sample, one, snapshot };
}

Deno.test("the discriminator step changes D alone, the generator step G and its average alone", async () => {
  const { d, g, one, snapshot } = await compiled();
  const names = (program: Program) => [...program.assignments.keys()].map(({ name }) => name);
  assert.ok(names(d).every((name) => name.startsWith("D.") || name === "finite"), `${names(d)}`);
  assert.ok(names(g).every((name) => /^(average\.)?G\./.test(name) || name === "finite"), `${names(g)}`);
  const before = [snapshot("D"), snapshot("G"), snapshot("average")];
  await one(d);
  assert.notDeepEqual(snapshot("D"), before[0]);
  assert.deepEqual([snapshot("G"), snapshot("average")], before.slice(1));
  const trained = snapshot("D");
  await one(g);
  assert.deepEqual(snapshot("D"), trained);
  assert.notDeepEqual(snapshot("G"), before[1]);
  assert.notDeepEqual(snapshot("average"), before[2]);
});

Deno.test("D's step lowers D's loss, G's step raises what D says of its samples", async () => {
  const { d, g, one } = await compiled();
  const first = await one(d);
  for (let i = 0; i < 100; i++) await one(d);
  const trained = await one(d);
  assert.ok(trained.loss[0] < 0.5 * first.loss[0], `${first.loss} to ${trained.loss}`);
  assert.ok(trained.realScore[0] > 1 && trained.fakeScore[0] < -0.5);
  assert.ok(trained.realAccuracy[0] > 0.9 && trained.fakeAccuracy[0] > 0.9);
  const before = await one(g);
  for (let i = 0; i < 100; i++) await one(g);
  const after = await one(g);
  assert.ok(after.loss[0] < before.loss[0] - 0.2, `${before.loss} to ${after.loss}`);
});

Deno.test("the gradient norm is what sgd moves by", async () => {
  const { d, one, snapshot } = await compiled();
  const before = snapshot("D");
  const { gradientNorm } = await one(d, 0.25);
  let squares = 0;
  for (const [name, values] of Object.entries(snapshot("D"))) {
    values.forEach((value: number, i: number) => squares += (value - before[name][i]) ** 2);
  }
  assert.ok(Math.abs(Math.sqrt(squares) / (0.25 * gradientNorm[0]) - 1) < 1e-6);
});

Deno.test("a step that leaves the finite numbers changes nothing but the flag", async () => {
  const { engine, d, one, snapshot } = await compiled({
    updateDiscriminator: (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate }),
  });
  engine.write("D.2.bias", [NaN]);
  const before = snapshot("D");
  assert.deepEqual(Array.from((await one(d)).finite), [0]);
  assert.deepEqual(snapshot("D"), before);
  assert.deepEqual(Array.from(engine.read("finite")), [0]);
});

Deno.test("a relativistic G step asks for real samples, the others do not", async () => {
  assert.ok(!(await compiled()).g.inputs.has("real"));
  assert.ok((await compiled({ loss: losses.relativistic })).g.inputs.has("real"));
});

Deno.test("samples come from the average and depend on their own latent vector alone", async () => {
  const { engine, sample, one, g } = await compiled();
  await one(g);
  const z = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i));
  const { samples } = await engine.run(sample, { z }, { seed: 3, draw: 0 });
  const other = z.slice().fill(0, 3);
  const second = (await engine.run(sample, { z: other }, { seed: 3, draw: 9 })).samples;
  assert.deepEqual(second.slice(0, 2), samples.slice(0, 2));
  assert.notDeepEqual(second.slice(2), samples.slice(2));
  engine.write("average.G.2.bias", engine.read("average.G.2.bias").map((x: number) => x + 1));
  const shifted = (await engine.run(sample, { z }, { seed: 3, draw: 0 })).samples;
  samples.forEach((value: number, i: number) => assert.ok(Math.abs(shifted[i] - value - 1) < 1e-9));
});
