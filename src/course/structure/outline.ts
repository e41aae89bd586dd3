/**
 * An image from an image: outlines become faces (after Isola et al. 2017, with the squared error of pixels). With it
 * alone, what an outline leaves open comes out as the mean of all that is possible; a D that sees outline and face
 * together asks for a decision.
 */
import * as duel from "../../mod.ts";
import { pixelError } from "../digits.ts";
import type { Stage } from "../experiment.ts";
import { trainingFaces } from "../faces.ts";
import { BATCH } from "../image_duel.ts";
import { FACE, SIZE } from "../images.ts";
import { mapRows, minimise, rateAt, type Rates, repeat } from "../training.ts";

const { add, concat, detach, mean, mul, neg, reshape, softplus, tanh } = duel.ops;

const RATES: Readonly<Record<"discriminator" | "generator", Rates>> = {
  discriminator: { from: 1e-3, to: 1e-4 },
  generator: { from: 2e-3, to: 2e-4 },
};
/** Decay of G's moving average: single updates against D leave speckles. */
const AVERAGE = 0.99;
/** Weight of the pixel loss beside D. */
const PIXEL_WEIGHT = 30;
/** How much brightness must change from one pixel to the next for an outline. */
const EDGE = 0.25;

/** Where brightness changes: 1 on outlines, −1 elsewhere; [count, 32, 32, 1] of faces [count, 32, 32, 3]. */
export function outlines(faces: Float32Array): Float32Array {
  const count = faces.length / FACE;
  const light = Float32Array.from(
    { length: count * SIZE * SIZE },
    (_, i) => 0.3 * faces[3 * i] + 0.6 * faces[3 * i + 1] + 0.1 * faces[3 * i + 2],
  );
  return light.map((value, i) => {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE) % SIZE];
    const right = x + 1 < SIZE ? light[i + 1] : value;
    const below = y + 1 < SIZE ? light[i + SIZE] : value;
    return Math.hypot(right - value, below - value) > EDGE ? 1 : -1;
  });
}

/** Height and width of the squares whose colours count: noise of single pixels fades in their means. */
const SQUARE = 4;

/**
 * How colourful faces are: the mean difference between the strongest and the weakest of red, green and blue (chroma) in
 * squares of 4×4 pixels. That of a mean of colours is at most the mean of theirs.
 */
export function colourfulness(faces: Float32Array): number {
  const squares = new Float32Array(faces.length / SQUARE ** 2);
  faces.forEach((value, at) => {
    const [channel, column, row] = [at % 3, Math.floor(at / 3) % SIZE, Math.floor(at / 3 / SIZE)];
    const square = Math.floor(row / SQUARE) * (SIZE / SQUARE) + Math.floor(column / SQUARE);
    squares[3 * square + channel] += value / SQUARE ** 2;
  });
  let total = 0;
  for (let at = 0; at < squares.length; at += 3) {
    const colour = squares.subarray(at, at + 3);
    total += Math.max(...colour) - Math.min(...colour);
  }
  return total / (squares.length / 3);
}

// #region G looks at an outline ever more coarsely, then paints it ever more finely, with the finer views at hand | G 先把輪廓越看越粗，再把臉越畫越細，並隨時參考先前看到的細節
function paint(outline: duel.Tensor, mode: duel.Mode): duel.Tensor {
  const down = (name: string, x: duel.Tensor, width: number) => {
    const y = duel.conv2d(`${name}.conv`, x, width, { kernel: 4, stride: 2, padding: 1, bias: false });
    return duel.activation("leakyRelu")(name, duel.batchNorm(`${name}.norm`, y, mode));
  };
  const up = (name: string, x: duel.Tensor, width: number) => {
    const y = duel.convTranspose2d(`${name}.conv`, x, width, { kernel: 4, stride: 2, padding: 1, bias: false });
    return duel.activation("relu")(name, duel.batchNorm(`${name}.norm`, y, mode));
  };
  return duel.scope(duel.GENERATOR, () => {
    const half = down("down1", outline, 32);
    const quarter = down("down2", half, 64);
    const eighth = down("down3", quarter, 128);
    const fine = up("up3", eighth, 64);
    const finer = up("up2", concat([fine, quarter], 3), 32);
    const finest = up("up1", concat([finer, half], 3), 16);
    return tanh(duel.conv2d("last", concat([finest, outline], 3), 3, { kernel: 3, padding: 1 }));
  });
}
// #endregion

/**
 * One logit for each pair of outline and face. Spectral norm keeps D's slopes gentle: steep ones teach G speckles.
 */
function judge(outline: duel.Tensor, face: duel.Tensor): duel.Tensor {
  const down = (width: number): duel.Layer => (name, x) =>
    duel.conv2d(name, x, width, { kernel: 4, stride: 2, padding: 1 });
  return duel.withSpectralNorm(duel.DISCRIMINATOR, "train", () =>
    duel.scope(duel.DISCRIMINATOR, () =>
      reshape(
        duel.sequential(concat([outline, face], 3), [
          ...[32, 64, 128].flatMap((width): duel.Layer[] => [down(width), duel.activation("leakyRelu")]),
          (_, x) => duel.ops.flatten(x),
          (name, x) => duel.linear(name, x, 1),
        ]),
        [face.shape[0]],
      )));
}

/** Trains G on outlines of faces. @param duelled whether D takes part. @returns the painter: any number of outlines → faces. */
export async function playOutlines(
  stage: Stage,
  duelled: boolean,
): Promise<(outlines: Float32Array) => Promise<Float32Array>> {
  const { seed, say } = stage;
  const store = new duel.Store(seed);
  const outlined = () => duel.input("outline", [BATCH, SIZE, SIZE, 1]);
  const real = () => duel.input("face", [BATCH, SIZE, SIZE, 3]);
  const teach = duel.trace(store, "teach D", () => {
    const [outline, face] = [outlined(), real()];
    const painted = detach(paint(outline, "train"));
    const loss = add(mean(softplus(neg(judge(outline, face)))), mean(softplus(judge(outline, painted))));
    minimise(loss, [duel.DISCRIMINATOR], 0.5);
    return { loss };
  });
  const learn = duel.trace(store, "teach G", () => {
    const [outline, face] = [outlined(), real()];
    const painted = paint(outline, "train");
    const error = mul(pixelError(painted, face), PIXEL_WEIGHT);
    const loss = duelled ? add(error, mean(softplus(neg(judge(outline, painted))))) : error;
    minimise(loss, [duel.GENERATOR], 0.5);
    duel.updateAverage(duel.GENERATOR, duel.ops.constant(AVERAGE));
    return { loss };
  });
  const show = duel.trace(
    store,
    "show",
    () => ({ faces: duel.withAverage(duel.GENERATOR, () => paint(outlined(), "evaluate")) }),
  );
  const engine = await stage.compile(store, duelled ? [teach, learn, show] : [learn, show]);

  const feeder = new duel.BatchFeeder(trainingFaces(stage), { batch: BATCH, seed, flip: true });
  const face = new Float32Array(BATCH * FACE);
  const label = duelled ? say("outlines, with D", "輪廓，有 D") : say("outlines, pixel loss", "輪廓，逐像素損失");
  await repeat(stage, label, { steps: stage.steps(1000, 12) }, async (step, share) => {
    feeder.fill(step, face);
    const batch = { outline: outlines(face), face };
    const run = (program: duel.Program, rates: Rates, draw: number) =>
      engine.run(program, { ...batch, rate: rateAt(rates, share) }, { seed, draw });
    if (duelled) await run(teach, RATES.discriminator, 2 * step);
    const { loss } = await run(learn, RATES.generator, 2 * step + 1);
    return `loss ${loss[0].toFixed(2)}`;
  });
  return (outline) => mapRows(engine, show, "outline", outline, "faces");
}
