/** What image metrics are computed from: features, classes and pixels of samples and of real images. */
import { UsageError } from "../core/errors.ts";
import type { Attribute } from "../models/classifier.ts";
import { duplicateDistance } from "./copies.ts";
import type { Extracted } from "./extractor.ts";
import { fitGaussian, type Gaussian } from "./frechet.ts";
import { type Neighbourhoods, neighbourhoods } from "./neighbourhoods.ts";
import { pick, type Points, pointsOf } from "./points.ts";
import { choose } from "./statistics.ts";

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

/** The three sets of an evaluation. */
export interface Sets {
  /** Generated images. */
  readonly samples: ImageSet;
  /** Real images that the generator learned from. */
  readonly real: ImageSet;
  /** Real images that it has never seen. */
  readonly heldOut: ImageSet;
}

/** Most points that all pairs are looked at of: what precision, recall, density and coverage are usually made of. */
const PAIRED = 10_000;
/** Most images whose pixels are compared. */
const PIXELS = 5000;

/** The features of a set. */
export function featuresOf({ features, count }: ImageSet): Points {
  return pointsOf(features, features.length / count);
}

/** A random choice of the points, or all if there are not more; a function of the seed. */
export function atMost(points: Points, limit: number, seed: number): Points {
  if (points.count <= limit) return points;
  return pick(points, choose(points.count, limit, seed, "metric subset", 0).sort());
}

/** Real images, and what is computed of them once for all that is compared with them. */
export class Reference {
  readonly #neighbourhoods = new Map<ImageSet, Neighbourhoods>();
  readonly #duplicates = new Map<number, number>();
  #gaussian: Gaussian | undefined;

  constructor(
    readonly extractor: ExtractorFacts,
    readonly real: ImageSet,
    readonly heldOut: ImageSet,
    readonly seed: number,
  ) {}

  /** The normal distribution of the features of all real images. */
  get gaussian(): Gaussian {
    return this.#gaussian ??= fitGaussian(featuresOf(this.real));
  }

  /** Precision and its siblings, among as many real images as samples, 10,000 at most. */
  neighbourhoods(samples: ImageSet): Neighbourhoods {
    const known = this.#neighbourhoods.get(samples);
    if (known) return known;
    const count = Math.min(samples.count, this.real.count, PAIRED);
    const [ofSamples, ofReal] = [samples, this.real].map((set) => atMost(featuresOf(set), count, this.seed));
    const found = neighbourhoods(ofSamples, ofReal);
    this.#neighbourhoods.set(samples, found);
    return found;
  }

  /** The distance below which two of `count` images count as the same. */
  duplicateDistance(count: number): number {
    let distance = this.#duplicates.get(count);
    if (distance === undefined) {
      distance = duplicateDistance(atMost(featuresOf(this.real), count, this.seed));
      this.#duplicates.set(count, distance);
    }
    return distance;
  }

  /** Pixels of a set, 5000 images at most. */
  pixels({ images }: ImageSet): Points {
    const { size, channels } = this.extractor;
    return atMost(pointsOf(images, size * size * channels), PIXELS, this.seed);
  }
}

/**
 * Samples and held-out images cut to equal numbers (a random choice of the larger set, a function of the seed), so
 * that a number and its floor are made of as many images: most of them depend on how many there are.
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
  return { samples: cut(samples, count, seed), real, heldOut: cut(heldOut, count, seed) };
}

function cut(set: ImageSet, count: number, seed: number): ImageSet {
  if (set.count === count) return set;
  const chosen = choose(set.count, count, seed, "metric subset", 0).sort();
  const labels = [...set.labels ?? []].map(([name, classes]) =>
    [name, Uint16Array.from(chosen, (i) => classes[i])] as const
  );
  return {
    count,
    features: Float32Array.from(pick(featuresOf(set), chosen).values),
    classes: set.classes.map((classes) => Uint16Array.from(chosen, (i) => classes[i])),
    images: set.images,
    labels: new Map(labels),
  };
}
