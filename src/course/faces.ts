/** The duel for faces of 32×32 pixels, the same in all experiments. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { SIZE } from "./images.ts";
import { normals } from "./numbers.ts";
import { type DuelOptions, play, type Players } from "./players.ts";

export const LATENT = 64;
export const BATCH = 64;

/** Faces at the end of the set that nothing is learned from. */
const NEW_FACES = 512;

/** The faces to learn from. */
export function trainingFaces(stage: Stage): duel.Dataset {
  const set = stage.dataset("faces");
  return { ...set, count: set.count - NEW_FACES };
}

/** Faces that nothing has been learned from. */
export function newFaces(stage: Stage, count: number): Float32Array {
  const { count: from } = trainingFaces(stage);
  return duel.imageValues(stage.dataset("faces"), from, from + count);
}

/** The networks: a DCGAN. */
export function faceModel(): duel.Model {
  return duel.dcgan({ size: SIZE, channels: 3, latent: LATENT, base: 32 });
}

/** Trains G and D on the faces of the stage, on condition of their labels if asked for. */
export async function playFaces(
  stage: Stage,
  options: Pick<DuelOptions, "limit" | "samples" | "watch" | "more" | "conditioning"> & { readonly model: duel.Model },
): Promise<Players> {
  const set = trainingFaces(stage);
  const feeder = new duel.BatchFeeder(set, { batch: BATCH, seed: stage.seed, flip: true });
  const known = options.conditioning?.attributes.map(({ name }) => set.labels.find((label) => label.name === name)!);
  return await play(stage, {
    label: stage.say("faces", "人臉"),
    batch: BATCH,
    rates: [4e-4, 8e-4],
    beta1: 0.5,
    average: 0.998,
    source(draw, { real, labels }) {
      feeder.fill(draw, real);
      if (labels) feeder.fillLabels(draw, known!, labels);
    },
    ...options,
  });
}

/** Latent vectors, [count, LATENT]. */
export function latentsOf(stage: Stage, name: string, count: number): Float32Array {
  return normals(stage, name, count * LATENT);
}

/** Vector `index` of a list. */
export function vectorAt(latents: Float32Array, index: number): Float32Array {
  return latents.slice(index * LATENT, (index + 1) * LATENT);
}
