/**
 * The lecture's summary, measured: a generator alone, an auto-encoder, a variational one, a discriminator alone, and a
 * duel. The same digits, decoders of the same size, the same time.
 */
import * as duel from "../mod.ts";
import { drawCodes, trainCoder } from "./coders.ts";
import { teachCodes } from "./codes.ts";
import { decoder, joined, sharpness, sheet, SIZE } from "./digits.ts";
import { learn } from "./discriminator_alone/chains.ts";
import { digitTask } from "./discriminator_alone/digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { play } from "./players.ts";
import type { Limit } from "./training.ts";

const PIXELS = SIZE * SIZE;
const CODE = 16;
/** Samples that are judged. */
const JUDGED = 2048;
/** Samples that are shown of each. */
const SHOWN = 24;
/** Searches of the discriminator alone: so often the steps of a lesson. */
const ROUNDS = 20;

interface Method {
  readonly name: string;
  readonly about: string;
  /** Trains within the limit. @returns what makes samples, in any number that is a multiple of 64. */
  train(stage: Stage, label: string, limit: Limit): Promise<(count: number) => Promise<Float32Array>>;
}

function methods(stage: Stage): Method[] {
  const { say, seed } = stage;
  const normal = (count: number) => Float32Array.from(duel.random.normals(count * CODE, seed, "compared", 0));
  return [
    {
      name: "generator",
      about: say("G alone, learned codes", "只有 G，碼也是學的"),
      async train(stage, label, limit) {
        const { codes, decode } = await teachCodes(stage, {
          label,
          kind: "learned",
          images: 10_000,
          code: CODE,
          limit,
        });
        return (count) => decode(drawCodes(stage, codes, CODE, count));
      },
    },
    {
      name: "auto-encoder",
      about: say("auto-encoder", "自動編碼器"),
      async train(stage, label, limit) {
        const coder = await trainCoder(stage, { label, code: CODE, kind: "auto-encoder", limit });
        const codes = await coder.encode(duel.imageValues(stage.dataset("mnist"), 0, 2048));
        return (count) => coder.decode(drawCodes(stage, codes, CODE, count));
      },
    },
    {
      name: "vae",
      about: "VAE",
      async train(stage, label, limit) {
        const coder = await trainCoder(stage, { label, code: CODE, kind: "variational", limit });
        return (count) => coder.decode(normal(count));
      },
    },
    {
      name: "discriminator",
      about: say("D alone", "只有 D"),
      async train(stage, label, limit) {
        const task = { ...digitTask(stage), label };
        const learned = await learn(stage, task, "searched", limit);
        return async (count) => {
          const packs: Float32Array[] = [];
          for (let pack = 0; pack * task.batch < count; pack++) {
            const noise = new Float32Array(task.batch * PIXELS);
            task.start(1e6 + pack, noise);
            packs.push(await learned.search(noise, ROUNDS));
          }
          return joined(...packs);
        };
      },
    },
    {
      name: "gan",
      about: "GAN",
      async train(stage, label, limit) {
        const feeder = new duel.BatchFeeder(stage.dataset("mnist"), { batch: 64, seed, flip: false });
        const { sample } = await play(stage, {
          label,
          model: decoder(CODE),
          batch: 64,
          limit,
          rates: [4e-4, 8e-4],
          beta1: 0.5,
          average: 0.998,
          samples: [64, JUDGED],
          source: (draw, { real }) => feeder.fill(draw, real),
        });
        return (count) => sample(normal(count));
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
  readonly sharpness: number;
  /** Milliseconds that a sample takes. */
  readonly cost: number;
}

export const experiment: Experiment = {
  title: { en: "All ways to generate, side by side", "zh-TW": "各種生成方法並排比較" },
  about: {
    en: "G alone, auto-encoder, VAE, D alone, GAN: same data, same decoder, same time; the lecture's table, measured",
    "zh-TW": "只有 G、自動編碼器、VAE、只有 D、GAN：同樣的資料、解碼器和時間；把課堂的總結表實際量出來",
  },
  data: ["mnist"],
  async run(stage): Promise<Findings> {
    const { say } = stage;
    const eyes = await Eyes.open(stage);
    const seconds = stage.size(40, 1.5);
    const count = stage.size(JUDGED, 128);
    const real = duel.imageValues(stage.dataset("mnist"), 8000, 8000 + count);
    const rows: Row[] = [];
    let floors: number[] = [];
    for (const { name, about, train } of methods(stage)) {
      const draw = await train(stage, about, { seconds });
      const start = performance.now();
      const samples = await draw(count);
      const cost = (performance.now() - start) / count;
      const found = await eyes.measure(samples, "precision", "coverage", "kernel-distance");
      const [precision, coverage, distance] = found.map(({ value }) => value);
      floors = found.map(({ floor }) => floor);
      rows.push({
        name,
        about,
        samples,
        precision,
        coverage,
        distance,
        sharpness: sharpness(samples) / sharpness(real),
        cost,
      });
    }
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    const [best] = rows.toSorted((a, b) => a.distance - b.distance);
    const of = (name: string) => rows.find((row) => row.name === name)!;
    return {
      summary: [
        say(
          `after ${seconds} seconds each, ${best.about} is nearest to real digits (kernel distance ${
            best.distance.toPrecision(2)
          })`,
          `各訓練 ${seconds} 秒後，最接近真實數字的是 ${best.about}（核距離 ${best.distance.toPrecision(2)}）`,
        ),
        say(
          `sharpness of samples, of that of real digits: VAE ${percent(of("vae").sharpness)}, GAN ${
            percent(of("gan").sharpness)
          }`,
          `樣本相對於真實數字的銳利度：VAE ${percent(of("vae").sharpness)}，GAN ${percent(of("gan").sharpness)}`,
        ),
        say(
          `a sample of D alone takes ${
            (of("discriminator").cost / of("gan").cost).toFixed(0)
          } times as long as one of the GAN`,
          `只有 D 時，生成一個樣本的時間是 GAN 的 ${(of("discriminator").cost / of("gan").cost).toFixed(0)} 倍`,
        ),
      ],
      measures: rows.flatMap(({ name, about, ...row }) => [
        {
          name: `precision-${name}`,
          about: say(`${about}: share among real digits`, `${about}：落在真實數字之中的比例`),
          value: row.precision,
          share: true,
        },
        {
          name: `coverage-${name}`,
          about: say(`${about}: share of real digits with a sample nearby`, `${about}：附近有樣本的真實數字比例`),
          value: row.coverage,
          share: true,
        },
        { name: `kernel-${name}`, about: say(`${about}: kernel distance`, `${about}：核距離`), value: row.distance },
        {
          name: `sharpness-${name}`,
          about: say(`${about}: sharpness, of that of real digits`, `${about}：相對銳利度`),
          value: row.sharpness,
          share: true,
        },
        {
          name: `cost-${name}`,
          about: say(`${about}: milliseconds a sample`, `${about}：每個樣本的毫秒數`),
          value: row.cost,
        },
      ]),
      figures: [
        {
          name: "table",
          title: say("The table of the lecture, measured", "課堂的總結表，實際量測"),
          look: [
            say(
              "Precision: samples that lie among real digits. Coverage: real digits that have a sample nearby. The last row is " +
                "what real digits reach themselves.",
              "精確率：落在真實數字之中的樣本。涵蓋率：附近有樣本的真實數字。最後一列是真實數字自己的成績。",
            ),
          ],
          content: {
            kind: "table",
            head: [
              "",
              say("precision", "精確率"),
              say("coverage", "涵蓋率"),
              say("kernel distance", "核距離"),
              say("sharpness", "銳利度"),
              say("ms a sample", "毫秒／樣本"),
            ],
            rows: [
              ...rows.map((row) => [
                row.about,
                percent(row.precision),
                percent(row.coverage),
                row.distance.toFixed(3),
                percent(row.sharpness),
                row.cost.toPrecision(2),
              ]),
              [
                say("real digits", "真實數字"),
                percent(floors[0]),
                percent(floors[1]),
                floors[2].toFixed(3),
                "100 %",
                "",
              ],
            ],
          },
        },
        ...rows.map(({ name, about, samples }) => ({
          name,
          title: about,
          look: [],
          content: { kind: "picture", picture: sheet(samples.slice(0, SHOWN * PIXELS), 12) } as const,
        })),
      ],
      next: [
        say("Change seconds in compare.ts: who needs more time?", "改 compare.ts 的 seconds：誰需要更多時間？"),
        say(`${stage.shell} course variants: the many kinds of GANs`, `${stage.shell} course variants：各式各樣的 GAN`),
      ],
    };
  },
};
