/** Evaluation: chosen metrics of generated images, each beside the same number of real ones. */
import { UsageError } from "../core/errors.ts";
import { balanced, type ExtractorFacts, type ImageSet, type Labelled, Reference, type Sets } from "./comparison.ts";
import { type Better, betterOf, type Figure, type ImageMetricName, imageMetrics } from "./image_metrics.ts";

/** One number of samples, and what it is worth. */
export interface Measurement extends Figure {
  readonly metric: ImageMetricName;
  readonly better: Better;
  /**
   * The same number of as many held-out real images in place of the samples: what a perfect generator would reach.
   * Undefined where held-out images have no such number (labels that are not known).
   */
  readonly floor: Figure | undefined;
  /** Samples that it was made of. */
  readonly count: number;
}

export interface EvaluationOptions {
  /** Of random choices, lines and orders. Default 0. */
  readonly seed?: number;
  /** Called before each metric. */
  readonly onMetric?: (name: ImageMetricName) => void;
}

/** The metrics that can be computed of these samples, in the order of `imageMetrics`. */
export function applicableMetrics(samples: ImageSet | Labelled, extractor: ExtractorFacts): ImageMetricName[] {
  return (Object.keys(imageMetrics) as ImageMetricName[]).filter((name) =>
    imageMetrics[name].refuses?.(samples, extractor) === undefined
  );
}

/** The names of a metric's numbers of such samples, as `evaluateImages` gives them. */
export function numberNames(metric: ImageMetricName, samples: Labelled, extractor: ExtractorFacts): string[] {
  return imageMetrics[metric].names?.(samples, extractor) ?? [metric];
}

/**
 * The numbers of the chosen metrics, in the order of `names`. All of it is a function of the sets and the seed, bit for
 * bit. With 10,000 samples and 60,000 real images of 64 features everything takes 40 seconds, half of them for
 * the kernel distance.
 * @throws UsageError for an unknown metric, one that cannot be computed, or sets that do not belong together.
 */
export function evaluateImages(
  names: readonly string[],
  sets: Sets,
  extractor: ExtractorFacts,
  { seed = 0, onMetric }: EvaluationOptions = {},
): Measurement[] {
  const { samples, real, heldOut } = balanced(sets, extractor, seed);
  const metrics = names.map((name) => metricOf(name, samples, extractor));
  const reference = new Reference(extractor, real, heldOut, seed);
  return metrics.flatMap((metric) => {
    onMetric?.(metric);
    const { looksAt, compute } = imageMetrics[metric];
    const count = looksAt?.(samples, reference) ?? samples.count;
    const ofHeldOut = compute(heldOut, reference);
    const floors = new Map(ofHeldOut.map((floor) => [floor.name, floor]));
    return (samples === heldOut ? ofHeldOut : compute(samples, reference)).map((figure) => ({
      ...figure,
      ...{ metric, better: betterOf(metric, figure.name), floor: floors.get(figure.name), count },
    }));
  });
}

/**
 * The numbers that held-out real images have themselves: the floor alone, without a generator.
 * @throws UsageError, see `evaluateImages`.
 */
export function realFloor(
  names: readonly string[],
  { real, heldOut }: Omit<Sets, "samples">,
  extractor: ExtractorFacts,
  options: EvaluationOptions = {},
): Measurement[] {
  return evaluateImages(names, { samples: heldOut, real, heldOut }, extractor, options);
}

function metricOf(name: string, samples: ImageSet, extractor: ExtractorFacts): ImageMetricName {
  if (!Object.hasOwn(imageMetrics, name)) {
    throw new UsageError(`there is no metric ${name}; expected one of ${Object.keys(imageMetrics).join(", ")}`);
  }
  const known = name as ImageMetricName;
  const reason = imageMetrics[known].refuses?.(samples, extractor);
  if (reason !== undefined) throw new UsageError(`${name}: ${reason}`);
  return known;
}
