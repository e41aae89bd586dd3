/**
 * The variational auto-encoder: code = m + eˢ·ε. The noise makes the decoder answer for all codes nearby, and the KL
 * term keeps the noise from vanishing.
 */
import { codeGrid, extent, likeness, midpoints } from "./code_space.ts";
import { type Coder, type CoderOptions, trainCoder } from "./coders.ts";
import { newDigits } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { aboutKernelDistance, Eyes } from "./eyes.ts";
import { DIGIT, everySecond, joinedPictures, rows, sharpness, sheet } from "./images.ts";
import { joined, normals, number, percent, share, short } from "./numbers.ts";

const CODE = 32;
const LOOKED_AT = 4000;
const SHOWN = 12;
const SIDE = 16;
/** The VAE's sweep goes so far from 0: the range of 95 % of a normal distribution, as the auto-encoder's of its codes. */
const REACH = [-1.96, 1.96] as const;

interface Results {
  readonly images: Float32Array;
  /** Images of grids of two-dimensional codes, with their kernel distances. */
  readonly sweeps: { readonly auto: Sweep; readonly vae: Sweep };
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

interface Sweep {
  readonly images: Float32Array;
  readonly distance: number;
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
  const limit = { steps: stage.steps(3200, 100) };
  const train = (kind: CoderOptions["kind"], code: number, label: string) =>
    trainCoder(stage, { label, code, kind, limit });
  const auto = await train("auto-encoder", CODE, say("auto-encoder", "自編碼器"));
  const vae = await train("variational", CODE, "VAE");
  const withoutKl = await train("without-kl", CODE, say("VAE without KL term", "沒有 KL 項的 VAE"));
  const flatAuto = await train("auto-encoder", 2, say("auto-encoder, codes of 2", "自編碼器，2 維的碼"));
  const flatVae = await train("variational", 2, say("VAE, codes of 2", "VAE，2 維的碼"));

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
  const sweepOf = async (flat: Coder, box: Parameters<typeof codeGrid>[1]): Promise<Sweep> => {
    const images = await flat.decode(codeGrid(SIDE, box));
    return { images, distance: await distance(images) };
  };
  // The auto-encoder's codes follow no distribution that is known, so that its random ones are like those it has.
  const autoCodes = await auto.encode(images);
  const ofAuto = await samplesOf(auto, autoCodes, likeness(stage, autoCodes, CODE)(count));
  const ofVae = await samplesOf(vae, await vae.encode(images), normals(stage, "samples", count * CODE));
  const [across, up] = extent(await flatAuto.encode(images), 2);
  return {
    sweeps: { auto: await sweepOf(flatAuto, [across, up]), vae: await sweepOf(flatVae, [REACH, REACH]) },
    ...{ images, auto: ofAuto, vae: ofVae, real },
    ...{ withKl: vae.deviations, withoutKl: withoutKl.deviations },
    sharpness: sharpness(ofVae.drawn, DIGIT) / sharpness(images, DIGIT),
  };
}

const last = (deviations: Coder["deviations"]) => deviations[deviations.length - 1][1];

function report({ say, shell }: Stage, results: Results): Findings {
  const { images, sweeps, auto, vae, real, withKl, withoutKl } = results;
  const sharp = percent(results.sharpness);
  const distances = [vae.middleDistance, auto.middleDistance, vae.drawnDistance, auto.drawnDistance].map(short);
  const [middleVae, middleAuto, drawnVae, drawnAuto] = distances;
  return {
    summary: [
      say(
        `kernel distance from real digits, VAE and auto-encoder: ${middleVae} and ${middleAuto} halfway between two codes, ` +
          `${drawnVae} and ${drawnAuto} for codes drawn at random`,
        `與真實手寫數字的核距離，VAE 與自編碼器：兩個碼的中點 ${middleVae} 與 ${middleAuto}，隨機抽的碼 ${drawnVae} 與 ${drawnAuto}`,
      ),
      say(
        `mean σ of the noise at the end: ${short(last(withKl))} with the KL term, ${short(last(withoutKl))} without`,
        `訓練結束時雜訊的平均 σ：有 KL 項時 ${short(last(withKl))}，沒有時 ${short(last(withoutKl))}`,
      ),
      say(
        `sharpness of the VAE's samples relative to real digits: ${sharp}`,
        `VAE 生成的圖，相對於真實手寫數字的銳利度：${sharp}`,
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
      number(
        "sweep-vae",
        say("VAE, sweep over codes of two numbers: kernel distance", "VAE，走遍二維的碼：核距離"),
        sweeps.vae.distance,
      ),
      number("sweep-auto", say("auto-encoder, the same", "自編碼器，同上"), sweeps.auto.distance),
      number("real", say("real digits: kernel distance", "真實手寫數字：核距離"), real),
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
              "network that is only judged by these gains by turning it off (or by moving codes so far apart that it does " +
              "not matter). The KL term puts a price on both.",
            "σ = eˢ 是碼上雜訊的標準差（取平均）。雜訊會讓重建變差，如果只看重建的好壞，網路把雜訊關掉就有好處（把碼拉得很開，讓雜訊無足輕重，也一樣）。KL 項讓這兩種做法都要付出代價。",
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
            `Left: the auto-encoder, over the range of 95 % of its codes in each direction. Right: the VAE, over that of ` +
              `95 % of N(0, 1). Kernel distance from real digits: ${short(sweeps.auto.distance)} and ` +
              `${short(sweeps.vae.distance)}. In which of them are more gaps, shapes that are no digit?`,
            `左邊是自編碼器，兩個方向各自涵蓋它 95 % 的碼；右邊是 VAE，涵蓋 N(0, 1) 的 95 %。與真實手寫數字的核距離：${
              short(sweeps.auto.distance)
            } 與 ${short(sweeps.vae.distance)}。哪一邊的空隙比較多，也就是不像數字的形狀？`,
          ),
        ],
        content: {
          kind: "picture",
          picture: joinedPictures([sweeps.auto, sweeps.vae].map(({ images }) => sheet(images, DIGIT, SIDE, 1)), 2),
        },
      },
      {
        name: "drawn",
        title: say("Samples", "生成的樣本"),
        look: [
          say(
            "Top half: the VAE, of codes from N(0, 1). Bottom half: the auto-encoder, of codes with the mean and variance of " +
              `its own. Sharpness of the VAE's relative to real digits: ${sharp}. Where several images share a code, their ` +
              "mean has the least squared error, and a mean of images is blurred.",
            `上半是 VAE，碼取自 N(0, 1)；下半是自編碼器，碼的平均數和變異數與它自己的碼相同。VAE 的圖，相對於真實手寫數字的銳利度為 ${sharp}。幾張圖共用一個碼時，輸出這些圖的平均，平方誤差最小；而平均出來的圖是模糊的。`,
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
