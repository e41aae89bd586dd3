/** What image metrics are computed from: features, classes and pixels of samples and of real images. */
import { UsageError } from "../core/errors.ts";
import { choose } from "../core/statistics.ts";
import type { Attribute } from "../models/attribute.ts";
import { duplicateDistance, nearestDistances } from "./copies.ts";
import { neighbourSquares } from "./distances.ts";
import type { Extracted } from "./extractor.ts";
import { fitGaussian, type Gaussian } from "./frechet.ts";
import { kernelDistance, realPairs, subsetSize } from "./kernel.ts";
import { type Neighbourhoods, neighbourhoods, NEIGHBOURS } from "./neighbourhoods.ts";
import { pick, type Points, pointsOf } from "./points.ts";

/** What of an extractor the metrics need to know. */
export interface ExtractorFacts {
  readonly name: string;
  readonly size: number;
  readonly channels: number;
  /** Length of a feature vector. */
  readonly features: number;
  readonly attributes: readonly Attribute[];
}

/** Images in the form that an extractor leaves them in. */
export interface ImageSet extends Extracted {
  /**
   * Pixels in [−1, 1], [any number, size, size, channels]: those that are compared as pixels. They may be fewer than
   * `count`, because a few thousand say enough.
   */
  readonly images: Float32Array;
  /** By the name of an attribute the class that each image was made for or is known to be; may be left out. */
  readonly labels?: ReadonlyMap<string, ArrayLike<number>> | undefined;
}

/** Of samples, what can be known before they are made: the attributes that they have labels of. */
export type Labelled = Pick<ImageSet, "labels">;

/** The three sets of an evaluation. */
export interface Sets {
  /** Generated images. */
  readonly samples: ImageSet;
  /** Real images that the generator learned from. */
  readonly real: ImageSet;
  /** Real images that it has never seen. */
  readonly heldOut: ImageSet;
}

/** Most points whose neighbourhoods are compared: a second, and shares within a third of a percent. */
const PAIRED = 5000;
/** Most images whose nearest real ones are looked for. */
export const NEAREST = 2000;
/** Most images whose pixels are compared. */
export const PIXELS = 5000;

/** The features of a set. */
export function featuresOf({ features, count }: ImageSet): Points {
  return pointsOf(features, features.length / count);
}

/** The pixels of a set. @throws UsageError if they are no whole number of the extractor's images. */
export function pixelsOf({ images }: ImageSet, { size, channels }: ExtractorFacts): Points {
  return pointsOf(images, size * size * channels);
}

/** A random choice of the points, or all if there are not more; a function of the seed. */
export function atMost(points: Points, limit: number, seed: number): Points {
  if (points.count <= limit) return points;
  return pick(points, choose(points.count, limit, seed, "metric subset", 0).sort());
}

/** Results by what they were computed from; each is computed once. */
class Memory<Key, Result> {
  readonly #known = new Map<Key, Result>();

  get(key: Key, compute: () => Result): Result {
    if (!this.#known.has(key)) this.#known.set(key, compute());
    return this.#known.get(key)!;
  }
}

/** Real images, and what is computed of them and of sets compared with them once for several metrics. */
export class Reference {
  readonly #gaussian = new Memory<ImageSet, Gaussian>();
  readonly #pairs = new Memory<number, Float64Array>();
  readonly #radii = new Memory<number, Float64Array>();
  readonly #neighbourhoods = new Memory<ImageSet, Neighbourhoods>();
  readonly #nearest = new Memory<ImageSet, Float64Array>();
  readonly #duplicates = new Memory<number, number>();

  constructor(
    readonly extractor: ExtractorFacts,
    readonly real: ImageSet,
    readonly heldOut: ImageSet,
    readonly seed: number,
  ) {}

  /** The normal distribution of the features of a set. */
  gaussian(set: ImageSet): Gaussian {
    return this.#gaussian.get(set, () => fitGaussian(featuresOf(set)));
  }

  /** The kernel distance of a set to the real images. */
  kernelDistance(samples: ImageSet): { mean: number; deviation: number } {
    const ofReal = featuresOf(this.real);
    const size = subsetSize(samples.count, ofReal.count);
    const pairs = this.#pairs.get(size, () => realPairs(ofReal, size, this.seed));
    return kernelDistance(featuresOf(samples), ofReal, this.seed, pairs);
  }

  /** Of how many samples, and as many real images, the neighbourhoods are compared: 5000 at most. */
  paired({ count }: ImageSet): number {
    return Math.min(count, this.real.count, PAIRED);
  }

  /** Precision and its siblings. */
  neighbourhoods(samples: ImageSet): Neighbourhoods {
    return this.#neighbourhoods.get(samples, () => {
      const count = this.paired(samples);
      const [ofSamples, ofReal] = [samples, this.real].map((set) => atMost(featuresOf(set), count, this.seed));
      const radii = this.#radii.get(count, () => neighbourSquares(ofReal, NEIGHBOURS));
      return neighbourhoods(ofSamples, ofReal, NEIGHBOURS, radii);
    });
  }

  /** The distances of some images of a set, 2000 at most, to the nearest of all real images. */
  nearestDistances(set: ImageSet): Float64Array {
    return this.#nearest.get(
      set,
      () => nearestDistances(atMost(featuresOf(set), NEAREST, this.seed), featuresOf(this.real)),
    );
  }

  /** The distance below which two of `count` images count as the same. */
  duplicateDistance(count: number): number {
    return this.#duplicates.get(count, () => duplicateDistance(atMost(featuresOf(this.real), count, this.seed)));
  }

  /** Pixels of a set, 5000 images at most. */
  pixels(set: ImageSet): Points {
    return atMost(pixelsOf(set, this.extractor), PIXELS, this.seed);
  }
}

/**
 * Samples and held-out images cut to equal numbers (a random choice of the larger set, a function of the seed), so
 * that a number and its floor are made of as many images, of features and of pixels: most of them depend on how many
 * there are.
 * @throws UsageError for an empty set, or one of another extractor.
 */
export function balanced({ samples, real, heldOut }: Sets, extractor: ExtractorFacts, seed: number): Sets {
  for (const [name, set] of Object.entries({ samples, real, heldOut })) {
    if (set.count < 2) throw new UsageError(`there are ${set.count} images in ${name}; expected two at least`);
    const fits = set.features.length === set.count * extractor.features &&
      set.classes.length === extractor.attributes.length;
    if (!fits) throw new UsageError(`${name} were not seen by ${extractor.name}; extract all sets with the same one`);
  }
  const count = Math.min(samples.count, heldOut.count);
  const pictured = Math.min(count, ...[samples, heldOut].map((set) => pixelsOf(set, extractor).count));
  const balance = (set: ImageSet) => cut(set, count, pictured, extractor, seed);
  return { samples: balance(samples), real, heldOut: balance(heldOut) };
}

/** `count` images of a set, and the pixels of `pictured` of those that it has pixels of. */
function cut(set: ImageSet, count: number, pictured: number, extractor: ExtractorFacts, seed: number): ImageSet {
  const pixels = pixelsOf(set, extractor);
  if (set.count === count && pixels.count === pictured) return set;
  const chosen = choose(set.count, count, seed, "metric subset", 0).sort();
  const labels = [...set.labels ?? []].map(([name, classes]) =>
    [name, Uint16Array.from(chosen, (i) => classes[i])] as const
  );
  return {
    count,
    features: Float32Array.from(pick(featuresOf(set), chosen).values),
    classes: set.classes.map((classes) => Uint16Array.from(chosen, (i) => classes[i])),
    images: Float32Array.from(atMost(pixels, pictured, seed).values),
    labels: new Map(labels),
  };
}
