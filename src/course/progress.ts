/** What G has learned after how many updates, from the same latent vectors; and each D against each G. */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { BATCH, faceModel, latentsOf, newFaces, playFaces } from "./faces.ts";
import { FACE, pick, sheet, SIZE } from "./images.ts";
import { joined, mean, percent, share } from "./numbers.ts";

/** Updates after which the lecture shows faces. */
const SHOWN = [0, 100, 1000, 2000, 5000, 10_000, 20_000, 50_000];
/** The same on a quick stage. */
const SHOWN_QUICKLY = [0, 10, 20, 40, 80];
/** How often D's probabilities are noted. */
const NOTED = 20;
const COLUMNS = 8;

/** Both players after some updates. */
interface Snapshot {
  readonly step: number;
  /** By G itself, which this D has to do with, not by its average. */
  readonly samples: Float32Array;
  /** D's slots by name. */
  readonly judge: ReadonlyMap<string, Float32Array>;
}

interface Results {
  readonly snapshots: readonly Snapshot[];
  /** Mean probability that D gives to new real and to generated faces of being real, over time. */
  readonly real: readonly (readonly [step: number, probability: number])[];
  readonly fake: readonly (readonly [step: number, probability: number])[];
  /** For each D (rows) and each G (columns) the same. */
  readonly table: readonly (readonly number[])[];
}

/** Steps at which snapshots are taken: at least four, so that there are earlier and later ones. */
function milestones(shown: readonly number[], steps: number): Set<number> {
  return new Set([...shown.filter((step) => step < steps), Math.ceil(steps / 4), Math.ceil(steps / 2), steps]);
}

async function investigate(stage: Stage): Promise<Results> {
  const { seed } = stage;
  const steps = stage.steps(5000, 80);
  const wanted = milestones(stage.quick ? SHOWN_QUICKLY : SHOWN, steps);
  const model = faceModel();
  const z = latentsOf(stage, "grid", BATCH);
  const reals = newFaces(stage, BATCH);
  const snapshots: Snapshot[] = [];
  const [real, fake]: [number, number][][] = [[], []];
  let names: string[] = [];
  let make: duel.Program;
  let look: duel.Program;
  const probability = async (engine: duel.Engine, images: Float32Array) =>
    mean((await engine.run(look, { images }, { seed, draw: 0 })).probabilities);

  const { engine } = await playFaces(stage, {
    limit: { steps },
    model,
    samples: [],
    more(store) {
      make = duel.trace(store, "make", () => ({
        samples: model.generator(duel.input("z", [BATCH, z.length / BATCH]), "evaluate"),
      }));
      look = duel.trace(store, "look", () => ({
        probabilities: duel.ops.sigmoid(model.discriminator(duel.input("images", [BATCH, SIZE, SIZE, 3]), "evaluate")),
      }));
      names = store.slots().map(({ name }) => name).filter((name) => name.startsWith(`${duel.DISCRIMINATOR}.`));
      return [make, look];
    },
    async watch(step, { engine }) {
      const reached = wanted.has(step);
      if (!reached && step % NOTED !== 0) return;
      const samples = Float32Array.from((await engine.run(make, { z }, { seed, draw: 0 })).samples);
      real.push([step, await probability(engine, reals)]);
      fake.push([step, await probability(engine, samples)]);
      const judge = () => new Map(names.map((name) => [name, Float32Array.from(engine.read(name))]));
      if (reached) snapshots.push({ step, samples, judge: judge() });
    },
  });

  // #region Each D against each G: put an earlier D back in its place, and ask it | 每一代 D 對每一代 G：把以前的 D 放回去，再問它
  const table: number[][] = [];
  for (const { judge } of snapshots) {
    for (const [name, values] of judge) engine.write(name, values);
    const row: number[] = [];
    for (const { samples } of snapshots) row.push(await probability(engine, samples));
    table.push(row);
  }
  // #endregion
  return { snapshots, real, fake, table };
}

/** Mean probabilities of pairs of different generations: Ds with earlier Gs, and with later ones. The start is no player. */
function acrossGenerations(table: Results["table"]): { earlier: number; later: number } {
  const pairs = table.flatMap((row, d) => row.map((value, g) => ({ value, d, g }))).filter(({ d, g }) =>
    d > 0 && g > 0
  );
  const of = (chosen: typeof pairs) => mean(chosen.map(({ value }) => value));
  return { earlier: of(pairs.filter(({ d, g }) => g < d)), later: of(pairs.filter(({ d, g }) => g > d)) };
}

function report({ say, shell }: Stage, { snapshots, real, fake, table }: Results): Findings {
  const { earlier, later } = acrossGenerations(table);
  const steps = snapshots.map(({ step }) => step.toLocaleString("en"));
  const last = [real[real.length - 1][1], fake[fake.length - 1][1]];
  const first = Array.from({ length: COLUMNS }, (_, i) => i);
  return {
    summary: [
      say(
        `probability of being real that a D gives to faces of earlier Gs: ${percent(earlier)}; to those of later Gs: ${
          percent(later)
        }`,
        `D 把較早的 G 的圖判為真實的機率：${percent(earlier)}；較晚的 G：${percent(later)}`,
      ),
      say(
        `at the end D gives ${percent(last[0])} to new real faces, ${percent(last[1])} to G's`,
        `最後 D 給新的真實人臉 ${percent(last[0])}，給 G 的圖 ${percent(last[1])}`,
      ),
      say(
        "each generation of one player is what the other must learn to beat next",
        "一方的每一代，都是另一方下一步要學會打敗的對手",
      ),
    ],
    measures: [
      share(
        "earlier",
        say("probability of being real that a D gives to faces of earlier Gs", "D 把較早的 G 的圖判為真實的機率"),
        earlier,
      ),
      share("later", say("the same of later Gs", "同上，較晚的 G"), later),
      share(
        "real-last",
        say("the same that the last D gives to new real faces", "最後的 D 把新的真實人臉判為真實的機率"),
        last[0],
      ),
      share("fake-last", say("the same of the last G's faces", "同上，最後的 G 的圖"), last[1]),
    ],
    figures: [
      {
        name: "faces",
        title: say("The same latent vectors", "同樣的潛在向量"),
        look: [
          say(
            "First colours and the outline, then eyes and mouth, then hair and glasses: what D can tell apart at the moment " +
              "is what G learns next.",
            "先是顏色和輪廓，然後是眼睛和嘴，再來是頭髮和眼鏡：D 當下能分辨什麼，G 接著就學什麼。",
          ),
        ],
        content: {
          kind: "frames",
          frames: snapshots.map(({ samples }, i) => ({
            caption: say(`after ${steps[i]} updates`, `更新 ${steps[i]} 次之後`),
            picture: sheet(samples, FACE, COLUMNS),
          })),
        },
      },
      {
        name: "row",
        title: say("Eight of them over time", "其中八個隨時間的變化"),
        look: [
          say(`From top to bottom: after ${steps.join(", ")} updates.`, `由上到下：更新 ${steps.join("、")} 次之後。`),
        ],
        content: {
          kind: "picture",
          picture: sheet(joined(snapshots.map(({ samples }) => pick(samples, FACE, first))), FACE, COLUMNS),
        },
      },
      {
        name: "scores",
        title: say("What D says of real and of generated faces", "D 對真實與生成人臉的評分"),
        look: [
          say(
            "Probability of being real. That both lines stay apart and none sticks to an edge is how a healthy duel looks.",
            "判為真實的機率。兩條線分開，又都不貼著邊，就是健康的對決。",
          ),
        ],
        content: {
          kind: "chart",
          x: say("step", "步數"),
          series: [
            { name: say("real faces, new to D", "真實人臉（D 沒看過）"), points: real },
            { name: say("generated faces", "生成人臉"), points: fake },
          ],
        },
      },
      {
        name: "cross-play",
        title: say("Each D against each G", "每一代 D 對每一代 G"),
        look: [
          say(
            "Rows: D after so many updates. Columns: G after so many. Numbers: the probability of being real that this D gives " +
              "to this G's faces. Below the diagonal are Ds that have seen better forgeries, above it Gs that this D has never met.",
            "列是更新若干次後的 D，行是更新若干次後的 G，數字是那個 D 把那個 G 的圖判為真實的機率。對角線以下的 D 見過更好的偽造品，以上則是這個 D 沒遇過的 G。",
          ),
        ],
        content: {
          kind: "table",
          head: ["D \\ G", ...steps],
          rows: table.map((row, d) => [steps[d], ...row.map((value) => value.toFixed(2))]),
        },
      },
    ],
    next: [
      say(
        "--steps 20000: faces after 10,000 and 20,000 updates; when do they stop getting better?",
        "--steps 20000：更新 10,000 與 20,000 次後的人臉；什麼時候不再變好？",
      ),
      say(`${shell} course latent: what is inside a latent vector`, `${shell} course latent：潛在向量裡有什麼`),
    ],
  };
}

export const experiment: Experiment = {
  title: { en: "Faces after 100, 1000, 2000 … updates", "zh-TW": "更新 100、1000、2000……次之後的人臉" },
  about: {
    en: "how samples from the same latent vectors change, D's scores over time, each D against each G",
    "zh-TW": "同樣的潛在向量，樣本如何變化；D 的分數隨時間的變化；每一代 D 對每一代 G",
  },
  data: ["faces"],
  run: async (stage) => report(stage, await investigate(stage)),
};
