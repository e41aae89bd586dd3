/**
 * Generator against discriminator in the plane, and a variational auto-encoder on the same data: the VAE fills the gap
 * between two clusters, the GAN does not.
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { play } from "./players.ts";
import { fit, minimise } from "./training.ts";

const { add, exp, mean, mul, normal, slice, square, sub, sum } = duel.ops;

const toy = duel.toys["two-gaussians"];
const BATCH = 256;
const LATENT = 2;
const HIDDEN = [128, 128];
const CELLS = 48;
const PICTURES = 30;
/** Points in a picture. */
const SHOWN = 512;
/** Arrows in a picture. */
const ARROWS = 96;

interface Moment {
  readonly step: number;
  readonly samples: Float32Array;
  readonly scores: Float32Array;
  readonly arrows: Float32Array;
}

// #region Where G would move its samples: up the slope of D
function field(store: duel.Store, model: duel.Model): duel.Program {
  return duel.trace(store, "field", () => {
    const x = duel.input("x", [ARROWS, 2]);
    const [slope] = duel.grad(sum(model.discriminator(x, "evaluate")), [x]);
    return { slope };
  });
}
// #endregion

/** The duel. @returns what was seen, and samples of the end. */
async function fight(stage: Stage): Promise<{ moments: Moment[]; samples: Float32Array }> {
  const { seed } = stage;
  const steps = stage.steps(4000, 800);
  const model = duel.mlp({ sample: [2], latent: LATENT, hidden: HIDDEN });
  const every = Math.max(1, Math.floor(steps / PICTURES));
  const latents = Float32Array.from(duel.random.normals(duel.TOY_SAMPLES * LATENT, seed, "look", 0));
  const cells = duel.heatPoints(toy.box, CELLS);
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
        scores: model.discriminator(duel.input("x", [CELLS * CELLS, 2]), "evaluate"),
      })),
      slopes = field(store, model),
    ],
    async watch(step, { engine, sample }) {
      if (step % every !== 0 && step !== steps) return;
      const samples = await sample(latents);
      const scores = Float32Array.from((await engine.run(look, { x: cells }, { seed, draw: 0 })).scores);
      const from = samples.slice(0, 2 * ARROWS);
      const { slope } = await engine.run(slopes, { x: from }, { seed, draw: 0 });
      moments.push({ step, samples, scores, arrows: arrowsOf(from, Float32Array.from(slope)) });
    },
  });
  return { moments, samples: await sample(latents) };
}

/** From each point along its slope; the longest arrows are a fifth of the box. */
function arrowsOf(from: Float32Array, slopes: Float32Array): Float32Array {
  const lengths = Array.from({ length: ARROWS }, (_, i) => Math.hypot(slopes[2 * i], slopes[2 * i + 1]));
  const longest = lengths.toSorted((a, b) => a - b)[Math.floor(0.95 * ARROWS)] || 1;
  const unit = 0.12 * (toy.box[0][1] - toy.box[0][0]) / longest;
  return Float32Array.from({ length: 4 * ARROWS }, (_, i) => {
    const [point, axis] = [i >> 2, i & 1];
    const start = from[2 * point + axis];
    return (i & 2) === 0 ? start : start + Math.min(unit, 0.3 / (lengths[point] || 1)) * slopes[2 * point + axis];
  });
}

/** Deviation of a point around what the decoder makes of its code. */
const POINT_SD = 0.2;

/** A variational auto-encoder with a decoder as large as G. @returns samples. */
async function autoEncode(stage: Stage): Promise<Float32Array> {
  const { seed } = stage;
  const model = duel.mlp({ sample: [2], latent: LATENT, hidden: HIDDEN });
  const coder = duel.mlp({ sample: [2 * LATENT], latent: 2, hidden: HIDDEN });
  const store = new duel.Store(seed);
  const learn = duel.trace(store, "lesson", () => {
    const points = duel.input("points", [BATCH, 2]);
    const both = duel.scope("E", () => coder.generator(points, "train"));
    const center = slice(both, [0, 0], [BATCH, LATENT]);
    const spread = slice(both, [0, LATENT], [BATCH, LATENT]);
    const made = model.generator(add(center, mul(exp(spread), normal("noise", center.shape))), "train");
    const error = mul(mean(sum(square(sub(made, points)), [1])), 0.5 / POINT_SD ** 2);
    const price = mul(mean(sum(sub(add(square(center), exp(mul(spread, 2))), add(mul(spread, 2), 1)), [1])), 0.5);
    return minimise(add(error, price), "E", duel.GENERATOR);
  });
  const make = duel.trace(store, "make", () => ({
    points: model.generator(duel.input("z", [duel.TOY_SAMPLES, LATENT]), "evaluate"),
  }));
  const engine = await stage.compile(store, [learn, make]);
  const points = new Float32Array(2 * BATCH);
  await fit(stage, engine, learn, {
    label: "VAE",
    limit: { steps: stage.steps(4000, 800) },
    batch(draw) {
      toy.fill(seed, draw, points);
      return { points };
    },
  });
  const z = Float32Array.from(duel.random.normals(duel.TOY_SAMPLES * LATENT, seed, "look", 0));
  return Float32Array.from((await engine.run(make, { z }, { seed, draw: 0 })).points);
}

/** Share of samples that are in the gap: further than three deviations from each cluster. */
function between(samples: Float32Array): number {
  return 1 - duel.toyJudge(toy)(samples)["high-quality"]!;
}

export const experiment: Experiment = {
  title: { en: "The duel in the plane, and the gap that a VAE fills", "zh-TW": "二維的對決，以及 VAE 會填滿的空隙" },
  about: {
    en: "G and D frame by frame in two dimensions, with the slope that G follows; GAN against VAE between two clusters",
    "zh-TW": "二維的 G 與 D，一格一格看，畫出 G 跟隨的梯度；兩群之間，GAN 與 VAE 的差別",
  },
  data: [],
  async run(stage): Promise<Findings> {
    const { say, seed } = stage;
    const { moments, samples } = await fight(stage);
    const coded = await autoEncode(stage);
    const real = new Float32Array(2 * duel.TOY_SAMPLES);
    toy.fill(seed, 1e6, real);
    const [ofGan, ofVae, ofReal] = [between(samples), between(coded), between(real)];
    const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
    const some = (points: Float32Array) => points.slice(0, 2 * SHOWN);
    return {
      summary: [
        say(
          `samples further than 3 deviations from both clusters: GAN ${percent(ofGan)}, VAE ${percent(ofVae)}, real ${
            percent(ofReal)
          }`,
          `離兩群都超過三個標準差的樣本：GAN ${percent(ofGan)}，VAE ${percent(ofVae)}，真實 ${percent(ofReal)}`,
        ),
        say(
          "D punishes a sample in the gap; the VAE's loss has no word for it",
          "D 會懲罰落在空隙裡的樣本；VAE 的損失對此無話可說",
        ),
      ],
      measures: [
        {
          name: "between-gan",
          about: say("GAN: share of samples in the gap", "GAN：空隙中樣本的比例"),
          value: ofGan,
          share: true,
        },
        {
          name: "between-vae",
          about: say("VAE: share of samples in the gap", "VAE：空隙中樣本的比例"),
          value: ofVae,
          share: true,
        },
        {
          name: "between-real",
          about: say("real samples in the same place", "同一處的真實樣本"),
          value: ofReal,
          share: true,
        },
      ],
      figures: [
        {
          name: "duel",
          title: say("Frame by frame", "一格一格看"),
          look: [
            say(
              "Orange points are real, blue ones are G's. The ground is D: orange where it says real, blue where it says " +
                "generated, white with a dark line where it cannot tell. Arrows: where D's slope sends G's samples next.",
              "橘點是真實資料，藍點是 G 的樣本。底色是 D：橘色代表它認為是真的，藍色代表它認為是生成的，白色和深色線是分不出來的地方。箭頭：D 的梯度要把 G 的樣本送去哪裡。",
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
          name: "vae",
          title: say("The VAE's samples", "VAE 的樣本"),
          look: [
            say(
              "The decoder is continuous and codes are drawn from one cloud, so some must come out between the clusters; " +
                "nothing in the loss makes the bridge thin.",
              "解碼器是連續的，碼又取自同一團分布，所以一定有樣本落在兩群之間；損失裡沒有任何項讓這座橋變細。",
            ),
          ],
          content: { kind: "picture", picture: duel.scatter({ box: toy.box, real: some(real), fake: some(coded) }) },
        },
        {
          name: "gan",
          title: say("The GAN's samples", "GAN 的樣本"),
          look: [
            say("G is continuous as well, but D has made the bridge thin.", "G 也是連續的，但 D 讓這座橋變得很細。"),
          ],
          content: { kind: "picture", picture: duel.scatter({ box: toy.box, real: some(real), fake: some(samples) }) },
        },
      ],
      next: [
        say(
          "Lower POINT_SD in duel_2d.ts: the VAE's bridge gets thinner, and its codes less normal.",
          "把 duel_2d.ts 的 POINT_SD 調小：VAE 的橋會變細，碼也越不像常態分布。",
        ),
        say("Use duel.toys.ring instead: does G find all eight modes?", "改用 duel.toys.ring：G 能找到全部八個峰嗎？"),
      ],
    };
  },
};
