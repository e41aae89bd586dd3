/** Judging samples: metrics of points against their density, of images through a classifier that duel trained. */
import type { Engine } from "../backend/backend.ts";
import { UsageError } from "../core/errors.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Toy } from "../data/toys.ts";
import type { Attribute } from "../models/attribute.ts";
import type { ImageSet } from "../metrics/comparison.ts";
import { applicableMetrics, evaluateImages, type Measurement } from "../metrics/evaluate.ts";
import type { Extractor } from "../metrics/extractor.ts";
import { type Better, type ImageMetricName, imageMetrics } from "../metrics/image_metrics.ts";
import { metricsOfToy, TOY_SAMPLES, toyFloor, toyJudge, type ToyMetricName, toyMetrics } from "../metrics/toys.ts";
import type { Traced } from "./engine.ts";
import { PIXEL_IMAGES, seenImages } from "./seen_images.ts";
import { hint } from "./suggest.ts";

/** A number, and the same of real samples in place of generated ones. */
export interface Verdict {
  readonly name: string;
  readonly value: number;
  readonly floor: number | undefined;
  readonly better: Better;
  /** The truth may be any larger number. */
  readonly atLeast: boolean;
  /** Samples, and as many real ones, that it was made of. */
  readonly count: number;
}

/** Samples and, where they were made for labels, the classes, [count, attributes]. */
export interface JudgedSamples {
  readonly samples: Float32Array;
  readonly labels?: Float32Array | undefined;
  readonly attributes: readonly Attribute[];
}

export interface Judge {
  /** Samples that the metrics are published for, or fewer if there are fewer real ones to set beside them. */
  readonly count: number;
  /** Samples that it can judge at most: as many as there are real ones to set beside them. */
  readonly most: number;
  /** What saw the images, for people; undefined where nobody had to. */
  readonly extractor: { readonly name: string; readonly digest: string } | undefined;
  /** What must be compiled before; the engine of it is given to `judge`. */
  readonly traced: Traced | undefined;
  /** @throws UsageError for a metric that cannot be computed. */
  judge(judged: JudgedSamples, engine: Engine | undefined): Promise<Verdict[]>;
}

/** @throws UsageError if there is no such metric of the toy or, without one, of images. */
export function requireMetrics(metrics: readonly string[], toy: Toy | undefined): void {
  const known: readonly string[] = toy ? metricsOfToy(toy) : Object.keys(imageMetrics);
  const stranger = metrics.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  if (toy && Object.hasOwn(toyMetrics, stranger)) {
    throw new UsageError(`${toy.name} has no modes to judge by ${stranger}; expected some of ${known.join(", ")}`);
  }
  throw new UsageError(
    `there is no metric ${stranger} of ${toy ? "points" : "images"}; expected one of ${known.join(", ")}.${
      hint(stranger, known)
    }`,
  );
}

/** A judge of points. @param metrics names of `toyMetrics`; all when left out. */
export function pointJudge(toy: Toy, metrics?: readonly string[]): Judge {
  const scores = toyJudge(toy);
  let floor: ReturnType<typeof toyFloor> | undefined;
  return {
    count: TOY_SAMPLES,
    most: Infinity,
    extractor: undefined,
    traced: undefined,
    judge({ samples }) {
      const count = samples.length / toy.dimensions;
      floor ??= toyFloor(toy, count, 20, scores);
      const found = Object.entries(scores(samples)).filter(([name]) => metrics?.includes(name) ?? true);
      return Promise.resolve(found.map(([name, value]) => ({
        ...{ name, value, count },
        floor: floor?.[name as ToyMetricName]?.mean,
        better: toyMetrics[name as ToyMetricName].better,
        atLeast: false,
      })));
    },
  };
}

/** Real images where no metric compares samples with them: as few as a set may have. */
const FEWEST = 2;

export interface ImageJudgeOptions {
  readonly extractor: Extractor;
  /** Samples to judge by, if as many real images are held out. */
  readonly count: number;
  /** What the generator learned from, and real images that it has not seen. */
  readonly real: Dataset;
  readonly heldOut: Dataset;
  /** Names of `imageMetrics`; all that can be computed when left out. */
  readonly metrics?: readonly string[] | undefined;
  /** Where it is kept what the extractor sees in real images. */
  readonly folder: string;
  /** Real images to look at, at most. */
  readonly most?: number;
  readonly onWork?: (what: string) => void;
}

/** A judge of images. Real images are looked at when they are first needed. */
export function imageJudge(options: ImageJudgeOptions): Judge {
  const { extractor, count, real, heldOut, metrics, folder, most = Infinity, onWork } = options;
  let sets: { readonly real: ImageSet; readonly heldOut: ImageSet } | undefined;
  const compared = !metrics?.every((name) => imageMetrics[name as ImageMetricName].alone);
  const look = async (engine: Engine) => ({
    real: await seenImages(extractor, engine, real, compared ? most : FEWEST, folder),
    heldOut: await seenImages(extractor, engine, heldOut, most, folder),
  });
  return {
    count: Math.min(count, most, heldOut.count),
    most: Math.min(most, heldOut.count),
    extractor: { name: extractor.name, digest: extractor.digest },
    traced: { store: extractor.store, programs: extractor.programs },
    async judge({ samples, labels, attributes }, engine) {
      onWork?.("real images");
      sets ??= await look(engine!);
      onWork?.("samples");
      const found = await extractor.extract(engine!, samples);
      const asked = labels &&
        new Map(attributes.map(({ name }, column) => [name, columnOf(labels, column, attributes.length)] as const));
      const length = samples.length / found.count;
      const images = samples.subarray(0, PIXEL_IMAGES * length);
      const set: ImageSet = { ...found, images, labels: asked };
      const chosen = metrics ?? applicableMetrics(set, extractor);
      return evaluateImages(chosen, { samples: set, ...sets }, extractor, { onMetric: (name) => onWork?.(name) })
        .map(verdictOf);
    },
  };
}

function verdictOf({ name, value, floor, better, atLeast, count }: Measurement): Verdict {
  return { name, value, floor: floor?.value, better, atLeast: atLeast ?? false, count };
}

/** Column `column` of labels [count, width]. */
function columnOf(labels: Float32Array, column: number, width: number): Uint16Array {
  return Uint16Array.from({ length: labels.length / width }, (_, row) => labels[row * width + column]);
}
