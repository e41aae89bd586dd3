/**
 * Signs of the ways in which the training of GANs is known to fail, each with the remedies that the literature gives.
 * They are hints: a run that shows one may still turn out well.
 */
import { losses, type LossName } from "./losses.ts";
import type { PenaltyName } from "./penalties.ts";
import type { GanSettings } from "./settings.ts";
import type { StepResult } from "./train.ts";

export type WarningName = "mode collapse" | "D too strong" | "vanishing gradient";

export interface Warning {
  readonly name: WarningName;
  /** What was seen, and what may help. */
  readonly text: string;
}

/** What is watched. */
export type Watched = Pick<GanSettings, "loss" | "penalties" | "view"> & {
  readonly model: Pick<GanSettings["model"], "sample">;
};

/** Something to try, as it is typed, and whether the game can have it and has not. */
type Remedy = readonly [text: string, open: (game: Watched) => boolean];

const unpenalized = (...names: readonly PenaltyName[]) => ({ penalties = [] }: Watched) =>
  names.some((name) => penalties.every((one) => one.name !== name));
const playingNone = (...names: readonly LossName[]) => ({ loss }: Watched) =>
  names.every((name) => losses[name] !== loss);
/** A D that is an auto-encoder judges samples one by one. */
const unpacked = ({ view, loss }: Watched) => (view?.packed ?? 1) === 1 && loss.autoencoder === undefined;
const unaugmented = ({ view, model }: Watched) => view?.augmentation === undefined && model.sample.length === 3;

const remedies: Readonly<Record<WarningName, readonly Remedy[]>> = {
  // Lin et al. 2018; Karras et al. 2018; Huang et al. 2024.
  "mode collapse": [
    ["--pack 2", unpacked],
    ["--minibatch-deviation", ({ view }) => !view?.minibatchDeviation],
    ["--loss relativistic", playingNone("relativistic")],
    ["--penalty r1 --penalty r2", unpenalized("r1", "r2")],
    ["lower rates", () => true],
  ],
  // Mescheder et al. 2018; Miyato et al. 2018; Heusel et al. 2017; Karras et al. 2020.
  "D too strong": [
    ["--penalty r1", unpenalized("r1")],
    ["--norm-d spectral", ({ view }) => !view?.spectralNorm],
    ["a lower --learning-rate-d", () => true],
    ["with few images --augment all", unaugmented],
  ],
  // Goodfellow et al. 2014, section 3; Sønderby et al. 2017; Gulrajani et al. 2017.
  "vanishing gradient": [
    ["--loss non-saturating or relativistic", playingNone("non-saturating", "relativistic")],
    ["--noise 0.1", ({ view }) => !view?.noise],
    ["--loss wgan with --penalty wgan-gp", unpenalized("wgan-gp")],
    ["a lower --learning-rate-d", () => true],
  ],
};

/** Weight of the latest step in running means. */
const WEIGHT = 0.01;
/** Steps before anything is judged: the beginning is always odd. */
const WARM_UP = 1000;
/** D is too strong where it is right about so many of both kinds, and no longer where it is right about fewer. */
const STRONG = { from: 0.98, until: 0.93 };
/** G's gradient has vanished where it is so much shorter than it was at its longest. */
const VANISHED = { from: 1e-3, until: 1e-2 };
/** Samples have collapsed where they differ so much less than real ones do. */
const COLLAPSED = { from: 0.3, until: 0.45 };

/** Watches a run. What it says depends on the steps that it has seen, which a resumed run begins anew. */
export class Health {
  #steps = 0;
  #accuracy = 0;
  #gradient = 0;
  #longest = 0;
  readonly #raised = new Set<WarningName>();
  readonly #game: Watched;

  constructor(game: Watched) {
    this.#game = game;
  }

  /** Takes note of a step. @returns what it gives rise to, each warning once until its sign has passed. */
  observe({ realAccuracy, fakeAccuracy, generatorGradient }: StepResult): Warning[] {
    this.#steps++;
    // Plain means at first, so that the very first steps do not count for more than the others.
    const weight = Math.max(WEIGHT, 1 / this.#steps);
    this.#accuracy += weight * (Math.min(realAccuracy, fakeAccuracy) - this.#accuracy);
    this.#gradient += weight * (generatorGradient - this.#gradient);
    if (this.#steps < WARM_UP) return [];
    this.#longest = Math.max(this.#longest, this.#gradient);
    const share = this.#gradient / this.#longest;
    const right = (100 * this.#accuracy).toFixed(0);
    return [
      ...this.#judge(
        "D too strong",
        this.#accuracy >= STRONG.from && !this.#game.loss.strongCritic,
        this.#accuracy < STRONG.until,
        () => `D is right about ${right} % of real and of generated samples, so that G learns little`,
      ),
      ...this.#judge(
        "vanishing gradient",
        share <= VANISHED.from,
        share > VANISHED.until,
        () => `G's gradient is ${this.#gradient.toPrecision(2)}, ${(1 / share).toFixed(0)} times shorter than it was`,
      ),
    ];
  }

  /** Takes note of how diverse samples are beside real ones. @returns a warning if they hardly differ. */
  compare(ratio: number): Warning[] {
    if (this.#steps < WARM_UP) return [];
    return this.#judge(
      "mode collapse",
      ratio <= COLLAPSED.from,
      ratio > COLLAPSED.until,
      () => `samples differ from each other ${(100 * ratio).toFixed(0)} % as much as real ones`,
    );
  }

  #judge(name: WarningName, seen: boolean, passed: boolean, what: () => string): Warning[] {
    if (passed) this.#raised.delete(name);
    if (!seen || this.#raised.has(name)) return [];
    this.#raised.add(name);
    const tries = remedies[name].filter(([, open]) => open(this.#game)).map(([text]) => text);
    return [{ name, text: `${what()}; try ${tries.join(", or ")}` }];
  }
}

/** How much samples differ: the root of the variance of each of their `length` elements, averaged over elements. */
export function diversity(samples: Float32Array, length: number): number {
  const count = samples.length / length;
  let variance = 0;
  for (let element = 0; element < length; element++) {
    let sum = 0, squares = 0;
    for (let at = element; at < samples.length; at += length) {
      sum += samples[at];
      squares += samples[at] ** 2;
    }
    variance += squares / count - (sum / count) ** 2;
  }
  return Math.sqrt(Math.max(variance, 0) / length);
}
