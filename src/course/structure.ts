/**
 * Outputs whose parts must agree: sentences and verses, an image for an image, trees. A network whose outputs cannot see
 * each other learns from a D that sees them together.
 */
import * as duel from "../mod.ts";
import { pixelErrorOf } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { newFaces } from "./faces.ts";
import { BATCH } from "./image_duel.ts";
import { FACE, rows, sharpness } from "./images.ts";
import { number, percent, share } from "./numbers.ts";
import {
  bracketTrees,
  languageOf,
  ngramDivergence,
  sentencesAndVerses,
  type Validity,
  validityOf,
} from "./structure/grammar.ts";
import { outlines, playOutlines } from "./structure/outline.ts";
import { playSequences } from "./structure/sequence.ts";
import { Letters, playTexts } from "./structure/text_gan.ts";

/** Texts that are judged, and that are shown. */
const JUDGED = 2048;
const SHOWN = 12;
const COLUMNS = 8;

/** Texts of one source, and how good they are. */
interface Texts extends Validity {
  readonly name: string;
  readonly about: string;
  readonly texts: readonly string[];
  /** Divergences of pairs and triples of characters. */
  readonly pairs: number;
  readonly triples: number;
}

/** Faces painted from outlines. */
interface Painted {
  readonly faces: Float32Array;
  /** Relative to real faces. */
  readonly sharpness: number;
  /** Mean squared error of a pixel of new faces. */
  readonly error: number;
}

interface Results {
  /** Whether the texts are of a grammar, or lines of the user's. */
  readonly grammar: boolean;
  readonly texts: readonly Texts[];
  readonly trees: Validity & { readonly texts: readonly string[] };
  /** Outlines as faces: dark on white. */
  readonly outline: Float32Array;
  readonly plain: Painted;
  readonly duelled: Painted;
  readonly real: Float32Array;
}

async function investigateTexts(stage: Stage, count: number): Promise<Texts[]> {
  const { say } = stage;
  const letters = new Letters(stage.corpus ? languageOf(stage.corpus) : sentencesAndVerses);
  const { language } = letters;
  const gan = await playTexts(stage, letters, say("texts", "文字"), count);
  const { predicted, duelled } = await playSequences(stage, letters, count);
  const random = duel.random.uniforms(count, stage.seed, "judged", 0);
  const real = Array.from(random, (share) => language.texts[Math.floor(share * language.texts.length)]);
  return ([
    ["wgan-gp", say("WGAN-GP, all places at once", "WGAN-GP，所有位置一次生成"), gan],
    ["predicted", say("predicting the next character", "逐字預測"), predicted],
    ["seqgan", say("the same, then rewarded by D", "逐字預測後再由 D 給獎勵"), duelled],
    ["real", say("texts of the language", "真實的文字"), real],
  ] as const).map(([name, about, texts]) => ({
    ...{ name, about, texts, ...validityOf(language, texts) },
    pairs: ngramDivergence(texts, language.texts, 2),
    triples: ngramDivergence(texts, language.texts, 3),
  }));
}

async function investigate(stage: Stage): Promise<Results> {
  const { say } = stage;
  const count = stage.size(JUDGED, 256);
  const texts = await investigateTexts(stage, count);
  const trees = await playTexts(stage, new Letters(bracketTrees), say("trees", "樹"), count);
  const real = newFaces(stage, BATCH);
  const outline = outlines(real);
  const paint = async (duelled: boolean): Promise<Painted> => {
    const faces = await (await playOutlines(stage, duelled))(outline);
    return { faces, sharpness: sharpness(faces, FACE) / sharpness(real, FACE), error: pixelErrorOf(faces, real) };
  };
  return {
    grammar: stage.corpus === undefined,
    texts,
    trees: { texts: trees, ...validityOf(bracketTrees, trees) },
    outline: Float32Array.from({ length: 3 * outline.length }, (_, i) => -outline[Math.floor(i / 3)]),
    plain: await paint(false),
    duelled: await paint(true),
    real,
  };
}

function report({ say }: Stage, { grammar, texts, trees, plain, duelled, ...images }: Results): Findings {
  const [gan, predicted, seqgan] = texts;
  const valid = grammar
    ? say("texts that follow every rule", "完全合乎規則的文字")
    : say("lines of the text", "與原文某一行相同的文字");
  const first = (faces: Float32Array) => faces.slice(0, COLUMNS * FACE);
  const balanced = new Set(bracketTrees.texts);
  return {
    summary: [
      `${valid}: WGAN-GP ${percent(gan.valid)}${say(", ", "，")}${predicted.about} ${percent(predicted.valid)}` +
      `${say(", ", "，")}${seqgan.about} ${percent(seqgan.valid)}`,
      say(
        `trees whose brackets match: ${percent(trees.valid)}, of these ${percent(trees.fresh)} never seen in training`,
        `括號配對正確的樹：${percent(trees.valid)}，其中 ${percent(trees.fresh)} 沒有在訓練中出現過`,
      ),
      say(
        `faces from outlines, sharpness relative to real ones: ${percent(plain.sharpness)} by pixel loss, ${
          percent(duelled.sharpness)
        } with D`,
        `由輪廓生成人臉，相對於真實人臉的銳利度：只用逐像素損失 ${percent(plain.sharpness)}，有 D 時 ${
          percent(duelled.sharpness)
        }`,
      ),
    ],
    measures: [
      ...texts.map(({ name, about, valid: value }) => share(`valid-${name}`, `${valid}: ${about}`, value)),
      ...texts.map(({ name, about, triples }) =>
        number(
          `triples-${name}`,
          say(`divergence of triples of characters: ${about}`, `字元三元組的散度：${about}`),
          triples,
        )
      ),
      share("valid-trees", say("trees whose brackets match", "括號配對正確的樹的比例"), trees.valid),
      share("fresh-trees", say("of these: never seen in training", "其中沒有在訓練中出現過的比例"), trees.fresh),
      share("covered-trees", say("of all trees: found", "所有的樹之中，找到的比例"), trees.covered),
      share(
        "sharpness-plain",
        say("faces by pixel loss: sharpness relative to real ones", "逐像素損失的人臉：相對於真實人臉的銳利度"),
        plain.sharpness,
      ),
      share("sharpness-duel", say("faces with D: the same", "有 D 的人臉：同上"), duelled.sharpness),
      number(
        "error-plain",
        say("faces by pixel loss: mean squared error of a pixel", "逐像素損失的人臉：像素的均方誤差"),
        plain.error,
      ),
      number("error-duel", say("faces with D: the same", "有 D 的人臉：同上"), duelled.error),
    ],
    figures: [
      {
        name: "texts",
        title: say("Texts", "文字"),
        look: grammar
          ? [
            say(
              "A verb must agree with its subject, and the last words of a verse must rhyme: parts that are far apart have to " +
                "fit. Dots fill what is left of a text's length.",
              "動詞要和主詞一致，兩句詩的最後一個字要押韻：相隔很遠的部分必須互相配合。點（.）只是用來補足長度。",
            ),
          ]
          : [],
        content: {
          kind: "table",
          head: texts.map(({ about }) => about),
          rows: Array.from({ length: SHOWN }, (_, i) => texts.map(({ texts }) => texts[i])),
        },
      },
      {
        name: "scores",
        title: say("How good they are", "它們有多好"),
        look: [
          say(
            "Valid: exactly one of the texts that the grammar allows (with a text of your own: one of its lines). New: valid ones " +
              "that were not among those to learn from. Covered: how many of all there are were found. Divergence " +
              "(Jensen-Shannon): of pairs and triples of characters.",
            "合法：正好是文法允許的文字之一（用自己的文字時：正好是其中一行）。新的：合法，而且不在訓練資料裡。涵蓋：所有合法的文字之中，找到了多少。散度（Jensen-Shannon）：字元二元組與三元組的散度。",
          ),
        ],
        content: {
          kind: "table",
          head: ["", ...[
            say("valid", "合法"),
            say("new", "新的"),
            say("covered", "涵蓋"),
            say("pairs", "二元組"),
            say("triples", "三元組"),
          ]],
          rows: texts.map(({ about, valid, fresh, covered, pairs, triples }) => [
            about,
            ...[valid, fresh, covered].map((value) => percent(value)),
            ...[pairs, triples].map((value) => value.toFixed(3)),
          ]),
        },
      },
      {
        name: "trees",
        title: say("Trees as brackets", "以括號表示的樹"),
        look: [
          say(
            "A tree of nine nodes below its root, if every bracket is closed and none is closed before it is opened.",
            "根以下有九個節點的樹，前提是每個括號都有關上，而且都是先開後關。",
          ),
        ],
        content: {
          kind: "table",
          head: [say("generated", "生成"), say("brackets match", "配對正確")],
          rows: trees.texts.slice(0, SHOWN).map((tree) => [tree, balanced.has(tree) ? "✓" : "✗"]),
        },
      },
      {
        name: "outlines",
        title: say("Faces from outlines", "由輪廓生成人臉"),
        look: [
          say(
            "From top to bottom: the outline; by the pixel loss alone; with a D that sees outline and face; the real face. " +
              "Where the outline does not tell the colour, the pixel loss takes the mean of all colours.",
            "由上到下：輪廓、只用逐像素損失、加上能同時看到輪廓和臉的 D、真實的臉。輪廓看不出顏色的地方，逐像素損失取所有顏色的平均。",
          ),
        ],
        content: {
          kind: "picture",
          picture: rows(FACE, ...[images.outline, plain.faces, duelled.faces, images.real].map(first)),
        },
      },
    ],
    next: [
      say(
        "--data FILE: a text of your own, one sentence or verse a line",
        "--data FILE：換成自己的文字，每行一個句子或一句詩",
      ),
      say(
        "In structure/grammar.ts, make the trees larger: when does D's view of the whole no longer suffice?",
        "把 structure/grammar.ts 的樹變大：大到什麼程度，D 看得到整體也不夠用了？",
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: {
    en: "Structured objects: sentences, images for images, trees",
    "zh-TW": "結構化的輸出：句子、圖片轉圖片、樹",
  },
  about: {
    en: "outputs whose parts must agree: texts of a grammar, faces from outlines, balanced brackets",
    "zh-TW": "各部分必須一致的輸出：合文法的句子、由輪廓生成人臉、配對的括號",
  },
  data: ["faces"],
  run: async (stage) => report(stage, await investigate(stage)),
};
