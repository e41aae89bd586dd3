/**
 * Can the discriminator generate? x̃ = argmax D(x), and the negatives that D must learn from are its own x̃. On a line
 * all x are tried; in the plane and for digits D's gradient is climbed.
 */
// Excerpts stand on the page in the order of these imports.
import { onALine } from "./discriminator_alone/line.ts";
import { inThePlane } from "./discriminator_alone/plane.ts";
import { onDigits } from "./discriminator_alone/digits.ts";
import type { Experiment } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { percent } from "./numbers.ts";

export const experiment: Experiment = {
  title: { en: "Can a discriminator generate?", "zh-TW": "判別器自己能生成嗎？" },
  about: {
    en: "D alone: x̃ = argmax D(x), and why D needs its own x̃ as negatives, again and again",
    "zh-TW": "只有 D：x̃ = argmax D(x)，以及為什麼 D 需要反覆拿自己的 x̃ 當負樣本",
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
    return {
      summary: [
        say(
          `overlap with the data where D learns from its own samples: ${shown("line-overlap")} on a line; ` +
            `${shown("plane-overlap")} in the plane, where real samples have ${shown("plane-overlap-real")}`,
          `D 從自己的樣本學習時，與資料的重疊：一維 ${shown("line-overlap")}，二維 ${
            shown("plane-overlap")
          }（真實樣本：${shown("plane-overlap-real")}）`,
        ),
        say(
          `where it learns from noise: on the line ${shown("line-overlap-edge")} if the noise is at the left edge, ` +
            `${shown("line-overlap-everywhere")} if it is everywhere, ${
              shown("line-overlap-cross-entropy")
            } with cross-entropy ` +
            `as well; in the plane ${shown("plane-overlap-noise")}`,
          `從雜訊學習時：一維，雜訊只在左邊 ${shown("line-overlap-edge")}，到處都有 ${
            shown("line-overlap-everywhere")
          }，再加上交叉熵 ${shown("line-overlap-cross-entropy")}；二維 ${shown("plane-overlap-noise")}`,
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
          "Leave out the noise in argmax in discriminator_alone/line.ts: where are the negatives then, and what becomes of D?",
          "把 discriminator_alone/line.ts 的 argmax 裡的雜訊拿掉：負樣本會在哪裡？D 會變成什麼樣子？",
        ),
        say(
          "Set the noise of the search to 0 in plane.ts, which is argmax alone: where do the searches end?",
          "在 plane.ts 把搜尋的雜訊設成 0，這就是單純的 argmax：搜尋最後會停在哪裡？",
        ),
        say(
          `${shell} course duel-2d: a generator learns to do the search`,
          `${shell} course duel-2d：讓生成器學會做這個搜尋`,
        ),
      ],
    };
  },
};
