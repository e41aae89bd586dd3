/** Codes for images that nobody gave: drawn at random, or learned together with the generator. */
import * as duel from "../mod.ts";
import { decoder, pixelError, trainingDigits } from "./digits.ts";
import type { Stage } from "./experiment.ts";
import { DIGIT, SIZE } from "./images.ts";
import { fit, type Limit, mapRows, minimise } from "./training.ts";

/** Images of an update. */
export const BATCH = 64;
/**
 * Standard deviation of the numbers that codes start as. G takes no notice of the scale, its first batch norm undoes
 * it; but how far codes move does not depend on it, so that smaller ones move faster in relation to their distances.
 * (Adam divides by the root mean square of a code's gradients over all updates, most of them without its image: one that
 * is seen every n updates moves by some √n learning rates each time, by momentum also while its image is not there.)
 */
const START_SD = 0.1;

export interface CodesOptions {
  readonly label: string;
  readonly kind: "random" | "learned";
  /** How many images of the set are learned. */
  readonly images: number;
  /** Numbers of a code. */
  readonly code: number;
  readonly limit: Limit;
}

// #region G learns to make image i from code i | G 學習從第 i 個碼生成第 i 張圖
function lesson(store: duel.Store, model: duel.Model, { images, code, kind }: CodesOptions): duel.Program {
  return duel.trace(store, "lesson", () => {
    const start = duel.initializers.normal(0, START_SD);
    const table = duel.scope("codes", () => duel.slot("table", [images, code], "parameter", start));
    const codes = duel.ops.gather(duel.read(table), duel.input("which", [BATCH]));
    const loss = pixelError(model.generator(codes, "train"), duel.input("images", [BATCH, SIZE, SIZE, 1]));
    // The one difference: whether the error also moves the codes.
    minimise(loss, kind === "learned" ? [duel.GENERATOR, "codes"] : [duel.GENERATOR]);
    return { loss };
  });
}
// #endregion

/** A generator that was taught, and the codes of the images. */
export interface Taught {
  /** [images, code] */
  readonly codes: Float32Array;
  /** How many updates it took. */
  readonly updates: number;
  /** Images of codes. */
  decode(codes: Float32Array): Promise<Float32Array>;
}

/** Teaches a generator the first images of the digits. */
export async function teachCodes(stage: Stage, options: CodesOptions): Promise<Taught> {
  const { label, limit, code, images: count } = options;
  const { seed } = stage;
  const set = trainingDigits(stage);
  const model = decoder(code);
  const store = new duel.Store(seed);
  const learn = lesson(store, model, options);
  const make = duel.trace(store, "make", () => ({
    images: model.generator(duel.input("codes", [BATCH, code]), "evaluate"),
  }));
  const engine = await stage.compile(store, [learn, make]);
  const images = new Float32Array(BATCH * DIGIT);
  const updates = await fit(stage, engine, learn, {
    label,
    limit,
    batch(draw) {
      const shares = duel.random.uniforms(BATCH, seed, "which", draw);
      const which = Float32Array.from(shares, (share) => Math.floor(share * count));
      which.forEach((image, i) => images.set(duel.imageValues(set, image, image + 1), i * DIGIT));
      return { which, images };
    },
  });
  return {
    codes: Float32Array.from(engine.read("codes.table")),
    updates,
    decode: (codes) => mapRows(engine, make, "codes", codes, "images"),
  };
}
