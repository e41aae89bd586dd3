/**
 * Generation on demand: G is told what to make, and D has to say what it sees. The same latent vector under every label;
 * labels that are mixed; text to image, where the text is a list of labels.
 */
import * as duel from "../mod.ts";
import { EACH, fromBlueToPink, MIXED, mixer, type Mixture } from "./mixtures.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { faceModel, latentsOf, playFaces, trainingFaces, vectorAt } from "./faces.ts";
import { FACE, pick, sheet } from "./images.ts";
import { joined, mean, percent, share, shareOf } from "./numbers.ts";

/** Labels that faces are made on demand of, and others that are not asked for. */
const ASKED = ["hair", "glasses"] as const;
const UNASKED = ["skin", "beard"] as const;
/** Faces whose labels are checked. */
const CHECKED = 2048;
/** Latent vectors that are shown under every label. */
const PEOPLE = 6;
/** What is asked for in words, and faces of each request that are shown. */
const REQUESTS = [["pink", "dark"], ["green", "none"], ["blond", "clear"], ["black", "dark"]] as const;
const SHOWN = 8;
/** Mixtures are between both labels where at least so much, and at most the rest, of the way is gone. */
const BETWEEN = 0.2;
const NAMES: Readonly<Record<string, string>> = {
  ...{ black: "黑髮", brown: "棕髮", blond: "金髮", red: "紅髮", pink: "粉紅頭髮", blue: "藍髮", green: "綠髮" },
  ...{ none: "沒戴眼鏡", clear: "一般眼鏡", dark: "墨鏡" },
};

/** Makes faces of latent vectors and classes of both labels, or of mixtures of classes. */
interface Painter {
  faces(latents: Float32Array, classes: readonly (readonly number[])[]): Promise<Float32Array>;
  /** EACH faces of one mixture, [classes of both labels]. */
  mixed(latents: Float32Array, condition: Float32Array): Promise<Float32Array>;
}

async function train(stage: Stage, attributes: readonly duel.Attribute[]): Promise<Painter> {
  const model = faceModel();
  const conditioning: duel.Conditioning = { kind: duel.conditionings.acgan, attributes, continuous: 0 };
  const lengths = attributes.map(({ classes }) => classes.length);
  let mix: duel.Program;
  const { engine, sample } = await playFaces(stage, {
    limit: { steps: stage.steps(3000, 40) },
    model,
    conditioning,
    samples: [CHECKED, PEOPLE * lengths[0] * lengths[1]],
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

/** What is asked for, and what comes. */
interface Request {
  /** Classes of hair and glasses. */
  readonly wanted: readonly [hair: string, glasses: string];
  readonly faces: Float32Array;
  /** Share of faces that show both. */
  readonly obeyed: number;
}

interface Results {
  /** Names of the classes of both labels. */
  readonly hair: readonly string[];
  readonly glasses: readonly string[];
  /** Shares of faces with the hair and the glasses that were asked for. */
  readonly right: readonly number[];
  /** Share of faces whose skin and beard stay what they were when the hair changes; and that of another latent vector. */
  readonly kept: number;
  readonly chance: number;
  readonly table: Float32Array;
  readonly requests: readonly Request[];
  readonly mixtures: readonly Mixture[];
}

async function investigate(stage: Stage): Promise<Results> {
  const { labels } = trainingFaces(stage);
  const eyes = await Eyes.open(stage, trainingFaces(stage));
  const attributes = ASKED.map((name) => labels.find((label) => label.name === name)!);
  const [hair, glasses] = attributes.map(({ classes }) => classes);
  const painter = await train(stage, attributes);

  const combinations = glasses.flatMap((_, g) => hair.map((_, h) => [h, g]));
  const wanted = Array.from({ length: CHECKED }, (_, i) => combinations[i % combinations.length]);
  const z = latentsOf(stage, "checked", CHECKED);
  const images = await painter.faces(z, wanted);
  const seen = await eyes.labels(images);
  const dyed = await eyes.labels(await painter.faces(z, wanted.map(([h, g]) => [(h + 1) % hair.length, g])));
  const isRight = (label: number) => (i: number) => seen.get(ASKED[label])![i] === wanted[i][label];
  // As many faces on, another latent vector has got the same labels.
  const others = CHECKED - combinations.length;

  const requests = REQUESTS.map(([ofHair, ofGlasses]): Request => {
    const asked = combinations.findIndex(([h, g]) => hair[h] === ofHair && glasses[g] === ofGlasses);
    const indices = Array.from({ length: CHECKED }, (_, i) => i).filter((i) => i % combinations.length === asked);
    return {
      wanted: [ofHair, ofGlasses],
      faces: pick(images, FACE, indices.slice(0, SHOWN)),
      obeyed: shareOf(indices.length, (i) => isRight(0)(indices[i]) && isRight(1)(indices[i])),
    };
  });

  const people = latentsOf(stage, "people", PEOPLE);
  const rows = Array.from({ length: PEOPLE }, (_, i) => vectorAt(people, i));
  const everyone = joined(rows.flatMap((vector) => combinations.map(() => vector)));
  return {
    ...{ hair, glasses, requests },
    right: ASKED.map((_, label) => shareOf(CHECKED, isRight(label))),
    kept: shareOf(CHECKED, (i) => UNASKED.every((name) => seen.get(name)![i] === dyed.get(name)![i])),
    chance: shareOf(
      others,
      (i) => UNASKED.every((name) => seen.get(name)![i] === seen.get(name)![i + combinations.length]),
    ),
    table: await painter.faces(everyone, rows.flatMap(() => combinations)),
    mixtures: await fromBlueToPink(stage, eyes, painter.mixed, hair, glasses),
  };
}

function report({ say, shell }: Stage, results: Results): Findings {
  const { hair, glasses, right, kept, chance, table, requests, mixtures } = results;
  const half = mixtures[(MIXED - 1) / 2];
  const halfway = mean(half.way);
  const between = shareOf(EACH, (i) => half.way[i] > BETWEEN && half.way[i] < 1 - BETWEEN);
  const others = ({ blue, pink }: Mixture) => 1 - blue - pink;
  const [ofHair, ofGlasses] = right.map((value) => percent(value, 1));
  const answers = requests.map(({ wanted: [h, g], obeyed }) =>
    say(
      `${h} hair, ${g === "none" ? "no" : g} glasses (${percent(obeyed)})`,
      `${NAMES[h]}、${NAMES[g]}（${percent(obeyed)}）`,
    )
  );
  return {
    summary: [
      say(
        `what was asked for is seen: hair in ${ofHair} of faces, glasses in ${ofGlasses}`,
        `生成的圖符合要求的比例：髮色 ${ofHair}，眼鏡 ${ofGlasses}`,
      ),
      say(
        `with other hair, ${percent(kept)} keep skin and beard; of another latent vector both are the same in ${
          percent(chance)
        }`,
        `換了髮色，${percent(kept)} 的臉仍保有原來的膚色和鬍子；換了潛在向量，兩者碰巧都相同的有 ${percent(chance)}`,
      ),
      say(
        `half blue and half pink: pixels are ${percent(halfway)} of the way from blue to pink on average, and ${
          percent(between)
        } of faces are between both`,
        `藍色和粉紅各半：像素平均走到藍色到粉紅全程的 ${percent(halfway)}，${percent(between)} 的臉介於兩者之間`,
      ),
    ],
    measures: [
      share("hair", say("faces with the hair colour that was asked for", "髮色符合要求的比例"), right[0]),
      share("glasses", say("faces with the glasses that were asked for", "眼鏡符合要求的比例"), right[1]),
      share("kept", say("faces that keep skin and beard when the hair changes", "換髮色後膚色和鬍子不變的比例"), kept),
      share(
        "kept-chance",
        say(
          "faces whose skin and beard are those of another latent vector with the same labels",
          "標籤相同、潛在向量不同的兩張臉，膚色和鬍子都相同的比例",
        ),
        chance,
      ),
      share("mixed-start", say("pink hair where all is blue", "條件全是藍色時，粉紅頭髮的比例"), mixtures[0].pink),
      share(
        "mixed-end",
        say("pink hair where all is pink", "條件全是粉紅時，粉紅頭髮的比例"),
        mixtures[MIXED - 1].pink,
      ),
      share(
        "halfway",
        say("way of the pixels from blue to pink where half is pink", "條件各半時，像素從藍色到粉紅走了全程的多少"),
        halfway,
      ),
      share(
        "between",
        say(
          `faces of that condition that are ${percent(BETWEEN)} to ${percent(1 - BETWEEN)} of the way`,
          `同樣條件下，走了全程 ${percent(BETWEEN)} 到 ${percent(1 - BETWEEN)} 的臉的比例`,
        ),
        between,
      ),
      share(
        "third",
        say(
          "faces of that condition whose hair is taken for neither blue nor pink",
          "同樣條件下，既不像藍色也不像粉紅的比例",
        ),
        others(half),
      ),
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
            `每一列是一個潛在向量。各欄依序為${
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
            `A row each, and in brackets the share of faces that show both: ${answers.join("; ")}.`,
            `每個要求一列，括號裡是兩樣都符合的臉的比例：${answers.join("；")}。`,
          ),
          say(
            "Text to image needs two things, a text that becomes a vector and a G that obeys the vector. Here the text is a " +
              "list of labels; in real systems a network that reads sentences takes its place.",
            "從文字生成圖片需要兩樣東西，一是變成向量的文字，二是聽從這個向量的 G。這裡的文字只是一串標籤；實際的系統會換成讀得懂句子的網路。",
          ),
        ],
        content: { kind: "picture", picture: sheet(joined(requests.map(({ faces }) => faces)), FACE, SHOWN) },
      },
      {
        name: "mixed",
        title: say("Labels mixed", "混合標籤"),
        look: [
          say(
            "From blue hair to pink, in equal steps of the condition; play it, or move the slider. G was only taught whole " +
              "labels. Does hair change little by little, or at once?",
            "條件以相等的間隔從藍色變到粉紅；可以播放，或拖動滑桿。G 只學過完整的標籤。頭髮是慢慢變的，還是突然變的？",
          ),
        ],
        content: {
          kind: "frames",
          frames: mixtures.map(({ part, faces }) => ({
            caption: say(`pink: ${percent(part, 1)}`, `粉紅：${percent(part, 1)}`),
            picture: sheet(faces.subarray(0, 3 * SHOWN * FACE), FACE, SHOWN),
          })),
        },
      },
      {
        name: "mixed-chart",
        title: say("What is seen of a mixture", "混合標籤會看到什麼"),
        look: [
          say(
            "Over the share of pink in the condition: how far pixels have come on average from blue (0) to pink (1), and the " +
              "shares of faces whose hair a classifier takes for blue, for pink, and for any other colour. It has to choose one " +
              "of its colours, and purple is none of them.",
            "橫軸是條件中粉紅的比例。縱軸是像素平均從藍色（0）到粉紅（1）走了多遠，以及分類器認為頭髮是藍色、粉紅、其他顏色的臉的比例。分類器只能從它認得的顏色裡選一個，其中沒有紫色。",
          ),
        ],
        content: {
          kind: "chart",
          x: say("pink", "粉紅"),
          series: [
            {
              name: say("way of the pixels", "像素走的路程"),
              points: mixtures.map(({ part, way }) => [part, mean(way)]),
            },
            { name: say("blue", "藍色"), points: mixtures.map(({ part, blue }) => [part, blue]) },
            { name: say("pink", "粉紅"), points: mixtures.map(({ part, pink }) => [part, pink]) },
            { name: say("other", "其他"), points: mixtures.map((mixture) => [mixture.part, others(mixture)]) },
          ],
        },
      },
    ],
    next: [
      say(
        "In condition.ts, take conditionings.projection or concat instead of acgan.",
        "把 condition.ts 的 acgan 換成 conditionings.projection 或 concat。",
      ),
      say(
        `${shell} train --condition infogan: no labels, but codes that are drawn at random and that D must find in the samples`,
        `${shell} train --condition infogan：沒有標籤，只有隨機抽出的碼，而 D 必須從樣本中把碼找出來`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "Generation on demand", "zh-TW": "指定條件的生成" },
  about: {
    en:
      "conditional generation of faces: the same latent vector under every label, labels mixed, images from a list of words",
    "zh-TW": "條件式生成人臉：同一個潛在向量配上每個標籤、混合標籤、由一串文字生成圖片",
  },
  data: ["faces"],
  run: async (stage) => report(stage, await investigate(stage)),
};
