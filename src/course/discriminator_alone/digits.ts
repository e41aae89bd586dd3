/** D alone on digits. */
import * as duel from "../../mod.ts";
import { costOf, type Source } from "../cost.ts";
import { decoder, trainingDigits } from "../digits.ts";
import type { Findings, Stage } from "../experiment.ts";
import { aboutKernelDistance, type Eyes } from "../eyes.ts";
import { DIGIT, sheet, SIZE } from "../images.ts";
import { normals, number, percent, share } from "../numbers.ts";
import { learn, type Task } from "./chains.ts";

const BATCH = 64;
/** Length of the latent vectors of a generator to compare with. */
const LATENT = 32;
/** Searches for the samples that are judged: so often the steps of a lesson. */
const ROUNDS = { usual: 20, quick: 4 };

/** How often the steps of a lesson a search for a digit takes. */
export function roundsOf(stage: Stage): number {
  return stage.size(ROUNDS.usual, ROUNDS.quick);
}

/** What D has to learn. */
export function digitTask(stage: Stage): Task {
  const { seed } = stage;
  const feeder = new duel.BatchFeeder(trainingDigits(stage), { batch: BATCH, seed, flip: false });
  return {
    label: stage.say("digits", "手寫數字"),
    sample: [SIZE, SIZE, 1],
    judge: score,
    batch: BATCH,
    search: { steps: stage.size(20, 5), rate: 2, noise: 0.02, bound: 1 },
    rates: { from: 5e-4, to: 1e-4 },
    restraint: 0.05,
    real(draw, target) {
      feeder.fill(draw, target);
      // A little noise, as what is searched for has: D is not to tell them apart by it.
      duel.random.normals(target.length, seed, "blur", draw).forEach((value, i) => target[i] += 0.02 * value);
    },
    start(draw, target) {
      duel.random.uniforms(target.length, seed, "start", draw).forEach((share, i) => target[i] = 2 * share - 1);
    },
  };
}

/** Scores of images [batch, 32, 32, 1]: smooth everywhere, so that the gradient leads somewhere. */
function score(images: duel.Tensor): duel.Tensor {
  const block = (width: number): duel.Layer[] => [
    (name, x) => duel.conv2d(name, x, width, { kernel: 4, stride: 2, padding: 1 }),
    duel.activation("silu"),
  ];
  return duel.scope(duel.DISCRIMINATOR, () =>
    duel.ops.reshape(
      duel.sequential(images, [
        ...[16, 32, 64].flatMap(block),
        (_, x) => duel.ops.flatten(x),
        (name, x) => duel.linear(name, x, 64),
        duel.activation("silu"),
        (name, x) => duel.linear(name, x, 1),
      ]),
      [images.shape[0]],
    ));
}

/** A generator for digits, as the duels of the course have: what it costs does not depend on what it has learned. */
async function generator(stage: Stage): Promise<Source> {
  const store = new duel.Store(stage.seed);
  const { generator } = decoder(LATENT);
  const make = duel.trace(store, "make", () => ({
    samples: generator(duel.input("z", [BATCH, LATENT]), "evaluate"),
  }));
  const engine = await stage.compile(store, [make]);
  const z = normals(stage, "cost", BATCH * LATENT);
  return async () => Float32Array.from((await engine.run(make, { z }, { seed: stage.seed, draw: 0 })).samples);
}

/**
 * The experiment on digits.
 * @returns also how often D and its gradient are computed for one sample, and how many times the time of a generator
 * that takes.
 */
export async function onDigits(
  stage: Stage,
  eyes: Eyes,
): Promise<Pick<Findings, "figures" | "measures"> & { readonly calls: number; readonly ratio: number }> {
  const { say } = stage;
  const rounds = roundsOf(stage);
  const own = digitTask(stage);
  const limit = { steps: stage.steps(1500, 15) };
  const learned = await learn(stage, own, "searched", limit);
  const naive = await learn(stage, { ...own, label: say("digits, noise alone", "手寫數字，只有雜訊") }, "noise", limit);
  const packs = stage.size(4, 2);
  const [found, failed] = [await learned.generate(packs, rounds), await naive.generate(packs, rounds)];
  const [{ value, floor }, { value: coverage, floor: coverageOfReal }] = await eyes.measure(
    found,
    "kernel-distance",
    "coverage",
  );
  const [{ value: naiveValue }] = await eyes.measure(failed, "kernel-distance");
  const ofSearch = await costOf(() => learned.generate(1, rounds), BATCH);
  const ratio = ofSearch / await costOf(await generator(stage), BATCH);
  const calls = rounds * own.search.steps;
  const picture = (images: Float32Array) =>
    ({ kind: "picture", picture: sheet(images.subarray(0, 48 * DIGIT), DIGIT, 12) }) as const;
  return {
    ...{ calls, ratio },
    measures: [
      number(
        "digits-kernel",
        say("digits: kernel distance of generated from real ones", "手寫數字：生成與真實之間的核距離"),
        value,
      ),
      number("digits-kernel-noise", say("the same, negatives of noise alone", "同上，負樣本只有雜訊"), naiveValue),
      number("digits-kernel-real", say("the same of real digits", "同上，真實手寫數字"), floor),
      share("digits-coverage", say("digits: coverage", "手寫數字：涵蓋率"), coverage),
      share("digits-coverage-real", say("the same of real digits", "同上，真實手寫數字"), coverageOfReal),
      number(
        "digits-cost",
        say("time for a digit, relative to a generator", "生成一個數字的時間，相對於生成器"),
        ratio,
      ),
    ],
    figures: [
      {
        name: "digits",
        title: say("Digits that only a discriminator has made", "只靠判別器生成的手寫數字"),
        look: [
          say(
            "Each began as noise and was changed to please D, all pixels at once, step by step. That takes " +
              `${calls} evaluations of D and of its gradient for each image, where a generator needs a single pass. Do they differ as much as real digits? ${
                percent(coverage)
              } of these have one of them nearby (coverage; ${percent(coverageOfReal)} have a real one).`,
            `每張圖都從雜訊開始，為了討好 D，所有像素同時一步步調整。每張圖要算 ${calls} 次 D 和它的梯度，而生成器只要跑一次。它們像真實的數字那樣多變嗎？${
              percent(coverage)
            } 的真實數字附近有它們之中的一個（涵蓋率；換成真實的樣本是 ${percent(coverageOfReal)}）。`,
          ),
          aboutKernelDistance(say),
        ],
        content: picture(found),
      },
      {
        name: "digits-noise",
        title: say("argmax of a D that knows noise alone", "只拿雜訊當負樣本的 D，它的 argmax"),
        look: [
          say(
            "This D has learned as long to tell digits from noise, and its search finds what it takes for real: nobody ever " +
              "showed it that such pictures are wrong.",
            "這個 D 也花了一樣久學習分辨數字和雜訊，搜尋找到的就是它認為是真的圖：從來沒有人告訴它，這種圖是錯的。",
          ),
        ],
        content: picture(failed),
      },
    ],
  };
}
