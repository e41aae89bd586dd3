/** The metrics of generated images by name: what each says, when it can be computed, and how. */
import { birthdaySupport, nearness } from "./copies.ts";
import {
  atMost,
  type ExtractorFacts,
  featuresOf,
  type ImageSet,
  type Labelled,
  NEAREST,
  PIXELS,
  pixelsOf,
  type Reference,
} from "./comparison.ts";
import { gaussianDistance } from "./frechet.ts";
import { jointClasses, labelAccuracy, type ModeCoverage, modeCoverage } from "./modes.ts";
import type { Neighbourhoods } from "./neighbourhoods.ts";
import { slicedWasserstein2 } from "./sliced.ts";

/** One number. */
export interface Figure {
  /** The name of its metric, with more behind it where a metric has several numbers. */
  readonly name: string;
  readonly value: number;
  /** The truth may be any larger number: the samples were too few to tell. */
  readonly atLeast?: true;
}

/** Which numbers are good. With "neither", a good generator has about the number of real images. */
export type Better = "lower" | "higher" | "neither";

export interface ImageMetric {
  /** For help texts. */
  readonly about: string;
  /** What a better generator has. */
  readonly better: Better;
  /** Those of its numbers of which this is not true: neither low nor high values are better. */
  readonly neutral?: readonly string[];
  /** Its numbers do not depend on the images that the generator learned from. */
  readonly alone?: true;
  /** Why it cannot be computed of such samples, or undefined if it can. */
  refuses?(samples: Labelled, extractor: ExtractorFacts): string | undefined;
  /** How many of the samples it looks at; all when left out. */
  looksAt?(samples: ImageSet, reference: Reference): number;
  /** The names of the numbers that `compute` gives of such samples, in its order; the metric's own if left out. */
  names?(samples: Labelled, extractor: ExtractorFacts): string[];
  /** The numbers of samples, or of held-out images in their place, always in one order. */
  compute(samples: ImageSet, reference: Reference): Figure[];
}

/** Most samples among which duplicates are looked for. */
const SUPPORT_SAMPLES = 5000;
/** Most modes that are counted: with more, there are too few samples for each. */
const MOST_MODES = 1000;

const neighbourhood = (name: keyof Neighbourhoods): Pick<ImageMetric, "looksAt" | "compute"> => ({
  looksAt: (samples, reference) => reference.paired(samples),
  compute: (samples, reference) => [{ name, value: reference.neighbourhoods(samples)[name] }],
});

const classSizes = ({ attributes }: ExtractorFacts) => attributes.map(({ classes }) => classes.length);
const modesOf = (extractor: ExtractorFacts) => classSizes(extractor).reduce((product, size) => product * size, 1);

const modes = (name: string, part: keyof ModeCoverage): Pick<ImageMetric, "refuses" | "compute"> => ({
  refuses: (_, extractor) => {
    if (modesOf(extractor) <= MOST_MODES) return undefined;
    return `${extractor.name} tells ${modesOf(extractor)} combinations of classes apart, expected ${MOST_MODES} at ` +
      "most; use coverage";
  },
  compute: ({ classes }, { extractor }) => {
    const joint = jointClasses(classes, classSizes(extractor));
    return [{ name, value: modeCoverage(joint, modesOf(extractor))[part] }];
  },
});

/** The attributes that samples have labels of. */
const labelled = ({ labels }: Labelled, { attributes }: ExtractorFacts) =>
  attributes.flatMap(({ name }, attribute) => {
    const asked = labels?.get(name);
    return asked ? [{ name, attribute, asked }] : [];
  });

const accuracyName = (attribute: string) => `label-accuracy-${attribute}`;

const table = {
  "frechet-distance": {
    about: "Fréchet distance of features seen as normal distributions; lower is better",
    better: "lower",
    compute: (samples, reference) => {
      const [ofSamples, ofReal] = [samples, reference.real].map((set) => reference.gaussian(set));
      return [{ name: "frechet-distance", value: gaussianDistance(ofSamples, ofReal) }];
    },
  },
  "kernel-distance": {
    about: "unbiased squared maximum mean discrepancy of features, kernel (x·y/d + 1)³, and its deviation over 100 " +
      "subsets; lower is better",
    better: "lower",
    neutral: ["kernel-distance-deviation"],
    names: () => ["kernel-distance", "kernel-distance-deviation"],
    compute: (samples, reference) => {
      const { mean, deviation } = reference.kernelDistance(samples);
      return [{ name: "kernel-distance", value: mean }, { name: "kernel-distance-deviation", value: deviation }];
    },
  },
  "precision": {
    about: "share of samples that lie among the 5 nearest neighbours of a real image; higher is better",
    better: "higher",
    ...neighbourhood("precision"),
  },
  "recall": {
    about: "share of real images that lie among the 5 nearest neighbours of a sample; higher is better",
    better: "higher",
    ...neighbourhood("recall"),
  },
  "density": {
    about: "how densely real images surround samples, 1 for real ones; higher is better",
    better: "higher",
    ...neighbourhood("density"),
  },
  "coverage": {
    about: "share of real images with a sample among their 5 nearest neighbours; higher is better",
    better: "higher",
    ...neighbourhood("coverage"),
  },
  "sliced-wasserstein": {
    about: "Wasserstein-2 distance of pixels along 128 random lines; lower is better",
    better: "lower",
    looksAt: (samples, { extractor }) => Math.min(pixelsOf(samples, extractor).count, PIXELS),
    compute: (samples, reference) => {
      const [ofSamples, ofReal] = [samples, reference.real].map((set) => reference.pixels(set));
      return [{ name: "sliced-wasserstein", value: slicedWasserstein2(ofSamples, ofReal, reference.seed) }];
    },
  },
  "nearest": {
    about: "distance to the nearest training image over that of real images held out (median), and the share nearer " +
      "than 99 % of these: 1 and 0.01 for new images, 0 and 1 for copies",
    better: "neither",
    looksAt: ({ count }) => Math.min(count, NEAREST),
    names: () => ["nearest-ratio", "nearest-closer"],
    compute: (samples, reference) => {
      const [ofSamples, ofHeldOut] = [samples, reference.heldOut].map((set) => reference.nearestDistances(set));
      const { ratio, closer } = nearness(ofSamples, ofHeldOut);
      return [{ name: "nearest-ratio", value: ratio }, { name: "nearest-closer", value: closer }];
    },
  },
  "support": {
    about: "how many different images there are about, by the birthday paradox: the square of the batch in which two " +
      "are the same with probability ½; higher is better",
    better: "higher",
    looksAt: ({ count }) => Math.min(count, SUPPORT_SAMPLES),
    names: () => ["support", "support-batch"],
    compute: (samples, reference) => {
      const features = atMost(featuresOf(samples), SUPPORT_SAMPLES, reference.seed);
      const threshold = reference.duplicateDistance(Math.min(features.count, reference.real.count));
      const { batch, size, atLeast } = birthdaySupport(features, threshold, reference.seed);
      const flag = atLeast && { atLeast };
      return [{ name: "support", value: size, ...flag }, { name: "support-batch", value: batch, ...flag }];
    },
  },
  "modes": {
    about: "combinations of classes that occur among samples; higher is better",
    better: "higher",
    alone: true,
    ...modes("modes", "modes"),
  },
  "modes-kl": {
    about: "KL divergence of these combinations from equal shares, in nats, about (modes − 1) / (2 samples) for a " +
      "perfect generator; lower is better",
    better: "lower",
    alone: true,
    ...modes("modes-kl", "kl"),
  },
  "label-accuracy": {
    about: "share of samples that show the class that they were asked for, for each label; higher is better",
    better: "higher",
    alone: true,
    refuses: (samples, extractor) => {
      if (labelled(samples, extractor).length > 0) return undefined;
      return "the samples were not made for classes that the extractor knows; expected a conditional generator";
    },
    names: (samples, extractor) => labelled(samples, extractor).map(({ name }) => accuracyName(name)),
    compute: (samples, { extractor }) =>
      labelled(samples, extractor).map(({ name, attribute, asked }) => ({
        name: accuracyName(name),
        value: labelAccuracy(samples.classes[attribute], asked),
      })),
  },
} as const satisfies Record<string, ImageMetric>;

export type ImageMetricName = keyof typeof table;

/** All metrics, in the order in which they are listed. */
export const imageMetrics: Readonly<Record<ImageMetricName, ImageMetric>> = table;

/** Which values of a number of a metric are good: see `neutral`. */
export function betterOf(metric: ImageMetricName, number: string): Better {
  const { better, neutral } = imageMetrics[metric];
  return neutral?.includes(number) ? "neither" : better;
}
