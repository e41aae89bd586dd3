/**
 * Can the generator learn by itself? Each image gets a code, and G learns to make the image from it. If codes are drawn
 * at random, similar digits have codes far apart; if codes are learned as well, they come together.
 */
import * as duel from "../mod.ts";
import { neighbours, teachCodes } from "./codes.ts";
import { rowsOf, SIZE } from "./digits.ts";
import type { Experiment } from "./experiment.ts";

/** Numbers of a code. */
const CODE = 8;
/** Images in a row of the figures. */
const SHOWN = 12;

export const experiment: Experiment = {
  title: { en: "Can a generator learn by itself?", "zh-TW": "生成器可以自己學嗎？" },
  about: {
    en: "supervised G from codes to images: random codes against learned ones",
    "zh-TW": "用監督式學習教 G 從碼到圖：隨機的碼與學出來的碼",
  },
  data: ["mnist"],
  async run(stage) {
    const { say } = stage;
    const count = stage.size(2000, 200);
    const teach = (kind: "random" | "learned", label: string) =>
      teachCodes(stage, { label, kind, images: count, code: CODE, limit: { steps: stage.steps(6000, 150) } });
    const random = await teach("random", say("random codes", "隨機的碼"));
    const learned = await teach("learned", say("learned codes", "學出來的碼"));
    const set = stage.dataset("mnist");
    const digits = set.labels[0].indices;
    const targets = duel.imageValues(set, 0, SHOWN);
    const row = (images: Float32Array, which: ArrayLike<number>) => {
      const values = new Float32Array(which.length * SIZE * SIZE);
      Array.from(which).forEach((image, i) =>
        values.set(images.subarray(image * SIZE * SIZE, (image + 1) * SIZE * SIZE), i * SIZE * SIZE)
      );
      return values;
    };
    const first = Array.from({ length: SHOWN }, (_, i) => i);
    const near = { random: neighbours(random.codes, CODE), learned: neighbours(learned.codes, CODE) };
    const sameDigit = (nearest: Uint32Array) =>
      nearest.reduce((sum, other, i) => sum + Number(digits[other] === digits[i]), 0) / count;
    const all = duel.imageValues(set, 0, count);
    const errorOf = (made: Float32Array) =>
      made.reduce((sum, value, i) => sum + (value - all[i]) ** 2, 0) / made.length;
    const made = { random: await random.decode(random.codes), learned: await learned.decode(learned.codes) };
    const error = { random: errorOf(made.random), learned: errorOf(made.learned) };
    const halfway = (codes: Float32Array, nearest: Uint32Array) =>
      codes.map((value, at) => (value + codes[nearest[Math.floor(at / CODE)] * CODE + at % CODE]) / 2);
    const between = {
      random: await random.decode(halfway(random.codes, near.random)),
      learned: await learned.decode(halfway(learned.codes, near.learned)),
    };
    const [randomSame, learnedSame] = [sameDigit(near.random), sameDigit(near.learned)];
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    return {
      summary: [
        say(
          `the nearest code belongs to the same digit: ${percent(randomSame)} of random codes, ${
            percent(learnedSame)
          } of learned ones`,
          `最近的碼屬於同一個數字：隨機的碼 ${percent(randomSame)}，學出來的碼 ${percent(learnedSame)}`,
        ),
        say(
          `error of a pixel with random codes: ${
            (error.random / error.learned).toFixed(1)
          } times that with learned ones, same network, same time`,
          `隨機的碼的像素誤差是學出來的碼的 ${(error.random / error.learned).toFixed(1)} 倍，網路和時間都一樣`,
        ),
        say(
          "codes must be similar where images are: so something must find codes for images, an encoder",
          "圖片相似，碼就要相似；所以需要有東西替圖片找到碼，也就是編碼器",
        ),
      ],
      measures: [
        {
          name: "same-digit-random",
          about: say("random codes: the nearest code is of the same digit", "隨機的碼：最近的碼屬於同一個數字"),
          value: randomSame,
          share: true,
        },
        {
          name: "same-digit-learned",
          about: say("learned codes: the nearest code is of the same digit", "學出來的碼：最近的碼屬於同一個數字"),
          value: learnedSame,
          share: true,
        },
        {
          name: "error-random",
          about: say("random codes: mean squared error of a pixel", "隨機的碼：像素的均方誤差"),
          value: error.random,
        },
        {
          name: "error-learned",
          about: say("learned codes: mean squared error of a pixel", "學出來的碼：像素的均方誤差"),
          value: error.learned,
        },
      ],
      figures: [
        {
          name: "made",
          title: say("What G makes of the codes it was taught", "G 用學過的碼生成的圖"),
          look: [
            say(
              "Top: the images. Middle: from random codes. Bottom: from codes that were learned together with G. With random " +
                "codes G has to learn by heart, since nothing about a code tells what its neighbours look like.",
              "上排是原圖，中排來自隨機的碼，下排的碼是和 G 一起學的。碼是隨機的時候，G 只能死背，因為一個碼完全不能告訴它鄰近的碼長什麼樣子。",
            ),
          ],
          content: { kind: "picture", picture: rowsOf(targets, row(made.random, first), row(made.learned, first)) },
        },
        {
          name: "neighbours",
          title: say("Images whose codes are nearest", "碼最接近的圖"),
          look: [
            say(
              "Top: images. Middle: the image with the nearest random code, any digit. Bottom: the image with the nearest " +
                "learned code, mostly the same digit.",
              "上排是原圖，中排是隨機的碼中最接近的圖，什麼數字都有；下排是學出來的碼中最接近的圖，大多是同一個數字。",
            ),
          ],
          content: {
            kind: "picture",
            picture: rowsOf(
              targets,
              row(all, first.map((i) => near.random[i])),
              row(all, first.map((i) => near.learned[i])),
            ),
          },
        },
        {
          name: "between",
          title: say("Halfway to the nearest code", "和最近的碼的中點"),
          look: [
            say(
              "What G makes of codes that it was not taught: halfway between a code and its nearest neighbour. Top: random " +
                "codes. Bottom: learned codes.",
              "沒有教過 G 的碼：一個碼和最近的碼的中點。上排是隨機的碼，下排是學出來的碼。",
            ),
          ],
          content: { kind: "picture", picture: rowsOf(row(between.random, first), row(between.learned, first)) },
        },
      ],
      next: [
        say(
          "Change CODE in generator_alone.ts: how many numbers does a digit need?",
          "改 generator_alone.ts 的 CODE：一個數字需要幾個數？",
        ),
        say(
          `${stage.shell} course auto-encoder: a network finds the codes`,
          `${stage.shell} course auto-encoder：讓網路自己找碼`,
        ),
      ],
    };
  },
};
