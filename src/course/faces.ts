/** The duel for faces of 32×32 pixels, the same in all experiments, and pictures of faces. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { type DuelOptions, play, type Players } from "./players.ts";

export const SIZE = 32;
export const PIXELS = SIZE * SIZE * 3;
export const LATENT = 64;
export const BATCH = 64;

/** The networks: a DCGAN. */
export function faceModel(): duel.Model {
  return duel.dcgan({ size: SIZE, channels: 3, latent: LATENT, base: 32 });
}

/** Trains G and D on the faces of the stage, on condition of their labels if asked for. */
export async function playFaces(
  stage: Stage,
  options: Pick<DuelOptions, "limit" | "samples" | "watch" | "more" | "conditioning"> & { readonly model: duel.Model },
): Promise<Players> {
  const set = stage.dataset("faces");
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
  return Float32Array.from(duel.random.normals(count * LATENT, stage.seed, name, 0));
}

/** Vector `index` of a list. */
export function vectorAt(latents: Float32Array, index: number): Float32Array {
  return latents.slice(index * LATENT, (index + 1) * LATENT);
}

/** Faces [count, 32, 32, 3] as a sheet. */
export function faceSheet(images: Float32Array, columns: number, scale = 2): duel.Pixels {
  const bytes = duel.toBytes(images);
  return duel.imageGrid({ count: images.length / PIXELS, height: SIZE, width: SIZE, channels: 3, bytes }, {
    columns,
    scale,
  });
}
