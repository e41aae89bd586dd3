/**
 * The lecture's summary, measured: a generator alone, an auto-encoder, a variational one, a discriminator alone, and a
 * duel. The same digits, decoders of the same size (D alone has none), the same time.
 */
import * as duel from "../mod.ts";
import { likeness } from "./code_space.ts";
import { trainCoder } from "./coders.ts";
import { costOf, type Source } from "./cost.ts";
import { BATCH, teachCodes } from "./codes.ts";
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
/** Seconds that each may learn, unless the user wants so many updates. */
const SECONDS = { usual: 40, quick: 1 };
/** Samples of each in the picture. */
const SHOWN = 12;

/** A method that has learned. */
interface Trained {
  readonly source: Source;
  /** How many updates it made; one of the GAN is one of D and one of G. */
  readonly updates: number;
}

interface Method {
  readonly name: string;
  readonly about: string;
  /** Learns within the limit. */
  train(stage: Stage, label: string, limit: Limit): Promise<Trained>;
}

function methods({ say }: Stage): Method[] {
  return [
    {
      name: "generator",
      about: say("G alone, learned codes", "只有 G，碼也用學的"),
      async train(stage, label, limit) {
        const options = { label, kind: "learned", images: LEARNED, code: CODE, limit } as const;
        const { codes, decode, updates } = await teachCodes(stage, options);
        const like = likeness(stage, codes, CODE);
        return { source: (count) => decode(like(count)), updates };
      },
    },
    {
      name: "auto-encoder",
      about: say("auto-encoder", "自編碼器"),
      async train(stage, label, limit) {
        const coder = await trainCoder(stage, { label, code: CODE, kind: "auto-encoder", limit });
        const codes = await coder.encode(duel.imageValues(trainingDigits(stage), 0, JUDGED));
        const like = likeness(stage, codes, CODE);
        return { source: (count) => coder.decode(like(count)), updates: coder.updates };
      },
    },
    {
      name: "vae",
      about: "VAE",
      async train(stage, label, limit) {
        const coder = await trainCoder(stage, { label, code: CODE, kind: "variational", limit });
        return { source: (count) => coder.decode(normals(stage, "compared", count * CODE)), updates: coder.updates };
      },
    },
    {
      name: "discriminator",
      about: say("D alone", "只有 D"),
      async train(stage, label, limit) {
        const task = { ...digitTask(stage), label };
        let updates = 0;
        const learned = await learn(stage, task, "searched", limit, (step) => {
          updates = step;
          return Promise.resolve();
        });
        return { source: (count) => learned.generate(count / task.batch, roundsOf(stage)), updates };
      },
    },
    {
      name: "gan",
      about: "GAN",
      async train(stage, label, limit) {
        const model = decoder(CODE);
        let updates = 0;
        const { sample } = await playImages(stage, trainingDigits(stage), {
          ...{ label, model, limit, flip: false },
          samples: [PACK],
          watch(step) {
            updates = step;
            return Promise.resolve();
          },
        });
        return { source: (count) => sample(normals(stage, "compared", count * CODE)), updates };
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
  readonly updates: number;
}

interface Results {
  readonly limit: Limit;
  readonly rows: readonly Row[];
  /** Real digits that nothing has been learned from. */
  readonly reals: Float32Array;
  /** Precision, coverage and kernel distance of real digits. */
  readonly floors: readonly number[];
}

async function investigate(stage: Stage): Promise<Results> {
  const eyes = await Eyes.open(stage);
  const { wantedSteps: steps } = stage;
  const limit = steps === undefined ? { seconds: stage.size(SECONDS.usual, SECONDS.quick) } : { steps };
  const count = stage.size(JUDGED, 2 * PACK);
  const reals = newDigits(stage, 4000, count);
  const sharp = sharpness(reals, DIGIT);
  const rows: Row[] = [];
  let floors: number[] = [];
  for (const { name, about, train } of methods(stage)) {
    const { source, updates } = await train(stage, about, limit);
    const samples = await source(count);
    const found = await eyes.measure(samples, "precision", "coverage", "kernel-distance");
    const [precision, coverage, distance] = found.map(({ value }) => value);
    floors = found.map(({ floor }) => floor);
    const cost = await costOf(source, PACK);
    rows.push({
      ...{ name, about, samples, precision, coverage, distance, cost, updates },
      sharpness: sharpness(samples, DIGIT) / sharp,
    });
  }
  return { limit, rows, floors, reals };
}

function report({ say, shell }: Stage, { limit, rows, floors, reals }: Results): Findings {
  const of = (name: string) => rows.find((row) => row.name === name)!;
  const [generator, vae, gan, alone] = ["generator", "vae", "gan", "discriminator"].map(of);
  const passes = short(generator.updates * BATCH / LEARNED);
  const lasted = "steps" in limit
    ? say(`after ${limit.steps} updates each`, `各更新 ${limit.steps} 次後`)
    : say(`after ${limit.seconds} seconds each`, `各訓練 ${limit.seconds} 秒後`);
  const [best] = rows.toSorted((a, b) => a.distance - b.distance);
  const first = Array.from({ length: SHOWN }, (_, i) => i);
  return {
    summary: [
      say(
        `${lasted}, ${best.about} is nearest to real digits (kernel distance ${short(best.distance)})`,
        `${lasted}，最接近真實手寫數字的是 ${best.about}（核距離 ${short(best.distance)}）`,
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
      number(`updates-${name}`, say(`${about}: updates in training`, `${about}：訓練的更新次數`), row.updates),
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
          say(
            "VAE and GAN get codes from N(0, 1). G alone and the auto-encoder get codes whose numbers are drawn one by one, " +
              "each from a normal distribution with the mean and variance that it has in the codes of images. D alone has no " +
              "decoder and no codes: it searches, from noise.",
            "VAE 和 GAN 的碼取自 N(0, 1)。「只有 G」和自編碼器的碼，各維各自取自常態分佈，平均數和變異數與圖片的碼相同。「只有 D」沒有解碼器，也沒有碼，而是從雜訊開始搜尋。",
          ),
        ],
        content: {
          kind: "picture",
          picture: sheet(
            joined([...rows.map(({ samples }) => pick(samples, DIGIT, first)), pick(reals, DIGIT, first)]),
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
          say(
            "Which column measures which claim of the lecture? That the argmax is hard for D alone: ms a sample. That G alone " +
              "does not see how parts belong together: kernel distance and sharpness, of auto-encoder and VAE above all, which " +
              "learn from errors of pixels as well (G alone is held back by its codes, too: see updates). That a GAN has the " +
              "best of both: kernel distance, coverage and the time of a sample together.",
            "哪一欄量的是課堂上的哪個說法？只有 D 時，argmax 很難：看毫秒／樣本。只有 G 時，看不到各部分之間的關係：看核距離和銳利度，尤其是同樣從像素誤差學習的自編碼器和 VAE（「只有 G」還受限於它的碼：見更新次數）。GAN 兼有兩者的優點：同時看核距離、涵蓋率和每個樣本的時間。",
          ),
          say(
            "Noise counts as sharp: sharpness says something only where the distance is small. Times of one " +
              "pass through a decoder differ only by chance.",
            "雜訊也算銳利：核距離小的時候，銳利度才有意義。解碼器跑一次的時間，彼此的差別只是偶然。",
          ),
          say(
            `Updates: how often a method learned from a batch of ${BATCH} digits; one update of the GAN is one of D and one of ` +
              `G. G alone has no encoder but a code to learn for each of ${LEARNED} digits, and met each of them ${passes} ` +
              "times, on average. In the other methods, what is learned from one digit serves all.",
            `更新次數：一種方法用一批 ${BATCH} 張手寫數字學習了幾次；GAN 的一次是 D 和 G 各更新一次。「只有 G」沒有編碼器，${LEARNED} 張圖的碼都要各自學，而每張圖平均只看到 ${passes} 次。其他方法從一張圖學到的，對所有的圖都有用。`,
          ),
          aboutKernelDistance(say),
        ],
        content: {
          kind: "table",
          head: [
            "",
            ...[say("precision", "精確率"), say("coverage", "涵蓋率"), say("kernel distance", "核距離")],
            ...[say("sharpness", "銳利度"), say("ms a sample", "毫秒／樣本"), say("updates", "更新次數")],
          ],
          rows: [
            ...rows.map((row) => [
              row.about,
              ...[percent(row.precision), percent(row.coverage), row.distance.toFixed(3), percent(row.sharpness)],
              ...[short(row.cost), String(row.updates)],
            ]),
            [
              say("real digits", "真實手寫數字"),
              percent(floors[0]),
              percent(floors[1]),
              floors[2].toFixed(3),
              ...[percent(1), "", ""],
            ],
          ],
        },
      },
    ],
    next: [
      say(
        `${shell} course compare --steps 1000: as many updates for all, instead of the same time. What changes?`,
        `${shell} course compare --steps 1000：不是訓練時間相同，而是更新次數相同，有什麼不同？`,
      ),
      say(`${shell} course variants: the many kinds of GANs`, `${shell} course variants：各式各樣的 GAN`),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "All ways to generate, side by side", "zh-TW": "各種生成方法並排比較" },
  about: {
    en:
      "G alone, auto-encoder, VAE, D alone, GAN: the same data, training of the same length; the lecture's table, measured",
    "zh-TW": "只有 G、自編碼器、VAE、只有 D、GAN：同樣的資料、訓練長短相同；把課堂的總結表實際量出來",
  },
  data: ["mnist"],
  timed: true,
  run: async (stage) => report(stage, await investigate(stage)),
};
