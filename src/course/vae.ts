/**
 * The variational auto-encoder: code = m + eˢ·ε. The noise makes the decoder answer for all codes nearby, and what a
 * code costs keeps the noise from vanishing.
 */
import * as duel from "../mod.ts";
import { codeGrid, midpoints, trainCoder } from "./coders.ts";
import { joined, rowsOf, sharpness, sheet, SIZE } from "./digits.ts";
import { Eyes } from "./eyes.ts";
import type { Experiment } from "./experiment.ts";

const PIXELS = SIZE * SIZE;
const CODE = 32;
const LOOKED_AT = 4000;
const SHOWN = 12;

export const experiment: Experiment = {
  title: { en: "VAE: noise on the code", "zh-TW": "VAE：在碼上加雜訊" },
  about: {
    en: "what noise on the code repairs, why its variance needs a price, and why images get blurred",
    "zh-TW": "碼上的雜訊修好了什麼、為什麼變異數需要代價、為什麼圖會模糊",
  },
  data: ["mnist"],
  async run(stage) {
    const { say } = stage;
    const eyes = await Eyes.open(stage);
    const set = stage.dataset("mnist");
    const limit = { steps: stage.steps(6000, 100) };
    const auto = await trainCoder(stage, {
      label: say("auto-encoder", "自動編碼器"),
      code: CODE,
      kind: "auto-encoder",
      limit,
    });
    const vae = await trainCoder(stage, { label: "VAE", code: CODE, kind: "variational", limit });
    const free = await trainCoder(stage, {
      label: say("VAE, no price", "沒有代價的 VAE"),
      code: CODE,
      kind: "without-price",
      limit,
    });
    const flat = await trainCoder(stage, {
      label: say("VAE, codes of 2", "二維碼的 VAE"),
      code: 2,
      kind: "variational",
      limit,
    });

    const images = duel.imageValues(set, 0, stage.size(LOOKED_AT, 400));
    const count = images.length / PIXELS / 2;
    const halfway = async (coder: typeof vae) => await coder.decode(midpoints(await coder.encode(images), CODE));
    const [autoMiddle, vaeMiddle] = [await halfway(auto), await halfway(vae)];
    const normal = Float32Array.from(duel.random.normals(count * CODE, stage.seed, "samples", 0));
    const [vaeDrawn, autoDrawn] = [await vae.decode(normal), await auto.decode(normal)];
    const precision = async (samples: Float32Array) => (await eyes.measure(samples, "precision"))[0];
    const [middleAuto, middleVae] = [await precision(autoMiddle), await precision(vaeMiddle)];
    const [drawnVae, drawnAuto] = [await precision(vaeDrawn), await precision(autoDrawn)];
    const blur = sharpness(vaeDrawn) / sharpness(images);
    const last = (coder: typeof vae) => coder.deviations[coder.deviations.length - 1][1];
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;

    const pairs = (offset: number) => {
      const row = new Float32Array(SHOWN * PIXELS);
      for (let i = 0; i < SHOWN; i++) {
        row.set(images.subarray((2 * i + offset) * PIXELS, (2 * i + offset + 1) * PIXELS), i * PIXELS);
      }
      return row;
    };
    const share = (name: string, about: string, value: number) => ({ name, about, value, share: true });
    return {
      summary: [
        say(
          `halfway between two codes: ${percent(middleVae.value)} among real digits, of the auto-encoder ${
            percent(middleAuto.value)
          }`,
          `兩碼中點落在真實數字之中：VAE ${percent(middleVae.value)}，自動編碼器 ${percent(middleAuto.value)}`,
        ),
        say(
          `codes drawn from N(0, 1): ${percent(drawnVae.value)} against ${percent(drawnAuto.value)}`,
          `從 N(0, 1) 抽的碼：${percent(drawnVae.value)} 對 ${percent(drawnAuto.value)}`,
        ),
        say(
          `without a price the noise vanishes: mean σ ${last(free).toPrecision(2)} against ${last(vae).toPrecision(2)}`,
          `沒有代價，雜訊就消失：σ 平均 ${last(free).toPrecision(2)}，有代價時 ${last(vae).toPrecision(2)}`,
        ),
        say(
          `samples are blurred: ${percent(blur)} of the sharpness of real digits`,
          `生成的圖是模糊的：銳利度只有真實數字的 ${percent(blur)}`,
        ),
      ],
      measures: [
        share(
          "precision-middle-vae",
          say("VAE, halfway between two codes: share among real digits", "VAE 兩碼中點：落在真實數字之中的比例"),
          middleVae.value,
        ),
        share("precision-middle-auto", say("auto-encoder, the same", "自動編碼器，同上"), middleAuto.value),
        share(
          "precision-drawn-vae",
          say("VAE, codes from N(0, 1): share among real digits", "VAE，從 N(0, 1) 抽的碼：落在真實數字之中的比例"),
          drawnVae.value,
        ),
        share("precision-drawn-auto", say("auto-encoder, the same", "自動編碼器，同上"), drawnAuto.value),
        share("precision-real", say("real digits", "真實數字"), middleVae.floor),
        { name: "deviation-vae", about: say("VAE: mean σ of a code", "VAE：碼的平均 σ"), value: last(vae) },
        { name: "deviation-free", about: say("without a price: mean σ", "沒有代價：平均 σ"), value: last(free) },
        share("sharpness", say("sharpness of samples, of that of real digits", "生成圖的銳利度，相對於真實數字"), blur),
      ],
      figures: [
        {
          name: "middle",
          title: say("Halfway between two codes", "兩個碼的中點"),
          look: [
            say(
              "First and last row: two images. Second row: halfway between them for the auto-encoder; third row: for the VAE.",
              "第一排和最後一排是兩張圖；第二排是自動編碼器的中點，第三排是 VAE 的中點。",
            ),
          ],
          content: {
            kind: "picture",
            picture: rowsOf(
              pairs(0),
              autoMiddle.slice(0, SHOWN * PIXELS),
              vaeMiddle.slice(0, SHOWN * PIXELS),
              pairs(1),
            ),
          },
        },
        {
          name: "deviation",
          title: say("What becomes of the noise", "雜訊的下場"),
          look: [
            say(
              "σ = eˢ, the deviation of the noise on the code, averaged. Noise makes reconstructions worse, so a network that " +
                "only pays for these turns it off (or, which is the same, moves codes so far apart that it does not " +
                "matter). The price of a code in the VAE's loss holds it.",
              "σ = eˢ 是碼上雜訊的標準差（平均）。雜訊讓重建變差，如果只看重建誤差，網路就會把它關掉。VAE 損失中碼的代價把它留住。",
            ),
          ],
          content: {
            kind: "chart",
            series: [
              { name: "VAE", points: vae.deviations },
              { name: say("without a price", "沒有代價"), points: free.deviations },
            ],
          },
        },
        {
          name: "sweep",
          title: say("A sweep over codes of two numbers", "掃過二維的碼"),
          look: [
            say(
              "From −2.5 to 2.5 in both directions. All of the square is in use, and one digit becomes another without a gap.",
              "兩個方向都從 −2.5 到 2.5。整個方形都用到了，一個數字連續地變成另一個。",
            ),
          ],
          content: { kind: "picture", picture: sheet(await flat.decode(codeGrid(18, 2.5)), 18, 1) },
        },
        {
          name: "drawn",
          title: say("Samples", "生成的樣本"),
          look: [
            say(
              "Codes drawn from N(0, 1). Top half: VAE. Bottom half: auto-encoder. The VAE's are digits, but blurred: where " +
                "several images share a code, their mean has the least error.",
              "從 N(0, 1) 抽的碼。上半是 VAE，下半是自動編碼器。VAE 的是數字，但是模糊：幾張圖共用一個碼時，它們的平均誤差最小。",
            ),
          ],
          content: {
            kind: "picture",
            picture: sheet(joined(vaeDrawn.slice(0, 36 * PIXELS), autoDrawn.slice(0, 36 * PIXELS)), 12),
          },
        },
      ],
      next: [
        say("Change PIXEL_SD in coders.ts: what is traded for what?", "改 coders.ts 的 PIXEL_SD：什麼換來了什麼？"),
        say(
          "deno task course pixel-loss: why the mean is a bad answer",
          "deno task course pixel-loss：為什麼平均是不好的答案",
        ),
      ],
    };
  },
};
