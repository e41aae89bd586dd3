import assert from "node:assert/strict";
import type { Draw, Engine, Values } from "../../src/backend/backend.ts";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { DivergenceError } from "../../src/core/errors.ts";
import { conditionings } from "../../src/gan/conditioning.ts";
import { losses, type LossName } from "../../src/gan/losses.ts";
import { penalties } from "../../src/gan/penalties.ts";
import { type Schedule, scheduled } from "../../src/gan/schedule.ts";
import type { GanSettings } from "../../src/gan/settings.ts";
import { discriminatorStep, generatorStep } from "../../src/gan/step.ts";
import { type Batch, type BatchSource, Trainer, type TrainingSettings } from "../../src/gan/train.ts";
import { Store } from "../../src/graph/store.ts";
import type { Program } from "../../src/graph/trace.ts";
import { mlp } from "../../src/models/mlp.ts";
import { adam } from "../../src/nn/optimizers.ts";

const SEED = 5;
const BATCH = 8;

/** One call of `Engine.run`. */
interface Call {
  readonly program: string;
  readonly inputs: Record<string, number[]>;
  readonly draw: Draw;
}

/** A small run on the reference backend, and all that its engine was asked for. */
async function newTrainer(
  changes: Partial<TrainingSettings> = {},
  loss: LossName = "non-saturating",
  composition: Partial<GanSettings> = {},
  source: BatchSource = batch,
) {
  const store = new Store(SEED);
  const gan: GanSettings = {
    model: mlp({ sample: [2], latent: 3, hidden: [6] }),
    loss: losses[loss],
    batch: BATCH,
    updateDiscriminator: (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate }),
    updateGenerator: (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate }),
    ...composition,
  };
  const programs = { discriminator: discriminatorStep(store, gan), generator: generatorStep(store, gan) };
  const inner = await compileReference(store, Object.values(programs));
  const calls: Call[] = [];
  const engine: Engine = {
    backend: "recording",
    read: (slot) => inner.read(slot),
    write: (slot, values) => inner.write(slot, values),
    close: () => inner.close(),
    run(program: Program, inputs: Values, draw: Draw) {
      const copies = Object.entries(inputs).map(([name, values]) => [name, Array.from(values)]);
      calls.push({ program: program.name.split(" ")[0], inputs: Object.fromEntries(copies), draw });
      return inner.run(program, inputs, draw);
    },
  };
  const settings: TrainingSettings = {
    seed: SEED,
    discriminatorSteps: 1,
    discriminatorRate: 0.01,
    generatorRate: 0.02,
    averageDecay: 0.9,
    ...changes,
  };
  const trainer = new Trainer(engine, store, programs, source, settings);
  return { trainer, engine, calls };
}

/** Batch number `draw`: its first value is the number. */
function batch(draw: number, { real }: Batch): void {
  for (let i = 0; i < real.length; i++) real[i] = Math.fround(i === 0 ? draw : Math.sin(draw + i));
}

async function advance(trainer: Trainer, steps: number) {
  const results = [];
  for (let i = 0; i < steps; i++) results.push(await trainer.advance());
  return results;
}

Deno.test("a step is k updates of D and one of G, each with random numbers and a batch of its own", async () => {
  const { trainer, calls } = await newTrainer({ discriminatorSteps: 2 });
  await advance(trainer, 3);
  const names = ["discriminator", "discriminator", "generator"];
  assert.deepEqual(calls.map(({ program }) => program), [...names, ...names, ...names]);
  assert.deepEqual(calls.map(({ draw }) => draw), Array.from({ length: 9 }, (_, draw) => ({ seed: SEED, draw })));
  const batches = calls.filter(({ inputs }) => inputs.real).map(({ inputs }) => inputs.real[0]);
  assert.deepEqual(batches, [0, 1, 2, 3, 4, 5]);
});

Deno.test("D and G have learning rates of their own, and G's average speeds up from a slow start", async () => {
  const { trainer, calls } = await newTrainer();
  await advance(trainer, 2);
  assert.deepEqual(calls.map(({ inputs }) => inputs.learningRate[0]), [0.01, 0.02, 0.01, 0.02].map(Math.fround));
  const decays = calls.filter(({ program }) => program === "generator").map(({ inputs }) => inputs.averageDecay[0]);
  assert.deepEqual(decays, [1 / 10, 2 / 11].map(Math.fround));
});

Deno.test("settings that follow a schedule reach the programs that ask for them, step by step", async () => {
  const schedule = (from: number, to: number): Schedule => ({ shape: "linear", from, to, steps: 2 });
  const noise = schedule(1, 0), gamma = schedule(8, 2), beta2 = schedule(0.9, 0.5);
  const { trainer, calls } = await newTrainer(
    {
      discriminatorRate: schedule(0.04, 0.02),
      generatorRate: schedule(0.02, 0.01),
      averageDecay: schedule(0, 0.05),
      scheduled: { noise, beta2, "penalty.r1": gamma, unused: noise },
    },
    "non-saturating",
    {
      view: { noise },
      penalties: [{ name: "r1", penalty: penalties.r1, weight: gamma }],
      updateDiscriminator: (parameters, gradients, learningRate) =>
        adam(parameters, gradients, { learningRate, beta2: scheduled("beta2", beta2) }),
    },
  );
  await advance(trainer, 3);
  const found = calls.map(({ inputs: { real: _, ...scalars } }) => scalars);
  const of = (values: Record<string, number>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [Math.fround(value)]]));
  assert.deepEqual(found, [
    of({ learningRate: 0.04, noise: 1, beta2: 0.9, "penalty.r1": 8 }),
    of({ learningRate: 0.02, noise: 1, averageDecay: 0 }),
    of({ learningRate: 0.03, noise: 0.5, beta2: 0.7, "penalty.r1": 5 }),
    of({ learningRate: 0.015, noise: 0.5, averageDecay: 0.025 }),
    of({ learningRate: 0.02, noise: 0, beta2: 0.5, "penalty.r1": 2 }),
    of({ learningRate: 0.01, noise: 0, averageDecay: 0.05 }),
  ]);
});

Deno.test("labels go with their batch to both programs, and a restored run gets the same ones", async () => {
  const attributes = [{ name: "class", classes: ["a", "b", "c"] }];
  const changes = { conditioning: { kind: conditionings.concat, attributes, continuous: 0 } };
  const labelled: BatchSource = (draw, to) => {
    batch(draw, to);
    to.labels!.forEach((_, i) => to.labels![i] = (draw + i) % 3);
  };
  for (const loss of ["non-saturating", "relativistic"] as const) {
    const { trainer, calls } = await newTrainer({ discriminatorSteps: 2 }, loss, changes, labelled);
    await advance(trainer, 1);
    const saved = trainer.keep();
    await advance(trainer, 1);
    const rows = calls.map(({ program, inputs }) => ({ program, labels: inputs.labels, real: inputs.real?.[0] }));
    assert.ok(rows.every(({ labels }) => labels.length === BATCH));
    for (const { labels, real } of rows) {
      if (real !== undefined) assert.deepEqual(labels, labels.map((_, i) => (real + i) % 3));
    }
    assert.deepEqual(rows.filter(({ program }) => program === "discriminator").map(({ real }) => real), [0, 1, 2, 3]);
    const again = await newTrainer({ discriminatorSteps: 2 }, loss, changes, labelled);
    again.trainer.restore(saved);
    await advance(again.trainer, 1);
    assert.deepEqual(again.calls, calls.slice(3));
    assert.deepEqual(again.trainer.state(), trainer.state());
  }
});

Deno.test("a loss that compares G with real samples gets them in both updates", async () => {
  const { trainer, calls } = await newTrainer({}, "relativistic");
  await advance(trainer, 2);
  assert.ok(calls.every(({ inputs }) => inputs.real.length === 2 * BATCH));
});

Deno.test("a restored run goes on exactly as the one that was not interrupted", async () => {
  for (const loss of ["non-saturating", "relativistic"] as const) {
    const whole = (await newTrainer({ discriminatorSteps: 2 }, loss)).trainer;
    await advance(whole, 3);
    const saved = whole.keep();
    const rest = await advance(whole, 4);
    const second = (await newTrainer({ discriminatorSteps: 2 }, loss)).trainer;
    second.restore(saved);
    assert.equal(second.step, 3);
    assert.deepEqual(await advance(second, 4), rest);
    assert.deepEqual(second.state(), whole.state());
  }
});

Deno.test("a step that leaves the finite numbers goes back to the state kept last, with half the rates", async () => {
  const { trainer, engine, calls } = await newTrainer();
  await advance(trainer, 2);
  const good = trainer.keep();
  await advance(trainer, 1);
  engine.write("D.0.weight", engine.read("D.0.weight").fill(NaN));
  const result = await trainer.advance();
  const expected = { kind: "rollback", step: 2, failedStep: 4, network: "discriminator", value: "loss" };
  assert.deepEqual(result, { ...expected, rateFactor: 0.5 });
  assert.deepEqual(trainer.state(), { ...good, rollbacks: 1, rateFactor: 0.5 });
  await advance(trainer, 1);
  const [d, g] = calls.slice(-2);
  assert.deepEqual([d.inputs.learningRate[0], g.inputs.learningRate[0]], [0.005, 0.01].map(Math.fround));
  assert.equal(d.inputs.real[0], 2, "the batch that the failed try had prepared is not the one of this step");
  assert.equal(trainer.step, 3);
});

Deno.test("a generator that leaves the finite numbers is named", async () => {
  const { trainer, engine } = await newTrainer({ discriminatorRate: 1e-30 });
  // D is certain that these samples are not real: its own loss is 0, that of G is infinite.
  engine.write("G.2.bias", [1e300, 1e300]);
  engine.write("D.0.weight", engine.read("D.0.weight").fill(1));
  engine.write("D.2.weight", engine.read("D.2.weight").fill(-1e10));
  const result = await trainer.advance();
  assert.ok(result.kind === "rollback");
  assert.deepEqual([result.network, result.value, result.failedStep], ["generator", "loss", 1]);
});

Deno.test("the fourth rollback ends the run and says what to try", async () => {
  const { trainer, engine } = await newTrainer();
  const spoil = () => engine.write("D.2.bias", [Infinity]);
  for (const factor of [0.5, 0.25, 0.125]) {
    spoil();
    const result = await trainer.advance();
    assert.equal(result.kind === "rollback" && result.rateFactor, factor);
  }
  spoil();
  await assert.rejects(trainer.advance(), (error) => {
    assert.ok(error instanceof DivergenceError);
    assert.match(error.message, /loss of the discriminator is not finite at step 1.*3.*try a lower --learning-rate/);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
});
