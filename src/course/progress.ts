/** What G has learned after how many updates, from the same latent vectors; and each D against each G. */
import type * as duel from "../mod.ts";
import { decoder, newDigits, trainingDigits } from "./digits.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { faceModel, latentsOf, newFaces, trainingFaces } from "./faces.ts";
import { BATCH } from "./image_duel.ts";
import { DIGIT, FACE, pick, sheet } from "./images.ts";
import { joined, mean, normals, percent, share } from "./numbers.ts";
import { crossPlay, follow, type Story, type Subject } from "./story.ts";

const COLUMNS = 8;
/** Length of the latent vectors of digits. */
const DIGIT_LATENT = 32;

function subjects(stage: Stage): Record<"digits" | "faces", Subject> {
  const { say } = stage;
  return {
    digits: {
      ...{ label: say("digits", "手寫數字"), set: trainingDigits(stage), flip: false, model: decoder(DIGIT_LATENT) },
      ...{ latents: normals(stage, "grid", BATCH * DIGIT_LATENT), reals: newDigits(stage, 0, BATCH) },
    },
    faces: {
      ...{ label: say("faces", "人臉"), set: trainingFaces(stage), flip: true, model: faceModel() },
      ...{ latents: latentsOf(stage, "grid", BATCH), reals: newFaces(stage, BATCH) },
    },
  };
}

interface Results {
  readonly digits: Story;
  readonly faces: Story;
  /** For each D of faces (rows) and each G (columns) the mean probability of being real. */
  readonly table: readonly (readonly number[])[];
}

async function investigate(stage: Stage): Promise<Results> {
  const { digits, faces } = subjects(stage);
  const told = await follow(stage, faces);
  return { faces: told, table: await crossPlay(told), digits: await follow(stage, digits) };
}

/** Mean probabilities of pairs of different generations: Ds with earlier Gs, and with later ones. The start is no player. */
function acrossGenerations(table: Results["table"]): { earlier: number; later: number } {
  const pairs = table.flatMap((row, d) => row.map((value, g) => ({ value, d, g }))).filter(({ d, g }) =>
    d > 0 && g > 0
  );
  const of = (chosen: typeof pairs) => mean(chosen.map(({ value }) => value));
  return { earlier: of(pairs.filter(({ d, g }) => g < d)), later: of(pairs.filter(({ d, g }) => g > d)) };
}

/** The same latent vectors again and again, as frames and as rows. */
function overTime(say: Stage["say"], { snapshots }: Story, values: number): [frames: duel.Content, rows: duel.Content] {
  const first = Array.from({ length: COLUMNS }, (_, i) => i);
  return [
    {
      kind: "frames",
      frames: snapshots.map(({ step, samples }) => ({
        caption: say(`after ${step.toLocaleString("en")} updates`, `更新 ${step.toLocaleString("en")} 次之後`),
        picture: sheet(samples, values, COLUMNS),
      })),
    },
    {
      kind: "picture",
      picture: sheet(joined(snapshots.map(({ samples }) => pick(samples, values, first))), values, COLUMNS),
    },
  ];
}

function report({ say, shell }: Stage, { digits, faces, table }: Results): Findings {
  const { snapshots, real, fake } = faces;
  const { earlier, later } = acrossGenerations(table);
  const steps = snapshots.map(({ step }) => step.toLocaleString("en"));
  const last = [real[real.length - 1][1], fake[fake.length - 1][1]];
  const [frames, row] = overTime(say, faces, FACE);
  const [digitFrames, digitRow] = overTime(say, digits, DIGIT);
  const rows = say(
    `From top to bottom: after ${steps.join(", ")} updates.`,
    `由上到下：更新 ${steps.join("、")} 次之後。`,
  );
  return {
    summary: [
      say(
        `probability of being real that a D gives to faces of earlier Gs: ${percent(earlier)}; to those of later Gs: ${
          percent(later)
        }`,
        `D 把較早的 G 生成的臉判為真實的機率：${percent(earlier)}；較晚的 G：${percent(later)}`,
      ),
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
      share(
        "earlier",
        say("probability of being real that a D gives to faces of earlier Gs", "D 把較早的 G 生成的臉判為真實的機率"),
        earlier,
      ),
      share("later", say("the same of later Gs", "同上，較晚的 G"), later),
      share(
        "real-last",
        say("the same that the last D gives to new real faces", "最後的 D 把新的真實人臉判為真實的機率"),
        last[0],
      ),
      share("fake-last", say("the same of the last G's faces", "同上，最後的 G 生成的臉"), last[1]),
    ],
    figures: [
      {
        name: "faces",
        title: say("The same latent vectors", "同樣的潛在向量"),
        look: [
          say(
            "First colours and the outline, then eyes and mouth, then hair and glasses: what D can tell apart at the moment " +
              "is what G learns next.",
            "先是顏色和輪廓，然後是眼睛和嘴，再來是頭髮和眼鏡：D 當下分辨得出什麼，G 接著就學什麼。",
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
        name: "scores",
        title: say("What D says of real and of generated faces", "D 對真實與生成人臉的評分"),
        look: [
          say(
            "Probability of being real. That both lines stay apart and none sticks to an edge is how a healthy duel looks.",
            "判為真實的機率。兩條線一直分開，又都不貼著邊緣，就是健康的對決。",
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
            "橫列是更新若干次後的 D，直欄是更新若干次後的 G，數字是那個 D 把那個 G 生成的臉判為真實的機率。對角線以下，D 見過更好的偽造品；對角線以上，則是那個 D 從沒遇過的 G。",
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
