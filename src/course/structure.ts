/**
 * Outputs whose parts must agree: sentences and verses, an image for an image, trees. A network whose outputs cannot see
 * each other learns from a D that sees them together.
 */
import type { Experiment } from "./experiment.ts";
import { withTrees } from "./structure/matrices.ts";
import { withOutlines } from "./structure/paintings.ts";
import { withTexts } from "./structure/texts.ts";

export const experiment: Experiment = {
  title: {
    en: "Structured objects: sentences, images for images, trees",
    "zh-TW": "結構化的輸出：句子、圖片轉圖片、樹",
  },
  about: {
    en: "outputs whose parts must agree: texts of a grammar, trees as matrices, faces from outlines",
    "zh-TW": "各部分必須一致的輸出：合文法的句子、以矩陣表示的樹、由輪廓生成人臉",
  },
  data: ["faces"],
  text: true,
  async run(stage) {
    const { say } = stage;
    const parts = [await withTexts(stage), await withTrees(stage), await withOutlines(stage)];
    return {
      summary: parts.flatMap(({ summary }) => summary),
      measures: parts.flatMap(({ measures }) => measures),
      figures: parts.flatMap(({ figures }) => figures),
      next: [
        say(
          "--data FILE: a text of your own, one sentence or verse a line",
          "--data FILE：換成自己的文字，每行一個句子或一句詩",
        ),
        say(
          "In structure/trees.ts, make the trees larger: when does D's view of the whole no longer suffice?",
          "把 structure/trees.ts 的樹變大：大到什麼程度，D 看得到整體也不夠用了？",
        ),
      ],
    };
  },
};
