/**
 * An encoder finds a code for each image, a decoder makes the image of it. The decoder is a generator; but what does it
 * make of codes that no image has?
 */
import type * as duel from "../mod.ts";
import { codeGrid, extent, likeness, midpoints } from "./code_space.ts";
import { trainCoder } from "./coders.ts";
import { newDigits } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { aboutKernelDistance, Eyes } from "./eyes.ts";
import { DIGIT, everySecond, rows, sheet } from "./images.ts";
import { number, percent, share, short } from "./numbers.ts";

/** Numbers of a code, besides those of two for the sweep. */
const CODE = 16;
/** Images whose codes are looked at; half as many midpoints. */
const LOOKED_AT = 4000;
const SHOWN = 12;
/** Codes along each side of the sweep. */
const SIDE = 18;

interface Results {
  readonly images: Float32Array;
  /** Images of a grid of two-dimensional codes. */
  readonly sweep: Judged;
  /** Images through encoder and decoder, of midpoints, and of random codes. */
  readonly back: Judged;
  readonly middle: Judged;
  readonly drawn: Judged;
  /** What real digits reach. */
  readonly real: Quality;
}

interface Quality {
  /** Kernel distance from real digits. */
  readonly distance: number;
  /** Share that lies among real digits. */
  readonly precision: number;
}

interface Judged extends Quality {
  readonly images: Float32Array;
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
  let real: Quality | undefined;
  const judged = async (images: Float32Array): Promise<Judged> => {
    const [distance, precision] = await eyes.measure(images, "kernel-distance", "precision");
    real = { distance: distance.floor, precision: precision.floor };
    return { images, distance: distance.value, precision: precision.value };
  };
  const like = likeness(stage, codes, CODE);
  const sweep = await judged(await flat.decode(codeGrid(SIDE, [across, up])));
  const back = await judged(await deep.decode(codes));
  const middle = await judged(await deep.decode(midpoints(codes, CODE)));
  const drawn = await judged(await deep.decode(like(images.length / DIGIT / 2)));
  return { images, sweep, back, middle, drawn, real: real! };
}

function report({ say, shell }: Stage, { images, sweep, back, middle, drawn, real }: Results): Findings {
  const kinds = [
    ["back", say("new images through encoder and decoder", "新的圖經過編碼再解碼"), back],
    ["middle", say("halfway between two codes", "兩個碼的中點"), middle],
    ["drawn", say("codes drawn at random", "隨機抽的碼"), drawn],
    ["sweep", say("the sweep over codes of two numbers", "走遍二維的碼"), sweep],
    ["real", say("real digits", "真實手寫數字"), real],
  ] as const;
  const line = (value: (quality: Quality) => string) =>
    kinds.filter(([name]) => name !== "sweep").map(([, about, quality]) => `${about} ${value(quality)}`)
      .join(say(", ", "，"));
  const side = (which: 0 | 1) => everySecond(images, DIGIT, which, SHOWN);
  const picture = (picture: duel.Pixels) => ({ kind: "picture", picture }) as const;
  return {
    summary: [
      say("kernel distance from real digits: ", "與真實手寫數字的核距離：") +
      line(({ distance }) => short(distance)),
      say("share that lies among real digits: ", "落在真實手寫數字之中的比例：") +
      line(({ precision }) => percent(precision)),
      say(
        "in training the decoder met codes of images and no others: what it makes of others is left open",
        "訓練時，解碼器只見過圖片的碼；其他的碼會解出什麼，訓練並沒有規定",
      ),
    ],
    measures: [
      ...kinds.map(([name, about, { distance }]) =>
        number(
          `kernel-${name}`,
          say(`${about}: kernel distance from real digits`, `${about}：與真實手寫數字的核距離`),
          distance,
        )
      ),
      ...kinds.map(([name, about, { precision }]) =>
        share(
          `precision-${name}`,
          say(`${about}: share among real digits`, `${about}：落在真實手寫數字之中的比例`),
          precision,
        )
      ),
    ],
    figures: [
      {
        name: "sweep",
        title: say("A sweep over two-dimensional codes", "走遍二維的碼空間"),
        look: [
          say(
            "One number of the code changes from left to right, the other from bottom to top, each over the range of 95 % " +
              `of images. Kernel distance from real digits: ${
                short(sweep.distance)
              }. Which regions belong to one digit? What ` +
              "is between them, and where no image has its code?",
            `碼的其中一維由左到右變化，另一維由下到上，各自涵蓋 95 % 的圖。與真實手寫數字的核距離：${
              short(sweep.distance)
            }。哪些區域屬於同一個數字？區域之間，以及沒有圖片對應的碼，又是什麼？`,
          ),
          aboutKernelDistance(say),
        ],
        content: picture(sheet(sweep.images, DIGIT, SIDE, 1)),
      },
      {
        name: "middle",
        title: say("Halfway between two codes", "兩個碼的中點"),
        look: [
          say(
            "First and last row: two images. Between them: what the decoder makes of 0.5·a + 0.5·b, a and b being their " +
              `codes. These are of ${CODE} numbers, not of two as in the figure above: another encoder and decoder.`,
            `第一列和最後一列是兩張圖；中間是解碼器對 0.5·a + 0.5·b 的輸出，a、b 是這兩張圖的碼。這裡的碼是 ${CODE} 維，不是上圖的二維，用的是另一組編碼器和解碼器。`,
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
            `Each of the ${CODE} numbers of a code is drawn by itself, with the mean and the variance that it has in real ` +
              "codes. To use the decoder as a generator one would need to know which codes are good.",
            `碼的 ${CODE} 維各自獨立取樣，平均數和變異數與真實的碼相同。要把解碼器當生成器用，就得知道哪些碼是好的。`,
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
