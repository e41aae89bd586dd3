/**
 * Generation on demand: G is told what to make, and D has to say what it sees. The same latent vector under every label;
 * labels that are mixed; text to image, where the text is a list of labels.
 */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { faceModel, faceSheet, LATENT, latentsOf, playFaces, vectorAt } from "./faces.ts";

/** Labels that faces are made on demand of. */
const LABELS = ["hair", "glasses"];
/** Faces whose labels are checked. */
const CHECKED = 2048;
/** Steps from one label to another. */
const MIXED = 9;
/** Faces of each mixture. */
const EACH = 64;

/** Classes of both labels for each face, as `Sampler` takes them: [count, 2]. */
function ask(wanted: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(wanted.flat());
}

// #region A condition need not be one label or the other: half of each is a condition as well
function mixer(store: duel.Store, model: duel.Model, conditioning: duel.Conditioning, length: number): duel.Program {
  return duel.trace(store, "mix", () => {
    const z = duel.input("z", [EACH, LATENT]);
    const condition = duel.input("condition", [EACH, length]);
    const generator = { model, conditioning };
    return {
      samples: duel.withAverage(duel.GENERATOR, () => duel.generate(generator, z, "evaluate", condition)),
    };
  });
}
// #endregion

/** One vector for each share of the way from one class of the first label to another. */
function mixtures(lengths: readonly number[], from: number, to: number, second: number): Float32Array[] {
  return Array.from({ length: MIXED }, (_, i) => {
    const share = i / (MIXED - 1);
    const condition = new Float32Array(lengths[0] + lengths[1]);
    condition[from] += 1 - share;
    condition[to] += share;
    condition[lengths[0] + second] = 1;
    return condition;
  });
}

async function train(stage: Stage, attributes: readonly duel.Attribute[]) {
  const model = faceModel();
  const conditioning: duel.Conditioning = { kind: duel.conditionings.acgan, attributes, continuous: 0 };
  const lengths = attributes.map(({ classes }) => classes.length);
  let mix: duel.Program;
  const { engine, sample } = await playFaces(stage, {
    limit: { steps: stage.steps(3000, 40) },
    model,
    conditioning,
    samples: [CHECKED, 6 * lengths[0] * lengths[1], 24],
    more: (store) => [mix = mixer(store, model, conditioning, lengths[0] + lengths[1])],
  });
  return {
    sample,
    async mixed(z: Float32Array, condition: Float32Array): Promise<Float32Array> {
      const rows = new Float32Array(EACH * condition.length);
      for (let i = 0; i < EACH; i++) rows.set(condition, i * condition.length);
      return Float32Array.from((await engine.run(mix, { z, condition: rows }, { seed: 0, draw: 0 })).samples);
    },
  };
}

export const experiment: Experiment = {
  title: { en: "Generation on demand", "zh-TW": "指定條件的生成" },
  about: {
    en: "the same latent vector under every label, labels mixed, images from a list of words",
    "zh-TW": "同一個潛在向量配上每個標籤、混合標籤、由文字清單生成圖片",
  },
  data: ["faces"],
  async run(stage): Promise<Findings> {
    const { say } = stage;
    const set = stage.dataset("faces");
    const eyes = await Eyes.open(stage, "faces");
    const attributes = LABELS.map((name) => set.labels.find((label) => label.name === name)!);
    const [hair, glasses] = attributes.map(({ classes }) => classes);
    const { sample, mixed } = await train(stage, attributes);

    const wanted = Array.from(
      { length: CHECKED },
      (_, i) => [i % hair.length, Math.floor(i / hair.length) % glasses.length],
    );
    const images = await sample(latentsOf(stage, "checked", CHECKED), ask(wanted));
    const right: number[] = [];
    for (const [label, name] of LABELS.entries()) {
      const seen = await eyes.classes(images, name);
      right.push(seen.reduce((sum, each, i) => sum + Number(each === wanted[i][label]), 0) / CHECKED);
    }

    const combinations = glasses.flatMap((_, g) => hair.map((_, h) => [h, g]));
    const people = [0, 1, 2, 3, 4, 5];
    const fixed = latentsOf(stage, "people", people.length);
    const everywhere = people.flatMap((i) => combinations.map(() => [...vectorAt(fixed, i)]));
    const table = await sample(Float32Array.from(everywhere.flat()), ask(people.flatMap(() => combinations)));

    const [blue, pink] = [hair.indexOf("blue"), hair.indexOf("pink")];
    const z = latentsOf(stage, "mixed", EACH);
    const strip: Float32Array[] = [];
    const seenPink: [number, number][] = [];
    const conditions = mixtures([hair.length, glasses.length], blue, pink, glasses.indexOf("none"));
    for (const [i, condition] of conditions.entries()) {
      const made = await mixed(z, condition);
      strip.push(made);
      const seen = await eyes.classes(made, "hair");
      seenPink.push([i / (MIXED - 1), seen.filter((each) => each === pink).length / EACH]);
    }
    const length = strip[0].length / EACH;
    const strips = [0, 1, 2, 3].flatMap((who) =>
      strip.map((made) => [...made.subarray(who * length, (who + 1) * length)])
    );
    const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
    return {
      summary: [
        say(
          `what was asked for is seen: hair in ${percent(right[0])} of faces, glasses in ${percent(right[1])}`,
          `生成的圖符合要求：髮色 ${percent(right[0])}，眼鏡 ${percent(right[1])}`,
        ),
        say(
          "the latent vector decides the rest: the same face with other hair",
          "其餘由潛在向量決定：同一張臉換不同的頭髮",
        ),
      ],
      measures: [
        {
          name: "hair",
          about: say("faces with the hair colour that was asked for", "髮色符合要求的比例"),
          value: right[0],
          share: true,
        },
        {
          name: "glasses",
          about: say("faces with the glasses that were asked for", "眼鏡符合要求的比例"),
          value: right[1],
          share: true,
        },
        {
          name: "mixed-start",
          about: say("pink hair where all is blue", "條件全是藍色時，粉紅頭髮的比例"),
          value: seenPink[0][1],
          share: true,
        },
        {
          name: "mixed-end",
          about: say("pink hair where all is pink", "條件全是粉紅時，粉紅頭髮的比例"),
          value: seenPink[MIXED - 1][1],
          share: true,
        },
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
              `每一列是一個潛在向量。各行的髮色依序為 ${hair.join("、")}；先是沒戴眼鏡，再來是透明眼鏡，然後是墨鏡。`,
            ),
          ],
          content: { kind: "picture", picture: faceSheet(table, combinations.length, 1) },
        },
        {
          name: "words",
          title: say("From words to images", "從文字到圖片"),
          look: [
            say(
              "“pink hair, dark glasses”: text to image needs two things, a text that becomes a vector and a G that obeys the " +
                "vector. Here the text is a list of labels; a network that reads sentences would take its place.",
              "「粉紅頭髮、墨鏡」：文字生成圖片需要兩樣東西，把文字變成向量，以及聽從向量的 G。這裡的文字是標籤清單，換成能讀句子的網路也一樣。",
            ),
          ],
          content: {
            kind: "picture",
            picture: faceSheet(
              await sample(latentsOf(stage, "words", 24), ask(new Array(24).fill([pink, glasses.indexOf("dark")]))),
              8,
            ),
          },
        },
        {
          name: "mixed",
          title: say("Labels mixed", "混合標籤"),
          look: [
            say(
              "From blue hair on the left to pink on the right, in equal steps of the condition. G was taught whole labels only.",
              "條件從左邊的藍髮到右邊的粉紅髮，等距變化。G 只學過單一的標籤。",
            ),
          ],
          content: { kind: "picture", picture: faceSheet(Float32Array.from(strips.flat()), MIXED) },
        },
        {
          name: "mixed-chart",
          title: say("What is seen of a mixture", "混合條件下看到的結果"),
          look: [
            say(
              "Share of faces that a classifier says have pink hair, over the share of pink in the condition.",
              "橫軸是條件中粉紅的比例，縱軸是分類器認為是粉紅頭髮的比例。",
            ),
          ],
          content: {
            kind: "chart",
            x: say("pink", "粉紅"),
            series: [{ name: say("pink hair", "粉紅頭髮"), points: seenPink }],
          },
        },
      ],
      next: [
        say(
          "In condition.ts, take conditionings.projection or concat instead of acgan.",
          "把 condition.ts 的 acgan 換成 conditionings.projection 或 concat。",
        ),
        say(
          `${stage.shell} train --condition infogan: labels that nobody gave`,
          `${stage.shell} train --condition infogan：沒有人給的標籤`,
        ),
      ],
    };
  },
};
