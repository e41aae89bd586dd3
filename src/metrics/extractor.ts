/**
 * Named feature extractors: classifiers that duel trained itself, with a fixed digest. A number that was measured with
 * one of them can only be compared with numbers of the same one.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import type { Engine } from "../backend/backend.ts";
import { valuesOf } from "../checkpoint/layout.ts";
import { decodeSafetensors } from "../checkpoint/safetensors.ts";
import { DataError, UsageError } from "../core/errors.ts";
import { Store } from "../graph/store.ts";
import { input, type Program, trace } from "../graph/trace.ts";
import type { Attribute } from "../models/attribute.ts";
import { classesOf, type Classifier, classifier, FEATURES } from "../models/classifier.ts";
import { copyOf } from "../nn/initializers.ts";

/** Images a run of the program; the last batch is padded with zeros. */
const BATCH = 128;

/** What an extractor finds in `count` images. */
export interface Extracted {
  readonly count: number;
  /** [count, features], row-major. */
  readonly features: Float32Array;
  /** For each attribute the class of each image, an index into its `classes`. */
  readonly classes: readonly Uint16Array[];
}

/** How the channels of an image are looked at. */
export type Channels =
  /** All at once. */
  | "together"
  /** Each as a grey image of its own, for digits stacked as red, green and blue. */
  | "apart";

const positive = v.pipe(v.string(), v.regex(/^[1-9]\d{0,4}$/), v.transform(Number));
const attributeSchema = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1)),
  classes: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(65536)),
});
const metadataSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  size: positive,
  channels: positive,
  attributes: v.pipe(v.string(), v.parseJson(), v.pipe(v.array(attributeSchema), v.minLength(1))),
});

/** The names of three grey images in a colour one. */
const APART = ["red", "green", "blue"] as const;

/**
 * Turns images into features and classes. It has a Store of its own, whose slots start with the weights: compile
 * `programs` against `store`, and give the engine to `extract`.
 */
export class Extractor {
  /** For instance `duel-mnist-32`; with channels apart `duel-mnist-32x3`. */
  readonly name: string;
  /** SHA-256 of the file of weights, in hexadecimal. */
  readonly digest: string;
  /** Height and width of the images. */
  readonly size: number;
  /** Channels of the images. */
  readonly channels: number;
  /** Length of a feature vector. */
  readonly features: number;
  /** What is told of each image. */
  readonly attributes: readonly Attribute[];
  readonly store = new Store(0);
  readonly #program: Program;
  /** What the network itself is told of an image. */
  readonly #own: readonly Attribute[];
  /** Images of the network in an image of the extractor. */
  readonly #parts: number;

  /**
   * Reads weights, and traces the program.
   * @param bytes a safetensors file as `deno task classifier` writes it.
   * @throws DataError if the file is damaged or holds another network; UsageError for channels apart of a network that
   * sees colours.
   */
  constructor(bytes: Uint8Array, channels: Channels = "together") {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const parsed = v.safeParse(metadataSchema, metadata);
    if (!parsed.success) {
      throw new DataError("the file is no classifier of duel: name, size, channels or attributes are not in it");
    }
    const { name, size, attributes, channels: seen } = parsed.output;
    if (channels === "apart" && seen !== 1) {
      throw new UsageError(`${name} sees ${seen} channels together; expected a grey one to look at channels apart`);
    }
    this.#own = attributes;
    this.#parts = channels === "apart" ? APART.length : 1;
    this.name = channels === "apart" ? `${name}x${APART.length}` : name;
    this.digest = createHash("sha256").update(bytes).digest("hex");
    this.size = size;
    this.channels = seen * this.#parts;
    this.features = FEATURES * this.#parts;
    this.attributes = channels === "apart" ? APART.flatMap((part) => attributesOf(part, attributes)) : attributes;

    const network = classifier({ size, channels: seen, attributes });
    const sketch = new Store(0);
    extraction(sketch, network, size, seen, attributes);
    const slots = sketch.slots();
    const values = valuesOf(slots, tensors);
    for (const slot of slots) {
      this.store.slot(slot.name, slot.shape, slot.kind, copyOf(values.get(slot.name)!), slot.layout);
    }
    this.#program = extraction(this.store, network, size, seen, attributes);
  }

  /** To be compiled. */
  get programs(): Program[] {
    return [this.#program];
  }

  /**
   * Features and classes of images [count, size, size, channels] in [−1, 1]. What is found in an image depends on it
   * alone. With channels apart, the features of the channels are joined, and so are their classes.
   * @throws UsageError if the values are no whole number of such images.
   */
  async extract(engine: Engine, images: Float32Array): Promise<Extracted> {
    const length = this.size * this.size * this.channels;
    if (images.length % length !== 0) {
      throw new UsageError(
        `${this.name} sees images of ${this.size}×${this.size}×${this.channels} values; ${images.length} values are ` +
          "no whole number of them: resize the images, or choose another extractor",
      );
    }
    const count = images.length / length;
    const features = new Float32Array(count * this.features);
    const classes = this.attributes.map(() => new Uint16Array(count));
    const area = length / this.#parts;
    const batch = new Float32Array(BATCH * area);
    for (let part = 0; part < this.#parts; part++) {
      for (let first = 0; first < count; first += BATCH) {
        const used = Math.min(BATCH, count - first);
        batch.fill(0);
        for (let i = 0, from = first * length + part; i < used * area; i++, from += this.#parts) {
          batch[i] = images[from];
        }
        const found = await engine.run(this.#program, { images: batch }, { seed: 0, draw: 0 });
        for (let i = 0; i < used; i++) {
          const vector = found.features.subarray(i * FEATURES, (i + 1) * FEATURES);
          features.set(vector, ((first + i) * this.#parts + part) * FEATURES);
        }
        this.#own.forEach(({ name }, attribute) => {
          const each = found[`class.${name}`].subarray(0, used);
          classes[part * this.#own.length + attribute].set(each, first);
        });
      }
    }
    return { count, features, classes };
  }
}

/** Attributes of one of several images in an image: named after it, and after the attribute if there are several. */
function attributesOf(part: string, attributes: readonly Attribute[]): Attribute[] {
  return attributes.map(({ name, classes }) => ({ name: attributes.length > 1 ? `${part} ${name}` : part, classes }));
}

/** `images` [BATCH, …] → `features` [BATCH, FEATURES] and `class.<attribute>` [BATCH] each. */
function extraction(
  store: Store,
  network: Classifier,
  size: number,
  channels: number,
  attributes: readonly Attribute[],
): Program {
  return trace(store, "extract features", () => {
    const sight = network(input("images", [BATCH, size, size, channels]), "evaluate");
    const classes = classesOf(sight);
    return {
      features: sight.features,
      ...Object.fromEntries(attributes.map(({ name }, i) => [`class.${name}`, classes[i]])),
    };
  });
}
