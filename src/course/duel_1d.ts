/**
 * Generator against discriminator on a line, where everything can be seen: the densities, D(x), and the D that would be
 * optimal against the current G.
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { mean, normals, number, percent, share, shareOf } from "./numbers.ts";
import { densityOf, distanceFromOptimum, floorOfDistance, optimum, overlapOf } from "./optimum.ts";
import { play } from "./players.ts";

const toy = duel.toys["mixture-1d"];
const modes = toy.modes!;
const [LOW, HIGH] = toy.box[0];
const BATCH = 512;
/** More than one number: G's density is smoother then. */
const LATENT = 8;
/** Places at which D is looked at. */
const PLACES = 256;
const places = Float32Array.from({ length: PLACES }, (_, i) => LOW + (HIGH - LOW) * i / (PLACES - 1));
const WIDTH = (HIGH - LOW) / (PLACES - 1);
/** Samples that a density is estimated from, G's or the real one. */
const SAMPLES = 4096;
/** Standard deviation of the bell around each of them. */
const BELL = 0.08;
/** Pictures of the whole training. */
const PICTURES = 40;
/** Steps at the end whose losses are averaged. */
const LAST = 100;

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

interface Results {
  readonly moments: readonly Moment[];
  /** All steps. */
  readonly steps: readonly duel.StepResult[];
  /** What `overlap` and `distance` are when real samples stand in for G's, and D says ½. */
  readonly best: Pick<Moment, "overlap" | "distance">;
}

/** The real density at all places, estimated from a draw of samples as G's is. */
function realDensity({ seed }: Stage, draw: number): Float64Array {
  const samples = new Float32Array(SAMPLES);
  toy.fill(seed, draw, samples);
  return densityOf(samples, places, 1, BELL);
}

/** What can be seen of both players. */
function momentOf(step: number, samples: Float32Array, judgement: Float32Array, real: Float64Array): Moment {
  const generated = densityOf(samples, places, 1, BELL);
  return {
    ...{ step, samples, judgement, optimum: optimum(real, generated) },
    overlap: overlapOf(real, generated, WIDTH),
    distance: distanceFromOptimum(judgement, real, generated, WIDTH),
  };
}

/** Shares of samples within three standard deviations of each mode. */
function sharesOfModes(samples: Float32Array): number[] {
  return modes.map(({ center: [center], sd }) =>
    shareOf(samples.length, (i) => Math.abs(samples[i] - center) < 3 * sd)
  );
}

/** The whole duel, looked at now and then. */
async function investigate(stage: Stage): Promise<Results> {
  const { seed } = stage;
  const steps = stage.steps(3000, 700);
  const model = duel.mlp({
    ...{ sample: [1], latent: LATENT, hidden: [64, 64] },
    ...{ generatorActivation: "leakyRelu", discriminatorActivation: "silu" },
  });
  const moments: Moment[] = [];
  const played: duel.StepResult[] = [];
  const [real, otherReal] = [1e6, 1e6 + 1].map((draw) => realDensity(stage, draw));
  const every = Math.max(1, Math.floor(steps / PICTURES));
  const z = normals(stage, "look", SAMPLES * LATENT);
  let look: duel.Program;
  await play(stage, {
    label: stage.say("duel", "對決"),
    model,
    batch: BATCH,
    limit: { steps },
    rates: [{ shape: "cosine", from: 2e-3, to: 1e-4, steps }, { shape: "cosine", from: 5e-4, to: 2.5e-5, steps }],
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
    after: (result) => played.push(result),
    async watch(step, { engine }) {
      if (step % every !== 0 && step !== steps) return;
      const { samples, judgement } = await engine.run(look, { z, x: places }, { seed, draw: 0 });
      moments.push(momentOf(step, Float32Array.from(samples), Float32Array.from(judgement), real));
    },
  });
  const best = {
    overlap: overlapOf(real, otherReal, WIDTH),
    distance: floorOfDistance(real, otherReal, WIDTH),
  };
  return { moments, steps: played, best };
}

function report({ say }: Stage, { moments, steps, best }: Results): Findings {
  const [first, last] = [moments[0], moments[moments.length - 1]];
  const shares = sharesOfModes(last.samples);
  const [ofG, ofData] = [shares, modes.map(({ weight }) => weight)].map((all) => all.map((share) => percent(share)));
  const worst = Math.min(...modes.map(({ weight }, mode) => shares[mode] / weight));
  const lossAtEnd = mean(steps.slice(-LAST).map(({ discriminatorLoss }) => discriminatorLoss));
  return {
    summary: [
      say(
        `overlap of G's density with the real one: ${percent(first.overlap)} at first, ${
          percent(last.overlap)
        } at the end`,
        `G 的密度與真實密度的重疊：一開始 ${percent(first.overlap)}，最後 ${percent(last.overlap)}`,
      ),
      say(
        `D differs from the optimal D by ${last.distance.toFixed(3)} on average (at most 1; two perfect players: ${
          best.distance.toFixed(3)
        })`,
        `D 與最佳 D 平均相差 ${last.distance.toFixed(3)}（最多可差 1；雙方都完美時：${best.distance.toFixed(3)}）`,
      ),
      say(
        `modes that G neglects are still to be learned: the worst has ${
          percent(worst)
        } of the samples that it should have`,
        `G 忽略的峰還有得學：最少的一個峰，樣本只有應有的 ${percent(worst)}`,
      ),
    ],
    measures: [
      share("overlap", say("overlap of both densities at the end", "訓練結束時兩個密度的重疊"), last.overlap),
      share("overlap-first", say("the same before any training", "同上，訓練之前"), first.overlap),
      share(
        "overlap-real",
        say("the same of real samples in place of G's", "同上，以真實樣本代替 G 的樣本"),
        best.overlap,
      ),
      share(
        "mode-worst",
        say(
          "the mode that G has fewest samples of, relative to the data",
          "G 的樣本相對於資料最少的那個峰，兩者的比例",
        ),
        worst,
      ),
      number(
        "distance",
        say("mean distance of D from the optimal D at the end", "訓練結束時 D 與最佳 D 的平均差距"),
        last.distance,
      ),
      number(
        "distance-real",
        say(
          "the same of D = ½ and real samples in place of G's: the densities are only estimated",
          "同上，D = ½，並以真實樣本代替 G 的樣本：密度只是估計值",
        ),
        best.distance,
      ),
      number("loss-first", say("D's loss in the first step", "D 在第一步的損失"), steps[0].discriminatorLoss),
      number("loss", say("D's mean loss in the last steps", "D 在最後幾步的平均損失"), lossAtEnd),
    ],
    figures: [
      {
        name: "duel",
        title: say("Frame by frame", "一格一格看"),
        look: [
          say(
            "Orange: the real density. Blue: G's samples. Dark curve: D(x), from 0 at the bottom to 1 at the top. Green: the " +
              "optimal D, p / (p + q), wherever there are samples; p and q are both estimated, each from " +
              `${
                SAMPLES.toLocaleString("en")
              } samples. G moves its samples uphill on D; D follows, and rises where they have left.`,
            "橘色是真實密度，藍色是 G 的樣本。深色曲線是 D(x)，圖的底部是 0，頂端是 1。綠色是最佳 D，即 p / (p + q)，只畫在有樣本的地方；" +
              `p 和 q 都是估計值，各由 ${
                SAMPLES.toLocaleString("en")
              } 個樣本算出。G 把樣本往 D 值較高的地方移；D 隨後跟上，樣本離開的地方又升高。`,
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
            "The density of these data is known, so that it can be seen how good the samples are: overlap 1 would be perfect. " +
              `Real samples in place of G's reach ${percent(best.overlap)}, and with D = ½ a distance of ${
                best.distance.toFixed(3)
              }: ` +
              "densities are only estimated.",
            `這些資料的密度是已知的，所以看得出樣本有多好：重疊等於 1 就是完美。以真實樣本代替 G 的樣本，重疊是 ${
              percent(best.overlap)
            }，D = ½ 時的差距是 ${best.distance.toFixed(3)}：密度只是估計值。`,
          ),
          say(
            `At the end ${
              ofG.join(", ")
            } of G's samples are within three standard deviations of the modes, from left to ` +
              `right; of the data it is ${
                ofData.join(", ")
              }. A mode with too few samples can be seen in the last picture: the ` +
              "optimal D is high there. But G learns from D's slope only where its samples are.",
            `最後，G 的樣本有 ${ofG.join("、")} 落在各個峰（由左到右）的三個標準差之內，資料則是 ${
              ofData.join("、")
            }。` +
              "哪個峰的樣本太少，在最後一張圖裡看得出來：最佳 D 在那裡很高。但 G 只能從它的樣本所在之處的 D 的斜率學習。",
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
      {
        name: "losses",
        title: say("The losses of the same training", "同一次訓練的損失"),
        look: [
          say(
            `D's loss is ${steps[0].discriminatorLoss.toFixed(2)} in the first step, where the overlap is ${
              percent(first.overlap)
            }, and ` +
              `${lossAtEnd.toFixed(2)} on average in the last ${Math.min(LAST, steps.length)}, where it is ${
                percent(last.overlap)
              }. A D that has learned ` +
              "nothing and one that cannot tell a perfect G from the data both say ½, and both lose 2 ln 2 = 1.39. The losses " +
              "alone do not tell how good the samples are.",
            `D 的損失在第一步是 ${steps[0].discriminatorLoss.toFixed(2)}，那時的重疊是 ${
              percent(first.overlap)
            }；最後 ${Math.min(LAST, steps.length)} 步平均是 ${lossAtEnd.toFixed(2)}，重疊是 ${
              percent(last.overlap)
            }。什麼都沒學的 D，和面對完美的 G 而分不出真假的 D，都說 ½，損失都是 2 ln 2 = 1.39。只看損失，看不出樣本有多好。`,
          ),
        ],
        content: {
          kind: "chart",
          x: say("step", "步數"),
          series: [
            { name: "D", points: steps.map(({ step, discriminatorLoss }) => [step, discriminatorLoss]) },
            { name: "G", points: steps.map(({ step, generatorLoss }) => [step, generatorLoss]) },
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
        "Set beta1 to 0.9: do G's samples chase one mode after the other?",
        "把 beta1 設成 0.9：G 的樣本會一個峰接著一個峰地追嗎？",
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "The duel on a line", "zh-TW": "一維的對決" },
  about: {
    en: "the algorithm (fix G and update D, fix D and update G) frame by frame in one dimension, with the optimal D",
    "zh-TW": "演算法（固定 G 更新 D，固定 D 更新 G）在一維一格一格看，並畫出對當下的 G 而言最佳的 D",
  },
  data: [],
  run: async (stage) => report(stage, await investigate(stage)),
};
