/** Faces that are painted from outlines, with and without a D that sees both. */
import { pixelErrorOf } from "../digits.ts";
import type { Findings, Stage } from "../experiment.ts";
import { newFaces } from "../faces.ts";
import { FACE, rows, sharpness } from "../images.ts";
import { number, percent, share } from "../numbers.ts";
import { colourfulness, outlines, playOutlines } from "./outline.ts";

/** Faces that are judged, and that are shown. */
const JUDGED = 512;
const COLUMNS = 8;

/** Faces painted from outlines. */
interface Painted {
  readonly faces: Float32Array;
  /** Both relative to real faces. */
  readonly sharpness: number;
  readonly colour: number;
  /** Mean squared error of a pixel of new faces. */
  readonly error: number;
}

/** The experiment with outlines. */
export async function withOutlines(stage: Stage): Promise<Pick<Findings, "summary" | "measures" | "figures">> {
  const { say } = stage;
  const real = newFaces(stage, JUDGED);
  const outline = outlines(real);
  const paint = async (duelled: boolean): Promise<Painted> => {
    const faces = await (await playOutlines(stage, duelled))(outline);
    return {
      faces,
      sharpness: sharpness(faces, FACE) / sharpness(real, FACE),
      colour: colourfulness(faces) / colourfulness(real),
      error: pixelErrorOf(faces, real),
    };
  };
  const [plain, duelled] = [await paint(false), await paint(true)];
  // Outlines as faces: dark on white.
  const drawn = Float32Array.from({ length: COLUMNS * FACE }, (_, i) => -outline[Math.floor(i / 3)]);
  const first = (faces: Float32Array) => faces.slice(0, COLUMNS * FACE);
  return {
    summary: [
      say(
        `faces from outlines, colourfulness relative to real ones: ${percent(plain.colour)} by pixel loss, ${
          percent(duelled.colour)
        } with D; sharpness: ${percent(plain.sharpness)} and ${percent(duelled.sharpness)}`,
        `由輪廓生成人臉，相對於真實人臉的彩度：只用逐像素損失 ${percent(plain.colour)}，有 D 時 ${
          percent(duelled.colour)
        }；銳利度：${percent(plain.sharpness)} 和 ${percent(duelled.sharpness)}`,
      ),
    ],
    measures: [
      share(
        "sharpness-plain",
        say("faces by pixel loss: sharpness relative to real ones", "逐像素損失的人臉：相對於真實人臉的銳利度"),
        plain.sharpness,
      ),
      share("sharpness-duel", say("faces with D: the same", "有 D 的人臉：同上"), duelled.sharpness),
      share(
        "colour-plain",
        say("faces by pixel loss: colourfulness relative to real ones", "逐像素損失的人臉：相對於真實人臉的彩度"),
        plain.colour,
      ),
      share("colour-duel", say("faces with D: the same", "有 D 的人臉：同上"), duelled.colour),
      number(
        "error-plain",
        say("faces by pixel loss: mean squared error of a pixel", "逐像素損失的人臉：像素的均方誤差"),
        plain.error,
      ),
      number("error-duel", say("faces with D: the same", "有 D 的人臉：同上"), duelled.error),
    ],
    figures: [
      {
        name: "outlines",
        title: say("Faces from outlines", "由輪廓生成人臉"),
        look: [
          say(
            "From top to bottom: the outline; by the pixel loss alone; with a D that sees outline and face; the real face.",
            "由上到下：輪廓、只用逐像素損失、加上能同時看到輪廓和臉的 D、真實的臉。",
          ),
          say(
            "An outline leaves colours open (it tells something of skin and hair: dark and bright ones have different edges), " +
              "and the squared error is smallest at the mean of all that are possible, which is never more " +
              "colourful than they are. Colourfulness (the mean difference between the strongest and the weakest of red, green " +
              `and blue, in squares of 4×4 pixels) relative to real faces: ${
                percent(plain.colour)
              } by the pixel loss, ${percent(duelled.colour)} with D.`,
            `輪廓不能決定顏色（但深色和淺色的膚色、髮色，邊緣不同，多少透露一些），而平方誤差在所有可能的顏色的平均處最小；平均色的彩度不會比原來的顏色高。彩度（在 4×4 像素的方格中，紅、綠、藍最強與最弱的差，取平均）相對於真實人臉：只用逐像素損失是 ${
              percent(plain.colour)
            }，有 D 時是 ${percent(duelled.colour)}。`,
          ),
          say(
            `With D, pixels are further from those of the real face (squared error ${
              duelled.error.toFixed(3)
            } against ${plain.error.toFixed(3)}): a decided colour may be the wrong one, a mean is never far off.`,
            `有 D 時，像素離真實的臉反而較遠（平方誤差 ${duelled.error.toFixed(3)}，沒有 D 是 ${
              plain.error.toFixed(3)
            }）：選定的顏色可能選錯，平均色則不會差太遠。`,
          ),
          say(
            `Edges are in the outline already. Sharpness relative to real faces: ${
              percent(plain.sharpness)
            } by the pixel loss, ${percent(duelled.sharpness)} with D. Blur lowers it and noise raises it.`,
            `邊緣已經在輪廓裡了。相對於真實人臉的銳利度：只用逐像素損失是 ${percent(plain.sharpness)}，有 D 時是 ${
              percent(duelled.sharpness)
            }。模糊會讓它降低，雜訊會讓它升高。`,
          ),
        ],
        content: { kind: "picture", picture: rows(FACE, ...[drawn, plain.faces, duelled.faces, real].map(first)) },
      },
    ],
  };
}
