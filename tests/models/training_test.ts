/** Every model of the registry, small: it can be trained, with penalties on the slope of D too. */
import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import type { Shape } from "../../src/core/shape.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { losses } from "../../src/gan/losses.ts";
import type { GanSettings } from "../../src/gan/settings.ts";
import { discriminatorStep, generatorStep, samplingProgram } from "../../src/gan/step.ts";
import { grad } from "../../src/graph/grad.ts";
import { add, concat, constant, mean, square, sum } from "../../src/graph/ops.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { input, read, trace } from "../../src/graph/trace.ts";
import { DISCRIMINATOR } from "../../src/models/model.ts";
import { createModel, type ModelName, models, type ModelSettings } from "../../src/models/registry.ts";
import { adam } from "../../src/nn/optimizers.ts";
import { slotsOf } from "../../src/nn/slots.ts";
import { normals, randomOf } from "../support/random.ts";

/** The smallest interesting network of each model. */
const small: Readonly<Record<ModelName, { readonly sample: Shape; readonly settings: Partial<ModelSettings> }>> = {
  dcgan: { sample: [16, 16, 3], settings: { base: 4 } },
  mlp: { sample: [2], settings: { hidden: [8, 6] } },
  r3gan: { sample: [8, 8, 3], settings: { base: 8, blocks: 1 } },
  "dcgan-28": { sample: [20, 20, 3], settings: { base: 2 } },
  unrolled: { sample: [12, 12, 3], settings: { base: 2 } },
  "pacgan-toy": { sample: [2], settings: { base: 6 } },
  infogan: { sample: [8, 12, 3], settings: { base: 2 } },
  resnet: { sample: [8, 8, 3], settings: { base: 4 } },
};

const BATCH = 4;

function build(name: ModelName) {
  const { sample, settings } = small[name];
  return createModel(name, sample, { latent: 5, ...settings });
}

for (const name of Object.keys(models) as ModelName[]) {
  Deno.test(`${name}: operands may be longer along the last axis than latent vector, sample and features are`, () => {
    const model = build(name);
    trace(new Store(1), "wider", () => {
      const z = input("z", [BATCH, model.latent + 3]);
      const samples = model.generator(z, "train");
      assert.deepEqual(samples.shape, [BATCH, ...model.sample]);
      const seen = model.features(concat([samples, samples], samples.rank - 1), "train");
      const logits = model.head(concat([seen, seen], seen.rank - 1), "train");
      assert.deepEqual(logits.shape, [BATCH]);
      return { logits };
    });
  });

  Deno.test(`${name}: a penalty on the slope of D has the gradient that differences show`, async () => {
    const model = build(name);
    const store = new Store(3);
    const program = trace(store, "penalty", () => {
      const x = input("x", [BATCH, ...model.sample]);
      const [slope] = grad(sum(model.discriminator(x, "train")), [x]);
      const penalty = mean(square(slope));
      const parameters = slotsOf(DISCRIMINATOR, "parameter");
      const gradients = grad(penalty, parameters.map(read));
      const squares = gradients.map((gradient) => sum(square(gradient))).reduce(add, constant(0));
      return { penalty, squares, ...Object.fromEntries(gradients.map((g, i): [string, Tensor] => [`${i}`, g])) };
    });
    const engine = await compileReference(store, [program]);
    const random = randomOf(`penalty of ${name}`);
    const parameters = store.slots().filter(({ kind, name }) => kind === "parameter" && name.startsWith("D."));
    for (const slot of parameters) {
      // Away from zeros that hide a term.
      engine.write(slot.name, normals(random, sizeOf(slot.shape)).map((x) => 0.3 * x));
    }
    const x = normals(random, BATCH * sizeOf(model.sample));
    const run = () => engine.run(program, { x }, { seed: 1, draw: 0 });
    const exact = await run();
    assert.ok(exact.squares[0] > 0);
    let [expected, moved] = [0, 0];
    const step = 1e-6;
    const directions = parameters.map(({ shape }) => normals(random, sizeOf(shape)));
    const start = parameters.map((slot) => Float64Array.from(engine.read(slot.name)));
    const at = async (scale: number) => {
      parameters.forEach((slot, i) => engine.write(slot.name, start[i].map((w, j) => w + scale * directions[i][j])));
      return (await run()).penalty[0];
    };
    moved = (await at(step) - await at(-step)) / (2 * step);
    directions.forEach((direction, i) => direction.forEach((d, j) => expected += d * exact[`${i}`][j]));
    assert.ok(Math.abs(moved - expected) < 1e-4 * Math.abs(expected) + 1e-9, `${moved}, expected ${expected}`);
  });

  Deno.test(`${name}: training steps on the kernels change every matrix of weights and stay finite`, async () => {
    const model = build(name);
    const store = new Store(2);
    const settings: GanSettings = {
      model,
      loss: losses["non-saturating"],
      batch: BATCH,
      updateDiscriminator: (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate }),
      updateGenerator: (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate }),
    };
    const steps = [discriminatorStep(store, settings), generatorStep(store, settings)];
    const sampling = samplingProgram(store, { model }, 2);
    const engine = await compileWasm(store, [...steps, sampling], { threads: 2 });
    // A bias in front of a batch norm makes no difference, and moves by rounding alone.
    const parameters = store.slots().filter(({ kind, shape }) => kind === "parameter" && shape.length > 1)
      .map(({ name }) => name);
    const before = parameters.map((slot) => Array.from(engine.read(slot)));
    const random = randomOf(`training of ${name}`);
    const real = Float32Array.from(normals(random, BATCH * sizeOf(model.sample)), Math.tanh);
    for (let draw = 0; draw < 6; draw++) {
      const { finite } = await engine.run(steps[draw % 2], {
        real,
        learningRate: Float32Array.of(0.01),
        averageDecay: Float32Array.of(0.5),
      }, { seed: 1, draw });
      assert.equal(finite[0], 1, `step ${draw}`);
    }
    parameters.forEach((slot, i) => assert.notDeepEqual(Array.from(engine.read(slot)), before[i], slot));
    const { samples } = await engine.run(sampling, { z: new Float32Array(2 * model.latent).fill(0.5) }, {
      seed: 1,
      draw: 0,
    });
    assert.ok(samples.every(Number.isFinite));
    await engine.close();
  });
}
