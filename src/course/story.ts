/** A duel for images, told by what both players could do after how many updates. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { BATCH, playImages } from "./image_duel.ts";
import { SIZE } from "./images.ts";
import { mean } from "./numbers.ts";
import { mapRows } from "./training.ts";

/** Updates after which the lecture shows faces, and 300 besides: that is when most happens. */
const SHOWN = [0, 100, 300, 1000, 2000, 5000, 10_000, 20_000, 50_000];
/** The same on a quick stage. */
const SHOWN_QUICKLY = [0, 10, 20, 40, 60];
/** How often D's probabilities are noted. */
const NOTED = 20;

/** What is generated. */
export interface Subject {
  readonly label: string;
  readonly set: duel.Dataset;
  readonly flip: boolean;
  /** Its D has no batch norm: what D says of an image must not depend on the batches that it has seen. */
  readonly model: duel.Model;
  /** At least BATCH vectors, which all generations of G get. */
  readonly latents: Float32Array;
  /** Images that nothing is learned from. */
  readonly reals: Float32Array;
}

/** Both players after some updates. */
export interface Snapshot {
  readonly step: number;
  /** Of all latent vectors, by G itself, which this D has to do with, not by its average. */
  readonly samples: Float32Array;
  /** D's slots by name. */
  readonly judge: ReadonlyMap<string, Float32Array>;
}

/** A duel to its end, and what was seen on the way. */
export interface Story {
  readonly snapshots: readonly Snapshot[];
  /** Mean probability that D gives to new real and to generated images of being real, over time. */
  readonly real: readonly (readonly [step: number, probability: number])[];
  readonly fake: readonly (readonly [step: number, probability: number])[];
  /** Mean probability that a D gives to images. */
  ask(judge: Snapshot["judge"], images: Float32Array): Promise<number>;
}

/** Steps at which snapshots are taken; on a short way, a quarter and half of it are among them. */
function milestones(shown: readonly number[], steps: number): Set<number> {
  const passed = shown.filter((step) => step < steps);
  const more = passed.length > 3 ? [] : [Math.ceil(steps / 4), Math.ceil(steps / 2)];
  return new Set([...passed, ...more, steps]);
}

/** Plays the duel, and takes snapshots. */
export async function follow(stage: Stage, { latents, reals, ...subject }: Subject): Promise<Story> {
  const { model } = subject;
  const few = latents.subarray(0, BATCH * model.latent);
  const steps = stage.steps(5000, 60);
  const wanted = milestones(stage.quick ? SHOWN_QUICKLY : SHOWN, steps);
  const snapshots: Snapshot[] = [];
  const [real, fake]: [number, number][][] = [[], []];
  let names: string[] = [];
  let make: duel.Program;
  let look: duel.Program;
  const probability = async (engine: duel.Engine, images: Float32Array) =>
    mean(await mapRows(engine, look, "images", images, "probabilities"));

  const { engine } = await playImages(stage, subject.set, {
    ...subject,
    limit: { steps },
    samples: [],
    more(store) {
      const images = [BATCH, SIZE, SIZE, reals.length / (BATCH * SIZE * SIZE)];
      make = duel.trace(store, "make", () => ({
        samples: model.generator(duel.input("latents", [BATCH, model.latent]), "evaluate"),
      }));
      look = duel.trace(store, "look", () => ({
        probabilities: duel.ops.sigmoid(model.discriminator(duel.input("images", images), "evaluate")),
      }));
      names = store.slots().map(({ name }) => name).filter((name) => name.startsWith(`${duel.DISCRIMINATOR}.`));
      return [make, look];
    },
    async watch(step, { engine }) {
      const reached = wanted.has(step);
      if (!reached && step % NOTED !== 0) return;
      const samples = await mapRows(engine, make, "latents", reached ? latents : few, "samples");
      real.push([step, await probability(engine, reals)]);
      fake.push([step, await probability(engine, samples)]);
      const judge = () => new Map(names.map((name) => [name, Float32Array.from(engine.read(name))]));
      if (reached) snapshots.push({ step, samples, judge: judge() });
    },
  });
  return {
    ...{ snapshots, real, fake },
    async ask(judge, images) {
      for (const [name, values] of judge) engine.write(name, values);
      return await probability(engine, images);
    },
  };
}

// #region Each D against each G: put an earlier D back in its place, and ask it | 每一代 D 對每一代 G：把以前的 D 放回去，再請它判斷
/** The mean probability of being real that each D (rows) gives to the images of each G (columns). */
export async function crossPlay({ snapshots, ask }: Story): Promise<number[][]> {
  const table: number[][] = [];
  for (const { judge } of snapshots) {
    const row: number[] = [];
    for (const { samples } of snapshots) row.push(await ask(judge, samples));
    table.push(row);
  }
  return table;
}
// #endregion

/** Mean probabilities of being real. */
export interface Generations {
  /** Of faces of Gs before D's time. */
  readonly earlier: number;
  /** Of Gs after it. */
  readonly later: number;
}

/**
 * What Ds say of both, on average over those that have both: not the first D, nor the last. The start is no player.
 * @param table of `crossPlay`. @returns undefined if no D has both.
 */
export function acrossGenerations(table: readonly (readonly number[])[]): Generations | undefined {
  const both = table.map((row, d) => ({ earlier: row.slice(1, d), later: row.slice(d + 1) }))
    .filter(({ earlier, later }) => earlier.length > 0 && later.length > 0);
  if (both.length === 0) return undefined;
  return { earlier: mean(both.map(({ earlier }) => mean(earlier))), later: mean(both.map(({ later }) => mean(later))) };
}
