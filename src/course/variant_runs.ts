/** The losses of the zoo on one problem in the plane, trained and watched. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { normals, shareOf } from "./numbers.ts";
import { play } from "./players.ts";

export const toy = duel.toys["ring-unrolled"];
export const MODES = toy.modes!.length;
const BATCH = 256;
const LATENT = 2;
/** Learning rate of both networks: at the start, and at the end. */
const RATE = 1e-3;
const LAST_RATE = 2e-5;
/** How often samples are looked at. */
export const EVERY = 50;
/** Samples that modes are counted in. */
const COUNTED = 1024;

interface Variant {
  readonly name: string;
  readonly loss: duel.LossName;
  readonly penalties?: readonly duel.PenaltyName[];
  /** The rate stays what it is at the start. */
  readonly steady?: true;
}

// #region What differs is a loss of a few lines, sometimes a penalty, and once the rates | 差別只在幾行程式的損失函數，有時再加上懲罰項，最後一種則是學習率
const variants: readonly Variant[] = [
  { name: "minimax", loss: "minimax" },
  { name: "non-saturating", loss: "non-saturating" },
  { name: "lsgan", loss: "lsgan" },
  { name: "hinge", loss: "hinge" },
  { name: "wgan-gp", loss: "wgan", penalties: ["wgan-gp"] },
  { name: "dragan", loss: "non-saturating", penalties: ["dragan"] },
  { name: "r1", loss: "non-saturating", penalties: ["r1"] },
  { name: "relativistic", loss: "relativistic" },
  { name: "relativistic-r1-r2", loss: "relativistic", penalties: ["r1", "r2"] },
  { name: "steady-rates", loss: "non-saturating", steady: true },
];
// #endregion

/** On a quick stage: enough to see that they run. */
const QUICK = ["non-saturating", "relativistic-r1-r2"];

/** Weights of penalties for data of this size. */
const WEIGHTS: Readonly<Partial<Record<duel.PenaltyName, number>>> = {
  "wgan-gp": 1,
  "dragan": 1,
  "r1": 0.1,
  "r2": 0.1,
};

/** What G made after so many steps. */
interface Look {
  readonly step: number;
  readonly modes: number;
  readonly samples: Float32Array;
}

/** One training. All is of G itself: its moving average, which one would take for use, hides how restless G is. */
export interface Run {
  readonly looks: readonly Look[];
  /** The first look at which all modes were there; undefined if never. */
  readonly covered: number | undefined;
  /** Of the looks from then on: the share that had all modes. */
  readonly kept: number | undefined;
  /** Share of the last samples that are near a mode; and of those of the averaged G. */
  readonly near: number;
  readonly averaged: number;
}

/** All trainings of a variant. */
export interface Outcome {
  readonly name: string;
  readonly runs: readonly Run[];
}

async function run(stage: Stage, { name, loss, penalties = [], steady }: Variant, seed: number): Promise<Run> {
  const steps = stage.steps(1800, 500);
  const rate = steady ? RATE : { shape: "cosine", from: RATE, to: LAST_RATE, steps } as const;
  const judge = duel.toyJudge(toy);
  const model = duel.mlp({ sample: [2], latent: LATENT, hidden: [128, 128] });
  const latents = normals(stage, "look", COUNTED * LATENT);
  const looks: Look[] = [];
  let make: duel.Program;
  const { sample } = await play(stage, {
    label: `${name}, ${stage.say("seed", "種子")} ${seed}`,
    seed,
    model,
    loss: duel.losses[loss],
    penalties: penalties.map((name) => ({ name, penalty: duel.penalties[name], weight: WEIGHTS[name]! })),
    batch: BATCH,
    limit: { steps },
    rates: [rate, rate],
    beta1: 0,
    average: 0.99,
    samples: [COUNTED],
    source: (draw, { real }) => toy.fill(seed, draw, real),
    more: (store) => [
      make = duel.trace(store, "make", () => ({
        samples: model.generator(duel.input("z", [COUNTED, LATENT]), "evaluate"),
      })),
    ],
    async watch(step, { engine }) {
      if (step % EVERY !== 0 && step !== steps) return;
      const samples = Float32Array.from((await engine.run(make, { z: latents }, { seed, draw: 0 })).samples);
      looks.push({ step, samples, modes: judge(samples).modes! });
    },
  });
  const near = (samples: Float32Array) => judge(samples)["high-quality"]!;
  const first = looks.findIndex(({ modes }) => modes === MODES);
  const since = looks.slice(first);
  return {
    ...{ looks, near: near(looks[looks.length - 1].samples), averaged: near(await sample(latents)) },
    covered: first < 0 ? undefined : looks[first].step,
    kept: first < 0 ? undefined : shareOf(since.length, (i) => since[i].modes === MODES),
  };
}

/** Trains all variants, each with several seeds. */
export async function investigate(stage: Stage): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const variant of variants) {
    if (stage.quick && !QUICK.includes(variant.name)) continue;
    const runs: Run[] = [];
    for (let i = 0; i < stage.size(3, 1); i++) runs.push(await run(stage, variant, stage.seed + i));
    outcomes.push({ name: variant.name, runs });
  }
  return outcomes;
}
