/** What a latent vector is made of: paths between two of them, single numbers, directions of labels, arithmetic. */
import { AVERAGED, COLUMNS, investigate, REACH, type Results } from "./latent_space.ts";
import type { Experiment, Findings, Stage } from "./experiment.ts";
import { aboutKernelDistance } from "./eyes.ts";
import { LATENT } from "./faces.ts";
import { FACE, pick, sheet } from "./images.ts";
import { joined, number, percent, share, short } from "./numbers.ts";

/** Paths that are shown row by row, and those that can be played. */
const SHOWN_PATHS = 5;
const PLAYED_PATHS = 16;

function report({ say, shell }: Stage, { pink, dark, chance, paths, single, sums, ...sheets }: Results): Findings {
  const equal = percent(1 / (COLUMNS - 1), 1);
  const frames = paths.images.map((images) => images.subarray(0, PLAYED_PATHS * FACE));
  const rows = Array.from({ length: SHOWN_PATHS }, (_, who) => paths.images.map((images) => pick(images, FACE, [who])));
  return {
    summary: [
      say(
        `moved along the direction of pink hair: ${percent(pink.after)} have it, ${percent(pink.before)} before; ${
          percent(pink.kept)
        } keep skin and beard`,
        `沿著「粉紅頭髮」的方向移動後：${percent(pink.after)} 是粉紅頭髮，之前是 ${percent(pink.before)}；${
          percent(pink.kept)
        } 的膚色和鬍子不變`,
      ),
      say(
        `moved along the direction of dark glasses: ${percent(dark.after)} wear them, ${percent(dark.before)} before; ${
          percent(dark.kept)
        } keep skin and beard (two faces have both in common by chance: ${percent(chance)})`,
        `沿著「墨鏡」的方向移動後：${percent(dark.after)} 戴墨鏡，之前是 ${percent(dark.before)}；${
          percent(dark.kept)
        } 的膚色和鬍子不變（任兩張臉碰巧都相同的機率：${percent(chance)}）`,
      ),
      say(
        `dark glasses by arithmetic: ${percent(sums.dark)} wear them, ${percent(sums.hair)} keep their colour of hair`,
        `用向量加減戴上墨鏡：${percent(sums.dark)} 戴上了，${percent(sums.hair)} 的髮色不變`,
      ),
      say("nobody told G what hair or glasses are", "從來沒有人告訴 G 什麼是頭髮、什麼是眼鏡"),
    ],
    measures: [
      share("pink-before", say("faces with pink hair", "粉紅頭髮的臉的比例"), pink.before),
      share("pink-after", say("the same faces, moved along its direction", "同樣的臉，沿其方向移動後"), pink.after),
      share(
        "pink-kept",
        say("faces that keep skin and beard when moved there", "這樣移動時，膚色和鬍子不變的比例"),
        pink.kept,
      ),
      share("dark-before", say("faces with dark glasses", "戴墨鏡的臉的比例"), dark.before),
      share("dark-after", say("the same faces, moved along their direction", "同樣的臉，沿其方向移動後"), dark.after),
      share(
        "dark-kept",
        say("faces that keep skin and beard when moved there", "這樣移動時，膚色和鬍子不變的比例"),
        dark.kept,
      ),
      share(
        "kept-chance",
        say("pairs of faces that have skin and beard in common by chance", "兩張臉碰巧膚色和鬍子都相同的比例"),
        chance,
      ),
      share(
        "sums",
        say(
          "faces without glasses that wear dark ones after the arithmetic",
          "沒戴眼鏡的臉，經過向量加減後戴上墨鏡的比例",
        ),
        sums.dark,
      ),
      share(
        "sums-hair",
        say("faces that keep their colour of hair in the arithmetic", "經過向量加減後，髮色不變的比例"),
        sums.hair,
      ),
      share(
        "largest-step",
        say(
          `part of the change on a path that its largest step makes (${equal} if all are equal)`,
          `一條路徑上，最大的一步佔全部變化的比例（每步都相等時是 ${equal}）`,
        ),
        paths.largest,
      ),
      number(
        "distance-middle",
        say("kernel distance of faces in the middle of paths", "路徑中點的臉的核距離"),
        paths.middles,
      ),
      number("distance-ends", say("kernel distance of faces at their start", "路徑起點的臉的核距離"), paths.ends),
      share(
        "number-any",
        say(
          `faces in which an attribute changes with one number, from −${REACH} to ${REACH}`,
          `一個維度從 −${REACH} 改到 ${REACH} 時，有任何屬性改變的臉的比例`,
        ),
        single.any,
      ),
      share(
        "number-several",
        say("of these, those in which several change", "其中不只一個屬性改變的比例"),
        single.several,
      ),
    ],
    figures: [
      {
        name: "interpolation",
        title: say("From one face to another", "從一張臉到另一張臉"),
        look: [
          say(
            "Left and right are two latent vectors, between them points on the great circle. If G had memorised single " +
              `images, a path would jump from one to the next. Does it? On average the largest of ${
                COLUMNS - 1
              } steps makes ` +
              `${
                percent(paths.largest)
              } of all the change on its path: ${equal} if all steps are equal, 100 % for one jump.`,
            "左右兩端是兩個潛在向量，中間是大圓上的點。如果 G 只是把圖一張張背下來，沿路就會從一張跳到另一張。真的會跳嗎？" +
              `平均而言，${COLUMNS - 1} 步裡最大的一步佔全程變化的 ${
                percent(paths.largest)
              }：每步都相等是 ${equal}，一次跳完則是 100 %。`,
          ),
          say(
            `Are those in the middle faces? Their kernel distance from real faces is ${
              short(paths.middles)
            }, that of the faces at the start ${short(paths.ends)}.`,
            `中間的也是臉嗎？它們與真實人臉的核距離是 ${short(paths.middles)}，起點的臉則是 ${short(paths.ends)}。`,
          ),
          aboutKernelDistance(say),
        ],
        content: { kind: "picture", picture: sheet(joined(rows.flat()), FACE, COLUMNS) },
      },
      {
        name: "paths",
        title: say(`${PLAYED_PATHS} such paths at once`, `同時走 ${PLAYED_PATHS} 條這樣的路徑`),
        look: [say("Play them, or move the slider.", "播放，或拖動滑桿。")],
        content: {
          kind: "frames",
          frames: frames.map((images, step) => ({
            caption: say(
              `${percent(step / (COLUMNS - 1), 1)} of the way`,
              `全程的 ${percent(step / (COLUMNS - 1), 1)}`,
            ),
            picture: sheet(images, FACE, 8),
          })),
        },
      },
      {
        name: "sweep",
        title: say("One number at a time", "一次只改一個維度"),
        look: [
          say(
            `Each row changes one number of the same vector from −${REACH} to ${REACH}. Does a number stand for one thing? Of ` +
              "hair, style, skin, glasses and beard, " +
              `at least one changes in ${percent(single.any)} of cases, and in ${
                percent(single.several)
              } of these more than one does.`,
            `每一列把同一個向量的其中一維從 −${REACH} 改到 ${REACH}。一個維度只代表一樣東西嗎？` +
              `髮色、髮型、膚色、眼鏡、鬍子之中，${percent(single.any)} 的臉至少有一樣改變，其中 ${
                percent(single.several)
              } 不只改變一樣。`,
          ),
        ],
        content: { kind: "picture", picture: sheet(sheets.sweep, FACE, COLUMNS) },
      },
      {
        name: "directions",
        title: say("Directions of labels", "標籤的方向"),
        look: [
          say(
            "Two faces moved along the direction of pink hair, then both along that of dark glasses. In the middle is the face " +
              `itself, to the right it goes ${REACH} along the direction, to the left as far the opposite way.`,
            "前兩列是兩張臉沿著粉紅頭髮的方向移動，後兩列是同樣兩張臉沿著墨鏡的方向移動。" +
              `正中間是原來的臉，越往右沿著該方向走得越遠（最多 ${REACH}），往左則是相反的方向，走得一樣遠。`,
          ),
          say(
            "Directions are found from samples alone: a classifier says who has pink hair, and the means of both groups are " +
              "subtracted.",
            "方向只靠樣本就能找出：由分類器判斷誰是粉紅頭髮，再把兩群的平均相減。",
          ),
        ],
        content: { kind: "picture", picture: sheet(sheets.moves, FACE, COLUMNS) },
      },
      {
        name: "arithmetic",
        title: say("Arithmetic", "向量加減"),
        look: [
          say(
            "Pink hair with dark glasses − pink hair without glasses + other hair without glasses = the last face. The first " +
              `three are means of up to ${AVERAGED} vectors; G gets all four drawn out to the length that a latent vector ` +
              `usually has, ${Math.sqrt(LATENT)}. The step from the second to the first is ${
                sums.length.toFixed(1)
              } long.`,
            "粉紅頭髮戴墨鏡 − 粉紅頭髮沒戴眼鏡 + 其他髮色沒戴眼鏡 = 最後一張臉。" +
              `前三個各是最多 ${AVERAGED} 個向量的平均；四個向量都先拉長到潛在向量通常的長度 ${
                Math.sqrt(LATENT)
              }，再交給 G。` +
              `第二個到第一個的這一步長 ${sums.length.toFixed(1)}。`,
          ),
          say(
            `The same step for up to ${AVERAGED} single faces without glasses: ${
              percent(sums.dark)
            } wear dark ones after it, and ${percent(sums.hair)} keep their colour of hair.`,
            `讓最多 ${AVERAGED} 張沒戴眼鏡的臉各走同樣的一步：之後 ${percent(sums.dark)} 戴上墨鏡，${
              percent(sums.hair)
            } 的髮色不變。`,
          ),
        ],
        content: { kind: "picture", picture: sheet(sheets.arithmetic, FACE, 4, 3) },
      },
    ],
    next: [
      say(
        "Change pink and dark in latent_space.ts to other classes of hair and glasses.",
        "把 latent_space.ts 的 pink 和 dark 換成其他髮色和眼鏡的類別。",
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
    en: "faces: interpolation, sweeps of single numbers, directions for hair colour and glasses, arithmetic on codes",
    "zh-TW": "人臉：內插、一次改一個維度、髮色與眼鏡的方向、碼的加減",
  },
  data: ["faces"],
  run: async (stage) => report(stage, await investigate(stage)),
};
