/** D alone in the plane. */
import * as duel from "../../mod.ts";
import type { Findings, Stage } from "../experiment.ts";
import { percent, share, shareOf } from "../numbers.ts";
import { learn, type Learned, RENEWED, type Task } from "./chains.ts";

const toy = duel.toys["moons"];
const BATCH = 256;
const BOUND = 2.5;
/** Cells of the map of D along each axis. */
const CELLS = 48;
/** How far below its peak D is at the border of what is coloured as real. */
const BORDER = 10;
/** When pictures are taken: shares of all lessons. */
const PICTURED = [0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1];
/** Searches for the samples that are judged: so often the steps of a lesson. */
const ROUNDS = { usual: 30, quick: 3 };

function task(stage: Stage): Task {
  const { seed } = stage;
  const { discriminator } = duel.mlp({
    sample: [2],
    latent: 1,
    hidden: [128, 128, 128],
    discriminatorActivation: "silu",
  });
  const rate = 5e-4;
  return {
    label: stage.say("plane", "二維"),
    sample: [2],
    judge: (x) => discriminator(x, "train"),
    batch: BATCH,
    // With this noise the search is Langevin dynamics: it visits places in proportion to exp(D).
    search: { steps: 20, rate, noise: Math.sqrt(2 * rate), bound: BOUND },
    rates: { from: 2e-3, to: 1e-4 },
    restraint: 0.002,
    real: (draw, target) => toy.fill(seed, draw, target),
    start(draw, target) {
      const random = duel.random.uniforms(target.length, seed, "start", draw);
      random.forEach((share, i) => target[i] = BOUND * (2 * share - 1));
    },
  };
}

/** D's scores all over the box. */
function scoreMap(learned: Learned): Promise<Float32Array> {
  return learned.score(duel.heatPoints(toy.box, CELLS));
}

/** Colours for D's scores: white where D is BORDER below its peak. */
function belowPeak(values: Float32Array): NonNullable<duel.ScatterOptions["heat"]> {
  return { cells: CELLS, values, middle: Math.max(...values) - BORDER, most: BORDER };
}

/** The experiment in the plane. */
export async function inThePlane(stage: Stage): Promise<Pick<Findings, "figures" | "measures">> {
  const { say, seed } = stage;
  const steps = stage.steps(3000, 60);
  const own = task(stage);
  const real = new Float32Array(2 * BATCH);
  toy.fill(seed, 1e6, real);
  const frames: { caption: string; picture: duel.Pixels }[] = [];
  const pictured = new Set(PICTURED.map((share) => Math.ceil(share * steps)));
  const learned = await learn(stage, own, "searched", { steps }, async (step, learned, latest) => {
    if (!pictured.has(step)) return;
    const caption = say(`after ${step} lessons`, `學習 ${step} 次之後`);
    frames.push({
      caption,
      picture: duel.scatter({ box: toy.box, real, fake: latest, heat: belowPeak(await scoreMap(learned)) }),
    });
  });
  const noise = { ...own, label: say("plane, noise alone", "二維，只有雜訊") };
  const naive = await learn(stage, noise, "noise", { steps });

  const judge = duel.toyJudge(toy);
  const packs = Math.ceil(duel.TOY_SAMPLES / BATCH);
  const rounds = stage.size(ROUNDS.usual, ROUNDS.quick);
  const samplesOf = async (learned: Learned) => (await learned.generate(packs, rounds)).slice(0, 2 * duel.TOY_SAMPLES);
  const [samples, failed] = [await samplesOf(learned), await samplesOf(naive)];
  const shown = failed.slice(0, 2 * BATCH);
  const scores = await naive.score(shown);
  const lost = shareOf(BATCH, (i) => scores[i] < 0);
  const overlap = (points: Float32Array) => 1 - judge(points)["total-variation"]!;
  const perfect = new Float32Array(2 * duel.TOY_SAMPLES);
  toy.fill(seed, 2e6, perfect);
  return {
    measures: [
      share("plane-overlap", say("plane: overlap with the real density", "二維：與真實密度的重疊"), overlap(samples)),
      share("plane-overlap-noise", say("the same, negatives of noise alone", "同上，負樣本只有雜訊"), overlap(failed)),
      share("plane-overlap-real", say("the same of real samples", "同上，真實樣本"), overlap(perfect)),
      share(
        "plane-lost",
        say(
          "plane, negatives of noise alone: searches that end where D says noise",
          "二維，負樣本只有雜訊：停在 D 認為是雜訊之處的搜尋",
        ),
        lost,
      ),
    ],
    figures: [
      {
        name: "plane",
        title: say("The same in the plane", "同樣的事，在二維平面上"),
        look: [
          say(
            "Orange points are real, blue ones are what D finds when it climbs its own gradient; the ground is D(x), orange " +
              "where it is high, and along the dark line it is 0. Wherever blue points gather without real ones, D goes down in the next lesson. How high D is on " +
              "one moon, compared with the other, means little: no search walks from one to the other.",
            "橘點是真實資料，藍點是 D 沿著自己的梯度往上爬找到的樣本；底色是 D(x)，橘色代表高分，深色的線上是 0。藍點聚集、卻沒有真實資料的地方，下一次學習時 D 就會在那裡降低。D 在一個半月上比在另一個上高多少，沒有太大意義：搜尋不會從一個走到另一個。",
          ),
          say(
            `Searches go on from lesson to lesson, but one in ${RENEWED} starts anew from noise in each: these are the single ` +
              "blue points far from the data.",
            `搜尋會從一次學習延續到下一次，但每次有 ${RENEWED} 分之一從雜訊重新開始：離資料很遠的零星藍點就是它們。`,
          ),
        ],
        content: { kind: "frames", frames },
      },
      {
        name: "plane-noise",
        title: say("In the plane, negatives of noise alone", "二維，只用雜訊當負樣本"),
        look: [
          say(
            "As many lessons with uniform noise as negatives; the ground is orange where D takes a place for real, blue where " +
              "for noise. D tells data from noise, but as on the line this loss makes no density of it: a " +
              `search ends on whichever peak it meets, ${percent(lost)} of them where D says noise.`,
            "學的次數一樣多，負樣本是均勻分佈的雜訊；底色橘色是 D 認為真的地方，藍色是它認為是雜訊的地方。D 分得出資料和雜訊，但和一維時一樣，這個損失函數不會讓它成為密度：搜尋遇到哪個峰就停在哪個峰上，" +
              `其中 ${percent(lost)} 停在 D 自己認為是雜訊的地方。`,
          ),
        ],
        content: {
          kind: "picture",
          picture: duel.scatter({
            box: toy.box,
            real,
            fake: shown,
            heat: { cells: CELLS, values: await scoreMap(naive) },
          }),
        },
      },
    ],
  };
}
