/** The duel for images of 32×32 pixels, with the same settings in all experiments. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { type DuelOptions, play, type Players } from "./players.ts";

/** Images of an update. */
export const BATCH = 64;

export interface ImageDuelOptions
  extends Pick<DuelOptions, "label" | "model" | "limit" | "samples" | "watch" | "more" | "conditioning"> {
  /** Whether mirror images may be learned from as well: of faces, not of digits. */
  readonly flip: boolean;
}

/** Trains G and D on the images of a set, on condition of their labels if asked for. @throws DivergenceError */
export async function playImages(stage: Stage, set: duel.Dataset, options: ImageDuelOptions): Promise<Players> {
  const { flip, ...rest } = options;
  const feeder = new duel.BatchFeeder(set, { batch: BATCH, seed: stage.seed, flip });
  const known = options.conditioning?.attributes.map(({ name }) => set.labels.find((label) => label.name === name)!);
  return await play(stage, {
    batch: BATCH,
    rates: [4e-4, 8e-4],
    beta1: 0.5,
    average: 0.998,
    source(draw, { real, labels }) {
      feeder.fill(draw, real);
      if (labels) feeder.fillLabels(draw, known!, labels);
    },
    ...rest,
  });
}
