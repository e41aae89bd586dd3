/** Codes for images that nobody gave: drawn at random, or learned together with the generator. */
import * as duel from "../mod.ts";
import { decoder, imageOf, pixelError, SIZE } from "./digits.ts";
import type { Stage } from "./experiment.ts";
import { fit, type Limit, mapRows, minimise } from "./training.ts";

const BATCH = 64;
/**
 * Deviation of the numbers that codes start as. G takes no notice of the scale, its first batch norm undoes it; but an
 * update moves a code by about the learning rate, however small it is.
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

// #region G learns to make image i from code i
function lesson(store: duel.Store, model: duel.Model, { images, code, kind }: CodesOptions): duel.Program {
  return duel.trace(store, "lesson", () => {
    const table = duel.scope(
      "codes",
      () => duel.slot("table", [images, code], "parameter", duel.initializers.normal(0, START_SD)),
    );
    const codes = duel.ops.gather(duel.read(table), duel.input("which", [BATCH]));
    const made = model.generator(codes, "train");
    const loss = pixelError(made, duel.input("images", [BATCH, SIZE, SIZE, 1]));
    // The one difference: whether the error also moves the codes.
    return kind === "learned" ? minimise(loss, duel.GENERATOR, "codes") : minimise(loss, duel.GENERATOR);
  });
}
// #endregion

/** A generator that was taught, and the codes of the images. */
export interface Taught {
  /** [images, code] */
  readonly codes: Float32Array;
  /** Images of codes. */
  decode(codes: Float32Array): Promise<Float32Array>;
}

/** Teaches a generator the first images of the digits. */
export async function teachCodes(stage: Stage, options: CodesOptions): Promise<Taught> {
  const { label, limit, code, images: count } = options;
  const { seed } = stage;
  const set = stage.dataset("mnist");
  const model = decoder(code);
  const store = new duel.Store(seed);
  const learn = lesson(store, model, options);
  const make = duel.trace(store, "make", () => ({
    images: model.generator(duel.input("codes", [BATCH, code]), "evaluate"),
  }));
  const engine = await stage.compile(store, [learn, make]);
  const images = new Float32Array(BATCH * SIZE * SIZE);
  await fit(stage, engine, learn, {
    label,
    limit,
    batch(draw) {
      const shares = duel.random.uniforms(BATCH, seed, "which", draw);
      const which = Float32Array.from(shares, (share) => Math.floor(share * count));
      which.forEach((image, i) => images.set(imageOf(set, image), i * SIZE * SIZE));
      return { which, images };
    },
  });
  return {
    codes: Float32Array.from(engine.read("codes.table")),
    decode: (codes) => mapRows(engine, make, "codes", codes, "images"),
  };
}

/** For each code the index of the nearest other one. */
export function neighbours(codes: Float32Array, length: number): Uint32Array {
  const count = codes.length / length;
  return Uint32Array.from({ length: count }, (_, a) => {
    let [least, found] = [Infinity, a];
    for (let b = 0; b < count; b++) {
      let square = 0;
      for (let k = 0; k < length; k++) square += (codes[a * length + k] - codes[b * length + k]) ** 2;
      if (b !== a && square < least) [least, found] = [square, b];
    }
    return found;
  });
}
