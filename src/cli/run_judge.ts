/** The judge of a run's samples: which data it compares with, and through which classifier. */
import { UsageError } from "../core/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import { extractorOf, loadExtractor } from "../metrics/classifiers.ts";
import { imageJudge, type Judge, pointJudge } from "./judge.ts";
import { loadData } from "./load_data.ts";
import type { TrainSettings } from "./settings.ts";
import { toyOf } from "./training_data.ts";

/** Faces that no run learns from: those of another seed. */
const HELD_OUT_FACES = { seed: 1, count: 4096 };

export interface RunJudgeOptions {
  /** Names of metrics; all that can be computed when left out. */
  readonly metrics?: readonly string[] | undefined;
  /** Where images are cached; the user's cache if undefined. */
  readonly cache: string | undefined;
  readonly threads: number;
  /** Real images to look at, at most; all when left out. */
  readonly most?: number;
  /** The images that the run learns from, if they are in memory. */
  readonly real?: Dataset | undefined;
  readonly onWork?: (what: string) => void;
}

/**
 * Loads what samples of a run are compared with.
 * @throws UsageError if there is no way to judge such data.
 */
export async function judgeOf(settings: TrainSettings, options: RunJudgeOptions): Promise<Judge> {
  const { metrics, cache, threads, most, onWork } = options;
  const toy = toyOf(settings);
  if (toy) return pointJudge(toy, metrics);
  const { data } = settings;
  const name = extractorOf[data.name];
  if (name === undefined) {
    const known = Object.keys(extractorOf).join(", ");
    throw new UsageError(`duel has no classifier to judge samples of ${data.name} with; it has them for ${known}`);
  }
  const extractor = await loadExtractor(name);
  if (data.size !== extractor.size) {
    throw new UsageError(
      `${name} judges images of ${extractor.size} pixels, not of ${data.size}; train with that --size`,
    );
  }
  const real = options.real ?? (await loadData(data, cache, threads)).dataset;
  const others = data.name === "faces" ? HELD_OUT_FACES : { split: "test" } as const;
  const heldOut = (await loadData(data, cache, threads, others)).dataset;
  return imageJudge({
    ...{ extractor, real, heldOut, metrics },
    ...most === undefined ? {} : { most },
    ...onWork && { onWork },
  });
}
