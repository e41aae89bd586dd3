/** D alone in the plane. */
import * as duel from "../../mod.ts";
import type { Figure, Measure, Stage } from "../experiment.ts";
import { learn, type Learned, type Task } from "./chains.ts";

const toy = duel.toys["moons"];
const BATCH = 256;
const BOUND = 2.5;
/** Cells of the map of D along each axis. */
const CELLS = 48;
/** When pictures are taken: shares of all lessons. */
const PICTURED = [0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1];
/** Searches from noise for the samples that are judged: so often the steps of a lesson. */
const ROUNDS = 30;

function task(stage: Stage): Task {
  const { seed } = stage;
  const { discriminator } = duel.mlp({ sample: [2], latent: 1, hidden: [128, 128], discriminatorActivation: "silu" });
  const rate = 5e-4;
  return {
    label: stage.say("plane", "二維"),
    sample: [2],
    judge: (x) => discriminator(x, "train"),
    batch: BATCH,
    // With this noise the search is Langevin dynamics: it visits places in proportion to exp(D).
    search: { steps: 20, rate, noise: Math.sqrt(2 * rate), bound: BOUND },
    rate: { from: 2e-3, to: 1e-4 },
    restraint: 0.002,
    real: (draw, target) => toy.fill(seed, draw, target),
    start(draw, target) {
      const random = duel.random.uniforms(target.length, seed, "start", draw);
      random.forEach((share, i) => target[i] = BOUND * (2 * share - 1));
    },
  };
}

/** D's scores all over the box, in packs of as many as it judges at once. */
async function scoreMap(learned: Learned): Promise<Float32Array> {
  const points = duel.heatPoints(toy.box, CELLS);
  const values = new Float32Array(CELLS * CELLS);
  for (let first = 0; first < values.length; first += BATCH) {
    values.set(await learned.score(points.slice(2 * first, 2 * (first + BATCH))), first);
  }
  return values;
}

/** A picture of D with real and generated samples. White is in the middle between what D says of both. */
function draw(scores: Float32Array, real: Float32Array, fake: Float32Array): duel.Pixels {
  const sorted = scores.toSorted();
  const middle = sorted[Math.floor(0.75 * sorted.length)];
  return duel.scatter({ box: toy.box, real, fake, heat: { cells: CELLS, values: scores, middle } });
}

/** Samples by long searches from noise, as many as are judged. */
async function generate({ start }: Task, learned: Learned): Promise<Float32Array> {
  const packs = Math.ceil(duel.TOY_SAMPLES / BATCH);
  const samples = new Float32Array(2 * packs * BATCH);
  for (let pack = 0; pack < packs; pack++) {
    const noise = new Float32Array(2 * BATCH);
    start(1e6 + pack, noise);
    samples.set(await learned.search(noise, ROUNDS), 2 * pack * BATCH);
  }
  return samples.subarray(0, 2 * duel.TOY_SAMPLES);
}

/** The experiment in the plane. */
export async function inThePlane(stage: Stage): Promise<{ figures: Figure[]; measures: Measure[] }> {
  const { say, seed } = stage;
  const steps = stage.steps(4000, 250);
  const own = task(stage);
  const real = new Float32Array(2 * BATCH);
  toy.fill(seed, 1e6, real);
  const frames: { caption: string; picture: duel.Pixels }[] = [];
  const pictured = new Set(PICTURED.map((share) => Math.ceil(share * steps)));
  const learned = await learn(stage, own, "searched", { steps }, async (step, learned, latest) => {
    if (!pictured.has(step)) return;
    const caption = say(`after ${step} lessons`, `學了 ${step} 次之後`);
    frames.push({ caption, picture: draw(await scoreMap(learned), real, latest) });
  });
  const naive = await learn(stage, own, "noise", { steps: Math.min(steps, 500) });
  const judge = duel.toyJudge(toy);
  const [samples, failed] = [await generate(own, learned), await generate(own, naive)];
  const overlap = (points: Float32Array) => 1 - judge(points)["total-variation"]!;
  const perfect = new Float32Array(2 * duel.TOY_SAMPLES);
  toy.fill(seed, 2e6, perfect);
  return {
    figures: [
      {
        name: "plane",
        title: say("The same in the plane", "二維平面上"),
        look: [
          say(
            "Orange points are real, blue ones are what D finds when it climbs its own slope; the ground is D(x), orange " +
              "where it is high. Wherever the blue points gather without real ones, D goes down in the next lesson.",
            "橘點是真實資料，藍點是沿著 D 的坡度往上爬找到的樣本；底色是 D(x)，橘色代表高分。藍點聚集而沒有真實資料的地方，下一次 D 就會被壓低。",
          ),
        ],
        content: { kind: "frames", frames },
      },
      {
        name: "plane-noise",
        title: say("In the plane, negatives of noise alone", "二維，只用雜訊當負例"),
        look: [
          say(
            "D was taught with uniform noise as negatives. It knows roughly where the data are, but not their shape: few " +
              "of its negatives were ever near, so it is satisfied with a blob.",
            "負例是均勻分布的雜訊。D 大致知道資料在哪裡，卻不知道形狀：很少有負例落在附近，所以一團糊就讓它滿意了。",
          ),
        ],
        content: { kind: "picture", picture: draw(await scoreMap(naive), real, failed.subarray(0, 2 * BATCH)) },
      },
    ],
    measures: [
      measure("plane-overlap", say("plane: overlap with the real density", "二維：與真實密度的重疊"), overlap(samples)),
      measure("plane-overlap-noise", say("the same, negatives of noise alone", "同上，負例只有雜訊"), overlap(failed)),
      measure("plane-overlap-real", say("the same of real samples", "同上，真實樣本"), overlap(perfect)),
    ],
  };
}

function measure(name: string, about: string, value: number): Measure {
  return { name, about, value, share: true };
}
