/** What a latent vector is made of: paths between two of them, single numbers, directions of labels, arithmetic. */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { faceModel, LATENT, latentsOf, playFaces, trainingFaces, vectorAt } from "./faces.ts";
import { FACE, sheet } from "./images.ts";
import { joined, percent, share, shareOf } from "./numbers.ts";

/** Faces that directions are found from, and as many new ones that they are tried on. */
const STUDIED = 4096;
const COLUMNS = 9;
/** How far faces are moved along a direction, in standard deviations of a latent number. */
const REACH = 3;
/** Faces of a kind whose mean vector is taken. */
const AVERAGED = 64;

// #region The direction of a label: from the mean vector without it to the mean vector with it | 標籤的方向：從「沒有」的平均向量指向「有」的平均向量
function directionTo(latents: Float32Array, has: (index: number) => boolean): Float32Array {
  const all = Array.from({ length: latents.length / LATENT }, (_, i) => i);
  const without = meanVector(latents, all.filter((i) => !has(i)));
  return scaled(meanVector(latents, all.filter(has)).map((value, k) => value - without[k]), 1);
}
// #endregion

/** The mean of some vectors; zeros of none. */
function meanVector(latents: Float32Array, indices: readonly number[]): Float32Array {
  const total = new Float32Array(LATENT);
  for (const i of indices) for (let k = 0; k < LATENT; k++) total[k] += latents[i * LATENT + k];
  return total.map((value) => value / Math.max(indices.length, 1));
}

/** A vector of the same direction and the given length. */
function scaled(vector: Float32Array, length: number): Float32Array {
  const own = Math.hypot(...vector) || 1;
  return vector.map((value) => value / own * length);
}

/** v + step · direction */
function moved(vector: Float32Array, direction: Float32Array, step: number): Float32Array {
  return vector.map((value, k) => value + step * direction[k]);
}

/** What moving faces along the direction of a label does. */
interface Move {
  readonly before: number;
  readonly after: number;
}

interface Results {
  readonly pink: Move;
  readonly dark: Move;
  /** Of the sums a − b + c: how many wear dark glasses. */
  readonly sums: number;
  /** Sheets of faces. */
  readonly interpolation: Float32Array;
  readonly sweep: Float32Array;
  readonly moves: Float32Array;
  readonly arithmetic: Float32Array;
}

async function investigate(stage: Stage): Promise<Results> {
  const eyes = await Eyes.open(stage, "faces");
  const studied = stage.size(STUDIED, 256);
  const { sample } = await playFaces(stage, {
    limit: { steps: stage.steps(3000, 40) },
    model: faceModel(),
    samples: [studied, COLUMNS, 4, AVERAGED],
  });
  const seen = async (latents: Float32Array, attribute: string) => await eyes.classes(await sample(latents), attribute);

  const latents = latentsOf(stage, "studied", studied);
  const { labels } = trainingFaces(stage);
  const classOf = (attribute: string, name: string) =>
    labels.find((label) => label.name === attribute)!.classes.indexOf(name);
  const [hair, glasses] = [await seen(latents, "hair"), await seen(latents, "glasses")];
  const [pink, dark, none] = [classOf("hair", "pink"), classOf("glasses", "dark"), classOf("glasses", "none")];
  const toPink = directionTo(latents, (i) => hair[i] === pink);
  const toDark = directionTo(latents, (i) => glasses[i] === dark);

  // Does it work for faces that the directions were not found from?
  const fresh = latentsOf(stage, "fresh", studied);
  const all = Array.from({ length: studied }, (_, i) => vectorAt(fresh, i));
  const tried = async (direction: Float32Array, attribute: string, wanted: number): Promise<Move> => {
    const shareAt = async (step: number) => {
      const classes = await seen(joined(all.map((vector) => moved(vector, direction, step))), attribute);
      return shareOf(studied, (i) => classes[i] === wanted);
    };
    return { before: await shareAt(0), after: await shareAt(REACH) };
  };

  const sheetOf = async (vectors: readonly Float32Array[]) => {
    const rows: Float32Array[] = [];
    for (let at = 0; at < vectors.length; at += COLUMNS) {
      rows.push(await sample(joined(vectors.slice(at, at + COLUMNS))));
    }
    return joined(rows);
  };
  const steps = Array.from({ length: COLUMNS }, (_, i) => REACH * (2 * i / (COLUMNS - 1) - 1));
  const path = (from: number) => steps.map((_, i) => duel.slerp(all[from], all[from + 1], i / (COLUMNS - 1)));
  const along = (direction: Float32Array, who: number) => steps.map((step) => moved(all[who], direction, step));
  const only = (k: number) => steps.map((step) => all[0].map((value, i) => i === k ? step : value));

  // Dark glasses, by arithmetic: a face with them, minus one without, plus any other without.
  const kind = (fits: (i: number) => boolean) =>
    Array.from({ length: studied }, (_, i) => i).filter(fits).slice(0, AVERAGED);
  const typical = (fits: (i: number) => boolean) => scaled(meanVector(latents, kind(fits)), Math.sqrt(LATENT));
  const a = typical((i) => hair[i] === pink && glasses[i] === dark);
  const b = typical((i) => hair[i] === pink && glasses[i] === none);
  const plus = (c: Float32Array) => scaled(c.map((value, k) => a[k] - b[k] + value), Math.sqrt(LATENT));
  const others = kind((i) => hair[i] !== pink && glasses[i] === none);
  const sums = joined(
    Array.from({ length: AVERAGED }, (_, i) => plus(vectorAt(latents, others[i % others.length] ?? 0))),
  );
  const worn = await seen(sums, "glasses");
  const c = typical((i) => hair[i] !== pink && glasses[i] === none);

  return {
    pink: await tried(toPink, "hair", pink),
    dark: await tried(toDark, "glasses", dark),
    sums: shareOf(AVERAGED, (i) => worn[i] === dark),
    interpolation: await sheetOf([0, 2, 4, 6, 8].flatMap(path)),
    sweep: await sheetOf([0, 1, 2, 3, 4, 5].flatMap(only)),
    moves: await sheetOf([...along(toPink, 1), ...along(toPink, 2), ...along(toDark, 1), ...along(toDark, 2)]),
    arithmetic: await sample(joined([a, b, c, plus(c)])),
  };
}

function report({ say, shell }: Stage, { pink, dark, sums, ...sheets }: Results): Findings {
  return {
    summary: [
      say(
        `moved along the direction of pink hair: ${percent(pink.after)} have it, ${percent(pink.before)} before`,
        `沿著「粉紅頭髮」的方向移動後：${percent(pink.after)} 是粉紅頭髮，之前是 ${percent(pink.before)}`,
      ),
      say(
        `moved along the direction of dark glasses: ${percent(dark.after)}, ${percent(dark.before)} before`,
        `沿著「墨鏡」的方向移動後：${percent(dark.after)} 戴墨鏡，之前是 ${percent(dark.before)}`,
      ),
      say("nobody told G what hair or glasses are", "從來沒有人告訴 G 什麼是頭髮、什麼是眼鏡"),
    ],
    measures: [
      share("pink-before", say("faces with pink hair", "粉紅頭髮的臉的比例"), pink.before),
      share("pink-after", say("the same faces, moved along its direction", "同樣的臉，沿其方向移動後"), pink.after),
      share("dark-before", say("faces with dark glasses", "戴墨鏡的臉的比例"), dark.before),
      share("dark-after", say("the same faces, moved along their direction", "同樣的臉，沿其方向移動後"), dark.after),
      share(
        "sums",
        say(
          "faces without glasses that wear dark ones after the arithmetic",
          "沒戴眼鏡的臉，經過向量加減後戴上墨鏡的比例",
        ),
        sums,
      ),
    ],
    figures: [
      {
        name: "interpolation",
        title: say("From one face to another", "從一張臉到另一張臉"),
        look: [
          say(
            "Left and right are two latent vectors, between them points on the great circle. All of them are faces: G has " +
              "not memorised single images.",
            "左右兩端是兩個潛在向量，中間是大圓上的點。每一張都是臉：G 並不是把圖一張張背下來。",
          ),
        ],
        content: { kind: "picture", picture: sheet(sheets.interpolation, FACE, COLUMNS) },
      },
      {
        name: "sweep",
        title: say("One number at a time", "一次只改一個維度"),
        look: [
          say(
            `Each row changes one number of the same vector from −${REACH} to ${REACH}. Most numbers change several things at once.`,
            `每一列把同一個向量的其中一維從 −${REACH} 改到 ${REACH}。大部分維度會同時改變好幾樣東西。`,
          ),
        ],
        content: { kind: "picture", picture: sheet(sheets.sweep, FACE, COLUMNS) },
      },
      {
        name: "directions",
        title: say("Directions of labels", "標籤的方向"),
        look: [
          say(
            "Two faces moved along the direction of pink hair, then both along that of dark glasses. Directions are found " +
              "from samples alone: a classifier says who has pink hair, and the means of both groups are subtracted.",
            "前兩列是兩張臉沿著粉紅頭髮的方向移動，後兩列是同樣兩張臉沿著墨鏡的方向移動。方向只靠樣本就能找出：由分類器判斷誰是粉紅頭髮，再把兩群的平均相減。",
          ),
        ],
        content: { kind: "picture", picture: sheet(sheets.moves, FACE, COLUMNS) },
      },
      {
        name: "arithmetic",
        title: say("Arithmetic", "向量加減"),
        look: [
          say(
            "Pink hair with dark glasses − pink hair without glasses + other hair without glasses = the last face. " +
              `Of ${AVERAGED} faces without glasses, ${percent(sums)} wear dark ones after this.`,
            "粉紅頭髮戴墨鏡 − 粉紅頭髮沒戴眼鏡 + 其他髮色沒戴眼鏡 = 最後一張臉。" +
              `${AVERAGED} 張沒戴眼鏡的臉，這樣加減之後有 ${percent(sums)} 戴上墨鏡。`,
          ),
        ],
        content: { kind: "picture", picture: sheet(sheets.arithmetic, FACE, 4, 3) },
      },
    ],
    next: [
      say(
        "Change pink and dark in latent.ts to other classes of hair and glasses.",
        "把 latent.ts 的 pink 和 dark 換成其他髮色和眼鏡的類別。",
      ),
      say(
        `${shell} course condition: ask for a label instead of searching for it`,
        `${shell} course condition：直接指定標籤，不必自己找方向`,
      ),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "Inside a latent vector", "zh-TW": "潛在向量裡有什麼" },
  about: {
    en: "interpolation, sweeps of single numbers, directions for hair colour and glasses, arithmetic on codes",
    "zh-TW": "內插、一次改一個維度、髮色與眼鏡的方向、碼的加減",
  },
  data: ["faces"],
  run: async (stage) => report(stage, await investigate(stage)),
};
