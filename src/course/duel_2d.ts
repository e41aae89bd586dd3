/**
 * Generator against discriminator in the plane, beside the D that would be optimal; and a variational auto-encoder on the
 * same data: the VAE fills the gap between two clusters, the GAN does not.
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { arrowsAlong, gradientField } from "./gradient_field.ts";
import { joinedPictures } from "./images.ts";
import { normals, number, percent, share, shareOf } from "./numbers.ts";
import { densityOf, distanceFromOptimum, floorOfDistance, optimum } from "./optimum.ts";
import { playVae } from "./plane_vae.ts";
import { play } from "./players.ts";

const toy = duel.toys["two-gaussians"];
const [LEFT, RIGHT] = toy.modes!;
const BATCH = 256;
const LATENT = 2;
const HIDDEN = [128, 128];
const CELLS = 48;
const PICTURES = 30;
/** Samples that a density is estimated from, G's or the real one, and standard deviation of the bell around each. */
const SAMPLES = 2048;
const BELL = 0.1;
/** Points in a picture, and arrows. */
const SHOWN = 512;
const ARROWS = 96;
/** Moments at which D is compared with the optimal D: shares of all pictures. */
const COMPARED = [0, 0.1, 0.3, 1];
const places = duel.heatPoints(toy.box, CELLS);
const CELL = toy.box.reduce((area, [low, high]) => area * (high - low) / CELLS, 1);

interface Moment {
  readonly step: number;
  readonly samples: Float32Array;
  /** D's logits at all `places`. */
  readonly scores: Float32Array;
  readonly arrows: Float32Array;
}

interface Results {
  readonly moments: readonly Moment[];
  /** The real density at all `places`, and an estimate of it from other samples. */
  readonly densities: readonly [real: Float64Array, otherReal: Float64Array];
  readonly gan: Float32Array;
  readonly vae: Float32Array;
  readonly real: Float32Array;
}

/** The duel. @returns what was seen, and samples of the end. */
async function playGan(stage: Stage): Promise<{ moments: Moment[]; samples: Float32Array }> {
  const { seed } = stage;
  const steps = stage.steps(4000, 800);
  const model = duel.mlp({ sample: [2], latent: LATENT, hidden: HIDDEN });
  const every = Math.max(1, Math.floor(steps / PICTURES));
  const z = normals(stage, "look", SAMPLES * LATENT);
  const moments: Moment[] = [];
  let look: duel.Program;
  let slopes: duel.Program;
  const { sample } = await play(stage, {
    label: stage.say("duel", "對決"),
    model,
    batch: BATCH,
    limit: { steps },
    rates: [{ shape: "cosine", from: 1e-3, to: 5e-5, steps }, { shape: "cosine", from: 1e-3, to: 5e-5, steps }],
    beta1: 0,
    average: 0.99,
    samples: [duel.TOY_SAMPLES],
    source: (draw, { real }) => toy.fill(seed, draw, real),
    more: (store) => [
      look = duel.trace(store, "look", () => ({
        samples: model.generator(duel.input("z", [SAMPLES, LATENT]), "evaluate"),
        scores: model.discriminator(duel.input("x", [CELLS * CELLS, 2]), "evaluate"),
      })),
      slopes = gradientField(store, model, ARROWS),
    ],
    async watch(step, { engine }) {
      if (step % every !== 0 && step !== steps) return;
      const seen = await engine.run(look, { z, x: places }, { seed, draw: 0 });
      const [samples, scores] = [Float32Array.from(seen.samples), Float32Array.from(seen.scores)];
      const from = samples.slice(0, 2 * ARROWS);
      const { gradient } = await engine.run(slopes, { x: from }, { seed, draw: 0 });
      moments.push({ step, samples, scores, arrows: arrowsAlong(from, Float32Array.from(gradient)) });
    },
  });
  return { moments, samples: await sample(normals(stage, "samples", duel.TOY_SAMPLES * LATENT)) };
}

async function investigate(stage: Stage): Promise<Results> {
  const { moments, samples } = await playGan(stage);
  const vae = await playVae(stage, { toy, batch: BATCH, latent: LATENT, hidden: HIDDEN });
  const drawnFromData = (draw: number, count: number) => {
    const points = new Float32Array(2 * count);
    toy.fill(stage.seed, draw, points);
    return points;
  };
  const real = drawnFromData(1e6, duel.TOY_SAMPLES);
  const [density, other] = [2e6, 3e6].map((draw) => densityAtPlaces(drawnFromData(draw, SAMPLES)));
  return { moments, densities: [density, other], gan: samples, vae, real };
}

/** Share of samples in the gap: further than three standard deviations from each cluster, and between them. */
function between(samples: Float32Array): number {
  const far = (i: number, { center: [x, y], sd }: duel.Gaussian) =>
    Math.hypot(samples[2 * i] - x, samples[2 * i + 1] - y) > 3 * sd;
  return shareOf(samples.length / 2, (i) => {
    const inside = samples[2 * i] > LEFT.center[0] && samples[2 * i] < RIGHT.center[0];
    return inside && far(i, LEFT) && far(i, RIGHT);
  });
}

/** The density of samples at all places. */
const densityAtPlaces = (samples: Float32Array) => densityOf(samples, places, 2, BELL);

/** D's probabilities at all places, the optimal ones, and how far they are apart on average. */
function comparison({ samples, scores }: Moment, real: Float64Array) {
  const judged = scores.map((logit) => 1 / (1 + Math.exp(-logit)));
  const generated = densityAtPlaces(samples);
  return { judged, best: optimum(real, generated), distance: distanceFromOptimum(judged, real, generated, CELL) };
}

function report({ say }: Stage, { moments, densities, gan, vae, real }: Results): Findings {
  const [ofGan, ofVae, ofReal] = [gan, vae, real].map(between);
  const some = (points: Float32Array) => points.slice(0, 2 * SHOWN);
  const picture = (fake: Float32Array) =>
    ({ kind: "picture", picture: duel.scatter({ box: toy.box, real: some(real), fake: some(fake) }) }) as const;
  const compared = [...new Set(COMPARED.map((share) => moments[Math.round(share * (moments.length - 1))]))];
  const comparisons = compared.map((moment) => comparison(moment, densities[0]));
  const floor = floorOfDistance(...densities, CELL);
  const map = (values: Float32Array, { samples }: Moment) =>
    duel.scatter({
      box: toy.box,
      fake: some(samples),
      heat: { cells: CELLS, values, middle: 0.5, most: 0.5 },
      size: 256,
    });
  const distances = comparisons.map(({ distance }) => distance.toFixed(2));
  return {
    summary: [
      say(
        `samples between the clusters, beyond 3 standard deviations of both: GAN ${percent(ofGan, 1)}, VAE ${
          percent(ofVae, 1)
        }, ` +
          `real ${percent(ofReal, 1)}`,
        `落在兩群之間、離兩群都超過三個標準差的樣本：GAN ${percent(ofGan, 1)}，VAE ${percent(ofVae, 1)}，真實 ${
          percent(ofReal, 1)
        }`,
      ),
      say(
        "G and the VAE's decoder are continuous, so that something must come out between the clusters",
        "G 和 VAE 的解碼器都是連續的，所以兩群之間一定會生成一些樣本",
      ),
      say(
        "D is shown these samples and learns that they are not real; the VAE's loss compares only what is decoded from the " +
          "codes of real points",
        "D 看得到這些樣本，會學到它們不是真的；VAE 的損失函數只比較由真實資料的碼解碼出來的東西",
      ),
    ],
    measures: [
      share("between-gan", say("GAN: share of samples in the gap", "GAN：落在空隙中的樣本比例"), ofGan),
      share("between-vae", say("VAE: share of samples in the gap", "VAE：落在空隙中的樣本比例"), ofVae),
      share("between-real", say("real samples in the gap", "真實樣本：落在空隙中的比例"), ofReal),
      number(
        "distance",
        say("mean distance of D from the optimal D at the end", "訓練結束時 D 與最佳 D 的平均差距"),
        comparisons[comparisons.length - 1].distance,
      ),
      number("distance-first", say("the same before any training", "同上，訓練之前"), comparisons[0].distance),
      number(
        "distance-real",
        say(
          "the same of D = ½ and real samples in place of G's: the densities are only estimated",
          "同上，D = ½，並以真實樣本代替 G 的樣本：密度只是估計值",
        ),
        floor,
      ),
    ],
    figures: [
      {
        name: "duel",
        title: say("Frame by frame", "一格一格看"),
        look: [
          say(
            "Orange points are real, blue ones are G's. The ground is D: orange where it says real, blue where it says " +
              "generated, white with a dark line where it cannot tell. Arrows: where D's gradient sends G's samples next.",
            "橘點是真實資料，藍點是 G 的樣本。底色是 D：橘色代表它認為是真的，藍色代表它認為是生成的，分不出來的地方是白色，並畫上深色線。箭頭表示 D 的梯度接下來要把 G 的樣本往哪裡推。",
          ),
          say(
            "Lengths of arrows can be compared within a picture only: in each the longest ones are drawn equally long. The " +
              "samples are those of G as it is at this step; further below are those of its average over the last steps.",
            "箭頭的長短只能在同一張圖裡比較：每張圖都把最長的箭頭畫成一樣長。這裡的樣本來自當下這一步的 G；更下面的樣本則來自最後許多步平均而成的 G。",
          ),
        ],
        content: {
          kind: "frames",
          frames: moments.map(({ step, samples, scores, arrows }) => ({
            caption: say(`step ${step}`, `第 ${step} 步`),
            picture: duel.scatter({
              box: toy.box,
              real: some(real),
              fake: some(samples),
              heat: { cells: CELLS, values: scores },
              arrows,
            }),
          })),
        },
      },
      {
        name: "optimum",
        title: say("D beside the optimal D", "D 與最佳 D"),
        look: [
          say(
            `Above: D after ${
              compared.map(({ step }) => step).join(", ")
            } steps, and G's samples. Below: the D that would be ` +
              `optimal against this G, p / (p + q), with p and q estimated from ${
                SAMPLES.toLocaleString("en")
              } samples each; ` +
              `blank where there is neither data nor samples. Mean distances: ${
                distances.join(", ")
              }; that of D = ½ with ` +
              `real samples in place of G's is ${
                floor.toFixed(2)
              }. Once G is good the optimal D is ½: nothing is left to tell apart.`,
            `上排是第 ${
              compared.map(({ step }) => step).join("、")
            } 步的 D，以及 G 的樣本。下排是對這個 G 而言最佳的 D，即 p / (p + q)，` +
              `p 和 q 各由 ${SAMPLES.toLocaleString("en")} 個樣本估計；沒有資料也沒有樣本的地方留白。平均差距：${
                distances.join("、")
              }；以真實樣本代替 G 的樣本、D = ½ 時是 ${floor.toFixed(2)}。G 變好之後，最佳 D 是 ½：真假已無從分辨。`,
          ),
        ],
        content: {
          kind: "picture",
          picture: joinedPictures([
            ...comparisons.map(({ judged }, i) => map(judged, compared[i])),
            ...comparisons.map(({ best }, i) => map(best, compared[i])),
          ], compared.length),
        },
      },
      {
        name: "vae",
        title: say("The VAE's samples", "VAE 的樣本"),
        look: [
          say(
            "The decoder is continuous and codes are drawn from one cloud, so some samples come out between the clusters and " +
              `form a bridge from one to the other: ${
                percent(ofVae, 1)
              } of them are in the gap. No term of the loss looks ` +
              "at what is drawn there.",
            `解碼器是連續的，碼又取自同一團連續的分佈，所以一定有樣本落在兩群之間，連成一座橋：${
              percent(ofVae, 1)
            } 的樣本在空隙裡。損失函數裡沒有任何一項會去看那裡生成了什麼。`,
          ),
        ],
        content: picture(vae),
      },
      {
        name: "gan",
        title: say("The GAN's samples", "GAN 的樣本"),
        look: [
          say(
            `G is continuous as well, but D sees what is on the bridge: ${
              percent(ofGan, 1)
            } of the samples are in the gap.`,
            `G 也是連續的，但 D 看得到橋上的樣本：${percent(ofGan, 1)} 的樣本在空隙裡。`,
          ),
        ],
        content: picture(gan),
      },
    ],
    next: [
      say(
        "Change POINT_SD in plane_vae.ts: what does it do to the bridge?",
        "改 plane_vae.ts 的 POINT_SD：這座橋會怎麼變？",
      ),
      say("Use duel.toys.ring instead: does G find all eight modes?", "改用 duel.toys.ring：G 能找到全部八個峰嗎？"),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "The duel in the plane, and the gap that a VAE fills", "zh-TW": "二維的對決，以及被 VAE 填滿的空隙" },
  about: {
    en:
      "G and D frame by frame in two dimensions, with the gradient that G follows and the optimal D; GAN against VAE between two clusters",
    "zh-TW": "一格一格看二維的 G 與 D，並畫出 G 跟著走的梯度和最佳 D；再比較 GAN 與 VAE 在兩群之間的差別",
  },
  data: [],
  run: async (stage) => report(stage, await investigate(stage)),
};
