/** Faces and the networks for them, the same in all experiments. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { type ImageDuelOptions, playImages } from "./image_duel.ts";
import { SIZE } from "./images.ts";
import { normals } from "./numbers.ts";
import type { Players } from "./players.ts";

export const LATENT = 64;

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
  options: Omit<ImageDuelOptions, "label" | "flip">,
): Promise<Players> {
  return await playImages(stage, trainingFaces(stage), { label: stage.say("faces", "人臉"), flip: true, ...options });
}

/** Latent vectors, [count, LATENT]. */
export function latentsOf(stage: Stage, name: string, count: number): Float32Array {
  return normals(stage, name, count * LATENT);
}

/** Vector `index` of a list. */
export function vectorAt(latents: Float32Array, index: number): Float32Array {
  return latents.slice(index * LATENT, (index + 1) * LATENT);
}
