/**
 * What does a generator without a discriminator miss? One wrong pixel far from the stroke spoils a digit, six that
 * thicken it do not; but the pixel loss counts wrong pixels. A discriminator sees how pixels belong together.
 */
import * as duel from "../mod.ts";
import { LEARNED } from "./digits.ts";
import { learn, type Learned } from "./discriminator_alone/chains.ts";
import { digitTask } from "./discriminator_alone/digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { DIGIT, rows, SIZE } from "./images.ts";
import { joined, mean, number, percent, share, shareOf } from "./numbers.ts";

/**
 * Updates of D. It is one alone, whose negatives come from searches that begin as noise, so that it has met stray
 * pixels. The D of a duel only knows what its G does wrong: after 300 updates it preferred the six in 64 % of digits,
 * after 2,000 in 38 %.
 */
const UPDATES = { usual: 400, quick: 30 };
const SHOWN = 12;
/** From here on a pixel belongs to a stroke. */
const INK = 0;
/** Pixels that thicken a stroke. */
const MORE = 6;
/** How far from all ink the single pixel is, in pixels. */
const APART = 4;

// #region One pixel more far from the strokes, or six beside them | 遠離筆畫處多一個像素，或筆畫旁多六個像素
/** A digit with one pixel more, far from its strokes; undefined if there is no room. */
function oneWrong(image: Float32Array, seed: number, index: number): Float32Array | undefined {
  const free = places(image, (distance) => distance >= APART && distance <= APART + 2);
  if (free.length === 0) return undefined;
  const changed = image.slice();
  changed[free[Math.floor(duel.random.uniform(seed, "one", index, 0) * free.length)]] = 1;
  return changed;
}

/** A digit with six pixels more, all beside its strokes and beside each other; undefined if there is no room. */
function sixWrong(image: Float32Array, seed: number, index: number): Float32Array | undefined {
  const border = places(image, (distance) => distance === 1);
  if (border.length < MORE) return undefined;
  const start = border[Math.floor(duel.random.uniform(seed, "six", index, 0) * border.length)];
  const away = (place: number) =>
    Math.hypot(place % SIZE - start % SIZE, Math.floor(place / SIZE) - Math.floor(start / SIZE));
  const changed = image.slice();
  for (const place of border.toSorted((a, b) => away(a) - away(b)).slice(0, MORE)) changed[place] = 1;
  return changed;
}
// #endregion

/** The dark pixels whose distance to the nearest ink (in steps of a king in chess) fulfils a condition. */
function places(image: Float32Array, fits: (distance: number) => boolean): number[] {
  const all = Array.from({ length: DIGIT }, (_, i) => i);
  const ink = all.filter((i) => image[i] > INK);
  return all.filter((place) => {
    if (image[place] > INK) return false;
    const [x, y] = [place % SIZE, Math.floor(place / SIZE)];
    const nearest = ink.reduce(
      (least, at) => Math.min(least, Math.max(Math.abs(at % SIZE - x), Math.abs(Math.floor(at / SIZE) - y))),
      SIZE,
    );
    return x > 1 && y > 1 && x < SIZE - 2 && y < SIZE - 2 && fits(nearest);
  });
}

interface Examples {
  readonly targets: Float32Array;
  readonly one: Float32Array;
  readonly six: Float32Array;
}

/** Digits that D has not learned from, with both kinds of errors. */
function examples(stage: Stage, wanted: number): Examples {
  const set = stage.dataset("mnist");
  const found: Float32Array[][] = [];
  for (let index = LEARNED; found.length < wanted; index++) {
    const image = duel.imageValues(set, index, index + 1);
    const [one, six] = [oneWrong(image, stage.seed, index), sixWrong(image, stage.seed, index)];
    if (one && six) found.push([image, one, six]);
  }
  const [targets, one, six] = [0, 1, 2].map((kind) => joined(found.map((each) => each[kind])));
  return { targets, one, six };
}

// #region The pixel loss, and the same of features | 逐像素損失，以及特徵的同一種距離
/** The squared distance of each row of a to the same row of b. */
function distances(a: Float32Array, b: Float32Array, count: number): Float64Array {
  const width = a.length / count;
  const squares = new Float64Array(count);
  a.forEach((value, i) => squares[Math.floor(i / width)] += (value - b[i]) ** 2);
  return squares;
}
// #endregion

/** The scores of a discriminator that has learned from digits, and from what it takes for digits itself. */
async function discriminator(stage: Stage): Promise<Learned["score"]> {
  const task = { ...digitTask(stage), label: stage.say("D alone", "只有 D") };
  const limit = { steps: stage.steps(UPDATES.usual, UPDATES.quick) };
  return (await learn(stage, task, "searched", limit)).score;
}

interface Results extends Examples {
  /** How often six wrong pixels are judged to be better than one. */
  readonly preferences: { readonly pixels: number; readonly features: number; readonly discriminator: number };
  /** How often D gives a digit a lower score for the pixel far away. */
  readonly noticed: number;
  /** The pixel loss of six over that of one. */
  readonly ratio: number;
  /** Mean scores by D. */
  readonly scores: { readonly target: number; readonly one: number; readonly six: number };
}

async function investigate(stage: Stage): Promise<Results> {
  const eyes = await Eyes.open(stage);
  const count = stage.size(1000, 100);
  const made = examples(stage, count);
  const { targets, one, six } = made;
  const score = await discriminator(stage);
  const [pixelsOne, pixelsSix] = [one, six].map((images) => distances(images, targets, count));
  const [seen, seenOne, seenSix] = [await eyes.features(targets), await eyes.features(one), await eyes.features(six)];
  const [featuresOne, featuresSix] = [seenOne, seenSix].map((features) => distances(features, seen, count));
  const [ofTargets, ofOne, ofSix] = [await score(targets), await score(one), await score(six)];
  return {
    ...made,
    preferences: {
      pixels: shareOf(count, (i) => pixelsSix[i] < pixelsOne[i]),
      features: shareOf(count, (i) => featuresSix[i] < featuresOne[i]),
      discriminator: shareOf(count, (i) => ofSix[i] > ofOne[i]),
    },
    noticed: shareOf(count, (i) => ofOne[i] < ofTargets[i]),
    ratio: mean(pixelsSix) / mean(pixelsOne),
    scores: { target: mean(ofTargets), one: mean(ofOne), six: mean(ofSix) },
  };
}

function report({ say, shell }: Stage, { targets, one, six, noticed, ratio, scores, ...rest }: Results): Findings {
  const { pixels, features, discriminator } = rest.preferences;
  const judges = [
    ["pixels", say("pixel loss", "逐像素損失"), pixels],
    ["features", say("features of a classifier", "分類器的特徵"), features],
    ["discriminator", say("discriminator", "判別器"), discriminator],
  ] as const;
  const prefers = say("prefers six pixels beside the stroke to one far away", "寧可筆畫旁多六個像素，也不要遠處多一個");
  return {
    summary: [
      say(
        `to the pixel loss six pixels beside the stroke cost ${ratio.toFixed(1)} times as much as one far away`,
        `以逐像素損失來看，筆畫旁多六個像素的損失是遠處多一個的 ${ratio.toFixed(1)} 倍`,
      ),
      say(
        `a discriminator prefers the six in ${percent(discriminator)} of digits (the features of a classifier in ` +
          `${percent(features)}), and one pixel far away lowers its score in ${percent(noticed)}`,
        `判別器在 ${percent(discriminator)} 的圖上寧可多那六個像素（分類器的特徵：${
          percent(features)
        }）；遠處多一個像素，它在 ${percent(noticed)} 的圖上會給較低分`,
      ),
      say(
        "the error of a pixel does not depend on its neighbours; whether an image is good does",
        "一個像素的誤差與鄰近的像素無關；一張圖好不好，卻取決於像素之間的關係",
      ),
    ],
    measures: [
      ...judges.map(([name, about, value]) => share(name, say(`${about}: ${prefers}`, `${about}：${prefers}`), value)),
      share(
        "noticed",
        say("discriminator: one pixel far away lowers the score", "判別器：遠處多一個像素就給較低分的比例"),
        noticed,
      ),
      number("ratio", say("pixel loss of six over that of one", "逐像素損失：多六個像素是多一個的幾倍"), ratio),
      number("score-real", say("mean score of the digits by D", "D 給原圖的平均分數"), scores.target),
      number("score-one", say("the same with one pixel far away", "同上，遠處多一個像素"), scores.one),
      number("score-six", say("the same with six pixels beside the stroke", "同上，筆畫旁多六個像素"), scores.six),
    ],
    figures: [
      {
        name: "errors",
        title: say("One wrong pixel, and six", "錯一個像素，和錯六個"),
        look: [
          say(
            "Top: digits. Middle: one pixel is wrong. Bottom: six are. Which of both do you notice first?",
            "上排是原圖。中排錯了一個像素，下排錯了六個。你先注意到哪一種？",
          ),
        ],
        content: {
          kind: "picture",
          picture: rows(DIGIT, ...[targets, one, six].map((images) => images.slice(0, SHOWN * DIGIT))),
        },
      },
      {
        name: "ranking",
        title: say("Who prefers what", "各自的偏好"),
        look: [
          say(
            "The pixel loss cannot choose otherwise: the six were dark and become white, which adds at least 1 each to the " +
              "squared error (values go from −1 to 1), and the one adds 4 at most. Pixels at the border of a stroke are often " +
              `grey already: that keeps the ratio (${ratio.toFixed(1)}) below six.`,
            `逐像素損失只能這樣選：那六個像素從暗變成白，每個至少讓平方誤差增加 1（像素值從 −1 到 1），而遠處的一個最多增加 4。筆畫邊緣的像素往往本來就帶灰，所以比值（${
              ratio.toFixed(1)
            }）不到六。`,
          ),
          say(
            "Both other judges have learned, but not the same: a classifier what tells digits apart, which depends more on " +
              "strokes than on a stray pixel; D what tells digits from what it takes for digits itself. It looks for such " +
              "images from noise on (as the next experiment shows), so that it has met stray pixels.",
            "另外兩個評審都是學出來的，但是學的東西不同：分類器學怎麼區分數字，這取決於筆畫，而不是多出來的一個像素；D 學的是怎麼分辨真實的數字和它自己誤認為數字的圖。它從雜訊開始找這種圖（見下一個實驗），所以遇過零散的像素。",
          ),
        ],
        content: {
          kind: "table",
          head: [say("judge", "評審"), prefers],
          rows: judges.map(([, about, value]) => [about, percent(value)]),
        },
      },
    ],
    next: [
      say(
        "Ask the D of a duel instead (playImages in image_duel.ts): does it mind stray pixels once its G makes none?",
        "改用對決裡的 D 當評審（image_duel.ts 的 playImages）：如果它的 G 已經不再生成零散的像素，D 還在意它們嗎？",
      ),
      say(
        "Change APART: from which distance on is the single pixel a mistake to D?",
        "改 APART：從離多遠開始，D 才把那個像素當成錯誤？",
      ),
      say(
        `${shell} course discriminator-alone: this D, made to generate`,
        `${shell} course discriminator-alone：讓這個 D 來生成`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "What a pixel loss misses", "zh-TW": "逐像素損失漏看了什麼" },
  about: {
    en: "one wrong pixel or six: ranked by the pixel loss, by a classifier's features and by a trained D",
    "zh-TW": "錯一個像素或六個像素：逐像素損失、分類器的特徵、訓練過的 D 各自怎麼排名",
  },
  data: ["mnist"],
  run: async (stage) => report(stage, await investigate(stage)),
};
