/** D alone where not all x can be tried: negatives are found by climbing D's slope. */
import * as duel from "../../mod.ts";
import { climb, type ClimbOptions, type Judge } from "../climb.ts";
import type { Stage } from "../experiment.ts";
import { type Limit, repeat } from "../training.ts";

const { add, mean, mul, square, sub } = duel.ops;

export interface Task {
  readonly label: string;
  /** Of one sample. */
  readonly sample: duel.Shape;
  /** Its slots are `D.…`. */
  readonly judge: Judge;
  readonly batch: number;
  readonly search: ClimbOptions;
  readonly rate: { readonly from: number; readonly to: number };
  /** Keeps scores small, so that slopes stay gentle. */
  readonly restraint: number;
  /** Writes a batch of real samples. */
  real(draw: number, target: Float32Array): void;
  /** Writes samples to start from: noise. */
  start(draw: number, target: Float32Array): void;
}

/** Whether negatives are searched for, or are the noise that searches start from. */
export type Negatives = "searched" | "noise";

// #region D learns from real samples and from what it finds good itself
function lesson(store: duel.Store, task: Task, negatives: Negatives): duel.Program {
  const shape = [task.batch, ...task.sample];
  return duel.trace(store, "lesson", () => {
    const start = duel.input("start", shape);
    const found = negatives === "searched" ? climb(task.judge, start, task.search) : start;
    const [real, negative] = [task.judge(duel.input("real", shape)), task.judge(found)];
    const scores = mean(add(square(real), square(negative)));
    const loss = add(sub(mean(negative), mean(real)), mul(scores, task.restraint));
    const parameters = duel.slotsOf(duel.DISCRIMINATOR, "parameter");
    duel.adam(parameters, duel.grad(loss, parameters.map(duel.read)), {
      learningRate: duel.input("rate", []),
      beta1: 0,
    });
    return { loss, found, realScore: mean(real), foundScore: mean(negative) };
  });
}
// #endregion

/** Searches that are kept: each lesson goes on with some of them. */
const KEPT = 64;
/** One search in so many starts anew from noise in each lesson. */
const RENEWED = 20;

/** A discriminator that has learned, and what it can be asked. */
export interface Learned {
  /** Scores of `batch` samples. */
  score(samples: Float32Array): Promise<Float32Array>;
  /** Goes on with the search from these samples, `rounds` times the steps of the task. */
  search(samples: Float32Array, rounds: number): Promise<Float32Array>;
}

/** Trains D, and tells `watch` now and then. */
export async function learn(
  stage: Stage,
  task: Task,
  negatives: Negatives,
  limit: Limit,
  watch?: (step: number, learned: Learned, latest: Float32Array) => Promise<void>,
): Promise<Learned> {
  const { batch, sample } = task;
  const { seed } = stage;
  const store = new duel.Store(seed);
  const step = lesson(store, task, negatives);
  const shape = [batch, ...sample];
  const look = duel.trace(store, "look", () => ({ scores: task.judge(duel.input("x", shape)) }));
  const go = duel.trace(store, "search", () => ({ found: climb(task.judge, duel.input("x", shape), task.search) }));
  const engine = await stage.compile(store, [step, look, go]);
  let draws = 0;
  const learned: Learned = {
    async score(samples) {
      return Float32Array.from((await engine.run(look, { x: samples }, { seed, draw: 0 })).scores);
    },
    async search(samples, rounds) {
      let x = samples;
      for (let round = 0; round < rounds; round++) {
        x = Float32Array.from((await engine.run(go, { x }, { seed, draw: draws++ })).found);
      }
      return x;
    },
  };

  const length = batch * sample.reduce((product, extent) => product * extent, 1);
  const pool = Array.from({ length: negatives === "searched" ? KEPT : 1 }, (_, place) => {
    const values = new Float32Array(length);
    task.start(place, values);
    return values;
  });
  const real = new Float32Array(length);
  const fresh = new Float32Array(length);
  const width = length / batch;
  await repeat(stage, task.label, limit, async (draw, share) => {
    task.real(draw, real);
    task.start(pool.length + draw, fresh);
    const start = pool[draw % pool.length];
    const renewed = negatives === "searched" ? Math.max(1, Math.floor(batch / RENEWED)) : batch;
    // Another part of the pack each time, so that no search goes on for ever.
    for (let i = 0; i < renewed; i++) {
      const at = (Math.floor(draw / pool.length) * renewed + i) % batch * width;
      start.set(fresh.subarray(at, at + width), at);
    }
    const rate = Float32Array.of(duel.valueAt({ shape: "cosine", ...task.rate, steps: 1 }, share));
    const outputs = await engine.run(step, { real, start, rate }, { seed, draw });
    pool[draw % pool.length] = Float32Array.from(outputs.found);
    await watch?.(draw + 1, learned, pool[draw % pool.length]);
    return `D ${outputs.realScore[0].toFixed(2)} ${outputs.foundScore[0].toFixed(2)}`;
  });
  return learned;
}
