/**
 * Generation on demand: G is told what to make, and D has to say what it sees. The same latent vector under every label;
 * labels that are mixed; text to image, where the text is a list of labels.
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { faceModel, LATENT, latentsOf, playFaces, trainingFaces, vectorAt } from "./faces.ts";
import { FACE, pick, sheet } from "./images.ts";
import { joined, percent, share, shareOf } from "./numbers.ts";

/** Labels that faces are made on demand of, and others that are not asked for. */
const ASKED = ["hair", "glasses"] as const;
const UNASKED = ["skin", "beard"] as const;
/** Faces whose labels are checked. */
const CHECKED = 2048;
/** Latent vectors that are shown under every label. */
const PEOPLE = 6;
/** Faces made from words. */
const WORDS = 24;
/** Steps from one label to another, and faces of each mixture. */
const MIXED = 9;
const EACH = 64;
const NAMES: Readonly<Record<string, string>> = {
  ...{ black: "黑", brown: "棕", blond: "金", red: "紅", pink: "粉紅", blue: "藍", green: "綠" },
};

/** Makes faces of latent vectors and classes of both labels, or of mixtures of classes. */
interface Painter {
  faces(latents: Float32Array, classes: readonly (readonly number[])[]): Promise<Float32Array>;
  /** EACH faces of one mixture, [classes of both labels]. */
  mixed(latents: Float32Array, condition: Float32Array): Promise<Float32Array>;
}

// #region A condition need not be one label or the other: half of each is a condition as well | 條件不一定是這個或那個標籤：各取一半也是條件
function mixer(store: duel.Store, model: duel.Model, conditioning: duel.Conditioning, length: number): duel.Program {
  return duel.trace(store, "mix", () => {
    const z = duel.input("z", [EACH, LATENT]);
    const condition = duel.input("condition", [EACH, length]);
    const make = () => duel.generate({ model, conditioning }, z, "evaluate", condition);
    return { samples: duel.withAverage(duel.GENERATOR, make) };
  });
}
// #endregion

async function train(stage: Stage, attributes: readonly duel.Attribute[]): Promise<Painter> {
  const model = faceModel();
  const conditioning: duel.Conditioning = { kind: duel.conditionings.acgan, attributes, continuous: 0 };
  const lengths = attributes.map(({ classes }) => classes.length);
  let mix: duel.Program;
  const { engine, sample } = await playFaces(stage, {
    limit: { steps: stage.steps(3000, 40) },
    model,
    conditioning,
    samples: [CHECKED, PEOPLE * lengths[0] * lengths[1], WORDS],
    more: (store) => [mix = mixer(store, model, conditioning, lengths[0] + lengths[1])],
  });
  return {
    faces: (latents, classes) => sample(latents, Float32Array.from(classes.flat())),
    async mixed(z, condition) {
      const rows = joined(new Array(EACH).fill(condition));
      return Float32Array.from((await engine.run(mix, { z, condition: rows }, { seed: 0, draw: 0 })).samples);
    },
  };
}

interface Results {
  /** Names of the classes of both labels. */
  readonly hair: readonly string[];
  readonly glasses: readonly string[];
  /** Shares of faces with the hair and the glasses that were asked for. */
  readonly right: readonly number[];
  /** Share of faces whose skin and beard stay what they were when the hair changes. */
  readonly kept: number;
  readonly table: Float32Array;
  readonly words: Float32Array;
  /** Four faces a mixture, mixtures side by side. */
  readonly strips: Float32Array;
  /** Share of faces with pink hair, by the share of pink in the condition. */
  readonly pink: readonly (readonly [mixed: number, seen: number])[];
}

async function investigate(stage: Stage): Promise<Results> {
  const { labels } = trainingFaces(stage);
  const eyes = await Eyes.open(stage, "faces");
  const attributes = ASKED.map((name) => labels.find((label) => label.name === name)!);
  const [hair, glasses] = attributes.map(({ classes }) => classes);
  const painter = await train(stage, attributes);

  const wanted = Array.from(
    { length: CHECKED },
    (_, i) => [i % hair.length, Math.floor(i / hair.length) % glasses.length],
  );
  const z = latentsOf(stage, "checked", CHECKED);
  const images = await painter.faces(z, wanted);
  const right: number[] = [];
  for (const [label, name] of ASKED.entries()) {
    const seen = await eyes.classes(images, name);
    right.push(shareOf(CHECKED, (i) => seen[i] === wanted[i][label]));
  }
  const dyed = await painter.faces(z, wanted.map(([h, g]) => [(h + 1) % hair.length, g]));
  const before = [await eyes.classes(images, UNASKED[0]), await eyes.classes(images, UNASKED[1])];
  const after = [await eyes.classes(dyed, UNASKED[0]), await eyes.classes(dyed, UNASKED[1])];

  const combinations = glasses.flatMap((_, g) => hair.map((_, h) => [h, g]));
  const people = latentsOf(stage, "people", PEOPLE);
  const rows = Array.from({ length: PEOPLE }, (_, i) => vectorAt(people, i));
  const everyone = joined(rows.flatMap((vector) => combinations.map(() => vector)));

  const [blue, pink] = [hair.indexOf("blue"), hair.indexOf("pink")];
  const [none, dark] = [glasses.indexOf("none"), glasses.indexOf("dark")];
  const strips: Float32Array[] = [];
  const seenPink: [number, number][] = [];
  for (let i = 0; i < MIXED; i++) {
    const part = i / (MIXED - 1);
    const condition = new Float32Array(hair.length + glasses.length);
    condition[blue] = 1 - part;
    condition[pink] = part;
    condition[hair.length + none] = 1;
    const made = await painter.mixed(latentsOf(stage, "mixed", EACH), condition);
    strips.push(made);
    const seen = await eyes.classes(made, "hair");
    seenPink.push([part, shareOf(EACH, (i) => seen[i] === pink)]);
  }
  return {
    ...{ hair, glasses, right, pink: seenPink },
    kept: shareOf(CHECKED, (i) => before.every((classes, which) => classes[i] === after[which][i])),
    table: await painter.faces(everyone, rows.flatMap(() => combinations)),
    words: await painter.faces(latentsOf(stage, "words", WORDS), new Array(WORDS).fill([pink, dark])),
    strips: joined([0, 1, 2, 3].flatMap((who) => strips.map((made) => pick(made, FACE, [who])))),
  };
}

function report({ say, shell }: Stage, results: Results): Findings {
  const { hair, glasses, right, kept, table, words, strips, pink } = results;
  const [start, end] = [pink[0][1], pink[MIXED - 1][1]];
  const [ofHair, ofGlasses] = right.map((value) => percent(value, 1));
  return {
    summary: [
      say(
        `what was asked for is seen: hair in ${ofHair} of faces, glasses in ${ofGlasses}`,
        `生成的圖符合要求的比例：髮色 ${ofHair}，眼鏡 ${ofGlasses}`,
      ),
      say(
        `the latent vector decides the rest: with other hair, ${percent(kept)} keep skin and beard`,
        `其餘由潛在向量決定：換了髮色，${percent(kept)} 的臉仍保有原來的膚色和鬍子`,
      ),
      say(
        `labels can be mixed: pink hair in ${percent(start)} of faces where all is blue, in ${
          percent(end)
        } where all is pink`,
        `標籤可以混合：條件全是藍色時 ${percent(start)} 是粉紅頭髮，全是粉紅時 ${percent(end)}`,
      ),
    ],
    measures: [
      share("hair", say("faces with the hair colour that was asked for", "髮色符合要求的比例"), right[0]),
      share("glasses", say("faces with the glasses that were asked for", "眼鏡符合要求的比例"), right[1]),
      share("kept", say("faces that keep skin and beard when the hair changes", "換髮色後膚色和鬍子不變的比例"), kept),
      share("mixed-start", say("pink hair where all is blue", "條件全是藍色時，粉紅頭髮的比例"), start),
      share("mixed-end", say("pink hair where all is pink", "條件全是粉紅時，粉紅頭髮的比例"), end),
    ],
    figures: [
      {
        name: "labels",
        title: say("The same latent vectors under every label", "同樣的潛在向量，配上每個標籤"),
        look: [
          say(
            `Each row is one latent vector. Columns: hair ${
              hair.join(", ")
            }; first without glasses, then clear, then dark ones.`,
            `每一列是一個潛在向量。各欄的髮色依序為${
              hair.map((name) => NAMES[name]).join("、")
            }；先是沒戴眼鏡，再來是一般眼鏡，然後是墨鏡。`,
          ),
        ],
        content: { kind: "picture", picture: sheet(table, FACE, hair.length * glasses.length, 1) },
      },
      {
        name: "words",
        title: say("From words to images", "從文字到圖片"),
        look: [
          say(
            "“pink hair, dark glasses”: text to image needs two things, a text that becomes a vector and a G that obeys the " +
              "vector. Here the text is a list of labels; in real systems a network that reads sentences takes its place.",
            "以「粉紅頭髮、墨鏡」為例：從文字生成圖片需要兩樣東西，一是變成向量的文字，二是聽從這個向量的 G。這裡的文字只是一串標籤；實際的系統會換成讀得懂句子的網路。",
          ),
        ],
        content: { kind: "picture", picture: sheet(words, FACE, 8) },
      },
      {
        name: "mixed",
        title: say("Labels mixed", "混合標籤"),
        look: [
          say(
            "From blue hair on the left to pink on the right, in equal steps of the condition. G was only taught whole labels.",
            "從左邊的藍色頭髮到右邊的粉紅頭髮，條件以相等的間隔變化。G 只學過完整的標籤。",
          ),
        ],
        content: { kind: "picture", picture: sheet(strips, FACE, MIXED) },
      },
      {
        name: "mixed-chart",
        title: say("What is seen of a mixture", "混合標籤會看到什麼"),
        look: [
          say(
            "Share of faces that a classifier says have pink hair, over the share of pink in the condition.",
            "縱軸是分類器認為有粉紅頭髮的臉的比例，橫軸是條件中粉紅的比例。",
          ),
        ],
        content: {
          kind: "chart",
          x: say("pink", "粉紅"),
          series: [{ name: say("pink hair", "粉紅頭髮"), points: pink }],
        },
      },
    ],
    next: [
      say(
        "In condition.ts, take conditionings.projection or concat instead of acgan.",
        "把 condition.ts 的 acgan 換成 conditionings.projection 或 concat。",
      ),
      say(
        `${shell} train --condition infogan: labels that nobody gave`,
        `${shell} train --condition infogan：沒有人給過的標籤`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "Generation on demand", "zh-TW": "指定條件的生成" },
  about: {
    en: "the same latent vector under every label, labels mixed, images from a list of words",
    "zh-TW": "同一個潛在向量配上每個標籤、混合標籤、由一串文字生成圖片",
  },
  data: ["faces"],
  run: async (stage) => report(stage, await investigate(stage)),
};
