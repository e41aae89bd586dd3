/** What lies in the space of latent vectors of faces: paths, single numbers, directions of labels, arithmetic. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { Eyes } from "./eyes.ts";
import { faceModel, LATENT, latentsOf, playFaces, trainingFaces, vectorAt } from "./faces.ts";
import { FACE } from "./images.ts";
import { joined, mean, shareOf } from "./numbers.ts";

/** Faces that directions are found from, and as many new ones that they are tried on. */
const STUDIED = 4096;
/** Images of a path, and of a direction. */
export const COLUMNS = 9;
/** How far faces are moved along a direction, in standard deviations of a latent number. */
export const REACH = 3;
/** Faces of a kind whose mean vector is taken. */
export const AVERAGED = 64;
/** Paths from one vector to another. */
const PATHS = { usual: 512, quick: 64 };
/** Vectors each of whose numbers is changed alone. */
const CHANGED = { usual: 32, quick: 4 };
/** Numbers, the first ones, that are shown. */
const SHOWN_NUMBERS = 6;

// #region The direction of a label: from the mean vector without it to the mean vector with it | 標籤的方向：從「沒有」的平均向量指向「有」的平均向量
function directionTo(latents: Float32Array, has: (index: number) => boolean): Float32Array {
  const all = Array.from({ length: latents.length / LATENT }, (_, i) => i);
  const [those, others] = [all.filter(has), all.filter((i) => !has(i))];
  if (those.length === 0 || others.length === 0) return new Float32Array(LATENT); // nowhere to go
  const without = meanVector(latents, others);
  return scaled(meanVector(latents, those).map((value, k) => value - without[k]), 1);
}
// #endregion

/** The mean of some vectors; zeros of none. */
function meanVector(latents: Float32Array, indices: readonly number[]): Float32Array {
  const total = new Float32Array(LATENT);
  for (const i of indices) for (let k = 0; k < LATENT; k++) total[k] += latents[i * LATENT + k];
  return total.map((value) => value / Math.max(indices.length, 1));
}

/** A vector of the same direction and the given length. */
function scaled(vector: Float32Array, length: number): Float32Array {
  const own = Math.hypot(...vector) || 1;
  return vector.map((value) => value / own * length);
}

/** v + step · direction */
function moved(vector: Float32Array, direction: Float32Array, step: number): Float32Array {
  return vector.map((value, k) => value + step * direction[k]);
}

/** What moving faces along the direction of a label does. */
interface Move {
  /** Shares of faces that have the label. */
  readonly before: number;
  readonly after: number;
  /** Share of faces whose skin and beard stay. */
  readonly kept: number;
}

/** What lies between two vectors. */
interface Paths {
  /** Images in the middle of paths, and of the vectors themselves: their kernel distances from real faces. */
  readonly middles: number;
  readonly ends: number;
  /** The part of all change on a path that its largest step makes, on average. */
  readonly largest: number;
  /** Step by step the images of all paths. */
  readonly images: readonly Float32Array[];
}

/** What one number does to a face, when it goes from −REACH to REACH. */
interface Sweep {
  /** Share of the faces in which any attribute becomes another; and of these, those in which several do. */
  readonly any: number;
  readonly several: number;
}

/** Dark glasses by a − b + c. */
interface Sums {
  /** Shares of the faces c that wear dark glasses afterwards, and that keep their colour of hair. */
  readonly dark: number;
  readonly hair: number;
  /** Length of a − b. */
  readonly length: number;
}

export interface Results {
  readonly pink: Move;
  readonly dark: Move;
  /** Share of pairs of faces that have skin and beard in common by chance. */
  readonly chance: number;
  readonly paths: Paths;
  readonly single: Sweep;
  readonly sums: Sums;
  /** Sheets of faces. */
  readonly sweep: Float32Array;
  readonly moves: Float32Array;
  readonly arithmetic: Float32Array;
}

/** The trained G, and a classifier that looks at what it makes. */
interface Studio {
  readonly eyes: Eyes;
  sample(latents: Float32Array): Promise<Float32Array>;
}

type Labels = Awaited<ReturnType<Eyes["labels"]>>;

/** Whether an attribute is the same in image i of one list and image j of another. */
const same = (attributes: readonly string[], one: Labels, other: Labels) => (i: number, j: number) =>
  attributes.every((name) => one.get(name)![i] === other.get(name)![j]);
/** Attributes that nothing is said about when hair or glasses are asked for. */
const REST = ["skin", "beard"];

/** From −REACH to REACH. */
const REACHES = Array.from({ length: COLUMNS }, (_, i) => REACH * (2 * i / (COLUMNS - 1) - 1));

/** Goes from each vector to the next one, along great circles. */
async function walk({ eyes, sample }: Studio, latents: Float32Array, count: number): Promise<Paths> {
  const images: Float32Array[] = [];
  for (let step = 0; step < COLUMNS; step++) {
    const points = Array.from(
      { length: count },
      (_, i) => duel.slerp(vectorAt(latents, 2 * i), vectorAt(latents, 2 * i + 1), step / (COLUMNS - 1)),
    );
    images.push(await sample(joined(points)));
  }
  const largest = Array.from({ length: count }, (_, i) => {
    const path = images.map((all) => all.subarray(i * FACE, (i + 1) * FACE));
    const steps = path.slice(1).map((image, step) => Math.hypot(...image.map((value, at) => value - path[step][at])));
    return Math.max(...steps) / steps.reduce((sum, length) => sum + length);
  });
  const [[middles], [ends]] = [
    await eyes.measure(images[(COLUMNS - 1) / 2], "kernel-distance"),
    await eyes.measure(images[0], "kernel-distance"),
  ];
  return { images, middles: middles.value, ends: ends.value, largest: mean(largest) };
}

/** Changes each number of each vector alone. */
async function sweepNumbers({ eyes, sample }: Studio, latents: Float32Array): Promise<Sweep> {
  const vectors = Array.from({ length: latents.length / LATENT }, (_, i) => vectorAt(latents, i));
  const withNumber = (value: number) =>
    joined(vectors.flatMap((vector) => Array.from(vector, (_, k) => vector.with(k, value))));
  const low = await eyes.labels(await sample(withNumber(-REACH)));
  const high = await eyes.labels(await sample(withNumber(REACH)));
  const changed = Array.from(
    { length: vectors.length * LATENT },
    (_, i) => [...low.keys()].filter((name) => low.get(name)![i] !== high.get(name)![i]).length,
  );
  const any = changed.filter((count) => count > 0);
  return { any: any.length / changed.length, several: shareOf(any.length, (i) => any[i] > 1) };
}

/** Trains G on faces, and looks around in its space of latent vectors. */
export async function investigate(stage: Stage): Promise<Results> {
  const eyes = await Eyes.open(stage, trainingFaces(stage));
  const studied = stage.size(STUDIED, 256);
  const { sample } = await playFaces(stage, {
    limit: { steps: stage.steps(3000, 40) },
    model: faceModel(),
    samples: [studied, 8, 1],
  });
  const studio: Studio = { eyes, sample };
  const seen = async (latents: Float32Array) => await eyes.labels(await sample(latents));

  const latents = latentsOf(stage, "studied", studied);
  const found = await seen(latents);
  const [hair, glasses] = [found.get("hair")!, found.get("glasses")!];
  const { labels } = trainingFaces(stage);
  const classOf = (attribute: string, name: string) =>
    labels.find((label) => label.name === attribute)!.classes.indexOf(name);
  const [pink, dark, none] = [classOf("hair", "pink"), classOf("glasses", "dark"), classOf("glasses", "none")];
  const toPink = directionTo(latents, (i) => hair[i] === pink);
  const toDark = directionTo(latents, (i) => glasses[i] === dark);

  // Does it work for faces that the directions were not found from?
  const fresh = latentsOf(stage, "fresh", studied);
  const all = Array.from({ length: studied }, (_, i) => vectorAt(fresh, i));
  const start = await seen(fresh);
  const tried = async (direction: Float32Array, attribute: string, wanted: number): Promise<Move> => {
    const end = await seen(joined(all.map((vector) => moved(vector, direction, REACH))));
    const has = (labels: Labels) => shareOf(studied, (i) => labels.get(attribute)![i] === wanted);
    const stays = same(REST, start, end);
    return { before: has(start), after: has(end), kept: shareOf(studied, (i) => stays(i, i)) };
  };
  const alike = same(REST, start, start);

  const along = (direction: Float32Array, who: number) => REACHES.map((step) => moved(all[who], direction, step));
  const only = (k: number) => REACHES.map((step) => all[0].with(k, step));

  // Dark glasses, by arithmetic: a face with them, minus one without, plus any other without.
  const kind = (fits: (i: number) => boolean) =>
    Array.from({ length: studied }, (_, i) => i).filter(fits).slice(0, AVERAGED);
  const others = kind((i) => hair[i] !== pink && glasses[i] === none);
  const a = meanVector(latents, kind((i) => hair[i] === pink && glasses[i] === dark));
  const b = meanVector(latents, kind((i) => hair[i] === pink && glasses[i] === none));
  const c = meanVector(latents, others);
  const step = moved(a, b, -1);
  const typical = (vector: Float32Array) => scaled(vector, Math.sqrt(LATENT));
  const sums = await seen(joined(others.map((i) => typical(moved(vectorAt(latents, i), step, 1)))));

  return {
    pink: await tried(toPink, "hair", pink),
    dark: await tried(toDark, "glasses", dark),
    chance: shareOf(studied / 2, (i) => alike(2 * i, 2 * i + 1)),
    paths: await walk(studio, fresh, stage.size(PATHS.usual, PATHS.quick)),
    single: await sweepNumbers(studio, fresh.subarray(0, stage.size(CHANGED.usual, CHANGED.quick) * LATENT)),
    sums: {
      dark: shareOf(others.length, (i) => sums.get("glasses")![i] === dark),
      hair: shareOf(others.length, (i) => sums.get("hair")![i] === hair[others[i]]),
      length: Math.hypot(...step),
    },
    sweep: await sample(joined(Array.from({ length: SHOWN_NUMBERS }, (_, k) => only(k)).flat())),
    moves: await sample(
      joined([...along(toPink, 1), ...along(toPink, 2), ...along(toDark, 1), ...along(toDark, 2)]),
    ),
    arithmetic: await sample(joined([a, b, c, moved(c, step, 1)].map(typical))),
  };
}
