/**
 * Can the generator learn by itself? Each image gets a code, and G learns to make the image from it. If codes are drawn
 * at random, similar digits have codes far apart; if codes are learned as well, they come together.
 */
import * as duel from "../mod.ts";
import { halfwayToNeighbours, neighbours } from "./code_space.ts";
import { teachCodes } from "./codes.ts";
import { pixelErrorOf, trainingDigits } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { aboutKernelDistance, Eyes } from "./eyes.ts";
import { DIGIT, pick, rows } from "./images.ts";
import { number, percent, share, shareOf, short } from "./numbers.ts";

/** Numbers of a code. */
const CODE = 8;
/** Images in a row of the figures. */
const SHOWN = 12;

/** What came of one kind of codes. */
interface Outcome {
  /** What G makes of the codes that it was taught. */
  readonly made: Float32Array;
  /** Mean squared error of its pixels. */
  readonly error: number;
  /** For each image the one whose code is nearest. */
  readonly nearest: Uint32Array;
  /** How often both are of one digit. */
  readonly sameDigit: number;
  /** What G makes of the code halfway to the nearest one. */
  readonly between: Float32Array;
  /** Its kernel distance from real digits, and that of other real ones. */
  readonly distance: { readonly value: number; readonly floor: number };
}

async function investigate(stage: Stage, eyes: Eyes, kind: "random" | "learned", label: string): Promise<Outcome> {
  const images = stage.size(2000, 200);
  const limit = { steps: stage.steps(6000, 250) };
  const { codes, decode } = await teachCodes(stage, { label, kind, images, code: CODE, limit });
  const made = await decode(codes);
  const set = trainingDigits(stage);
  const targets = duel.imageValues(set, 0, images);
  const digits = set.labels[0].indices;
  const nearest = neighbours(codes, CODE);
  const between = await decode(halfwayToNeighbours(codes, CODE, nearest));
  const [distance] = await eyes.measure(between, "kernel-distance");
  return {
    made,
    error: pixelErrorOf(made, targets),
    nearest,
    sameDigit: shareOf(images, (i) => digits[nearest[i]] === digits[i]),
    between,
    distance,
  };
}

function report(stage: Stage, random: Outcome, learned: Outcome): Findings {
  const { say, shell } = stage;
  const first = Array.from({ length: SHOWN }, (_, i) => i);
  const all = duel.imageValues(trainingDigits(stage), 0, random.nearest.length);
  const [ofRandom, ofLearned] = [percent(random.sameDigit), percent(learned.sameDigit)];
  const [farRandom, farLearned] = [short(random.distance.value), short(learned.distance.value)];
  const show = (images: Float32Array, indices: readonly number[] = first) => pick(images, DIGIT, indices);
  const nearestTo = ({ nearest }: Outcome) => show(all, first.map((i) => nearest[i]));
  return {
    summary: [
      say(
        `the nearest code belongs to the same digit: ${ofRandom} of random codes, ${ofLearned} of learned ones`,
        `最近的碼屬於同一個數字的比例：隨機的碼 ${ofRandom}，學出來的碼 ${ofLearned}`,
      ),
      say(
        `error of a pixel with random codes: ${(random.error / learned.error).toFixed(1)} times that with learned ` +
          "ones, with the same network and as many updates",
        `同樣的網路、同樣的更新次數，用隨機的碼時，像素誤差是用學出來的碼的 ${
          (random.error / learned.error).toFixed(1)
        } 倍`,
      ),
      say(
        `images of codes halfway to the nearest one, kernel distance from real digits: ${farRandom} with random codes, ` +
          `${farLearned} with learned ones`,
        `與最近的碼之間的中點生成的圖，與真實手寫數字的核距離：隨機的碼 ${farRandom}，學出來的碼 ${farLearned}`,
      ),
    ],
    measures: [
      share(
        "same-digit-random",
        say("random codes: the nearest code is of the same digit", "隨機的碼：最近的碼屬於同一個數字的比例"),
        random.sameDigit,
      ),
      share(
        "same-digit-learned",
        say("learned codes: the nearest code is of the same digit", "學出來的碼：最近的碼屬於同一個數字的比例"),
        learned.sameDigit,
      ),
      number(
        "error-random",
        say("random codes: mean squared error of a pixel", "隨機的碼：像素的均方誤差"),
        random.error,
      ),
      number(
        "error-learned",
        say("learned codes: mean squared error of a pixel", "學出來的碼：像素的均方誤差"),
        learned.error,
      ),
      number(
        "between-random",
        say(
          "random codes, halfway to the nearest one: kernel distance from real digits",
          "隨機的碼，與最近的碼之間的中點：與真實手寫數字的核距離",
        ),
        random.distance.value,
      ),
      number("between-learned", say("learned codes, the same", "學出來的碼，同上"), learned.distance.value),
      number("real", say("real digits, the same", "真實手寫數字，同上"), random.distance.floor),
    ],
    figures: [
      {
        name: "made",
        title: say("What G makes of the codes that it was taught", "G 從學過的碼生成的圖"),
        look: [
          say(
            "Top: the images. Middle: from random codes. Bottom: from codes that were learned together with G. With random " +
              "codes G has to memorise, since nothing about a code tells what the images of its neighbours look like.",
            "上排是原圖，中排來自隨機的碼，下排來自和 G 一起學的碼。碼是隨機的時候，G 只能死背，因為從一個碼完全看不出鄰近的碼對應的圖長什麼樣子。",
          ),
        ],
        content: { kind: "picture", picture: rows(DIGIT, show(all), show(random.made), show(learned.made)) },
      },
      {
        name: "neighbours",
        title: say("Images whose codes are nearest", "碼最接近的圖"),
        look: [
          say(
            `Top: images. Middle: the image with the nearest random code, of the same digit in ${ofRandom} (by chance it is ` +
              `about 10 %). Bottom: the image with the nearest learned code, of the same digit in ${ofLearned}.`,
            `上排是原圖。中排是隨機的碼最接近的那張圖，有 ${ofRandom} 屬於同一個數字（純屬巧合時約為 10 %）；下排是學出來的碼最接近的那張圖，有 ${ofLearned} 屬於同一個數字。`,
          ),
        ],
        content: { kind: "picture", picture: rows(DIGIT, show(all), nearestTo(random), nearestTo(learned)) },
      },
      {
        name: "between",
        title: say("Halfway to the nearest code", "與最近的碼之間的中點"),
        look: [
          say(
            "What G makes of codes that it was not taught: halfway between a code and its nearest neighbour. Top: random " +
              `codes (kernel distance ${farRandom}). Bottom: learned codes (${farLearned}). If the images at both ends are ` +
              "alike, is what lies between them a digit, too?",
            `這裡的碼是 G 沒學過的：一個碼與離它最近的碼之間的中點。看 G 生成什麼圖：上排用隨機的碼（核距離 ${farRandom}），下排用學出來的碼（${farLearned}）。兩端的圖如果相似，中間的圖也會是數字嗎？`,
          ),
          aboutKernelDistance(say),
        ],
        content: { kind: "picture", picture: rows(DIGIT, show(random.between), show(learned.between)) },
      },
    ],
    next: [
      say(
        "Change CODE in generator_alone.ts: how many numbers does it take to describe a digit?",
        "改 generator_alone.ts 的 CODE：表示一個手寫數字需要幾維的碼？",
      ),
      say(
        `${shell} course auto-encoder: a network finds codes, also those of new images`,
        `${shell} course auto-encoder：由網路找碼，新的圖也找得到碼`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "Can a generator learn by itself?", "zh-TW": "生成器可以自己學嗎？" },
  about: {
    en: "supervised G from codes to images: random codes against learned ones",
    "zh-TW": "用監督式學習訓練 G，把碼（code）變成圖：比較隨機的碼與學出來的碼",
  },
  data: ["mnist"],
  async run(stage) {
    const eyes = await Eyes.open(stage);
    const random = await investigate(stage, eyes, "random", stage.say("random codes", "隨機的碼"));
    return report(stage, random, await investigate(stage, eyes, "learned", stage.say("learned codes", "學出來的碼")));
  },
};
