/**
 * The variational auto-encoder: code = m + eˢ·ε. The noise makes the decoder answer for all codes nearby, and the KL
 * term keeps the noise from vanishing.
 */
import { codeGrid, codesLike, midpoints } from "./code_space.ts";
import { type Coder, type CoderOptions, trainCoder } from "./coders.ts";
import { newDigits } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { aboutKernelDistance, Eyes } from "./eyes.ts";
import { DIGIT, everySecond, rows, sharpness, sheet } from "./images.ts";
import { joined, normals, number, percent, share, short } from "./numbers.ts";

const CODE = 32;
const LOOKED_AT = 4000;
const SHOWN = 12;
const SIDE = 18;
/** The sweep goes so far from 0, where nearly all of a normal distribution is. */
const REACH = [-2.5, 2.5] as const;

interface Results {
  readonly images: Float32Array;
  readonly sweep: Float32Array;
  /** Of the auto-encoder and of the VAE. */
  readonly auto: Samples;
  readonly vae: Samples;
  /** The kernel distance of real digits. */
  readonly real: number;
  /** Mean eˢ over time. */
  readonly withKl: Coder["deviations"];
  readonly withoutKl: Coder["deviations"];
  /** Of the VAE's samples, relative to real digits. */
  readonly sharpness: number;
}

/** Images of midpoints and of random codes, with their kernel distances from real digits. */
interface Samples {
  readonly middle: Float32Array;
  readonly drawn: Float32Array;
  readonly middleDistance: number;
  readonly drawnDistance: number;
}

async function investigate(stage: Stage): Promise<Results> {
  const { say } = stage;
  const eyes = await Eyes.open(stage);
  const limit = { steps: stage.steps(4000, 120) };
  const train = (kind: CoderOptions["kind"], code: number, label: string) =>
    trainCoder(stage, { label, code, kind, limit });
  const auto = await train("auto-encoder", CODE, say("auto-encoder", "自編碼器"));
  const vae = await train("variational", CODE, "VAE");
  const withoutKl = await train("without-kl", CODE, say("VAE without KL term", "沒有 KL 項的 VAE"));
  const flat = await train("variational", 2, say("VAE, codes of 2", "VAE，2 維的碼"));

  const images = newDigits(stage, 4000, stage.size(LOOKED_AT, 400));
  const count = images.length / DIGIT / 2;
  let real = NaN;
  const distance = async (samples: Float32Array) => {
    const [{ value, floor }] = await eyes.measure(samples, "kernel-distance");
    real = floor;
    return value;
  };
  const samplesOf = async (coder: Coder, codes: Float32Array, own: Float32Array): Promise<Samples> => {
    const [middle, drawn] = [await coder.decode(midpoints(codes, CODE)), await coder.decode(own)];
    return { middle, drawn, middleDistance: await distance(middle), drawnDistance: await distance(drawn) };
  };
  // The auto-encoder's codes follow no distribution that is known, so that its random ones are like those it has.
  const autoCodes = await auto.encode(images);
  const ofAuto = await samplesOf(auto, autoCodes, codesLike(stage, autoCodes, CODE, count));
  const ofVae = await samplesOf(vae, await vae.encode(images), normals(stage, "samples", count * CODE));
  return {
    ...{ images, auto: ofAuto, vae: ofVae, real },
    sweep: await flat.decode(codeGrid(SIDE, [REACH, REACH])),
    ...{ withKl: vae.deviations, withoutKl: withoutKl.deviations },
    sharpness: sharpness(ofVae.drawn, DIGIT) / sharpness(images, DIGIT),
  };
}

const last = (deviations: Coder["deviations"]) => deviations[deviations.length - 1][1];

function report({ say, shell }: Stage, results: Results): Findings {
  const { images, sweep, auto, vae, real, withKl, withoutKl } = results;
  const blur = percent(results.sharpness);
  return {
    summary: [
      say(
        `halfway between two codes, kernel distance from real digits: VAE ${short(vae.middleDistance)}, auto-encoder ${
          short(auto.middleDistance)
        }`,
        `兩個碼的中點，與真實手寫數字的核距離：VAE ${short(vae.middleDistance)}，自編碼器 ${
          short(auto.middleDistance)
        }`,
      ),
      say(
        `codes drawn at random: VAE ${short(vae.drawnDistance)}, auto-encoder ${short(auto.drawnDistance)}`,
        `隨機抽的碼：VAE ${short(vae.drawnDistance)}，自編碼器 ${short(auto.drawnDistance)}`,
      ),
      say(
        `without the KL term the noise vanishes: mean σ ${short(last(withoutKl))}, with it ${short(last(withKl))}`,
        `沒有 KL 項，雜訊就會消失：平均 σ 為 ${short(last(withoutKl))}，有 KL 項時為 ${short(last(withKl))}`,
      ),
      say(
        `samples are blurred: their sharpness relative to real digits is ${blur}`,
        `生成的圖是模糊的：相對於真實手寫數字的銳利度為 ${blur}`,
      ),
    ],
    measures: [
      number(
        "middle-vae",
        say(
          "VAE, halfway between two codes: kernel distance from real digits",
          "VAE，兩個碼的中點：與真實手寫數字的核距離",
        ),
        vae.middleDistance,
      ),
      number("middle-auto", say("auto-encoder, the same", "自編碼器，同上"), auto.middleDistance),
      number("drawn-vae", say("VAE, random codes: kernel distance", "VAE，隨機抽的碼：核距離"), vae.drawnDistance),
      number("drawn-auto", say("auto-encoder, the same", "自編碼器，同上"), auto.drawnDistance),
      number("real", say("real digits, the same", "真實手寫數字，同上"), real),
      number("deviation-vae", say("VAE: mean σ of a code", "VAE：碼的平均 σ"), last(withKl)),
      number("deviation-free", say("without KL term: mean σ", "沒有 KL 項：平均 σ"), last(withoutKl)),
      share(
        "sharpness",
        say("samples of the VAE: sharpness relative to real digits", "VAE 的樣本：相對於真實手寫數字的銳利度"),
        results.sharpness,
      ),
    ],
    figures: [
      {
        name: "middle",
        title: say("Halfway between two codes", "兩個碼的中點"),
        look: [
          say(
            "First and last row: two images. Second row: halfway between them for the auto-encoder; third row: for the VAE.",
            "第一列和最後一列是兩張圖；第二列是自編碼器的中點，第三列是 VAE 的中點。",
          ),
          aboutKernelDistance(say),
        ],
        content: {
          kind: "picture",
          picture: rows(
            DIGIT,
            everySecond(images, DIGIT, 0, SHOWN),
            ...[auto, vae].map(({ middle }) => middle.slice(0, SHOWN * DIGIT)),
            everySecond(images, DIGIT, 1, SHOWN),
          ),
        },
      },
      {
        name: "deviation",
        title: say("What becomes of the noise", "雜訊會如何變化"),
        look: [
          say(
            "σ = eˢ, the standard deviation of the noise on the code, on average. Noise makes reconstructions worse, so a " +
              "network that is only judged by these turns it off (or moves codes so far apart that it does not matter). " +
              "The KL term keeps it.",
            "σ = eˢ 是碼上雜訊的標準差（取平均）。雜訊會讓重建變差，如果只看重建的好壞，網路就會把雜訊關掉（或者把碼拉得很開，讓雜訊無足輕重）。KL 項會把雜訊留住。",
          ),
        ],
        content: {
          kind: "chart",
          x: say("step", "步數"),
          series: [
            { name: "VAE", points: withKl },
            { name: say("without KL term", "沒有 KL 項"), points: withoutKl },
          ],
        },
      },
      {
        name: "sweep",
        title: say("A sweep over two-dimensional codes", "走遍二維的碼空間"),
        look: [
          say(
            "From −2.5 to 2.5 in both directions. All of the square is in use, and one digit becomes another with hardly a gap.",
            "兩個方向都從 −2.5 到 2.5。整個方形都用到了，一個數字變成另一個數字，中間幾乎沒有空隙。",
          ),
        ],
        content: { kind: "picture", picture: sheet(sweep, DIGIT, SIDE, 1) },
      },
      {
        name: "drawn",
        title: say("Samples", "生成的樣本"),
        look: [
          say(
            "Top half: the VAE, of codes from N(0, 1). Bottom half: the auto-encoder, of codes with the mean and variance of " +
              "its own. The VAE's are digits, but blurred: where several images share a code, their mean has the least error.",
            "上半是 VAE，碼取自 N(0, 1)；下半是自編碼器，碼的平均數和變異數與它自己的碼相同。VAE 生成的是數字，但是模糊：幾張圖共用一個碼時，輸出這些圖的平均，誤差最小。",
          ),
        ],
        content: {
          kind: "picture",
          picture: sheet(joined([vae, auto].map(({ drawn }) => drawn.slice(0, 3 * SHOWN * DIGIT))), DIGIT, SHOWN),
        },
      },
    ],
    next: [
      say(
        "Change PIXEL_SD in coders.ts: what is gained, and what is lost?",
        "改 coders.ts 的 PIXEL_SD：得到了什麼，又失去了什麼？",
      ),
      say(
        `${shell} course pixel-loss: why the mean is a bad answer`,
        `${shell} course pixel-loss：為什麼平均是不好的答案`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "VAE: noise on the code", "zh-TW": "VAE：在碼上加雜訊" },
  about: {
    en: "what noise on the code repairs, why it needs a KL term, and why images get blurred",
    "zh-TW": "碼上的雜訊改善了什麼、為什麼需要 KL 項、為什麼圖會模糊",
  },
  data: ["mnist"],
  run: async (stage) => report(stage, await investigate(stage)),
};
