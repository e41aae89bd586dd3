/** Auto-encoders and variational ones: an encoder finds the codes that a generator is taught with. */
import * as duel from "../mod.ts";
import { distributionOf, drawn, klToNormal } from "./code_distribution.ts";
import { decoder, encoder, pixelError, trainingDigits } from "./digits.ts";
import type { Stage } from "./experiment.ts";
import { DIGIT, SIZE } from "./images.ts";
import { fit, type Limit, mapRows, minimise } from "./training.ts";

const { add, exp, mean, mul } = duel.ops;

const BATCH = 64;
/** Standard deviation of a pixel around what the decoder makes of a code: how much an error of pixels weighs. */
const PIXEL_SD = 0.7;

export interface CoderOptions {
  readonly label: string;
  /** Numbers of a code. */
  readonly code: number;
  /** auto-encoder: the code is m. variational: it is m + eˢ·ε. without-kl: the same, but nothing keeps eˢ up. */
  readonly kind: "auto-encoder" | "variational" | "without-kl";
  readonly limit: Limit;
}

// #region Encoder and decoder learn together | 編碼器與解碼器一起學習
function lesson(store: duel.Store, model: duel.Model, { code, kind }: CoderOptions): duel.Program {
  return duel.trace(store, "lesson", () => {
    const images = duel.input("images", [BATCH, SIZE, SIZE, 1]);
    const found = distributionOf(encoder(images, 2 * code, "train"));
    const made = model.generator(kind === "auto-encoder" ? found.center : drawn(found), "train");
    // −log p(image | code), but for a constant.
    const error = mul(pixelError(made, images), DIGIT / (2 * PIXEL_SD ** 2));
    const loss = kind === "variational" ? add(error, klToNormal(found)) : error;
    minimise(loss, ["E", duel.GENERATOR]);
    return { loss, deviation: mean(exp(found.logSd)) };
  });
}
// #endregion

/** An encoder and a decoder that have learned. */
export interface Coder {
  readonly code: number;
  /** Codes of images, [count, code]: the centres, without noise. */
  encode(images: Float32Array): Promise<Float32Array>;
  /** Images of codes. */
  decode(codes: Float32Array): Promise<Float32Array>;
  /** How many updates it took. */
  readonly updates: number;
  /** Mean eˢ of a batch, over time. */
  readonly deviations: readonly (readonly [step: number, deviation: number])[];
}

/** Trains on the digits of the stage. */
export async function trainCoder(stage: Stage, options: CoderOptions): Promise<Coder> {
  const { code, label, limit } = options;
  const model = decoder(code);
  const store = new duel.Store(stage.seed);
  const learn = lesson(store, model, options);
  const encode = duel.trace(store, "encode", () => ({
    codes: distributionOf(encoder(duel.input("images", [BATCH, SIZE, SIZE, 1]), 2 * code, "evaluate")).center,
  }));
  const decode = duel.trace(store, "decode", () => ({
    images: model.generator(duel.input("codes", [BATCH, code]), "evaluate"),
  }));
  const engine = await stage.compile(store, [learn, encode, decode]);
  const feeder = new duel.BatchFeeder(trainingDigits(stage), { batch: BATCH, seed: stage.seed, flip: false });
  const images = new Float32Array(BATCH * DIGIT);
  const deviations: [number, number][] = [];
  const updates = await fit(stage, engine, learn, {
    label,
    limit,
    batch(draw) {
      feeder.fill(draw, images);
      return { images };
    },
    after: (step, { deviation }) => void deviations.push([step, deviation[0]]),
  });
  return {
    ...{ code, updates, deviations },
    encode: (images) => mapRows(engine, encode, "images", images, "codes"),
    decode: (codes) => mapRows(engine, decode, "codes", codes, "images"),
  };
}
