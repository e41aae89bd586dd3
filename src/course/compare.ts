/**
 * The lecture's summary, measured: a generator alone, an auto-encoder, a variational one, a discriminator alone, and a
 * duel. The same digits, decoders of the same size, the same time.
 */
import * as duel from "../mod.ts";
import { codesLike } from "./code_space.ts";
import { trainCoder } from "./coders.ts";
import { costOf, type Source } from "./cost.ts";
import { teachCodes } from "./codes.ts";
import { decoder, LEARNED, newDigits, trainingDigits } from "./digits.ts";
import { learn } from "./discriminator_alone/chains.ts";
import { digitTask, roundsOf } from "./discriminator_alone/digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { aboutKernelDistance, Eyes } from "./eyes.ts";
import { playImages } from "./image_duel.ts";
import { DIGIT, pick, sharpness, sheet } from "./images.ts";
import { joined, normals, number, percent, share, short } from "./numbers.ts";
import type { Limit } from "./training.ts";

const CODE = 16;
/** Samples that are judged, and a number that all make at once. */
const JUDGED = 2048;
const PACK = 64;
/** Seconds that each may learn. */
const SECONDS = { usual: 40, quick: 1 };
/** Samples of each in the picture. */
const SHOWN = 12;

interface Method {
  readonly name: string;
  readonly about: string;
  /** Learns within the limit. */
  train(stage: Stage, label: string, limit: Limit): Promise<Source>;
}

function methods({ say }: Stage): Method[] {
  return [
    {
      name: "generator",
      about: say("G alone, learned codes", "只有 G，碼也用學的"),
      async train(stage, label, limit) {
        const taught = await teachCodes(stage, { label, kind: "learned", images: LEARNED, code: CODE, limit });
        return (count) => taught.decode(codesLike(stage, taught.codes, CODE, count));
      },
    },
    {
      name: "auto-encoder",
      about: say("auto-encoder", "自編碼器"),
      async train(stage, label, limit) {
        const coder = await trainCoder(stage, { label, code: CODE, kind: "auto-encoder", limit });
        const codes = await coder.encode(duel.imageValues(trainingDigits(stage), 0, JUDGED));
        return (count) => coder.decode(codesLike(stage, codes, CODE, count));
      },
    },
    {
      name: "vae",
      about: "VAE",
      async train(stage, label, limit) {
        const coder = await trainCoder(stage, { label, code: CODE, kind: "variational", limit });
        return (count) => coder.decode(normals(stage, "compared", count * CODE));
      },
    },
    {
      name: "discriminator",
      about: say("D alone", "只有 D"),
      async train(stage, label, limit) {
        const task = { ...digitTask(stage), label };
        const learned = await learn(stage, task, "searched", limit);
        return (count) => learned.generate(count / task.batch, roundsOf(stage));
      },
    },
    {
      name: "gan",
      about: "GAN",
      async train(stage, label, limit) {
        const model = decoder(CODE);
        const { sample } = await playImages(stage, trainingDigits(stage), {
          ...{ label, model, limit, flip: false },
          samples: [PACK],
        });
        return (count) => sample(normals(stage, "compared", count * CODE));
      },
    },
  ];
}

interface Row {
  readonly name: string;
  readonly about: string;
  readonly samples: Float32Array;
  readonly precision: number;
  readonly coverage: number;
  readonly distance: number;
  /** Relative to real digits. */
  readonly sharpness: number;
  /** Milliseconds that a sample takes. */
  readonly cost: number;
}

interface Results {
  readonly seconds: number;
  readonly rows: readonly Row[];
  /** Precision, coverage and kernel distance of real digits. */
  readonly floors: readonly number[];
}

async function investigate(stage: Stage): Promise<Results> {
  const eyes = await Eyes.open(stage);
  const seconds = stage.size(SECONDS.usual, SECONDS.quick);
  const count = stage.size(JUDGED, 2 * PACK);
  const real = sharpness(newDigits(stage, 4000, count), DIGIT);
  const rows: Row[] = [];
  let floors: number[] = [];
  for (const { name, about, train } of methods(stage)) {
    const source = await train(stage, about, { seconds });
    const samples = await source(count);
    const found = await eyes.measure(samples, "precision", "coverage", "kernel-distance");
    const [precision, coverage, distance] = found.map(({ value }) => value);
    floors = found.map(({ floor }) => floor);
    const cost = await costOf(source, PACK);
    rows.push({
      ...{ name, about, samples, precision, coverage, distance, cost },
      sharpness: sharpness(samples, DIGIT) / real,
    });
  }
  return { seconds, rows, floors };
}

function report(stage: Stage, { seconds, rows, floors }: Results): Findings {
  const { say, shell } = stage;
  const of = (name: string) => rows.find((row) => row.name === name)!;
  const [vae, gan, alone] = [of("vae"), of("gan"), of("discriminator")];
  const [best] = rows.toSorted((a, b) => a.distance - b.distance);
  const first = Array.from({ length: SHOWN }, (_, i) => i);
  return {
    summary: [
      say(
        `after ${seconds} seconds each, ${best.about} is nearest to real digits (kernel distance ${
          short(best.distance)
        })`,
        `各訓練 ${seconds} 秒後，最接近真實手寫數字的是 ${best.about}（核距離 ${short(best.distance)}）`,
      ),
      say(
        `sharpness relative to real digits: VAE ${percent(vae.sharpness)}, GAN ${percent(gan.sharpness)}`,
        `相對於真實手寫數字的銳利度：VAE ${percent(vae.sharpness)}，GAN ${percent(gan.sharpness)}`,
      ),
      say(
        `a sample of D alone takes ${(alone.cost / gan.cost).toFixed(0)} times as long as one of the GAN`,
        `只有 D 時，生成一個樣本所需的時間是 GAN 的 ${(alone.cost / gan.cost).toFixed(0)} 倍`,
      ),
    ],
    measures: rows.flatMap(({ name, about, ...row }) => [
      share(
        `precision-${name}`,
        say(`${about}: share among real digits`, `${about}：落在真實手寫數字之中的比例`),
        row.precision,
      ),
      share(
        `coverage-${name}`,
        say(`${about}: share of real digits with a sample nearby`, `${about}：附近有樣本的真實手寫數字的比例`),
        row.coverage,
      ),
      number(`kernel-${name}`, say(`${about}: kernel distance`, `${about}：核距離`), row.distance),
      share(
        `sharpness-${name}`,
        say(`${about}: sharpness relative to real digits`, `${about}：相對於真實手寫數字的銳利度`),
        row.sharpness,
      ),
      number(`cost-${name}`, say(`${about}: milliseconds a sample`, `${about}：每個樣本所需的毫秒數`), row.cost),
    ]),
    figures: [
      {
        name: "samples",
        title: say("Side by side", "並排比較"),
        look: [
          say(
            `A row each: ${rows.map(({ about }) => about).join("; ")}. The last row is real.`,
            `每種一列：${rows.map(({ about }) => about).join("；")}。最後一列是真實的手寫數字。`,
          ),
        ],
        content: {
          kind: "picture",
          picture: sheet(
            joined([...rows.map(({ samples }) => pick(samples, DIGIT, first)), newDigits(stage, 4000, SHOWN)]),
            DIGIT,
            SHOWN,
          ),
        },
      },
      {
        name: "table",
        title: say("The table of the lecture, measured", "課堂的總結表，實際量測"),
        look: [
          say(
            "Precision: samples that lie among real digits. Coverage: real digits that have a sample nearby. The last row is " +
              "what new real digits reach.",
            "精確率：落在真實手寫數字之中的樣本。涵蓋率：附近有樣本的真實手寫數字。最後一列是新的真實手寫數字能達到的成績。",
          ),
          aboutKernelDistance(say),
        ],
        content: {
          kind: "table",
          head: [
            "",
            ...[say("precision", "精確率"), say("coverage", "涵蓋率"), say("kernel distance", "核距離")],
            ...[say("sharpness", "銳利度"), say("ms a sample", "毫秒／樣本")],
          ],
          rows: [
            ...rows.map((row) => [
              row.about,
              ...[percent(row.precision), percent(row.coverage), row.distance.toFixed(3), percent(row.sharpness)],
              short(row.cost),
            ]),
            [
              say("real digits", "真實手寫數字"),
              percent(floors[0]),
              percent(floors[1]),
              floors[2].toFixed(3),
              percent(1),
              "",
            ],
          ],
        },
      },
    ],
    next: [
      say("Change SECONDS in compare.ts: who needs more time?", "改 compare.ts 的 SECONDS：誰需要更多時間？"),
      say(`${shell} course variants: the many kinds of GANs`, `${shell} course variants：各式各樣的 GAN`),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "All ways to generate, side by side", "zh-TW": "各種生成方法並排比較" },
  about: {
    en: "G alone, auto-encoder, VAE, D alone, GAN: same data, same decoder, same time; the lecture's table, measured",
    "zh-TW": "只有 G、自編碼器、VAE、只有 D、GAN：同樣的資料、同樣的解碼器、同樣的時間；把課堂的總結表實際量出來",
  },
  data: ["mnist"],
  run: async (stage) => report(stage, await investigate(stage)),
};
