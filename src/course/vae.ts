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
    const distance = async (samples: Float32Array) => (await eyes.measure(samples, "kernel-distance"))[0];
    const [middleAuto, middleVae] = [await distance(autoMiddle), await distance(vaeMiddle)];
    const [drawnVae, drawnAuto] = [await distance(vaeDrawn), await distance(autoDrawn)];
    const blur = sharpness(vaeDrawn) / sharpness(images);
    const last = (coder: typeof vae) => coder.deviations[coder.deviations.length - 1][1];
    const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
    const short = (value: number) => value.toPrecision(2);

    const pairs = (offset: number) => {
      const row = new Float32Array(SHOWN * PIXELS);
      for (let i = 0; i < SHOWN; i++) {
        row.set(images.subarray((2 * i + offset) * PIXELS, (2 * i + offset + 1) * PIXELS), i * PIXELS);
      }
      return row;
    };
    return {
      summary: [
        say(
          `halfway between two codes: kernel distance from real digits ${short(middleVae.value)}, of the auto-encoder ${
            short(middleAuto.value)
          }`,
          `兩碼中點與真實數字的核距離：VAE ${short(middleVae.value)}，自動編碼器 ${short(middleAuto.value)}`,
        ),
        say(
          `codes drawn from N(0, 1): ${short(drawnVae.value)} against ${short(drawnAuto.value)}`,
          `從 N(0, 1) 抽的碼：${short(drawnVae.value)} 對 ${short(drawnAuto.value)}`,
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
        {
          name: "middle-vae",
          about: say(
            "VAE, halfway between two codes: kernel distance from real digits",
            "VAE 兩碼中點：與真實數字的核距離",
          ),
          value: middleVae.value,
        },
        { name: "middle-auto", about: say("auto-encoder, the same", "自動編碼器，同上"), value: middleAuto.value },
        {
          name: "drawn-vae",
          about: say("VAE, codes from N(0, 1): kernel distance", "VAE，從 N(0, 1) 抽的碼：核距離"),
          value: drawnVae.value,
        },
        { name: "drawn-auto", about: say("auto-encoder, the same", "自動編碼器，同上"), value: drawnAuto.value },
        { name: "real", about: say("real digits, the same", "真實數字，同上"), value: middleVae.floor },
        { name: "deviation-vae", about: say("VAE: mean σ of a code", "VAE：碼的平均 σ"), value: last(vae) },
        { name: "deviation-free", about: say("without a price: mean σ", "沒有代價：平均 σ"), value: last(free) },
        {
          name: "sharpness",
          about: say("sharpness of samples, of that of real digits", "生成圖的銳利度，相對於真實數字"),
          value: blur,
          share: true,
        },
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
          `${stage.shell} course pixel-loss: why the mean is a bad answer`,
          `${stage.shell} course pixel-loss：為什麼平均是不好的答案`,
        ),
      ],
    };
  },
};
