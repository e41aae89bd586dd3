/** The losses of the zoo on one problem in the plane: which modes they find, how soon, and whether they keep them. */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { play } from "./players.ts";

const toy = duel.toys["ring-unrolled"];
const MODES = toy.modes!.length;
const BATCH = 256;
const LATENT = 2;
/** How often samples are looked at. */
const EVERY = 50;
/** Samples that modes are counted in. */
const COUNTED = 1024;
const SHOWN = 512;

interface Variant {
  readonly name: string;
  readonly loss: duel.GanLoss;
  readonly penalties?: readonly duel.PenaltyName[];
}

// #region What differs is a loss of a few lines, and sometimes a penalty
const variants: readonly Variant[] = [
  { name: "minimax", loss: duel.losses.minimax },
  { name: "non-saturating", loss: duel.losses["non-saturating"] },
  { name: "lsgan", loss: duel.losses.lsgan },
  { name: "hinge", loss: duel.losses.hinge },
  { name: "wgan-gp", loss: duel.losses.wgan, penalties: ["wgan-gp"] },
  { name: "non-saturating + dragan", loss: duel.losses["non-saturating"], penalties: ["dragan"] },
  { name: "non-saturating + r1", loss: duel.losses["non-saturating"], penalties: ["r1"] },
  { name: "relativistic", loss: duel.losses.relativistic },
  { name: "relativistic + r1 + r2", loss: duel.losses.relativistic, penalties: ["r1", "r2"] },
];
// #endregion

/** Weights of penalties for data of this size. */
const WEIGHTS: Readonly<Partial<Record<duel.PenaltyName, number>>> = {
  "wgan-gp": 1,
  "dragan": 1,
  "r1": 0.1,
  "r2": 0.1,
};

interface Run {
  /** Modes found, at each look. */
  readonly modes: readonly (readonly [step: number, modes: number])[];
  readonly highQuality: number;
  readonly samples: Float32Array;
}

async function run(stage: Stage, { name, loss, penalties = [] }: Variant, seed: number): Promise<Run> {
  const steps = stage.steps(2000, 100);
  const judge = duel.toyJudge(toy);
  const latents = Float32Array.from(duel.random.normals(COUNTED * LATENT, seed, "look", 0));
  const modes: [number, number][] = [];
  const { sample } = await play(stage, {
    label: name,
    seed,
    model: duel.mlp({ sample: [2], latent: LATENT, hidden: [128, 128] }),
    loss,
    penalties: penalties.map((name) => ({ name, penalty: duel.penalties[name], weight: WEIGHTS[name]! })),
    batch: BATCH,
    limit: { steps },
    rates: [1e-3, 1e-3],
    beta1: 0,
    average: 0.99,
    samples: [COUNTED],
    source: (draw, { real }) => toy.fill(seed, draw, real),
    async watch(step, { sample }) {
      if (step % EVERY === 0) modes.push([step, judge(await sample(latents)).modes!]);
    },
  });
  const samples = await sample(latents);
  return { modes, samples, highQuality: judge(samples)["high-quality"]! };
}

export const experiment: Experiment = {
  title: { en: "The zoo on one problem", "zh-TW": "各種 GAN 解同一個問題" },
  about: {
    en: "eight modes on a circle: what each loss finds, how soon, and how much that differs between seeds",
    "zh-TW": "圓上的八個峰：每種損失找到幾個、多快找到、換種子差多少",
  },
  data: [],
  async run(stage): Promise<Findings> {
    const { say, seed } = stage;
    const seeds = stage.size(3, 1);
    const chosen = stage.quick ? variants.filter((_, i) => i % 4 === 0) : variants;
    const rows = [];
    for (const variant of chosen) {
      const runs: Run[] = [];
      for (let i = 0; i < seeds; i++) runs.push(await run(stage, variant, seed + i));
      const final = runs.map(({ modes }) => modes[modes.length - 1][1]);
      /** The first look at which all modes were there; undefined if never. */
      const covered = runs.map(({ modes }) => modes.find(([, found]) => found === MODES)?.[0]);
      rows.push({ ...variant, runs, final, covered });
    }
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const full = rows.filter(({ final }) => final.every((modes) => modes === MODES));
    const soonest = rows.filter(({ covered }) => covered.every((step) => step !== undefined))
      .toSorted((a, b) => mean(a.covered as number[]) - mean(b.covered as number[]))[0];
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    return {
      summary: [
        say(
          `${full.length} of ${rows.length} variants end with all ${MODES} modes for every seed`,
          `${rows.length} 種之中，有 ${full.length} 種在每個種子下最後都有全部 ${MODES} 個峰`,
        ),
        ...soonest
          ? [say(
            `${soonest.name} covers them soonest: after ${
              mean(soonest.covered as number[]).toFixed(0)
            } steps on average`,
            `最快找齊的是 ${soonest.name}：平均 ${mean(soonest.covered as number[]).toFixed(0)} 步`,
          )]
          : [],
      ],
      measures: rows.map(({ name, final }) => ({
        name: `modes-${name}`,
        about: say(`${name}: modes at the end, mean over seeds`, `${name}：最後的峰數，對種子平均`),
        value: mean(final),
      })),
      figures: [
        {
          name: "table",
          title: say("Modes, time and spread", "峰數、時間與差異"),
          look: [
            say(
              "Modes at the end for each seed, the step at which all of them were first there, and the share of samples " +
                "within three deviations of a mode. No loss is best for everything; how much it depends on luck differs.",
              "每個種子最後的峰數、第一次找齊的步數，以及落在某個峰三個標準差之內的樣本比例。沒有一種損失樣樣最好，但靠運氣的程度不同。",
            ),
          ],
          content: {
            kind: "table",
            head: ["", say("modes", "峰數"), say("all found at step", "找齊的步數"), say("high quality", "高品質")],
            rows: rows.map(({ name, runs, final, covered }) => [
              name,
              final.join(", "),
              covered.map((step) => step ?? "–").join(", "),
              percent(mean(runs.map(({ highQuality }) => highQuality))),
            ]),
          },
        },
        {
          name: "modes",
          title: say("Modes found over time", "找到的峰數隨時間的變化"),
          look: [say("The first seed of each.", "各取第一個種子。")],
          content: {
            kind: "chart",
            series: rows.slice(0, 5).map(({ name, runs }) => ({ name, points: runs[0].modes })),
          },
        },
        ...rows.map(({ name, runs }) => ({
          name: name.replaceAll(" + ", "-"),
          title: name,
          look: [],
          content: {
            kind: "picture",
            picture: duel.scatter({
              box: toy.box,
              real: realPoints(seed),
              fake: runs[0].samples.slice(0, 2 * SHOWN),
              size: 320,
            }),
          } as const,
        })),
      ],
      next: [
        say(
          "Write a loss of your own (the README shows how) and add it to variants.",
          "寫一個自己的損失（見 README），加進 variants。",
        ),
        say(
          `${stage.shell} sweep studies/losses.json: all losses on digits, over random settings`,
          `${stage.shell} sweep studies/losses.json：在數字上比較所有損失，設定隨機`,
        ),
      ],
    };
  },
};

function realPoints(seed: number): Float32Array {
  const points = new Float32Array(2 * SHOWN);
  toy.fill(seed, 1e6, points);
  return points;
}
