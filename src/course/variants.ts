/** The losses of the zoo on one problem in the plane: which modes they find, how soon, and whether they keep them. */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { mean, normals, number, percent } from "./numbers.ts";
import { play } from "./players.ts";

const toy = duel.toys["ring-unrolled"];
const MODES = toy.modes!.length;
const BATCH = 256;
const LATENT = 2;
/** Learning rate of both networks, for all variants. */
const RATE = 1e-3;
/** How often samples are looked at. */
const EVERY = 50;
/** Samples that modes are counted in. */
const COUNTED = 1024;
const SHOWN = 512;

interface Variant {
  readonly name: string;
  readonly loss: duel.LossName;
  readonly penalties?: readonly duel.PenaltyName[];
}

// #region What differs is a loss of a few lines, and sometimes a penalty | 差別只在幾行程式的損失函數，有時再加上懲罰項
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

/** One training. */
interface Run {
  /** Modes found, at each look. */
  readonly modes: readonly (readonly [step: number, modes: number])[];
  /** The first look at which all modes were there; undefined if never. */
  readonly covered: number | undefined;
  /** Of the looks from then on: how many had all modes. */
  readonly kept: number;
  readonly highQuality: number;
  readonly samples: Float32Array;
}

/** All trainings of a variant. */
interface Outcome {
  readonly name: string;
  readonly runs: readonly Run[];
}

async function run(stage: Stage, { name, loss, penalties = [] }: Variant, seed: number): Promise<Run> {
  const steps = stage.steps(2000, 500);
  const judge = duel.toyJudge(toy);
  const latents = normals(stage, "look", COUNTED * LATENT);
  const modes: [number, number][] = [];
  const { sample } = await play(stage, {
    label: `${name}, ${stage.say("seed", "種子")} ${seed}`,
    seed,
    model: duel.mlp({ sample: [2], latent: LATENT, hidden: [128, 128] }),
    loss: duel.losses[loss],
    penalties: penalties.map((name) => ({ name, penalty: duel.penalties[name], weight: WEIGHTS[name]! })),
    batch: BATCH,
    limit: { steps },
    rates: [RATE, RATE],
    beta1: 0,
    average: 0.99,
    samples: [COUNTED],
    source: (draw, { real }) => toy.fill(seed, draw, real),
    async watch(step, { sample }) {
      if (step % EVERY === 0 || step === steps) modes.push([step, judge(await sample(latents)).modes!]);
    },
  });
  const samples = await sample(latents);
  const first = modes.findIndex(([, found]) => found === MODES);
  const since = first < 0 ? [] : modes.slice(first);
  return {
    ...{ modes, samples, highQuality: judge(samples)["high-quality"]! },
    covered: since[0]?.[0],
    kept: since.length === 0 ? 0 : since.filter(([, found]) => found === MODES).length / since.length,
  };
}

async function investigate(stage: Stage): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const variant of variants) {
    if (stage.quick && !QUICK.includes(variant.name)) continue;
    const runs: Run[] = [];
    for (let i = 0; i < stage.size(3, 1); i++) runs.push(await run(stage, variant, stage.seed + i));
    outcomes.push({ name: variant.name, runs });
  }
  return outcomes;
}

const last = ({ modes }: Run) => modes[modes.length - 1][1];

/** What a table says of all runs of a variant. */
function row({ name, runs }: Outcome): string[] {
  return [
    name,
    runs.map(last).join(", "),
    runs.map(({ covered }) => covered ?? "–").join(", "),
    runs.map(({ covered, kept }) => covered === undefined ? "–" : percent(kept)).join(", "),
    percent(mean(runs.map(({ highQuality }) => highQuality))),
  ];
}

function report({ say, seed, shell }: Stage, outcomes: readonly Outcome[]): Findings {
  const complete = outcomes.filter(({ runs }) => runs.every((run) => last(run) === MODES));
  const soonest = outcomes.flatMap(({ name, runs }) => {
    const steps = runs.flatMap(({ covered }) => covered === undefined ? [] : [covered]);
    return steps.length < runs.length ? [] : [{ name, step: mean(steps) }];
  }).sort((a, b) => a.step - b.step)[0];
  const least = Math.min(...outcomes.flatMap(({ runs }) => runs.map(last)));
  const real = new Float32Array(2 * SHOWN);
  toy.fill(seed, 1e6, real);
  const chart = (from: number, to: number) =>
    ({
      kind: "chart",
      x: say("step", "步數"),
      series: outcomes.slice(from, to).map(({ name, runs }) => ({ name, points: runs[0].modes })),
    }) as const;
  const overTime = say("Modes found over time, first seed", "找到的峰數隨時間的變化（第一個種子）");
  return {
    summary: [
      say(
        `${complete.length} of ${outcomes.length} variants end with all ${MODES} modes for every seed; the fewest anywhere are ${least}`,
        `${outcomes.length} 種之中，有 ${complete.length} 種不論哪個種子，最後都有全部 ${MODES} 個峰；最少的一次有 ${least} 個`,
      ),
      soonest
        ? say(
          `${soonest.name} finds all of them soonest: after ${soonest.step.toFixed(0)} steps on average`,
          `最快找齊的是 ${soonest.name}：平均 ${soonest.step.toFixed(0)} 步`,
        )
        : say("none has ever had all modes for every seed", "沒有一種是每個種子都曾找齊所有的峰"),
      say(
        "all have the same networks, rates and one update of D for each of G; a variant may do better with its own",
        "網路和學習率都相同，G 每更新一次，D 也更新一次；換成適合自己的設定，有些方法可能更好",
      ),
    ],
    measures: outcomes.flatMap(({ name, runs }) => [
      number(
        `modes-${name}`,
        say(`${name}: modes at the end, mean over seeds`, `${name}：最後的峰數，各種子的平均`),
        mean(runs.map(last)),
      ),
      number(
        `kept-${name}`,
        say(
          `${name}: share of looks with all modes, once all were found`,
          `${name}：找齊之後，各次查看時仍有全部的峰的比例`,
        ),
        mean(runs.map(({ kept }) => kept)),
      ),
    ]),
    figures: [
      {
        name: "table",
        title: say("Modes, time and stability", "峰數、時間與穩定性"),
        look: [
          say(
            "For each seed: modes at the end (a mode counts with one sample within three standard deviations), the step at which " +
              "all were first there, and how many of the looks from then on had all. Last: the share of samples that are " +
              "near a mode. No loss is best for everything; how much depends on luck differs.",
            "每個種子：最後的峰數（峰的三個標準差之內有一個樣本就算）、第一次找齊的步數、之後各次查看時仍有全部的峰的比例。最後一欄是落在峰附近的樣本比例。沒有一種損失函數樣樣最好，但靠運氣的程度不同。",
          ),
        ],
        content: {
          kind: "table",
          head: [
            "",
            ...[
              say("modes", "峰數"),
              say("all found at step", "找齊的步數"),
              say("kept", "保持"),
              say("near a mode", "落在峰附近"),
            ],
          ],
          rows: outcomes.map(row),
        },
      },
      { name: "modes", title: overTime, look: [], content: chart(0, 5) },
      ...outcomes.length > 5 ? [{ name: "modes-more", title: overTime, look: [], content: chart(5, 9) }] : [],
      ...outcomes.map(({ name, runs }) => ({
        name,
        title: name,
        look: [],
        content: {
          kind: "picture",
          picture: duel.scatter({ box: toy.box, real, fake: runs[0].samples.slice(0, 2 * SHOWN), size: 320 }),
        } as const,
      })),
    ],
    next: [
      say(
        "Write a loss of your own (the README shows how) and add it to variants.",
        "寫一個自己的損失函數（寫法見 README），加進 variants。",
      ),
      say(
        `${shell} sweep studies/losses.json: all losses on digits, over random settings`,
        `${shell} sweep studies/losses.json：在手寫數字上比較所有的損失函數，其他設定隨機抽取`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "The zoo on one problem", "zh-TW": "各種 GAN 解同一個問題" },
  about: {
    en: "eight modes on a circle: what each loss finds, how soon, and how much that differs between seeds",
    "zh-TW": "圓上的八個峰（mode）：每種損失函數找到哪些、多快找到、換個隨機種子又差多少",
  },
  data: [],
  run: async (stage) => report(stage, await investigate(stage)),
};
