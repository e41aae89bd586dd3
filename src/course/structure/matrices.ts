/** Trees as matrices that G gives at once: are they trees? */
import type { Findings, Stage } from "../experiment.ts";
import { joinedPictures } from "../images.ts";
import { percent, share } from "../numbers.ts";
import { Letters } from "./letters.ts";
import { aboutScores, scoreTable, source, validShares } from "./score_table.ts";
import { playTexts } from "./text_gan.ts";
import { independentTexts, realTexts } from "./text_scores.ts";
import { JUDGED } from "./texts.ts";
import { bracketsOf, firstWrong, treePicture, trees } from "./trees.ts";

/** Matrices that are shown: the first ones, and the first ones that are no trees. */
const SHOWN = 8;

/** The experiment with trees. */
export async function withTrees(stage: Stage): Promise<Pick<Findings, "summary" | "measures" | "figures">> {
  const { say, seed } = stage;
  const count = stage.size(JUDGED.usual, JUDGED.quick);
  const letters = new Letters(trees);
  const values = await playTexts(stage, letters, say("trees", "樹"), count);
  const made = letters.read(values);
  const judged = [
    source(
      trees,
      "independent-trees",
      say("each row on its own", "每一列獨立取樣"),
      independentTexts(trees, seed, count),
    ),
    source(trees, "trees", "WGAN-GP", made),
    source(
      trees,
      "real-trees",
      say("trees, any of them equally likely", "真實的樹，每一棵機率相同"),
      realTexts(trees, seed, count),
    ),
  ];
  const [independent, generated, real] = judged;
  const numbers = made.map((_, i) => i);
  const wrong = numbers.filter((i) => firstWrong(made[i]) !== undefined).slice(0, SHOWN);
  const panels = [...numbers.slice(0, SHOWN), ...wrong].map((i) =>
    treePicture(values.subarray(i * letters.size, (i + 1) * letters.size), made[i])
  );
  return {
    summary: [
      say(
        `matrices that are trees: ${percent(generated.valid)}, of these ${percent(generated.fresh)} never seen in ` +
          `training; with each row drawn on its own ${percent(independent.valid)}`,
        `是樹的矩陣：${percent(generated.valid)}，其中 ${
          percent(generated.fresh)
        } 沒有在訓練中出現過；每一列獨立取樣的話 ${percent(independent.valid)}`,
      ),
    ],
    measures: [
      ...validShares(say, say("matrices that are trees", "是樹的矩陣"), judged),
      share(
        "fresh-trees",
        say("of WGAN-GP's trees: never seen in training", "WGAN-GP 的樹：沒有在訓練中出現過的比例"),
        generated.fresh,
      ),
      share(
        "covered-trees",
        say("of all trees: found by WGAN-GP", "所有的樹之中，WGAN-GP 找到的比例"),
        generated.covered,
      ),
      share(
        "covered-real-trees",
        say("of all trees: found by as many that are drawn evenly", "所有的樹之中，均勻取樣同樣數量能找到的比例"),
        real.covered,
      ),
    ],
    figures: [
      {
        name: "trees",
        title: say("Trees as matrices", "以矩陣表示的樹"),
        look: [
          say(
            "Each matrix is as G gave it, and below it the tree that it means. The root is node 0; the rows are nodes 1 to 9 " +
              "from the top, the columns their possible parents 0 to 8, and the darker an entry, the surer G is. Nodes are " +
              "numbered so that each subtree comes before the next one: the parent of a node must be the node before it, or " +
              "one of that node's ancestors. Where this is not so, there is no tree, and the row that is the first to be wrong " +
              "is red. The upper row has the first matrices that G made, the lower one the first that are no trees, if " +
              "there are any.",
            "每個矩陣都是 G 給的原樣，下方是它代表的樹。根是節點 0；各列由上而下是節點 1 到 9，各欄是可能的父節點 0 到 8，顏色越深代表 G 越確定。節點的編號方式是：一棵子樹編完才編下一棵。所以一個節點的父節點，必須是前一個節點或它的祖先；不符合就不是樹，第一個出錯的列是紅色。上排是 G 最先做出來的矩陣，下排是最先出現的非樹矩陣（如果有的話）。",
          ),
        ],
        content: { kind: "picture", picture: joinedPictures(panels, SHOWN) },
      },
      {
        name: "brackets",
        title: say("The same as brackets", "同樣的樹，以括號表示"),
        look: [
          say(
            "Those of the upper row: the parents of nodes 1 to 9, and for trees a pair of brackets around what is below " +
              "each node.",
            "上排的那幾個：節點 1 到 9 的父節點；是樹的話，每個節點以下的部分用一對括號包起來。",
          ),
        ],
        content: {
          kind: "texts",
          head: [say("parents", "父節點"), say("brackets", "括號"), say("a tree", "是樹")],
          rows: made.slice(0, SHOWN).map((text) =>
            firstWrong(text) === undefined ? [text, bracketsOf(text), "✓"] : [text, "", "✗"]
          ),
        },
      },
      {
        name: "tree-scores",
        title: say("How good the trees are", "這些樹有多好"),
        look: [
          say(
            `Valid: one of the ${trees.texts.length} trees of ten nodes. Each row on its own: parents as frequent for each node as ` +
              "in the trees to learn from, but drawn without a look at the other rows.",
            `合法：是 ${trees.texts.length} 棵有十個節點的樹之一。每一列獨立取樣：每個節點的父節點出現的頻率和訓練資料相同，但取樣時不看其他列。`,
          ),
          aboutScores(say),
        ],
        content: scoreTable(say, judged),
      },
    ],
  };
}
