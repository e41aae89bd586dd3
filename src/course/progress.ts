/** What G has learned after how many updates, from the same latent vectors; and each D against each G. */
import * as duel from "../mod.ts";
import { newDigits, trainingDigits } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { aboutKernelDistance, Eyes } from "./eyes.ts";
import { LATENT, latentsOf, newFaces, trainingFaces } from "./faces.ts";
import { BATCH } from "./image_duel.ts";
import { DIGIT, FACE, sheet, SIZE } from "./images.ts";
import { joined, normals, number, percent, share, short } from "./numbers.ts";
import { acrossGenerations, crossPlay, follow, type Story, type Subject } from "./story.ts";

const COLUMNS = 8;
/** Length of the latent vectors of digits. */
const DIGIT_LATENT = 32;
/** Samples of each generation that are judged. */
const JUDGED = { usual: 8 * BATCH, quick: 2 * BATCH };

function subjects(stage: Stage): Record<"digits" | "faces", Subject> {
  const { say } = stage;
  const judged = stage.size(JUDGED.usual, JUDGED.quick);
  const networks = { size: SIZE, discriminatorNorm: "layer" } as const;
  return {
    digits: {
      ...{ label: say("digits", "手寫數字"), set: trainingDigits(stage), flip: false },
      model: duel.dcgan({ ...networks, channels: 1, latent: DIGIT_LATENT, base: 16 }),
      ...{ latents: normals(stage, "grid", judged * DIGIT_LATENT), reals: newDigits(stage, 0, BATCH) },
    },
    faces: {
      ...{ label: say("faces", "人臉"), set: trainingFaces(stage), flip: true },
      model: duel.dcgan({ ...networks, channels: 3, latent: LATENT, base: 32 }),
      ...{ latents: latentsOf(stage, "grid", judged), reals: newFaces(stage, BATCH) },
    },
  };
}

interface Results {
  readonly digits: Story;
  readonly faces: Story;
  /** For each D of faces (rows) and each G (columns) the mean probability of being real. */
  readonly table: readonly (readonly number[])[];
  /** How far the digits of each G are from real ones: their kernel distance. */
  readonly distances: readonly number[];
}

async function investigate(stage: Stage): Promise<Results> {
  const { digits, faces } = subjects(stage);
  const told = await follow(stage, faces);
  const table = await crossPlay(told);
  const written = await follow(stage, digits);
  const eyes = await Eyes.open(stage);
  const distances: number[] = [];
  for (const { samples } of written.snapshots) {
    const [{ value }] = await eyes.measure(samples, "kernel-distance");
    distances.push(value);
  }
  return { faces: told, digits: written, table, distances };
}

const times = (step: number) => step.toLocaleString("en");

/**
 * The same latent vectors again and again, as frames and as rows.
 * @param notes what else is to be said of each generation.
 */
function overTime(
  say: Stage["say"],
  { snapshots }: Story,
  values: number,
  notes: readonly string[] = [],
): [frames: duel.Content, rows: duel.Content] {
  const first = (samples: Float32Array, count: number) => samples.subarray(0, count * values);
  return [
    {
      kind: "frames",
      frames: snapshots.map(({ step, samples }, i) => ({
        caption: say(`after ${times(step)} updates`, `更新 ${times(step)} 次之後`) + (notes[i] ?? ""),
        picture: sheet(first(samples, BATCH), values, COLUMNS),
      })),
    },
    {
      kind: "picture",
      picture: sheet(joined(snapshots.map(({ samples }) => first(samples, COLUMNS))), values, COLUMNS),
    },
  ];
}

function report({ say, shell }: Stage, { digits, faces, table, distances }: Results): Findings {
  const { snapshots, real, fake } = faces;
  const generations = acrossGenerations(table);
  const steps = snapshots.map(({ step }) => times(step));
  const last = [real[real.length - 1][1], fake[fake.length - 1][1]];
  const apart = say("kernel distance", "核距離");
  const [frames, row] = overTime(say, faces, FACE);
  const notes = distances.map((distance) => `${say(": ", "：")}${apart} ${short(distance)}`);
  const [digitFrames, digitRow] = overTime(say, digits, DIGIT, notes);
  const [near, far] = [distances[distances.length - 1], distances[1]];
  const rows = say(
    `From top to bottom: after ${steps.join(", ")} updates.`,
    `由上到下：更新 ${steps.join("、")} 次之後。`,
  );
  return {
    summary: [
      say(
        `kernel distance of generated digits from real ones: ${short(far)} after ${steps[1]} updates, ${
          short(near)
        } at the end`,
        `生成的手寫數字與真實手寫數字的核距離：更新 ${steps[1]} 次之後是 ${short(far)}，最後是 ${short(near)}`,
      ),
      ...generations
        ? [say(
          `probability of being real that a D gives to faces of earlier Gs: ${
            percent(generations.earlier)
          }; to those of later Gs: ${percent(generations.later)}`,
          `D 把較早的 G 生成的臉判為真實的機率：${percent(generations.earlier)}；較晚的 G：${
            percent(generations.later)
          }`,
        )]
        : [],
      say(
        `at the end D gives ${percent(last[0])} to new real faces, ${percent(last[1])} to G's`,
        `訓練結束時，D 把新的真實人臉判為真實的機率是 ${percent(last[0])}，G 的圖則是 ${percent(last[1])}`,
      ),
      say(
        "each generation of one player is what the other must learn to beat next",
        "一方的每一代，都是另一方下一步要學會打敗的對手",
      ),
    ],
    measures: [
      number(
        "distance-first",
        say(`kernel distance of digits after ${steps[1]} updates`, `更新 ${steps[1]} 次之後，手寫數字的核距離`),
        far,
      ),
      number("distance-last", say("kernel distance of digits at the end", "訓練結束時，手寫數字的核距離"), near),
      ...generations
        ? [
          share(
            "earlier",
            say(
              "probability of being real that a D gives to faces of earlier Gs",
              "D 把較早的 G 生成的臉判為真實的機率",
            ),
            generations.earlier,
          ),
          share(
            "later",
            say("probability of being real that a D gives to faces of later Gs", "D 把較晚的 G 生成的臉判為真實的機率"),
            generations.later,
          ),
        ]
        : [],
      share(
        "real-last",
        say(
          "probability of being real that the last D gives to new real faces",
          "最後的 D 把新的真實人臉判為真實的機率",
        ),
        last[0],
      ),
      share(
        "fake-last",
        say(
          "probability of being real that the last D gives to faces of the last G",
          "最後的 D 把最後的 G 生成的臉判為真實的機率",
        ),
        last[1],
      ),
    ],
    figures: [
      {
        name: "faces",
        title: say("The same latent vectors", "同樣的潛在向量"),
        look: [
          say(
            "What comes first: colours, the outline, eyes and mouth, hair, glasses? Could D tell it apart at that moment, so " +
              "that G had to learn it next?",
            "顏色、輪廓、眼睛和嘴、頭髮、眼鏡，哪個先出現？是不是 D 當時正好分辨得出來，G 接著就得學會？",
          ),
        ],
        content: frames,
      },
      {
        name: "row",
        title: say("Eight of them over time", "其中八個隨時間的變化"),
        look: [rows],
        content: row,
      },
      {
        name: "digits",
        title: say("Digits, from the same latent vectors as well", "手寫數字，也是同樣的潛在向量"),
        look: [
          say(
            "Follow one place through the frames: when do strokes appear, and from when on is it settled which digit the vector " +
              "becomes?",
            "盯著其中一格，看它逐格的變化：筆畫什麼時候出現？這個潛在向量會變成哪個數字，又是什麼時候定下來的？",
          ),
        ],
        content: digitFrames,
      },
      {
        name: "digits-row",
        title: say("Eight of these over time", "其中八個手寫數字隨時間的變化"),
        look: [rows],
        content: digitRow,
      },
      {
        name: "distance",
        title: say("How far generated digits are from real ones", "生成的手寫數字離真實的有多遠"),
        look: [
          aboutKernelDistance(say),
          say(
            `Before any update it is ${short(distances[0])}, which would hide all the rest in this chart.`,
            `更新之前是 ${short(distances[0])}，畫進來就看不清其他的點了，所以省略。`,
          ),
        ],
        content: {
          kind: "chart",
          x: say("updates", "更新次數"),
          series: [{
            name: apart,
            points: digits.snapshots.map(({ step }, i) => [step, distances[i]] as const).slice(1),
          }],
        },
      },
      {
        name: "scores",
        title: say("What D says of real and of generated faces", "D 對真實與生成人臉的評分"),
        look: [
          say(
            "Probability of being real. Against a perfect G both lines would meet at ½. Until then the duel goes on as long " +
              "as D tells both apart (the lines don't meet) without being sure of all (neither sticks to an edge). Is it so here?",
            "判為真實的機率。如果 G 是完美的，兩條線會在 ½ 相遇。在那之前，只要 D 還分得出真假（兩條線分開），又不是全都有十足把握（線不貼著邊緣），對決就能繼續。這裡是這樣嗎？",
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
              "to this G's faces. Below the diagonal are Gs that have learned from this D's forerunners, above it Gs that this D " +
              "has never met. The two shares at the top of this page are means of both parts, first of each row, then of the " +
              "Ds that have both.",
            "橫列是更新若干次後的 D，直欄是更新若干次後的 G，數字是那個 D 把那個 G 生成的臉判為真實的機率。對角線以下是跟這個 D 的前身對決過的 G；對角線以上則是這個 D 從沒遇過的 G。頁首的兩個比例就是這兩部分的平均：先取每一列的平均，再取兩部分都有的各個 D 的平均。",
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
        "--steps 20000: faces and digits after 10,000 and 20,000 updates; when do they stop getting better?",
        "--steps 20000：更新 10,000 與 20,000 次之後的人臉和手寫數字；什麼時候不再變好？",
      ),
      say(`${shell} course latent: what is inside a latent vector`, `${shell} course latent：潛在向量裡有什麼`),
    ],
  };
}

export const experiment: Experiment = {
  title: {
    en: "Faces and digits after 100, 1000, 2000 … updates",
    "zh-TW": "更新 100、1000、2000……次之後的人臉與手寫數字",
  },
  about: {
    en: "how samples from the same latent vectors change, D's scores over time, each D against each G",
    "zh-TW": "同樣的潛在向量，樣本如何變化；D 的分數隨時間的變化；每一代 D 對每一代 G",
  },
  data: ["faces", "mnist"],
  run: async (stage) => report(stage, await investigate(stage)),
};
