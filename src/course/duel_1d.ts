/**
 * Generator against discriminator on a line, where everything can be seen: the densities, D(x), and the D that would be
 * the best against the G of the moment (Goodfellow et al. 2014, proposition 1).
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { play } from "./players.ts";

const toy = duel.toys["mixture-1d"];
const [LOW, HIGH] = toy.box[0];
const BATCH = 256;
const LATENT = 1;
/** Places at which D is looked at. */
const PLACES = 256;
const places = Float32Array.from({ length: PLACES }, (_, i) => LOW + (HIGH - LOW) * i / (PLACES - 1));
/** Samples that G's density is estimated from. */
const SAMPLES = 4096;
/** Width of the bell around each of them. */
const BELL = 0.08;
/** Pictures of the whole training. */
const PICTURES = 40;

/** The density of samples at all places: the mean of bells around them. */
function densityOf(samples: Float32Array): Float64Array {
  const sorted = samples.toSorted();
  return Float64Array.from(places, (place) => {
    let sum = 0;
    for (let i = firstAbove(sorted, place - 4 * BELL); i < sorted.length && sorted[i] < place + 4 * BELL; i++) {
      sum += Math.exp(-0.5 * ((place - sorted[i]) / BELL) ** 2);
    }
    return sum / (sorted.length * BELL * Math.sqrt(2 * Math.PI));
  });
}

function firstAbove(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// #region The best D against a given G: D*(x) = p(x) / (p(x) + q(x))
function optimum(generated: Float64Array): Float32Array {
  return Float32Array.from(places, (place, i) => {
    const [p, q] = [toy.density([place]), generated[i]];
    return p + q < 1e-6 ? 0.5 : p / (p + q);
  });
}
// #endregion

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

/** The whole duel, looked at now and then. */
async function fight(stage: Stage): Promise<Moment[]> {
  const { seed } = stage;
  const steps = stage.steps(6000, 700);
  const model = duel.mlp({ sample: [1], latent: LATENT, hidden: [64, 64], generatorActivation: "leakyRelu" });
  const moments: Moment[] = [];
  const every = Math.max(1, Math.floor(steps / PICTURES));
  const latents = Float32Array.from(duel.random.normals(SAMPLES * LATENT, seed, "look", 0));
  let look: duel.Program;
  await play(stage, {
    label: stage.say("duel", "對決"),
    model,
    batch: BATCH,
    limit: { steps },
    rates: [{ shape: "cosine", from: 2e-3, to: 1e-4, steps }, { shape: "cosine", from: 1e-3, to: 5e-5, steps }],
    beta1: 0,
    average: 0.99,
    samples: [SAMPLES],
    source: (draw, { real }) => toy.fill(seed, draw, real),
    more: (store) => [
      look = duel.trace(store, "look", () => ({
        judgement: duel.ops.sigmoid(model.discriminator(duel.input("x", [PLACES, 1]), "evaluate")),
      })),
    ],
    async watch(step, { engine, sample }) {
      if (step % every !== 0 && step !== steps) return;
      const samples = await sample(latents);
      const judgement = Float32Array.from((await engine.run(look, { x: places }, { seed, draw: 0 })).judgement);
      const generated = densityOf(samples);
      const best = optimum(generated);
      const width = (HIGH - LOW) / (PLACES - 1);
      const real = Float64Array.from(places, (place) => toy.density([place]));
      moments.push({
        ...{ step, samples, judgement, optimum: best },
        overlap: real.reduce((sum, p, i) => sum + Math.min(p, generated[i]) * width, 0),
        distance: real.reduce(
          (sum, p, i) => sum + (p + generated[i]) / 2 * width * Math.abs(judgement[i] - best[i]),
          0,
        ),
      });
    },
  });
  return moments;
}

export const experiment: Experiment = {
  title: { en: "The duel on a line", "zh-TW": "一維的對決" },
  about: {
    en: "G and D frame by frame in one dimension, with the best D for the G of the moment",
    "zh-TW": "一維的 G 與 D，一格一格看，並畫出對當下的 G 而言最好的 D",
  },
  data: [],
  async run(stage): Promise<Findings> {
    const { say } = stage;
    const moments = await fight(stage);
    const [first, last] = [moments[0], moments[moments.length - 1]];
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    return {
      summary: [
        say(
          `overlap of G's density with the real one: ${percent(first.overlap)} at first, ${
            percent(last.overlap)
          } at the end`,
          `G 的密度與真實密度的重疊：一開始 ${percent(first.overlap)}，最後 ${percent(last.overlap)}`,
        ),
        say(
          `D is off the best D by ${
            last.distance.toFixed(2)
          } on average; against a perfect G the best D says ½ everywhere`,
          `D 與最好的 D 平均相差 ${last.distance.toFixed(2)}；面對完美的 G，最好的 D 處處都是 ½`,
        ),
      ],
      measures: [
        {
          name: "overlap",
          about: say("overlap of both densities at the end", "最後兩個密度的重疊"),
          value: last.overlap,
          share: true,
        },
        {
          name: "overlap-first",
          about: say("the same before any training", "訓練之前"),
          value: first.overlap,
          share: true,
        },
        {
          name: "distance",
          about: say("mean distance of D from the best D at the end", "最後 D 與最好的 D 的平均差距"),
          value: last.distance,
        },
      ],
      figures: [
        {
          name: "duel",
          title: say("Frame by frame", "一格一格看"),
          look: [
            say(
              "Orange: the real density. Blue: G's samples. Dark curve: D(x), from 0 at the bottom to 1 at the top. Green: the " +
                "best D there could be, p / (p + q). G moves its samples uphill on D; D follows and rises where they have left.",
              "橘色是真實密度，藍色是 G 的樣本。深色曲線是 D(x)，底部是 0，頂端是 1。綠色是可能的最好的 D：p / (p + q)。" +
                "G 把樣本往 D 高的地方移，D 隨後跟上，在樣本離開的地方升高。",
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
          title: say("Overlap and distance from the best D", "重疊，以及與最好的 D 的差距"),
          look: [
            say(
              "The loss of a GAN does not tell how good its samples are. Here the density is known, and so this can be plotted instead.",
              "GAN 的損失並不能告訴我們樣本有多好。這裡密度是已知的，所以可以直接畫出來。",
            ),
          ],
          content: {
            kind: "chart",
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
        say("Set beta1 to 0.9 and watch the modes being chased around.", "把 beta1 設成 0.9，看看各個峰被追著跑。"),
      ],
    };
  },
};
