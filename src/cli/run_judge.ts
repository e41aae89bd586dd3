/** The judge of a run's samples: which data it compares with, and through which classifier. */
import { UsageError } from "../core/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import { conditionings } from "../gan/conditioning.ts";
import { extractorOf, loadExtractor } from "../metrics/classifiers.ts";
import { applicableMetrics, numberNames } from "../metrics/evaluate.ts";
import type { Extractor } from "../metrics/extractor.ts";
import { betterOf, type ImageMetric } from "../metrics/image_metrics.ts";
import { dataFolder } from "./cache.ts";
import { metricsOfToy, toyMetrics } from "../metrics/toys.ts";
import { imageJudge, type Judge, pointJudge, requireMetrics } from "./judge.ts";
import { loadData } from "./load_data.ts";
import type { TrainSettings } from "./settings.ts";
import { foreseenKind, generatorOf } from "./train_networks.ts";
import { toyOf, type TrainingData } from "./training_data.ts";

/** Samples to judge by: as many as MNIST holds out; for modes of stacked digits, 26 for each (VEEGAN, PacGAN). */
const IMAGE_SAMPLES = 10_000;
const STACKED_SAMPLES = 26_000;

/** Faces that no run learns from: those of another seed, as many as samples. Drawn in 15 seconds by two cores, once. */
const HELD_OUT_FACES = { seed: 1, count: IMAGE_SAMPLES };

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

/** Images to judge, and to compare with, while a run goes on: fewer than `eval` takes. */
const IN_BETWEEN = 5000;
/** What is measured of images while a run goes on. */
const quickMetrics = ["frechet-distance", "kernel-distance", "coverage"] as const;

/** The judge of a run that goes on: few numbers of few images. */
export async function trainingJudge(
  settings: TrainSettings,
  { data, cache, threads }: { readonly data: TrainingData } & Pick<RunJudgeOptions, "cache" | "threads">,
): Promise<Judge> {
  if (settings.data.name === "stacked-mnist") {
    // The modes are what the data are for, and only counts of as many samples as others took can be compared.
    return await judgeOf(settings, { metrics: ["modes", "modes-kl"], cache, threads, real: data.dataset });
  }
  const conditioned = settings.condition !== null && !conditionings[settings.condition.kind].drawn;
  const metrics = data.dataset && [...quickMetrics, ...conditioned ? ["label-accuracy"] : []];
  return await judgeOf(settings, { metrics, cache, threads, most: IN_BETWEEN, real: data.dataset });
}

/**
 * Loads what samples of a run are compared with.
 * @throws UsageError if there is no way to judge such data.
 */
export async function judgeOf(settings: TrainSettings, options: RunJudgeOptions): Promise<Judge> {
  const { metrics, cache, threads, most, onWork } = options;
  const toy = toyOf(settings);
  if (metrics) requireMetrics(metrics, toy);
  if (toy) return pointJudge(toy, metrics);
  const { data } = settings;
  const extractor = await extractorFor(settings);
  const real = options.real ?? (await loadData(data, cache, threads)).dataset;
  const others = data.name === "faces" ? HELD_OUT_FACES : { split: "test" } as const;
  const heldOut = (await loadData(data, cache, threads, others)).dataset;
  return imageJudge({
    ...{ extractor, real, heldOut, metrics },
    folder: dataFolder(cache),
    count: data.name === "stacked-mnist" ? STACKED_SAMPLES : IMAGE_SAMPLES,
    ...most === undefined ? {} : { most },
    ...onWork && { onWork },
  });
}

/** The classifier that samples of a run are seen through. @throws UsageError if there is none for such images. */
async function extractorFor({ data }: TrainSettings): Promise<Extractor> {
  const name = extractorOf[data.name];
  if (name === undefined) {
    const known = Object.keys(extractorOf).join(", ");
    throw new UsageError(`duel has no classifier to judge samples of ${data.name} with; it has them for ${known}`);
  }
  const extractor = await loadExtractor(name);
  if (data.size === extractor.size) return extractor;
  throw new UsageError(
    `${name} judges images of ${extractor.size} pixels, not of ${data.size}; train with that --size`,
  );
}

/** A number that `eval` finds of a run's samples. */
export interface RunNumber {
  readonly name: string;
  /** The metric that it belongs to, which may have several. */
  readonly metric: string;
  readonly better: ImageMetric["better"];
}

/**
 * All numbers that `eval` finds of the samples of a run, known before there is one.
 * @throws UsageError if there is no way to judge such data, or no such label to condition on.
 */
export async function numbersOf(settings: TrainSettings): Promise<RunNumber[]> {
  const toy = toyOf(settings);
  if (toy) return metricsOfToy(toy).map((name) => ({ name, metric: name, better: toyMetrics[name].better }));
  const extractor = await extractorFor(settings);
  // Images that there is a classifier for have a name, so that their labels are known.
  const { conditioning } = generatorOf(settings, foreseenKind(settings)!);
  const samples = { labels: new Map(conditioning?.attributes.map(({ name }) => [name, []])) };
  return applicableMetrics(samples, extractor).flatMap((metric) =>
    numberNames(metric, samples, extractor).map((name) => ({ name, metric, better: betterOf(metric, name) }))
  );
}
