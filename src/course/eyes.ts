/** Judging images by what a classifier sees in them, as `duel eval` does. */
import * as duel from "../mod.ts";
import { trainingDigits } from "./digits.ts";
import type { Stage } from "./experiment.ts";

/** Real images that samples are compared with, from those that networks learn from; all of these if they are fewer. */
const REFERENCE = { usual: 6000, quick: 1000 };
/** New ones that take the place of samples: the floor. Again, all of them if they are fewer. */
const HELD_OUT = { usual: 2000, quick: 500 };

/** What is measured of samples. */
export type Quality = "precision" | "coverage" | "kernel-distance";

/** A classifier, and real images to compare with. */
export class Eyes {
  readonly #extractor: duel.Extractor;
  readonly #engine: duel.Engine;
  /** What networks learn from; its pixels go on with images that are new to them. */
  readonly #learned: duel.Dataset;
  /** Numbers of real images to compare with. */
  readonly #counts: { readonly reference: number; readonly heldOut: number };
  /** Real images as the classifier sees them, once they are asked for. */
  #sets: { readonly real: duel.ImageSet; readonly heldOut: duel.ImageSet } | undefined;

  private constructor(extractor: duel.Extractor, engine: duel.Engine, learned: duel.Dataset, stage: Stage) {
    const { count, pixels, size, channels } = learned;
    this.#extractor = extractor;
    this.#engine = engine;
    this.#learned = learned;
    this.#counts = {
      reference: Math.min(stage.size(REFERENCE.usual, REFERENCE.quick), count),
      heldOut: Math.min(stage.size(HELD_OUT.usual, HELD_OUT.quick), pixels.length / (size * size * channels) - count),
    };
  }

  /**
   * The classifier for images of a set.
   * @param learned what networks learn from: the first images of a set of the stage; digits when left out.
   */
  static async open(stage: Stage, learned: duel.Dataset = trainingDigits(stage)): Promise<Eyes> {
    const extractor = await duel.loadExtractor(duel.extractorOf[learned.name]!);
    const engine = await stage.compile(extractor.store, extractor.programs);
    return new Eyes(extractor, engine, learned, stage);
  }

  /** For each attribute the class that is seen in each image, an index into its names. */
  async labels(images: Float32Array): Promise<ReadonlyMap<string, Uint16Array>> {
    const { classes } = await this.#extractor.extract(this.#engine, images);
    return new Map(this.#extractor.attributes.map(({ name }, i) => [name, classes[i]]));
  }

  /** The same of one attribute. */
  async classes(images: Float32Array, attribute: string): Promise<Uint16Array> {
    return (await this.labels(images)).get(attribute)!;
  }

  /** Features of images, [count, 64]. */
  async features(images: Float32Array): Promise<Float32Array> {
    return (await this.#extractor.extract(this.#engine, images)).features;
  }

  /** Metrics of samples, each with the same of new real images. */
  async measure(images: Float32Array, ...names: readonly Quality[]): Promise<{ value: number; floor: number }[]> {
    const { reference, heldOut } = this.#counts;
    const { count } = this.#learned;
    this.#sets ??= {
      real: await this.#see(duel.imageValues(this.#learned, 0, reference)),
      heldOut: await this.#see(duel.imageValues(this.#learned, count, count + heldOut)),
    };
    const found = duel.evaluateImages(names, { samples: await this.#see(images), ...this.#sets }, this.#extractor);
    return names.map((name) => {
      const { value, floor } = found.find((each) => each.name === name)!;
      return { value, floor: floor!.value };
    });
  }

  async #see(images: Float32Array): Promise<duel.ImageSet> {
    return { ...await this.#extractor.extract(this.#engine, images), images };
  }
}

/** What the kernel distance is, for readers. */
export function aboutKernelDistance(say: Stage["say"]): string {
  return say(
    "Kernel distance: the squared maximum mean discrepancy of a classifier's features (as in KID); lower is better. " +
      "Real images are estimated to be about 0 from each other, sometimes a little less.",
    "核距離（kernel distance）：分類器特徵的最大平均差異（MMD）的平方，計算方式同 KID；越小越好。真實圖片彼此之間的估計值約為 0，有時略小於 0。",
  );
}
