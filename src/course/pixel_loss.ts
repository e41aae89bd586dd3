/**
 * What does a generator without a discriminator miss? One wrong pixel far from the stroke spoils a digit, six that make
 * it a little longer do not; but the pixel loss counts the wrong pixels. What sees relations between pixels ranks better.
 */
import * as duel from "../mod.ts";
import { decoder, joined, rowsOf, SIZE } from "./digits.ts";
import type { Experiment, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { play } from "./players.ts";
import { mapRows } from "./training.ts";

const PIXELS = SIZE * SIZE;
const BATCH = 64;
const LATENT = 32;
const SHOWN = 12;
/** From here on a pixel belongs to a stroke. */
const INK = 0;
/** Pixels of the longer stroke. */
const MORE = 6;
/** How far from all ink the single pixel is, in pixels. */
const APART = 4;

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

/** The dark pixels whose distance to the nearest ink (in steps of a king in chess) fulfils a condition. */
function places(image: Float32Array, fits: (distance: number) => boolean): number[] {
  const ink = Array.from({ length: PIXELS }, (_, i) => i).filter((i) => image[i] > INK);
  return Array.from({ length: PIXELS }, (_, i) => i).filter((place) => {
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
  readonly count: number;
}

/** Digits that D has not learned from, with both kinds of errors. */
function examples(stage: Stage, from: number, wanted: number): Examples {
  const set = stage.dataset("mnist");
  const found: Float32Array[][] = [];
  for (let index = from; found.length < wanted; index++) {
    const image = duel.imageValues(set, index, index + 1);
    const [one, six] = [oneWrong(image, stage.seed, index), sixWrong(image, stage.seed, index)];
    if (one && six) found.push([image, one, six]);
  }
  const [targets, one, six] = [0, 1, 2].map((kind) => joined(...found.map((each) => each[kind])));
  return { targets, one, six, count: wanted };
}

/** The squared distance of each row of a to the same row of b. */
function distances(a: Float32Array, b: Float32Array, count: number): Float64Array {
  const width = a.length / count;
  const squares = new Float64Array(count);
  a.forEach((value, i) => squares[Math.floor(i / width)] += (value - b[i]) ** 2);
  return squares;
}

// #region A discriminator of a short duel; its scores rank images without a target
async function trainedScores(
  stage: Stage,
  learnFrom: number,
): Promise<(images: Float32Array) => Promise<Float32Array>> {
  const set = stage.dataset("mnist");
  const model = decoder(LATENT);
  const feeder = new duel.BatchFeeder({ ...set, count: learnFrom }, { batch: BATCH, seed: stage.seed, flip: false });
  let look: duel.Program | undefined;
  const { engine } = await play(stage, {
    label: stage.say("a duel, for its D", "一場對決，取其 D"),
    model,
    batch: BATCH,
    limit: { steps: stage.steps(2000, 60) },
    rates: [4e-4, 8e-4],
    beta1: 0.5,
    average: 0.998,
    samples: [],
    source: (draw, { real }) => feeder.fill(draw, real),
    more: (store) => [
      look = duel.trace(store, "look", () => ({
        scores: model.discriminator(duel.input("images", [BATCH, SIZE, SIZE, 1]), "evaluate"),
      })),
    ],
  });
  return (images) => mapRows(engine, look!, "images", images, "scores");
}
// #endregion

export const experiment: Experiment = {
  title: { en: "What a pixel loss misses", "zh-TW": "逐像素誤差漏看了什麼" },
  about: {
    en: "one wrong pixel or six: ranked by the pixel loss, by a classifier's features and by a trained D",
    "zh-TW": "錯一個像素或六個像素：逐像素誤差、分類器的特徵、訓練過的 D 各怎麼排",
  },
  data: ["mnist"],
  async run(stage) {
    const { say } = stage;
    const eyes = await Eyes.open(stage);
    const wanted = stage.size(1000, 100);
    const learnFrom = 50_000;
    const { targets, one, six, count } = examples(stage, learnFrom, wanted);
    const score = await trainedScores(stage, learnFrom);
    const byPixels = [one, six].map((images) => distances(images, targets, count));
    const [seen, seenOne, seenSix] = [await eyes.features(targets), await eyes.features(one), await eyes.features(six)];
    const byFeatures = [seenOne, seenSix].map((features) => distances(features, seen, count));
    const [ofTargets, ofOne, ofSix] = [await score(targets), await score(one), await score(six)];
    const share = (prefers: (i: number) => boolean) =>
      Array.from({ length: count }, (_, i) => i).filter(prefers).length / count;
    const pixels = share((i) => byPixels[1][i] < byPixels[0][i]);
    const features = share((i) => byFeatures[1][i] < byFeatures[0][i]);
    const judged = share((i) => ofSix[i] > ofOne[i]);
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const measure = (name: string, about: string, value: number) => ({ name, about, value, share: true });
    return {
      summary: [
        say(
          `the pixel loss prefers six pixels beside the stroke to one far away in ${percent(pixels)} of digits`,
          `逐像素誤差認為「筆畫旁多六個像素」比「遠處多一個」好的比例：${percent(pixels)}`,
        ),
        say(
          `the features of a classifier in ${percent(features)}, a discriminator in ${percent(judged)}`,
          `分類器的特徵：${percent(features)}；判別器：${percent(judged)}`,
        ),
        say(
          "the error of a pixel does not depend on its neighbours; what is wrong with an image does",
          "一個像素的誤差和鄰居無關；一張圖哪裡不對，卻和鄰居有關",
        ),
      ],
      measures: [
        measure(
          "pixels",
          say("digits where the pixel loss prefers six pixels beside the stroke", "逐像素誤差偏好六個像素的比例"),
          pixels,
        ),
        measure(
          "features",
          say("the same for the distance of a classifier's features", "同上，分類器特徵的距離"),
          features,
        ),
        measure("discriminator", say("the same for the score of a discriminator", "同上，判別器的分數"), judged),
        { name: "score-real", about: say("mean score of the digits", "原圖的平均分數"), value: mean(ofTargets) },
        {
          name: "score-one",
          about: say("mean score with one pixel far away", "遠處多一個像素的平均分數"),
          value: mean(ofOne),
        },
        {
          name: "score-six",
          about: say("mean score with six pixels beside the stroke", "筆畫旁多六個像素的平均分數"),
          value: mean(ofSix),
        },
      ],
      figures: [
        {
          name: "errors",
          title: say("One wrong pixel, and six", "錯一個像素，和錯六個"),
          look: [
            say(
              "Top: digits. Middle: one pixel is wrong, and everybody sees it. Bottom: six are wrong, and the digit is as " +
                "good as before. By the pixel loss the bottom row is six times worse.",
              "上排是原圖。中排錯了一個像素，人人都看得出來。下排錯了六個，數字卻一樣好。逐像素誤差認為下排差了六倍。",
            ),
          ],
          content: {
            kind: "picture",
            picture: rowsOf(...[targets, one, six].map((images) => images.slice(0, SHOWN * PIXELS))),
          },
        },
        {
          name: "ranking",
          title: say("Who prefers what", "各自的偏好"),
          look: [
            say(
              "Of digits with both kinds of errors: in how many the six pixels are judged to be better than the one.",
              "同一個數字的兩種錯誤：有多少比例認為六個像素比一個像素好。",
            ),
          ],
          content: {
            kind: "table",
            head: [say("judge", "評審"), say("prefers six beside the stroke", "偏好筆畫旁的六個")],
            rows: [
              [say("pixel loss", "逐像素誤差"), percent(pixels)],
              [say("classifier's features", "分類器的特徵"), percent(features)],
              [say("discriminator", "判別器"), percent(judged)],
            ],
          },
        },
      ],
      next: [
        say(
          "Change APART: from which distance on is the single pixel a mistake to D?",
          "改 APART：離多遠時，那個像素在 D 眼中才是錯？",
        ),
        say(
          `${stage.shell} course discriminator-alone: a judge that sees the whole, made to generate`,
          `${stage.shell} course discriminator-alone：讓能看整體的評審來生成`,
        ),
      ],
    };
  },
};
