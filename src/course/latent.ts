/** What a latent vector is made of: paths between two of them, single numbers, directions of labels, arithmetic. */
import * as duel from "../mod.ts";
import type { Experiment, Findings } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { faceModel, faceSheet, LATENT, latentsOf, playFaces, vectorAt } from "./faces.ts";

/** Faces that directions are found from. */
const STUDIED = 4096;
const COLUMNS = 9;
/** How far faces are moved along a direction, in deviations of a latent number. */
const REACH = 3;

/** Vectors one behind the other. */
function together(vectors: readonly Float32Array[]): Float32Array {
  return Float32Array.from(vectors.flatMap((vector) => [...vector]));
}

// #region The direction of a label: from the mean vector without it to the mean vector with it
function directionOf(latents: Float32Array, has: (index: number) => boolean): Float32Array {
  const [withIt, without] = [new Float64Array(LATENT), new Float64Array(LATENT)];
  let count = 0;
  const all = latents.length / LATENT;
  for (let i = 0; i < all; i++) {
    if (has(i)) count++;
    for (let k = 0; k < LATENT; k++) (has(i) ? withIt : without)[k] += latents[i * LATENT + k];
  }
  // A young G may not have made any such face, or nothing else.
  const means = [Math.max(count, 1), Math.max(all - count, 1)];
  const difference = Float32Array.from(withIt, (sum, k) => sum / means[0] - without[k] / means[1]);
  const length = Math.hypot(...difference) || 1;
  return difference.map((value) => value / length);
}
// #endregion

/** v + step · direction */
function moved(vector: Float32Array, direction: Float32Array, step: number): Float32Array {
  return vector.map((value, k) => value + step * direction[k]);
}

export const experiment: Experiment = {
  title: { en: "Inside of a latent vector", "zh-TW": "潛在向量裡有什麼" },
  about: {
    en: "interpolation, sweeps of single numbers, directions for hair colour and glasses, arithmetic on codes",
    "zh-TW": "內插、單一維度的變化、髮色與眼鏡的方向、碼的加減",
  },
  data: ["faces"],
  async run(stage): Promise<Findings> {
    const { say } = stage;
    const eyes = await Eyes.open(stage, "faces");
    const set = stage.dataset("faces");
    const studied = stage.size(STUDIED, 256);
    const model = faceModel();
    const { sample } = await playFaces(stage, {
      limit: { steps: stage.steps(3000, 40) },
      model,
      samples: [studied, 5 * COLUMNS, 4],
    });

    const latents = latentsOf(stage, "studied", studied);
    const images = await sample(latents);
    const classOf = (attribute: string, name: string) =>
      set.labels.find((label) => label.name === attribute)!.classes.indexOf(name);
    const hair = await eyes.classes(images, "hair");
    const glasses = await eyes.classes(images, "glasses");
    const [pink, dark] = [classOf("hair", "pink"), classOf("glasses", "dark")];
    const toPink = directionOf(latents, (i) => hair[i] === pink);
    const toDark = directionOf(latents, (i) => glasses[i] === dark);

    // Does it work for faces that the directions were not found from?
    const fresh = latentsOf(stage, "fresh", studied);
    const shareAfter = async (direction: Float32Array, step: number, attribute: string, wanted: number) => {
      const vectors = Array.from({ length: studied }, (_, i) => moved(vectorAt(fresh, i), direction, step));
      const seen = await eyes.classes(await sample(together(vectors)), attribute);
      return seen.filter((each) => each === wanted).length / studied;
    };
    const [pinkBefore, pinkAfter] = [
      await shareAfter(toPink, 0, "hair", pink),
      await shareAfter(toPink, REACH, "hair", pink),
    ];
    const [darkBefore, darkAfter] = [
      await shareAfter(toDark, 0, "glasses", dark),
      await shareAfter(toDark, REACH, "glasses", dark),
    ];

    const along = (steps: number) => Array.from({ length: COLUMNS }, (_, i) => steps * (2 * i / (COLUMNS - 1) - 1));
    const row = (from: Float32Array, to: Float32Array) =>
      Array.from({ length: COLUMNS }, (_, i) => duel.slerp(from, to, i / (COLUMNS - 1)));
    const strips = [0, 2, 4, 6, 8].flatMap((i) => row(vectorAt(fresh, i), vectorAt(fresh, i + 1)));
    const sweep = Array.from({ length: 6 }, (_, k) => k).flatMap((k) =>
      along(REACH).map((value) => vectorAt(fresh, 0).map((old, i) => i === k ? value : old))
    );
    const labelRows = [[toPink, 1], [toPink, 2], [toDark, 1], [toDark, 2]] as const;
    const moves = labelRows.flatMap(([direction, who]) =>
      along(REACH).map((step) => moved(vectorAt(fresh, who), direction, step))
    );

    // The mean vectors of faces with and without dark glasses: a − b + c.
    const meanOf = (chosen: (i: number) => boolean) => {
      const indices = Array.from({ length: studied }, (_, i) => i).filter(chosen).slice(0, 64);
      const total = new Float32Array(LATENT);
      for (const i of indices) vectorAt(latents, i).forEach((value, k) => total[k] += value);
      const length = Math.hypot(...total) || 1;
      return total.map((value) => value / length * Math.sqrt(LATENT));
    };
    const none = classOf("glasses", "none");
    const [a, b, c] = [
      meanOf((i) => hair[i] === pink && glasses[i] === dark),
      meanOf((i) => hair[i] === pink && glasses[i] === none),
      meanOf((i) => hair[i] !== pink && glasses[i] === none),
    ];
    const sum = a.map((value, k) => value - b[k] + c[k]);
    const arithmetic = await sample(together([a, b, c, sum]));

    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    const measure = (name: string, about: string, value: number) => ({ name, about, value, share: true });
    return {
      summary: [
        say(
          `moved along the direction of pink hair: ${percent(pinkAfter)} have it, ${percent(pinkBefore)} before`,
          `沿著「粉紅頭髮」的方向移動後：${percent(pinkAfter)} 是粉紅頭髮，之前是 ${percent(pinkBefore)}`,
        ),
        say(
          `moved along the direction of dark glasses: ${percent(darkAfter)}, ${percent(darkBefore)} before`,
          `沿著「墨鏡」的方向移動後：${percent(darkAfter)}，之前是 ${percent(darkBefore)}`,
        ),
        say("nobody told G what hair or glasses are", "從來沒有人告訴 G 什麼是頭髮、什麼是眼鏡"),
      ],
      measures: [
        measure("pink-before", say("faces with pink hair", "粉紅頭髮的比例"), pinkBefore),
        measure("pink-after", say("the same faces, moved along its direction", "同樣的臉，沿其方向移動後"), pinkAfter),
        measure("dark-before", say("faces with dark glasses", "戴墨鏡的比例"), darkBefore),
        measure(
          "dark-after",
          say("the same faces, moved along their direction", "同樣的臉，沿其方向移動後"),
          darkAfter,
        ),
      ],
      figures: [
        {
          name: "interpolation",
          title: say("From one face to another", "從一張臉到另一張"),
          look: [
            say(
              "Left and right are two latent vectors, between them points on the great circle. All of them are faces: G has " +
                "not learned single images by heart.",
              "左右是兩個潛在向量，中間是大圓上的點。每一個都是臉：G 並不是死背一張張圖。",
            ),
          ],
          content: { kind: "picture", picture: faceSheet(await sample(together(strips)), COLUMNS) },
        },
        {
          name: "sweep",
          title: say("One number at a time", "一次只改一個數"),
          look: [
            say(
              `Each row changes one number of the same vector from −${REACH} to ${REACH}. Most numbers change several things at once.`,
              `每一列把同一個向量的一個數從 −${REACH} 改到 ${REACH}。大部分的數會同時改變好幾樣東西。`,
            ),
          ],
          content: { kind: "picture", picture: faceSheet(await sample(together(sweep)), COLUMNS) },
        },
        {
          name: "directions",
          title: say("Directions of labels", "標籤的方向"),
          look: [
            say(
              "Two faces moved along the direction of pink hair, then two along that of dark glasses. Directions are found " +
                "from samples alone: a classifier says who has pink hair, and the means of both groups are subtracted.",
              "前兩列沿著粉紅頭髮的方向，後兩列沿著墨鏡的方向。方向只從樣本找出：由分類器說出誰是粉紅頭髮，再把兩群的平均相減。",
            ),
          ],
          content: { kind: "picture", picture: faceSheet(await sample(together(moves)), COLUMNS) },
        },
        {
          name: "arithmetic",
          title: say("Arithmetic", "加減"),
          look: [
            say(
              "Pink hair with dark glasses − pink hair without glasses + other hair without glasses = the last face.",
              "粉紅頭髮戴墨鏡 − 粉紅頭髮沒戴眼鏡 + 其他髮色沒戴眼鏡 = 最後一張臉。",
            ),
          ],
          content: { kind: "picture", picture: faceSheet(arithmetic, 4, 3) },
        },
      ],
      next: [
        say(
          "Change pink and dark in latent.ts to other classes of hair and glasses.",
          "把 latent.ts 的 pink 和 dark 換成其他髮色和眼鏡。",
        ),
        say(
          `${stage.shell} course condition: ask for a label instead of searching for it`,
          `${stage.shell} course condition：直接指定標籤，不必尋找`,
        ),
      ],
    };
  },
};
