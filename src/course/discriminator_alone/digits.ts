/** D alone on digits. */
import * as duel from "../../mod.ts";
import { joined, sheet, SIZE } from "../digits.ts";
import type { Eyes } from "../eyes.ts";
import type { Figure, Measure, Stage } from "../experiment.ts";
import { learn, type Learned, type Task } from "./chains.ts";

const PIXELS = SIZE * SIZE;
const BATCH = 64;
/** Searches from noise for the samples that are judged: so often the steps of a lesson. */
const ROUNDS = 20;

/** What D has to learn. */
export function digitTask(stage: Stage): Task {
  const { seed } = stage;
  const set = stage.dataset("mnist");
  const feeder = new duel.BatchFeeder(set, { batch: BATCH, seed, flip: false });
  return {
    label: stage.say("digits", "數字"),
    sample: [SIZE, SIZE, 1],
    judge: energy,
    batch: BATCH,
    search: { steps: stage.size(20, 5), rate: 2, noise: 0.02, bound: 1 },
    rate: { from: 5e-4, to: 1e-4 },
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

/** A judge of images [batch, 32, 32, 1]: smooth everywhere, so that its slope leads somewhere. */
function energy(images: duel.Tensor): duel.Tensor {
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

/** Digits by long searches from noise, `packs` times BATCH of them. */
async function generate({ start }: Task, learned: Learned, packs: number): Promise<Float32Array> {
  const found: Float32Array[] = [];
  for (let pack = 0; pack < packs; pack++) {
    const noise = new Float32Array(BATCH * PIXELS);
    start(1e6 + pack, noise);
    found.push(await learned.search(noise, ROUNDS));
  }
  return joined(...found);
}

/** The experiment on digits. */
export async function onDigits(
  stage: Stage,
  eyes: Eyes,
): Promise<{ figures: Figure[]; measures: Measure[]; calls: number }> {
  const { say } = stage;
  const own = digitTask(stage);
  const steps = stage.steps(1500, 25);
  const learned = await learn(stage, own, "searched", { steps });
  const naive = await learn(stage, own, "noise", { steps: Math.min(steps, 200) });
  const found = await generate(own, learned, stage.size(4, 2));
  const failed = await generate(own, naive, stage.size(4, 2));
  const [{ value, floor }] = await eyes.measure(found, "kernel-distance");
  const [{ value: naiveValue }] = await eyes.measure(failed, "kernel-distance");
  return {
    calls: ROUNDS * own.search.steps,
    figures: [
      {
        name: "digits",
        title: say("Digits that only a discriminator has made", "只靠判別器生成的數字"),
        look: [
          say(
            "Each began as noise and was changed, pixel by pixel, to please D. That takes hundreds of evaluations of D and " +
              "of its slope for each image, where a generator needs a single pass.",
            "每張圖都從雜訊開始，一個像素一個像素地改到讓 D 滿意。每張圖要算幾百次 D 和它的梯度，而生成器只要算一次。",
          ),
        ],
        content: { kind: "picture", picture: sheet(found.subarray(0, 64 * PIXELS)) },
      },
      {
        name: "digits-noise",
        title: say("argmax of a D that knows noise alone", "只學過雜訊的 D 的 argmax"),
        look: [
          say(
            "This D tells digits from noise without a mistake, and is as sure of these pictures as of real digits: it has " +
              "never been shown that they are wrong.",
            "這個 D 能完美分辨數字和雜訊，卻把這些圖當成真的數字：從來沒有人告訴它這些是錯的。",
          ),
        ],
        content: { kind: "picture", picture: sheet(failed.subarray(0, 64 * PIXELS)) },
      },
    ],
    measures: [
      {
        name: "digits-kernel",
        about: say("digits: kernel distance of generated from real ones", "數字：生成與真實之間的核距離"),
        value,
      },
      {
        name: "digits-kernel-noise",
        about: say("the same, negatives of noise alone", "同上，負例只有雜訊"),
        value: naiveValue,
      },
      { name: "digits-kernel-real", about: say("the same of real digits", "同上，真實數字"), value: floor },
    ],
  };
}
