/**
 * Outputs whose parts must agree: sentences and verses, an image for an image, trees. A network whose outputs cannot see
 * each other learns from a D that sees them together.
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Measure, Stage } from "./experiment.ts";
import { BATCH, faceSheet, PIXELS } from "./faces.ts";
import {
  bracketTrees,
  coveredShare,
  languageOf,
  ngramDivergence,
  sentencesAndVerses,
  validShare,
} from "./structure/grammar.ts";
import { HELD_OUT, outlines, playOutlines } from "./structure/outline.ts";
import { playSequences } from "./structure/sequence.ts";
import { Letters, playTexts } from "./structure/text_gan.ts";

/** Texts that are judged. */
const JUDGED = 2048;
/** Texts that are shown. */
const SHOWN = 12;
const COLUMNS = 8;

/** Differences of neighbouring pixels, on average: what is blurred has less. */
function sharpness(faces: Float32Array): number {
  let total = 0;
  for (let i = 3; i < faces.length; i++) total += Math.abs(faces[i] - faces[i - 3]);
  return total / faces.length;
}

async function faces(stage: Stage) {
  const set = stage.dataset("faces");
  const real = duel.imageValues(set, set.count - HELD_OUT, set.count - HELD_OUT + BATCH);
  const outline = outlines(real);
  const plain = await (await playOutlines(stage, false))(outline);
  const duelled = await (await playOutlines(stage, true))(outline);
  const row = (images: Float32Array) => images.slice(0, COLUMNS * PIXELS);
  const grey = Float32Array.from({ length: COLUMNS * PIXELS }, (_, i) => -outline[Math.floor(i / 3)]);
  const rows = [grey, row(plain), row(duelled), row(real)];
  const picture = faceSheet(Float32Array.from(rows.flatMap((each) => [...each])), COLUMNS, 3);
  return { picture, plain: sharpness(plain) / sharpness(real), duelled: sharpness(duelled) / sharpness(real) };
}

export const experiment: Experiment = {
  title: { en: "Structured objects: sentences, images for images, trees", "zh-TW": "結構化的輸出：句子、圖到圖、樹" },
  about: {
    en: "outputs whose parts must agree: texts of a grammar, faces from outlines, balanced brackets",
    "zh-TW": "各部分必須一致的輸出：合文法的句子、由輪廓生成人臉、對稱的括號",
  },
  data: ["faces"],
  async run(stage): Promise<Findings> {
    const { say } = stage;
    const count = stage.size(JUDGED, 256);
    const letters = new Letters(stage.corpus ? languageOf(stage.corpus) : sentencesAndVerses);
    const texts = await playTexts(stage, letters, say("texts", "文字"), count);
    const written = await playSequences(stage, letters, count);
    const brackets = new Letters(bracketTrees);
    const trees = await playTexts(stage, brackets, say("trees", "樹"), count);
    const painted = await faces(stage);

    const { language } = letters;
    const real = Array.from(
      duel.random.uniforms(count, stage.seed, "judged", 0),
      (share) => language.texts[Math.floor(share * language.texts.length)],
    );
    const kinds = [
      { name: "wgan-gp", about: say("WGAN-GP, all places at once", "WGAN-GP，所有位置一次生成"), texts },
      { name: "predicted", about: say("predicting the next character", "逐字預測"), texts: written.predicted },
      {
        name: "seqgan",
        about: say("the same, then rewarded by D (SeqGAN)", "逐字預測，再由 D 給獎勵（SeqGAN）"),
        texts: written.duelled,
      },
      { name: "real", about: say("texts of the language", "真實的文字"), texts: real },
    ];
    const judged = kinds.map((kind) => ({
      ...kind,
      valid: validShare(language, kind.texts),
      covered: coveredShare(language, kind.texts),
      bigrams: ngramDivergence(kind.texts, language.texts, 2),
      trigrams: ngramDivergence(kind.texts, language.texts, 3),
    }));
    const validTrees = validShare(bracketTrees, trees);
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    const [gan, , seqgan] = judged;
    const share = (name: string, about: string, value: number): Measure => ({ name, about, value, share: true });
    return {
      summary: [
        say(
          `texts that follow every rule: ${percent(gan.valid)} by WGAN-GP, ${percent(judged[1].valid)} by prediction, ${
            percent(seqgan.valid)
          } by SeqGAN`,
          `完全合乎規則的文字：WGAN-GP ${percent(gan.valid)}，逐字預測 ${percent(judged[1].valid)}，SeqGAN ${
            percent(seqgan.valid)
          }`,
        ),
        say(`trees whose brackets match: ${percent(validTrees)}`, `括號完全對稱的樹：${percent(validTrees)}`),
        say(
          `faces from outlines: sharpness ${percent(painted.plain)} of real ones by pixel loss, ${
            percent(painted.duelled)
          } with D`,
          `由輪廓生成人臉：銳利度為真實的 ${percent(painted.plain)}（逐像素誤差）、${percent(painted.duelled)}（有 D）`,
        ),
      ],
      measures: [
        ...judged.map(({ name, about, valid }) =>
          share(`valid-${name}`, say(`valid texts: ${about}`, `合乎規則的文字：${about}`), valid)
        ),
        ...judged.map(({ name, about, trigrams }) => ({
          name: `trigrams-${name}`,
          about: say(`divergence of trigrams: ${about}`, `三字組的散度：${about}`),
          value: trigrams,
        })),
        share("valid-trees", say("trees whose brackets match", "括號對稱的樹"), validTrees),
        share(
          "sharpness-plain",
          say("faces by pixel loss: sharpness, of that of real ones", "逐像素誤差的人臉：銳利度，相對於真實人臉"),
          painted.plain,
        ),
        share("sharpness-duel", say("faces with D: the same", "有 D 的人臉：同上"), painted.duelled),
      ],
      figures: [
        {
          name: "texts",
          title: say("Texts", "文字"),
          look: [
            say(
              "A verb must agree with its subject, and the last words of a verse must rhyme: parts that are far apart have to " +
                "fit. Dots fill what is left of a text's length.",
              "動詞要和主詞一致，詩句最後的字要押韻：相隔很遠的部分必須配合。點只是補足長度。",
            ),
          ],
          content: {
            kind: "table",
            head: kinds.map(({ about }) => about),
            rows: Array.from({ length: SHOWN }, (_, i) => kinds.map(({ texts }) => texts[i])),
          },
        },
        {
          name: "scores",
          title: say("How well they follow the rules", "合乎規則的程度"),
          look: [
            say(
              "Valid: exactly one of the texts that the grammar allows (with a text of your own: one of its lines). Covered: " +
                "how many of all there are were found. Divergence: of pairs and triples of characters.",
              "合法：正好是文法允許的文字之一（使用自己的文字時：正好是其中一行）。涵蓋：全部當中找到了多少。散度：兩字組與三字組的散度。",
            ),
          ],
          content: {
            kind: "table",
            head: ["", say("valid", "合法"), say("covered", "涵蓋"), say("pairs", "兩字組"), say("triples", "三字組")],
            rows: judged.map(({ about, valid, covered, bigrams, trigrams }) => [
              about,
              percent(valid),
              percent(covered),
              bigrams.toFixed(3),
              trigrams.toFixed(3),
            ]),
          },
        },
        {
          name: "trees",
          title: say("Trees as brackets", "以括號表示的樹"),
          look: [
            say(
              "Each text is a tree of nine nodes, if every bracket is closed and none before it was opened.",
              "每個文字是一棵九個節點的樹，前提是每個括號都有配對，而且先開後關。",
            ),
          ],
          content: {
            kind: "table",
            head: [say("generated", "生成"), say("balanced", "對稱")],
            rows: trees.slice(0, SHOWN).map((tree) => [tree, bracketTrees.texts.includes(tree) ? "✓" : "✗"]),
          },
        },
        {
          name: "outlines",
          title: say("Faces from outlines", "由輪廓生成人臉"),
          look: [
            say(
              "From top to bottom: the outline; by the pixel loss alone; with a D that sees outline and face; the real face. " +
                "Where the outline does not tell the colour, the pixel loss takes the mean of all colours.",
              "由上到下：輪廓、只用逐像素誤差、加上能同時看輪廓和臉的 D、真實的臉。輪廓沒有透露顏色的地方，逐像素誤差取所有顏色的平均。",
            ),
          ],
          content: { kind: "picture", picture: painted.picture },
        },
      ],
      next: [
        say("--data FILE: a text of your own, one sentence or verse a line", "--data FILE：自己的文字，一行一句"),
        say(
          "In structure/grammar.ts, make the trees larger: when does D's view of the whole no longer suffice?",
          "把 structure/grammar.ts 的樹變大：什麼時候 D 的整體觀不夠用了？",
        ),
      ],
    };
  },
};
