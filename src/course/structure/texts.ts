/** Sentences, verses and brackets, or lines of the user's: written in four ways, and judged. */
import type { Findings, Stage } from "../experiment.ts";
import { number, percent } from "../numbers.ts";
import { grammar, languageOfLines } from "./grammar.ts";
import { Letters } from "./letters.ts";
import { aboutScores, scoreTable, type Source, source, validShares } from "./score_table.ts";
import { playSequences } from "./sequence.ts";
import { playTexts } from "./text_gan.ts";
import { independentTexts, realTexts } from "./text_scores.ts";

/** Texts of each source that are judged, and that are shown. */
export const JUDGED = { usual: 2048, quick: 256 };
const SHOWN = 12;

async function sources(stage: Stage): Promise<Source[]> {
  const { say, seed } = stage;
  const count = stage.size(JUDGED.usual, JUDGED.quick);
  const language = stage.corpus ? languageOfLines(stage.corpus) : grammar;
  const letters = new Letters(language);
  const gan = await playTexts(stage, letters, say("texts", "文字"), count);
  const { predicted, further, rewarded } = await playSequences(stage, letters, count);
  const all: readonly [name: string, about: string, texts: readonly string[]][] = [
    ["independent", say("each place on its own", "每個位置獨立取樣"), independentTexts(language, seed, count)],
    ["wgan-gp", "WGAN-GP", letters.read(gan)],
    ["predicted", say("prediction", "逐字預測"), predicted],
    ["further", say("prediction for longer", "逐字預測，學得更久"), further],
    ["seqgan", say("prediction, then rewards by D", "先逐字預測，再由 D 給獎勵"), rewarded],
    ["real", say("texts of the language", "真實的文字"), realTexts(language, seed, count)],
  ];
  return all.map(([name, about, texts]) => source(language, name, about, texts));
}

/** The experiment with texts. */
export async function withTexts(stage: Stage): Promise<Pick<Findings, "summary" | "measures" | "figures">> {
  const { say, corpus } = stage;
  const written = await sources(stage);
  const valid = corpus
    ? say("lines of the text", "與原文某一行相同的文字")
    : say("texts that follow every rule", "完全合乎規則的文字");
  const shares = (wanted: string) => percent(written.find(({ name }) => name === wanted)!.valid);
  const listed = written.slice(0, -1).map(({ about, valid }) => `${about} ${percent(valid)}`);
  return {
    summary: [say(`${valid}: ${listed.join("; ")}`, `${valid}：${listed.join("；")}`)],
    measures: [
      ...validShares(say, valid, written),
      ...written.map(({ name, about, triples }) =>
        number(
          `triples-${name}`,
          say(`divergence of triples of characters: ${about}`, `字元三元組的散度：${about}`),
          triples,
        )
      ),
    ],
    figures: [
      {
        name: "texts",
        title: say("Texts", "文字"),
        look: [
          corpus
            ? say(
              "Lines of the text are in the last column. Dots fill what is left of a line's length; □ is any character that " +
                "is too rare to be learned.",
              "最後一欄是原文的句子。點（.）只是用來補足長度；□ 代表太少出現、沒有學的字。",
            )
            : say(
              "A verb must agree with its subject, the last words of a verse must rhyme, and a bracket must be closed by one of " +
                "its kind: parts that are far apart have to fit. Dots fill what is left of a text's length.",
              "動詞要和主詞一致，兩句詩的最後一個字要押韻，括號要由同一種括號關上：相隔很遠的部分必須互相配合。點（.）只是用來補足長度。",
            ),
        ],
        content: {
          kind: "texts",
          head: written.map(({ about }) => about),
          rows: Array.from({ length: SHOWN }, (_, i) => written.map(({ texts }) => texts[i])),
        },
      },
      {
        name: "scores",
        title: say("How good they are", "它們有多好"),
        look: [
          say(
            "Each place on its own: characters as frequent at each place as in the texts to learn from, but drawn without a " +
              "look at the other places. WGAN-GP gives all places at once; its D sees them together. Prediction writes one " +
              "character after the other; prediction for longer had as many further updates of G as the rewards by D. " +
              `${valid}: ${shares("predicted")} after prediction, ${shares("further")} after more of it, ${
                shares("seqgan")
              } after rewards instead. D sees only whole texts and rewards them by one number; prediction says of each ` +
              "character what it should have been.",
            "每個位置獨立取樣：每個位置的字出現的頻率和訓練資料相同，但取樣時不看其他位置。WGAN-GP 一次生成所有位置，由 D 同時看到全部。逐字預測是一個字接一個字地寫；「學得更久」則是多更新 G 幾次，次數和由 D 給獎勵時相同。" +
              `${valid}：逐字預測之後 ${shares("predicted")}，繼續預測之後 ${shares("further")}，改由 D 給獎勵之後 ${
                shares("seqgan")
              }。D 只看整段文字，只給一個分數；逐字預測則對每個字都說出正確答案。`,
          ),
          corpus
            ? say("Valid: exactly one of the text's lines.", "合法：正好是原文的其中一行。")
            : say("Valid: exactly one of the texts that the grammar allows.", "合法：正好是文法允許的文字之一。"),
          aboutScores(say),
        ],
        content: scoreTable(say, written),
      },
    ],
  };
}
