/** What G has learned after how many updates, from the same latent vectors; and each D against each G. */
import * as duel from "../mod.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { BATCH, faceModel, faceSheet, latentsOf, PIXELS, playFaces, SIZE } from "./faces.ts";

/** Updates after which the lecture shows faces. */
const SHOWN = [0, 100, 1000, 2000, 5000, 10_000, 20_000, 50_000];
/** How often D's scores are noted. */
const NOTED = 20;
const COLUMNS = 8;

/** Both players after some updates. */
interface Snapshot {
  readonly step: number;
  readonly samples: Float32Array;
  /** D's slots by name. */
  readonly judge: ReadonlyMap<string, Float32Array>;
}

interface Course {
  readonly snapshots: readonly Snapshot[];
  /** How likely D takes real and generated faces for real, over time. */
  readonly real: readonly (readonly [number, number])[];
  readonly fake: readonly (readonly [number, number])[];
  /** For each D (rows) and each G (columns) the same. */
  readonly table: readonly (readonly number[])[];
}

/** The same on a quick stage. */
const SHOWN_QUICKLY = [0, 10, 20, 40, 80];

/** Steps at which snapshots are taken. */
function milestones(shown: readonly number[], steps: number): number[] {
  return [...shown.filter((step) => step < steps), steps];
}

async function follow(stage: Stage): Promise<Course> {
  const { seed } = stage;
  const steps = stage.steps(5000, 80);
  const wanted = milestones(stage.quick ? SHOWN_QUICKLY : SHOWN, steps);
  const model = faceModel();
  const latents = latentsOf(stage, "grid", BATCH);
  const set = stage.dataset("faces");
  // Faces that no batch has been mirrored from: the same ones all the time.
  const reals = duel.imageValues(set, 0, BATCH);
  const snapshots: Snapshot[] = [];
  const [real, fake]: [number, number][][] = [[], []];
  let look: duel.Program;
  let names: string[] = [];
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const likely = async (engine: duel.Engine, images: Float32Array) =>
    mean((await engine.run(look, { images }, { seed, draw: 0 })).likely);

  const { engine } = await playFaces(stage, {
    limit: { steps },
    model,
    samples: [BATCH],
    more(store) {
      look = duel.trace(store, "look", () => ({
        likely: duel.ops.sigmoid(model.discriminator(duel.input("images", [BATCH, SIZE, SIZE, 3]), "evaluate")),
      }));
      names = store.slots().map(({ name }) => name).filter((name) => name.startsWith(`${duel.DISCRIMINATOR}.`));
      return [look];
    },
    async watch(step, { engine, sample }) {
      const reached = wanted.includes(step);
      if (!reached && step % NOTED !== 0) return;
      const samples = await sample(latents);
      real.push([step, await likely(engine, reals)]);
      fake.push([step, await likely(engine, samples)]);
      if (!reached) return;
      snapshots.push({
        step,
        samples,
        judge: new Map(names.map((name) => [name, Float32Array.from(engine.read(name))])),
      });
    },
  });

  // #region Each D against each G: put an earlier D back in place, and ask it
  const table: number[][] = [];
  for (const { judge } of snapshots) {
    for (const [name, values] of judge) engine.write(name, values);
    const row: number[] = [];
    for (const { samples } of snapshots) row.push(await likely(engine, samples));
    table.push(row);
  }
  // #endregion
  return { snapshots, real, fake, table };
}

export const experiment: Experiment = {
  title: { en: "Faces after 100, 1000, 2000 … updates", "zh-TW": "更新 100、1000、2000……次之後的人臉" },
  about: {
    en: "how samples from the same latent vectors change, D's scores over time, each D against each G",
    "zh-TW": "同樣的潛在向量，樣本如何變化；D 的分數隨時間的變化；每一代 D 對每一代 G",
  },
  data: ["faces"],
  async run(stage): Promise<Findings> {
    const { say } = stage;
    const { snapshots, real, fake, table } = await follow(stage);
    const last = snapshots.length - 1;
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    /** Pairs of generations: how often the later D sees through the earlier G, and the later G fools the earlier D. */
    const pairs = table.flatMap((row, d) => row.map((value, g) => ({ value, d, g })));
    const share = (chosen: typeof pairs) => chosen.reduce((sum, { value }) => sum + value, 0) / chosen.length;
    const older = share(pairs.filter(({ d, g }) => d > g && g > 0));
    const younger = share(pairs.filter(({ d, g }) => d > 0 && d < g));
    const steps = snapshots.map(({ step }) => step.toLocaleString("en"));
    return {
      summary: [
        say(
          `a D takes faces of earlier Gs for real with ${percent(older)}, those of later Gs with ${percent(younger)}`,
          `D 把較早的 G 的圖當真的機率 ${percent(older)}，較晚的 G 則是 ${percent(younger)}`,
        ),
        say(
          "each generation of one player is what the other must learn to beat next",
          "一方的每一代，都是另一方下一步要學會打敗的對手",
        ),
      ],
      measures: [
        {
          name: "older",
          about: say("how likely a D takes faces of earlier Gs for real", "D 把較早的 G 的圖當真的機率"),
          value: older,
          share: true,
        },
        { name: "younger", about: say("the same of later Gs", "同上，較晚的 G"), value: younger, share: true },
        {
          name: "real-last",
          about: say("how likely the last D takes real faces for real", "最後的 D 把真實人臉當真的機率"),
          value: real[real.length - 1][1],
          share: true,
        },
        {
          name: "fake-last",
          about: say("the same of the last G's faces", "同上，最後的 G 的圖"),
          value: table[last][last],
          share: true,
        },
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
            frames: snapshots.map(({ step, samples }) => ({
              caption: say(`after ${step.toLocaleString("en")} updates`, `更新 ${step.toLocaleString("en")} 次之後`),
              picture: faceSheet(samples, COLUMNS),
            })),
          },
        },
        {
          name: "row",
          title: say("Eight of them over time", "其中八個隨時間的變化"),
          look: [
            say(
              `From top to bottom: after ${steps.join(", ")} updates.`,
              `由上到下：更新 ${steps.join("、")} 次之後。`,
            ),
          ],
          content: {
            kind: "picture",
            picture: faceSheet(
              Float32Array.from(snapshots.flatMap(({ samples }) => [...samples.subarray(0, COLUMNS * PIXELS)])),
              COLUMNS,
            ),
          },
        },
        {
          name: "scores",
          title: say("What D says of real and of generated faces", "D 對真實與生成人臉的評分"),
          look: [
            say(
              "Probability of being real. Neither player wins for good: that both lines stay apart and none is at the edge is " +
                "how a healthy duel looks.",
              "判為真實的機率。沒有一方徹底獲勝：兩條線分開，又都不貼著邊，就是健康的對決。",
            ),
          ],
          content: {
            kind: "chart",
            series: [
              { name: say("real faces", "真實人臉"), points: real },
              { name: say("generated faces", "生成人臉"), points: fake },
            ],
          },
        },
        {
          name: "cross-play",
          title: say("Each D against each G", "每一代 D 對每一代 G"),
          look: [
            say(
              "Rows: D after so many updates. Columns: G after so many. Numbers: how likely that D takes that G's faces for " +
                "real. Below the diagonal are Ds that have seen better forgeries, above it Gs that this D has never met.",
              "列是更新若干次後的 D，行是更新若干次後的 G，數字是那個 D 把那個 G 的圖當真的機率。對角線以下的 D 見過更好的偽造品，以上則是這個 D 沒遇過的 G。",
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
        say("--steps 20000: when do the faces stop getting better?", "--steps 20000：什麼時候人臉不再變好？"),
        say(
          `${stage.shell} course latent: what is inside of a latent vector`,
          `${stage.shell} course latent：潛在向量裡有什麼`,
        ),
      ],
    };
  },
};
