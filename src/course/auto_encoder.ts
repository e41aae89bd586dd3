/**
 * An encoder finds a code for each image, a decoder makes the image of it. The decoder is a generator; but what does it
 * make of codes that no image has?
 */
import * as duel from "../mod.ts";
import { codeGrid, drawCodes, midpoints, trainCoder } from "./coders.ts";
import { rowsOf, sheet, SIZE } from "./digits.ts";
import { Eyes } from "./eyes.ts";
import type { Experiment } from "./experiment.ts";

const PIXELS = SIZE * SIZE;
/** Images whose codes are looked at. */
const LOOKED_AT = 4000;
const SHOWN = 12;

export const experiment: Experiment = {
  title: { en: "Auto-encoder: the decoder as a generator", "zh-TW": "自動編碼器：把解碼器當生成器" },
  about: {
    en: "codes found by an encoder; a sweep over two of them; what lies between two codes",
    "zh-TW": "由編碼器找碼；掃過二維的碼；兩個碼的中間是什麼",
  },
  data: ["mnist"],
  async run(stage) {
    const { say } = stage;
    const eyes = await Eyes.open(stage);
    const set = stage.dataset("mnist");
    const limit = { steps: stage.steps(6000, 100) };
    const train = (code: number) =>
      trainCoder(stage, { label: say(`codes of ${code}`, `${code} 維的碼`), code, kind: "auto-encoder", limit });
    const [flat, deep] = [await train(2), await train(16)];

    const images = duel.imageValues(set, 0, stage.size(LOOKED_AT, 400));
    const [flatCodes, codes] = [await flat.encode(images), await deep.encode(images)];
    const back = await deep.decode(codes);
    const middle = await deep.decode(midpoints(codes, deep.code));
    const drawn = await deep.decode(drawCodes(stage, codes, deep.code, images.length / PIXELS / 2));
    const precision = async (samples: Float32Array) => (await eyes.measure(samples, "precision"))[0];
    const [ofBack, ofMiddle, ofDrawn] = [await precision(back), await precision(middle), await precision(drawn)];
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;

    const reach = 1.1 * flatCodes.toSorted((a, b) => Math.abs(a) - Math.abs(b))[Math.floor(0.95 * flatCodes.length)];
    const pairs = (offset: number) => {
      const row = new Float32Array(SHOWN * PIXELS);
      for (let i = 0; i < SHOWN; i++) {
        row.set(images.subarray((2 * i + offset) * PIXELS, (2 * i + offset + 1) * PIXELS), i * PIXELS);
      }
      return row;
    };
    return {
      summary: [
        say(
          `images through encoder and decoder stay digits: ${percent(ofBack.value)} lie among real ones (real: ${
            percent(ofBack.floor)
          })`,
          `經過編碼再解碼的圖仍然是數字：${percent(ofBack.value)} 落在真實資料之中（真實圖片：${
            percent(ofBack.floor)
          }）`,
        ),
        say(
          `codes halfway between two images: ${percent(ofMiddle.value)}; codes drawn at random: ${
            percent(ofDrawn.value)
          }`,
          `兩張圖的碼的中點：${percent(ofMiddle.value)}；隨機抽的碼：${percent(ofDrawn.value)}`,
        ),
        say(
          "nothing was asked of codes that no image has, so the decoder may make anything of them",
          "沒有圖片用到的碼從來沒被要求過什麼，解碼器對它們可以輸出任何東西",
        ),
      ],
      measures: [
        {
          name: "precision-back",
          about: say("through encoder and decoder: share among real digits", "編碼再解碼：落在真實數字之中的比例"),
          value: ofBack.value,
          share: true,
        },
        {
          name: "precision-middle",
          about: say("halfway between two codes: share among real digits", "兩碼中點：落在真實數字之中的比例"),
          value: ofMiddle.value,
          share: true,
        },
        {
          name: "precision-drawn",
          about: say("codes drawn at random: share among real digits", "隨機抽的碼：落在真實數字之中的比例"),
          value: ofDrawn.value,
          share: true,
        },
        {
          name: "precision-real",
          about: say("real digits: share among other real digits", "真實數字：落在其他真實數字之中的比例"),
          value: ofBack.floor,
          share: true,
        },
      ],
      figures: [
        {
          name: "sweep",
          title: say("A sweep over codes of two numbers", "掃過二維的碼"),
          look: [
            say(
              "One number changes from left to right, the other from bottom to top. Neighbours are alike, and whole regions " +
                "belong to one digit; between the regions are shapes that are no digit.",
              "一個數由左到右變化，另一個由下到上。相鄰的圖很像，整片區域屬於同一個數字；區域之間的形狀則不是任何數字。",
            ),
          ],
          content: { kind: "picture", picture: sheet(await flat.decode(codeGrid(18, reach)), 18, 1) },
        },
        {
          name: "middle",
          title: say("Halfway between two codes", "兩個碼的中點"),
          look: [
            say(
              "First and last row: two images. Between them: what the decoder makes of 0.5·a + 0.5·b, a and b being their codes.",
              "第一排和最後一排是兩張圖；中間是解碼器對 0.5·a + 0.5·b 的輸出，a、b 是它們的碼。",
            ),
          ],
          content: { kind: "picture", picture: rowsOf(pairs(0), middle.slice(0, SHOWN * PIXELS), pairs(1)) },
        },
        {
          name: "drawn",
          title: say("Codes drawn at random", "隨機抽的碼"),
          look: [
            say(
              "Codes with the mean and the spread of the real ones, each number drawn by itself. To use the decoder as a " +
                "generator one would need to know which codes are good.",
              "碼的平均和分散程度與真實的碼相同，每個數各自抽取。要把解碼器當生成器，就得知道哪些碼是好的。",
            ),
          ],
          content: { kind: "picture", picture: sheet(drawn.slice(0, 48 * PIXELS), 12) },
        },
      ],
      next: [
        say(
          `${stage.shell} course vae: noise on the code repairs what is between`,
          `${stage.shell} course vae：在碼上加雜訊，修好中間的部分`,
        ),
        say("Train longer (--steps 20000): do the midpoints improve?", "訓練久一點（--steps 20000）：中點會變好嗎？"),
      ],
    };
  },
};
