/** Every loss with every penalty and every conditioning, on points in classes: small enough to try them all. */
import assert from "node:assert/strict";
import type { Engine } from "../../../src/backend/backend.ts";
import { compileReference } from "../../../src/backend/reference/engine.ts";
import { compileWasm } from "../../../src/backend/wasm/engine.ts";
import { uniforms } from "../../../src/core/random.ts";
import { type ConditioningName, conditionings } from "../../../src/gan/conditioning.ts";
import { losses, type LossName } from "../../../src/gan/losses.ts";
import { penalties, type PenaltyName } from "../../../src/gan/penalties.ts";
import type { GanSettings, Update } from "../../../src/gan/settings.ts";
import { discriminatorStep, generatorStep } from "../../../src/gan/step.ts";
import { type BatchSource, Trainer } from "../../../src/gan/train.ts";
import { Store } from "../../../src/graph/store.ts";
import { mlp } from "../../../src/models/mlp.ts";
import { adam, sgd } from "../../../src/nn/optimizers.ts";
import { assertNormClose } from "../../support/assert.ts";

const SEED = 11;
const BATCH = 16;
/** Of 4-byte floats against doubles, in the norm of a tensor. */
const TOLERANCE = 1e-4;
/** Two labels at once. */
const attributes = [
  { name: "side", classes: ["left", "right"] },
  { name: "height", classes: ["low", "middle", "high"] },
];

/** Points around a place that their classes decide. */
const points: BatchSource = (draw, { real, labels }) => {
  const numbers = uniforms(4 * BATCH, SEED, "points", draw);
  for (let i = 0; i < BATCH; i++) {
    const [side, height] = [Math.floor(2 * numbers[4 * i]), Math.floor(3 * numbers[4 * i + 1])];
    real.set([2 * side - 1 + 0.3 * numbers[4 * i + 2], height - 1 + 0.3 * numbers[4 * i + 3]], 2 * i);
    labels?.set([side, height], 2 * i);
  }
};

const steps = {
  sgd: (parameters, gradients, learningRate) => sgd(parameters, gradients, { learningRate }),
  adam: (parameters, gradients, learningRate) => adam(parameters, gradients, { learningRate, beta1: 0.5 }),
} as const satisfies Record<string, Update>;

/** A combination; undefined is "none". */
interface Combination {
  readonly loss: LossName;
  readonly penalty: PenaltyName | undefined;
  readonly conditioning: ConditioningName | undefined;
}

/** All there are of some losses. */
function combinationsOf(names: readonly LossName[]): Combination[] {
  const withNone = <N extends string>(table: Readonly<Record<N, unknown>>) => [undefined, ...Object.keys(table) as N[]];
  return names.flatMap((loss) =>
    withNone(penalties).flatMap((penalty) =>
      withNone(conditionings).map((conditioning) => ({ loss, penalty, conditioning }))
    )
  );
}

function programsOf({ loss, penalty, conditioning }: Combination, update: Update) {
  const kind = conditioning && conditionings[conditioning];
  const settings: GanSettings = {
    model: mlp({ sample: [2], latent: 4, hidden: [12, 12] }),
    loss: losses[loss],
    batch: BATCH,
    updateDiscriminator: update,
    updateGenerator: update,
    penalties: penalty ? [{ name: penalty, penalty: penalties[penalty], weight: penalties[penalty].weight }] : [],
    conditioning: kind && { kind, attributes, continuous: kind.drawn ? 1 : 0 },
    ...loss === "wgan" && !penalty ? { clipWeights: 0.1 } : {},
  };
  const store = new Store(SEED);
  return {
    store,
    programs: { discriminator: discriminatorStep(store, settings), generator: generatorStep(store, settings) },
  };
}

const trainerOf = ({ store, programs }: ReturnType<typeof programsOf>, engine: Engine, learningRate: number) =>
  new Trainer(engine, store, programs, points, {
    seed: SEED,
    discriminatorSteps: 1,
    discriminatorRate: learningRate,
    generatorRate: learningRate,
    averageDecay: 0.9,
  });

/**
 * One step of plain gradient descent by the kernels and by the reference: both losses, the lengths of the gradients,
 * and all slots, which have moved by gradients, must agree.
 */
async function agreesWithReference(combination: Combination): Promise<void> {
  const [traced, twin] = [programsOf(combination, steps.sgd), programsOf(combination, steps.sgd)];
  const engine = await compileWasm(traced.store, Object.values(traced.programs), { threads: 1 });
  try {
    const reference = await compileReference(twin.store, Object.values(twin.programs));
    // A large step, so that what is compared is the gradient more than the value before.
    const [fast, exact] = [trainerOf(traced, engine, 1), trainerOf(twin, reference, 1)];
    const [found, expected] = [await fast.advance(), await exact.advance()];
    assert.ok(found.kind === "step" && expected.kind === "step", "the first step is finite");
    const numbers = (result: typeof found) => {
      const { discriminatorLoss, generatorLoss, penalty = 0, discriminatorGradient, generatorGradient } = result;
      return Float64Array.of(discriminatorLoss, generatorLoss, penalty, discriminatorGradient, generatorGradient);
    };
    assertNormClose("losses and gradients", [5], numbers(found), numbers(expected), TOLERANCE);
    for (const { name, shape } of traced.store.slots()) {
      assertNormClose(name, shape, engine.read(name), reference.read(name), TOLERANCE);
    }
  } finally {
    await engine.close();
  }
}

/** Trains for some steps: every number stays finite, and G moves. */
async function trains(combination: Combination, count: number): Promise<void> {
  const traced = programsOf(combination, steps.adam);
  const engine = await compileWasm(traced.store, Object.values(traced.programs), { threads: 1 });
  try {
    const trainer = trainerOf(traced, engine, 1e-3);
    const before = engine.read("G.0.weight");
    while (trainer.step < count) {
      const result = await trainer.advance();
      assert.equal(result.kind, "step");
    }
    for (const { name } of traced.store.slots()) {
      assert.ok(engine.read(name).every((value) => Math.abs(value) < 1e3), `${name} grows beyond bounds`);
    }
    assert.notDeepEqual(engine.read("G.0.weight"), before);
  } finally {
    await engine.close();
  }
}

const STEPS = 300;

/** Registers the tests of all combinations with these losses. */
export function testCombinations(names: readonly LossName[]): void {
  for (const combination of combinationsOf(names)) {
    const { loss, penalty = "no penalty", conditioning = "no labels" } = combination;
    Deno.test(`${loss}, ${penalty}, ${conditioning}: as the reference, and for ${STEPS} steps`, async () => {
      await agreesWithReference(combination);
      await trains(combination, STEPS);
    });
  }
}

/** Every `count`-th loss from the `index`-th on: what one file tests, so that files can run side by side. */
export function shareOfLosses(index: number, count: number): LossName[] {
  return (Object.keys(losses) as LossName[]).filter((_, i) => i % count === index);
}
