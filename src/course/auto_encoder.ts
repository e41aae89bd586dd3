/**
 * An encoder finds a code for each image, a decoder makes the image of it. The decoder is a generator; but what does it
 * make of codes that no image has?
 */
import type * as duel from "../mod.ts";
import { codeGrid, codesLike, extent, midpoints } from "./code_space.ts";
import { trainCoder } from "./coders.ts";
import { newDigits } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { DIGIT, everySecond, rows, sheet } from "./images.ts";
import { percent, share } from "./numbers.ts";

/** Numbers of a code, besides those of two for the sweep. */
const CODE = 16;
/** Images whose codes are looked at; half as many midpoints. */
const LOOKED_AT = 4000;
const SHOWN = 12;
/** Codes along each side of the sweep. */
const SIDE = 18;

interface Results {
  readonly images: Float32Array;
  readonly sweep: Float32Array;
  /** Images through encoder and decoder, of midpoints, and of random codes; and how many are among real digits. */
  readonly back: Judged;
  readonly middle: Judged;
  readonly drawn: Judged;
  /** The same share of real digits. */
  readonly real: number;
}

interface Judged {
  readonly images: Float32Array;
  readonly precision: number;
}

async function investigate(stage: Stage): Promise<Results> {
  const { say } = stage;
  const eyes = await Eyes.open(stage);
  const limit = { steps: stage.steps(6000, 120) };
  const train = (code: number) =>
    trainCoder(stage, { label: say(`codes of ${code}`, `${code} 維的碼`), code, kind: "auto-encoder", limit });
  const [flat, deep] = [await train(2), await train(CODE)];
  const images = newDigits(stage, 4000, stage.size(LOOKED_AT, 400));
  const [flatCodes, codes] = [await flat.encode(images), await deep.encode(images)];
  const [across, up] = extent(flatCodes, 2);
  let real = NaN;
  const judged = async (images: Float32Array): Promise<Judged> => {
    const [{ value, floor }] = await eyes.measure(images, "precision");
    real = floor;
    return { images, precision: value };
  };
  const back = await judged(await deep.decode(codes));
  const middle = await judged(await deep.decode(midpoints(codes, CODE)));
  const drawn = await judged(await deep.decode(codesLike(stage, codes, CODE, codes.length / CODE / 2)));
  return { images, sweep: await flat.decode(codeGrid(SIDE, [across, up])), back, middle, drawn, real };
}

function report({ say, shell }: Stage, { images, sweep, back, middle, drawn, real }: Results): Findings {
  const side = (which: 0 | 1) => everySecond(images, DIGIT, which, SHOWN);
  const picture = (picture: duel.Pixels) => ({ kind: "picture", picture }) as const;
  return {
    summary: [
      say(
        `new images through encoder and decoder: ${percent(back.precision)} lie among real digits (real ones: ${
          percent(real)
        })`,
        `新的圖經過編碼再解碼：${percent(back.precision)} 落在真實手寫數字之中（真實圖片則為 ${percent(real)}）`,
      ),
      say(
        `codes halfway between two images: ${percent(middle.precision)}; codes drawn at random: ${
          percent(drawn.precision)
        }`,
        `兩張圖的碼的中點：${percent(middle.precision)}；隨機抽的碼：${percent(drawn.precision)}`,
      ),
      say(
        "nothing was asked of codes that no image has, so the decoder may make anything of them",
        "沒有圖片對應的碼，訓練時毫無要求，所以解碼器輸出什麼都有可能",
      ),
    ],
    measures: [
      share(
        "precision-back",
        say("through encoder and decoder: share among real digits", "編碼再解碼：落在真實手寫數字之中的比例"),
        back.precision,
      ),
      share(
        "precision-middle",
        say("halfway between two codes: share among real digits", "兩個碼的中點：落在真實手寫數字之中的比例"),
        middle.precision,
      ),
      share(
        "precision-drawn",
        say("codes drawn at random: share among real digits", "隨機抽的碼：落在真實手寫數字之中的比例"),
        drawn.precision,
      ),
      share(
        "precision-real",
        say("real digits: share among other real digits", "真實手寫數字：落在其他真實手寫數字之中的比例"),
        real,
      ),
    ],
    figures: [
      {
        name: "sweep",
        title: say("A sweep over two-dimensional codes", "走遍二維的碼空間"),
        look: [
          say(
            "One number of the code changes from left to right, the other from bottom to top, over the range that images " +
              "use. Neighbours are alike, and whole regions belong to one digit; between regions are shapes that are none.",
            "碼的其中一維由左到右變化，另一維由下到上，範圍是圖片實際用到的。相鄰的圖很像，一整片區域都屬於同一個數字；區域之間的形狀則不是任何數字。",
          ),
        ],
        content: picture(sheet(sweep, DIGIT, SIDE, 1)),
      },
      {
        name: "middle",
        title: say("Halfway between two codes", "兩個碼的中點"),
        look: [
          say(
            "First and last row: two images. Between them: what the decoder makes of 0.5·a + 0.5·b, a and b being their codes.",
            "第一列和最後一列是兩張圖；中間是解碼器對 0.5·a + 0.5·b 的輸出，a、b 是這兩張圖的碼。",
          ),
        ],
        content: picture(
          rows(DIGIT, side(0), middle.images.slice(0, SHOWN * DIGIT), side(1)),
        ),
      },
      {
        name: "drawn",
        title: say("Codes drawn at random", "隨機抽的碼"),
        look: [
          say(
            "Each number of a code is drawn by itself, with the mean and the variance that it has in real codes. To use the " +
              "decoder as a generator one would need to know which codes are good.",
            "碼的各維各自獨立取樣，平均數和變異數與真實的碼相同。要把解碼器當生成器用，就得知道哪些碼是好的。",
          ),
        ],
        content: picture(sheet(drawn.images.slice(0, 4 * SHOWN * DIGIT), DIGIT, SHOWN)),
      },
    ],
    next: [
      say(
        `${shell} course vae: noise on the code makes the decoder answer for all codes nearby`,
        `${shell} course vae：在碼上加雜訊，讓附近的碼也有好的輸出`,
      ),
      say("Train longer (--steps 20000): do the midpoints improve?", "訓練久一點（--steps 20000）：中點的圖會變好嗎？"),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "Auto-encoder: the decoder as a generator", "zh-TW": "自編碼器：把解碼器當生成器" },
  about: {
    en: "codes found by an encoder; a sweep over two-dimensional codes; what lies between two codes",
    "zh-TW": "由編碼器找碼；走遍二維的碼空間；兩個碼的中間是什麼",
  },
  data: ["mnist"],
  run: async (stage) => report(stage, await investigate(stage)),
};
