/**
 * Can the discriminator generate? x̃ = argmax D(x), and the negatives that D must learn from are its own x̃. On a line
 * all x are tried; in the plane and for digits D's gradient is climbed.
 */
import { onDigits } from "./discriminator_alone/digits.ts";
import { onALine } from "./discriminator_alone/line.ts";
import { inThePlane } from "./discriminator_alone/plane.ts";
import type { Experiment } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { percent } from "./numbers.ts";

export const experiment: Experiment = {
  title: { en: "Can a discriminator generate?", "zh-TW": "判別器自己能生成嗎？" },
  about: {
    en: "D alone: x̃ = argmax D(x), and why D needs its own x̃ as negatives",
    "zh-TW": "只有 D：x̃ = argmax D(x)，以及為什麼 D 需要自己的 x̃ 當負樣本",
  },
  data: ["mnist"],
  async run(stage) {
    const { say, shell } = stage;
    const eyes = await Eyes.open(stage);
    const line = await onALine(stage);
    const plane = await inThePlane(stage);
    const digits = await onDigits(stage, eyes);
    const measures = [...line.measures, ...plane.measures, ...digits.measures];
    const shown = (name: string) => percent(measures.find((measure) => measure.name === name)!.value);
    const [onLine, inPlane, real] = ["line-overlap", "plane-overlap", "plane-overlap-real"].map(shown);
    return {
      summary: [
        say(
          `negatives of noise alone fail: overlap with the data ${shown("line-overlap-noise")} on a line, ` +
            `${shown("plane-overlap-noise")} in the plane`,
          `只用雜訊當負樣本會失敗：與資料的重疊，一維 ${shown("line-overlap-noise")}，二維 ${
            shown("plane-overlap-noise")
          }`,
        ),
        say(
          `negatives by D itself work: ${onLine} on a line, ${inPlane} in the plane (real samples reach ${real} there)`,
          `用 D 自己生成的負樣本就會成功：一維 ${onLine}，二維 ${inPlane}（真實樣本在二維可達 ${real}）`,
        ),
        say(
          `the price: ${digits.calls} evaluations of D and of its gradient for one digit, where a generator needs one pass: ` +
            `${digits.ratio.toFixed(0)} times the time`,
          `代價：生成一個手寫數字要算 ${digits.calls} 次 D 和它的梯度，生成器只要跑一次；時間是生成器的 ${
            digits.ratio.toFixed(0)
          } 倍`,
        ),
      ],
      measures,
      figures: [...line.figures, ...plane.figures, ...digits.figures],
      next: [
        say(
          "In discriminator_alone/line.ts, begin with noise all over the line (FIRST): how far does D get without iterating?",
          "在 discriminator_alone/line.ts 把最初的雜訊改成分佈在整條線上（FIRST）：不迭代的話，D 能學到什麼程度？",
        ),
        say(
          "Set the noise of the search to 0 in plane.ts: all samples end on a few peaks of D, which is argmax alone.",
          "在 plane.ts 把搜尋的雜訊設成 0：所有樣本都會停在 D 的少數幾個高峰上，這就是單純的 argmax。",
        ),
        say(
          `${shell} course duel-2d: a generator learns to do the search`,
          `${shell} course duel-2d：讓生成器學會做這個搜尋`,
        ),
      ],
    };
  },
};
