/**
 * Generator against discriminator on a line, where everything can be seen: the densities, D(x), and the D that would be
 * optimal against the current G.
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { normals, number, percent, share } from "./numbers.ts";
import { densityOf, distanceFromOptimum, optimum } from "./optimum.ts";
import { play } from "./players.ts";

const toy = duel.toys["mixture-1d"];
const [LOW, HIGH] = toy.box[0];
const BATCH = 256;
const LATENT = 1;
/** Places at which D is looked at. */
const PLACES = 256;
const places = Float32Array.from({ length: PLACES }, (_, i) => LOW + (HIGH - LOW) * i / (PLACES - 1));
const WIDTH = (HIGH - LOW) / (PLACES - 1);
/** Samples that G's density is estimated from. */
const SAMPLES = 4096;
/** Standard deviation of the bell around each of them. */
const BELL = 0.08;
/** Pictures of the whole training. */
const PICTURES = 40;

interface Moment {
  readonly step: number;
  readonly samples: Float32Array;
  readonly judgement: Float32Array;
  readonly optimum: Float32Array;
  /** Σ min(p, q) */
  readonly overlap: number;
  /** Mean |D − D*| where the samples of both sides are. */
  readonly distance: number;
}

/** What can be seen of both players. */
function momentOf(step: number, samples: Float32Array, judgement: Float32Array): Moment {
  const real = Float64Array.from(places, (place) => toy.density([place]));
  const generated = densityOf(samples, places, 1, BELL);
  return {
    ...{ step, samples, judgement, optimum: optimum(real, generated) },
    overlap: real.reduce((sum, p, i) => sum + Math.min(p, generated[i]) * WIDTH, 0),
    distance: distanceFromOptimum(judgement, real, generated, WIDTH),
  };
}

/** The whole duel, looked at now and then. */
async function investigate(stage: Stage): Promise<Moment[]> {
  const { seed } = stage;
  const steps = stage.steps(6000, 700);
  const model = duel.mlp({ sample: [1], latent: LATENT, hidden: [64, 64], generatorActivation: "leakyRelu" });
  const moments: Moment[] = [];
  const every = Math.max(1, Math.floor(steps / PICTURES));
  const z = normals(stage, "look", SAMPLES * LATENT);
  let look: duel.Program;
  await play(stage, {
    label: stage.say("duel", "對決"),
    model,
    batch: BATCH,
    limit: { steps },
    rates: [{ shape: "cosine", from: 2e-3, to: 1e-4, steps }, { shape: "cosine", from: 1e-3, to: 5e-5, steps }],
    beta1: 0,
    average: 0,
    samples: [],
    source: (draw, { real }) => toy.fill(seed, draw, real),
    more: (store) => [
      look = duel.trace(store, "look", () => ({
        samples: model.generator(duel.input("z", [SAMPLES, LATENT]), "evaluate"),
        judgement: duel.ops.sigmoid(model.discriminator(duel.input("x", [PLACES, 1]), "evaluate")),
      })),
    ],
    async watch(step, { engine }) {
      if (step % every !== 0 && step !== steps) return;
      const { samples, judgement } = await engine.run(look, { z, x: places }, { seed, draw: 0 });
      moments.push(momentOf(step, Float32Array.from(samples), Float32Array.from(judgement)));
    },
  });
  return moments;
}

function report({ say }: Stage, moments: readonly Moment[]): Findings {
  const [first, last] = [moments[0], moments[moments.length - 1]];
  return {
    summary: [
      say(
        `overlap of G's density with the real one: ${percent(first.overlap)} at first, ${
          percent(last.overlap)
        } at the end`,
        `G 的密度與真實密度的重疊：一開始 ${percent(first.overlap)}，最後 ${percent(last.overlap)}`,
      ),
      say(
        `D is off the optimal D by ${last.distance.toFixed(2)} on average, of 1`,
        `D 與最佳 D 平均相差 ${last.distance.toFixed(2)}（最多可差 1）`,
      ),
      say(
        "against a perfect G the optimal D says ½ everywhere: it cannot tell any more",
        "面對完美的 G，最佳 D 處處都是 ½：真假再也分不出來",
      ),
    ],
    measures: [
      share("overlap", say("overlap of both densities at the end", "訓練結束時兩個密度的重疊"), last.overlap),
      share("overlap-first", say("the same before any training", "同上，訓練之前"), first.overlap),
      number(
        "distance",
        say("mean distance of D from the optimal D at the end", "訓練結束時 D 與最佳 D 的平均差距"),
        last.distance,
      ),
    ],
    figures: [
      {
        name: "duel",
        title: say("Frame by frame", "一格一格看"),
        look: [
          say(
            "Orange: the real density. Blue: G's samples. Dark curve: D(x), from 0 at the bottom to 1 at the top. Green: the " +
              "optimal D, p / (p + q), wherever there are samples. G moves its samples uphill on D; D follows, and rises " +
              "where they have left.",
            "橘色是真實密度，藍色是 G 的樣本。深色曲線是 D(x)，圖的底部是 0，頂端是 1。綠色是最佳 D，即 p / (p + q)，只畫在有樣本的地方。" +
              "G 把樣本往 D 值較高的地方移；D 隨後跟上，樣本離開的地方又升高。",
          ),
        ],
        content: {
          kind: "frames",
          frames: moments.map(({ step, samples, judgement, optimum, overlap }) => ({
            caption: say(`step ${step}: overlap ${percent(overlap)}`, `第 ${step} 步：重疊 ${percent(overlap)}`),
            picture: duel.intervalPlot({ box: toy.box, density: toy.density, fake: samples, judgement, optimum }),
          })),
        },
      },
      {
        name: "overlap",
        title: say("Overlap, and distance from the optimal D", "重疊，以及與最佳 D 的差距"),
        look: [
          say(
            "The loss of a GAN does not tell how good its samples are. Here the density is known, and this can be plotted instead.",
            "GAN 的損失並不能告訴我們樣本有多好。這裡的真實密度是已知的，所以可以直接把樣本的好壞畫出來。",
          ),
        ],
        content: {
          kind: "chart",
          x: say("step", "步數"),
          series: [
            { name: say("overlap", "重疊"), points: moments.map(({ step, overlap }) => [step, overlap]) },
            { name: "|D − D*|", points: moments.map(({ step, distance }) => [step, distance]) },
          ],
        },
      },
    ],
    next: [
      say(
        "Give G ten times D's learning rate (rates): what happens to D?",
        "把 G 的學習率設成 D 的十倍（rates）：D 會怎樣？",
      ),
      say(
        "Set beta1 to 0.9 and watch the modes being chased around.",
        "把 beta1 設成 0.9，看 G 的樣本怎麼在各個峰之間被追著跑。",
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "The duel on a line", "zh-TW": "一維的對決" },
  about: {
    en: "G and D frame by frame in one dimension, with the optimal D for the current G",
    "zh-TW": "一格一格看一維的 G 與 D，並畫出對當下的 G 而言最佳的 D",
  },
  data: [],
  run: async (stage) => report(stage, await investigate(stage)),
};
