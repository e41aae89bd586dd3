/** Conditions between two labels of faces, and what is seen of them. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import type { Eyes } from "./eyes.ts";
import { LATENT, latentsOf } from "./faces.ts";
import { FACE } from "./images.ts";
import { shareOf } from "./numbers.ts";

/** Steps from one label to another, and faces of each mixture. */
export const MIXED = 9;
export const EACH = 64;

// #region A condition need not be one label or the other: half of each is a condition as well | 條件不一定是這個或那個標籤：各取一半也是條件
/** Makes EACH samples of any condition [EACH, `length`]: `samples`, from `z` and `condition`. */
export function mixer(
  store: duel.Store,
  model: duel.Model,
  conditioning: duel.Conditioning,
  length: number,
): duel.Program {
  return duel.trace(store, "mix", () => {
    const z = duel.input("z", [EACH, LATENT]);
    const condition = duel.input("condition", [EACH, length]);
    const make = () => duel.generate({ model, conditioning }, z, "evaluate", condition);
    return { samples: duel.withAverage(duel.GENERATOR, make) };
  });
}
// #endregion

/** Faces of a condition between blue and pink. */
export interface Mixture {
  /** The share of pink. */
  readonly part: number;
  readonly faces: Float32Array;
  /** Shares of faces whose hair is taken for blue, and for pink. */
  readonly blue: number;
  readonly pink: number;
  /** How far the pixels of each face have come from those of blue, 0, to those of pink, 1. */
  readonly way: readonly number[];
}

/**
 * From blue hair to pink without glasses, always of the same latent vectors.
 * @param paint makes EACH faces of one condition.
 */
export async function fromBlueToPink(
  stage: Stage,
  eyes: Eyes,
  paint: (latents: Float32Array, condition: Float32Array) => Promise<Float32Array>,
  hair: readonly string[],
  glasses: readonly string[],
): Promise<Mixture[]> {
  const [blue, pink] = [hair.indexOf("blue"), hair.indexOf("pink")];
  const made: { part: number; faces: Float32Array }[] = [];
  for (let i = 0; i < MIXED; i++) {
    const part = i / (MIXED - 1);
    const condition = new Float32Array(hair.length + glasses.length);
    condition[blue] = 1 - part;
    condition[pink] = part;
    condition[hair.length + glasses.indexOf("none")] = 1;
    made.push({ part, faces: await paint(latentsOf(stage, "mixed", EACH), condition) });
  }
  const [start, end] = [made[0].faces, made[MIXED - 1].faces];
  const mixtures: Mixture[] = [];
  for (const { part, faces } of made) {
    const seen = await eyes.classes(faces, "hair");
    const way = Array.from({ length: EACH }, (_, who) => {
      const at = (images: Float32Array) => images.subarray(who * FACE, (who + 1) * FACE);
      return shareOfWay(at(start), at(faces), at(end));
    });
    const taken = (wanted: number) => shareOf(EACH, (i) => seen[i] === wanted);
    mixtures.push({ part, faces, way, blue: taken(blue), pink: taken(pink) });
  }
  return mixtures;
}

/** Where on the line through two others the place nearest to a point is: 0 at the first one, 1 at the last. */
export function shareOfWay(from: Float32Array, point: Float32Array, to: Float32Array): number {
  let [along, all] = [0, 0];
  for (let i = 0; i < point.length; i++) {
    along += (point[i] - from[i]) * (to[i] - from[i]);
    all += (to[i] - from[i]) ** 2;
  }
  return along / all;
}
