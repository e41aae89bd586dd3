/** Judging images by what a classifier sees in them, as `duel eval` does. */
import * as duel from "../mod.ts";
import type { DataName, Stage } from "./experiment.ts";

/** Real images that samples are compared with, and others that take the place of samples: the floor. */
const REAL = { reference: 6000, heldOut: 2000 };

/** What is measured of samples. */
export type Quality = "precision" | "coverage" | "kernel-distance";

/** A classifier, with real images as it sees them. */
export class Eyes {
  readonly #extractor: duel.Extractor;
  readonly #engine: duel.Engine;
  readonly #real: duel.ImageSet;
  readonly #heldOut: duel.ImageSet;

  private constructor(extractor: duel.Extractor, engine: duel.Engine, real: duel.ImageSet, heldOut: duel.ImageSet) {
    this.#extractor = extractor;
    this.#engine = engine;
    this.#real = real;
    this.#heldOut = heldOut;
  }

  /** Looks at the images of the stage. */
  static async open(stage: Stage, name: DataName = "mnist"): Promise<Eyes> {
    const extractor = await duel.loadExtractor(duel.extractorOf[name]!);
    const engine = await stage.compile(extractor.store, extractor.programs);
    const set = stage.dataset(name);
    const { reference, heldOut } = REAL;
    const see = async (images: Float32Array) => ({ ...await extractor.extract(engine, images), images });
    const real = await see(duel.imageValues(set, 0, reference));
    return new Eyes(extractor, engine, real, await see(duel.imageValues(set, reference, reference + heldOut)));
  }

  /** For an attribute the class that is seen in each image, an index into its names. */
  async classes(images: Float32Array, attribute: string): Promise<Uint16Array> {
    const { classes } = await this.#extractor.extract(this.#engine, images);
    return classes[this.#extractor.attributes.findIndex(({ name }) => name === attribute)];
  }

  /** Features of images, [count, 64]. */
  async features(images: Float32Array): Promise<Float32Array> {
    return (await this.#extractor.extract(this.#engine, images)).features;
  }

  /** Metrics of samples, each with the same of real images. */
  async measure(images: Float32Array, ...names: readonly Quality[]): Promise<{ value: number; floor: number }[]> {
    const samples = { ...await this.#extractor.extract(this.#engine, images), images };
    const found = duel.evaluateImages(names, { samples, real: this.#real, heldOut: this.#heldOut }, this.#extractor);
    return names.map((name) => {
      const { value, floor } = found.find((each) => each.name === name)!;
      return { value, floor: floor!.value };
    });
  }
}
