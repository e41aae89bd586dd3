/** Auto-encoders and variational ones: an encoder finds the codes that a generator is taught with. */
import * as duel from "../mod.ts";
import { decoder, encoder, pixelError, SIZE } from "./digits.ts";
import type { Stage } from "./experiment.ts";
import { fit, type Limit, mapRows, minimise } from "./training.ts";

const { add, exp, mean, mul, normal, slice, square, sub, sum } = duel.ops;

const BATCH = 64;

export interface CoderOptions {
  readonly label: string;
  /** Numbers of a code. */
  readonly code: number;
  /** auto-encoder: code = m. variational: code = m + eˢ·ε. without-price: the same, but nothing keeps eˢ up. */
  readonly kind: "auto-encoder" | "variational" | "without-price";
  readonly limit: Limit;
}

/** What is known of each image in a batch: where its code is, and how far noise moves it. */
interface Seen {
  /** [batch, code] */
  readonly center: duel.Tensor;
  /** s = log σ, [batch, code] */
  readonly spread: duel.Tensor;
}

function see(images: duel.Tensor, code: number, mode: duel.Mode): Seen {
  const both = encoder(images, 2 * code, mode);
  const [batch] = both.shape;
  return { center: slice(both, [0, 0], [batch, code]), spread: slice(both, [0, code], [batch, code]) };
}

// #region Encoder and decoder learn together; the variational one adds noise to the code
function lesson(store: duel.Store, model: duel.Model, { code, kind }: CoderOptions): duel.Program {
  return duel.trace(store, "lesson", () => {
    const images = duel.input("images", [BATCH, SIZE, SIZE, 1]);
    const { center, spread } = see(images, code, "train");
    const noise = mul(exp(spread), normal("noise", center.shape));
    const made = model.generator(kind === "auto-encoder" ? center : add(center, noise), "train");
    // −log p(image | code) for pixels with a deviation of PIXEL_SD, but for a constant.
    const error = mul(pixelError(made, images), SIZE * SIZE / (2 * PIXEL_SD ** 2));
    // What a code costs: the divergence of N(m, σ²) from N(0, 1) (Kingma & Welling 2014, appendix B). Its part
    // σ² − 2·log σ is lowest at σ = 1: without it, σ would vanish.
    const price = mul(mean(sum(sub(add(square(center), exp(mul(spread, 2))), add(mul(spread, 2), 1)), [1])), 0.5);
    const { loss } = minimise(kind === "variational" ? add(error, price) : error, "E", duel.GENERATOR);
    return { loss, error: pixelError(made, images), deviation: mean(exp(spread)) };
  });
}
// #endregion

/** Deviation of a pixel around what the decoder makes of a code. */
const PIXEL_SD = 0.7;

/** An encoder and a decoder that have learned. */
export interface Coder {
  readonly code: number;
  /** Codes of images, [count, code]: the centres, without noise. */
  encode(images: Float32Array): Promise<Float32Array>;
  /** Images of codes. */
  decode(codes: Float32Array): Promise<Float32Array>;
  /** Mean eˢ of a batch, over time. */
  readonly deviations: readonly (readonly [step: number, deviation: number])[];
}

/** Trains on the digits of the stage. */
export async function trainCoder(stage: Stage, options: CoderOptions): Promise<Coder> {
  const { code, label, limit } = options;
  const { seed } = stage;
  const model = decoder(code);
  const store = new duel.Store(seed);
  const learn = lesson(store, model, options);
  const images = [BATCH, SIZE, SIZE, 1];
  const encode = duel.trace(store, "encode", () => ({
    codes: see(duel.input("images", images), code, "evaluate").center,
  }));
  const decode = duel.trace(store, "decode", () => ({
    images: model.generator(duel.input("codes", [BATCH, code]), "evaluate"),
  }));
  const engine = await stage.compile(store, [learn, encode, decode]);
  const feeder = new duel.BatchFeeder(stage.dataset("mnist"), { batch: BATCH, seed, flip: false });
  const batch = new Float32Array(BATCH * SIZE * SIZE);
  const deviations: [number, number][] = [];
  await fit(stage, engine, learn, {
    label,
    limit,
    batch(draw) {
      feeder.fill(draw, batch);
      return { images: batch };
    },
    after: (step, { deviation }) => void deviations.push([step, deviation[0]]),
  });
  return {
    code,
    deviations,
    encode: (images) => mapRows(engine, encode, "images", images, "codes"),
    decode: (codes) => mapRows(engine, decode, "codes", codes, "images"),
  };
}

/** Codes on a square around 0, row by row from the top left: `side`² of them, from −`reach` to `reach`. */
export function codeGrid(side: number, reach: number): Float32Array {
  const at = (i: number) => reach * (2 * i / (side - 1) - 1);
  return Float32Array.from(
    { length: 2 * side * side },
    (_, i) => i % 2 === 0 ? at((i >> 1) % side) : -at(Math.floor((i >> 1) / side)),
  );
}

/** Codes halfway between those of neighbours in the list: the first and second, the third and fourth … */
export function midpoints(codes: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length: codes.length / 2 }, (_, i) => {
    const [pair, k] = [Math.floor(i / length), i % length];
    return (codes[2 * pair * length + k] + codes[(2 * pair + 1) * length + k]) / 2;
  });
}

/** Codes drawn from a normal distribution with the mean and covariance of others: what a user would try. */
export function drawCodes(stage: Stage, codes: Float32Array, length: number, count: number): Float32Array {
  const n = codes.length / length;
  const center = new Float64Array(length);
  codes.forEach((value, i) => center[i % length] += value / n);
  const sd = new Float64Array(length);
  codes.forEach((value, i) => sd[i % length] += (value - center[i % length]) ** 2 / n);
  return Float32Array.from(
    duel.random.normals(count * length, stage.seed, "codes", 0),
    (value, i) => center[i % length] + Math.sqrt(sd[i % length]) * value,
  );
}
