/** D alone where not all x can be tried: negatives are found by climbing D. */
import * as duel from "../../mod.ts";
import { climb, type ClimbOptions, type Judge } from "../climb.ts";
import type { Stage } from "../experiment.ts";
import { joined } from "../numbers.ts";
import { type Limit, mapRows, minimise, rateAt, type Rates, repeat } from "../training.ts";
import { scoreLoss } from "./loss.ts";

const { mean } = duel.ops;

export interface Task {
  readonly label: string;
  /** Of one sample. */
  readonly sample: duel.Shape;
  /** Its slots are `D.…`. */
  readonly judge: Judge;
  readonly batch: number;
  readonly search: ClimbOptions;
  readonly rates: Rates;
  /** Keeps scores small, so that gradients stay gentle; see `scoreLoss`. */
  readonly restraint: number;
  /** Writes a batch of real samples. */
  real(draw: number, target: Float32Array): void;
  /** Writes samples to start from: noise. */
  start(draw: number, target: Float32Array): void;
}

/** Whether negatives are searched for, or are the noise that searches start from. */
export type Negatives = "searched" | "noise";

// #region A lesson: D searches for what it finds good, and learns that this is not real | 一次學習：D 先找出自己覺得好的樣本，再學會這些不是真的
function lesson(store: duel.Store, task: Task, negatives: Negatives): duel.Program {
  const shape = [task.batch, ...task.sample];
  return duel.trace(store, "lesson", () => {
    const start = duel.input("start", shape);
    const found = negatives === "searched" ? climb(task.judge, start, task.search) : start;
    const [real, negative] = [task.judge(duel.input("real", shape)), task.judge(found)];
    minimise(scoreLoss(real, negative, task.restraint), [duel.DISCRIMINATOR], 0);
    return { found, realScore: mean(real), foundScore: mean(negative) };
  });
}
// #endregion

/** Batches of searches that are kept: each lesson goes on with one of them. */
const KEPT = 4;
/** One search in so many starts anew from noise in each lesson. */
export const RENEWED = 20;
/** Draw numbers of noise that searches for samples start from: none that a lesson takes. */
const FRESH = 1_000_000;

/** A discriminator that has learned, and what it can be asked. */
export interface Learned {
  /** Scores of samples. */
  score(samples: Float32Array): Promise<Float32Array>;
  /** `packs` times `batch` samples, each by a search from noise of `rounds` times the steps of the task. */
  generate(packs: number, rounds: number): Promise<Float32Array>;
}

/** Trains D; `watch` is told after each lesson what it has learned from. */
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
  const width = sample.reduce((product, extent) => product * extent, 1);
  const noise = (draw: number) => {
    const values = new Float32Array(batch * width);
    task.start(draw, values);
    return values;
  };
  const learned: Learned = {
    score: (samples) => mapRows(engine, look, "x", samples, "scores"),
    async generate(packs, rounds) {
      const found: Float32Array[] = [];
      for (let pack = 0; pack < packs; pack++) {
        let x = noise(FRESH + pack);
        for (let round = 0; round < rounds; round++) {
          const outputs = await engine.run(go, { x }, { seed, draw: FRESH + pack * rounds + round });
          x = Float32Array.from(outputs.found);
        }
        found.push(x);
      }
      return joined(found);
    },
  };

  const pool = Array.from({ length: KEPT }, (_, place) => noise(place));
  const real = new Float32Array(batch * width);
  const renewed = negatives === "searched" ? Math.ceil(batch / RENEWED) : batch;
  await repeat(stage, task.label, limit, async (draw, share) => {
    task.real(draw, real);
    const start = pool[draw % KEPT];
    const fresh = noise(KEPT + draw);
    // Another part of the pack each time, so that no search goes on for ever.
    for (let i = 0; i < renewed; i++) {
      const at = (Math.floor(draw / KEPT) * renewed + i) % batch * width;
      start.set(fresh.subarray(at, at + width), at);
    }
    const outputs = await engine.run(step, { real, start, rate: rateAt(task.rates, share) }, { seed, draw });
    pool[draw % KEPT] = Float32Array.from(outputs.found);
    await watch?.(draw + 1, learned, pool[draw % KEPT]);
    return `D ${outputs.realScore[0].toFixed(2)} ${outputs.foundScore[0].toFixed(2)}`;
  });
  return learned;
}
