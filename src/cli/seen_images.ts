/** Real images as a classifier sees them. Looking at all of a data set takes many seconds, so that it is done once. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Engine } from "../backend/backend.ts";
import type { FileTensor } from "../checkpoint/layout.ts";
import { decodeSafetensors, encodeSafetensors } from "../checkpoint/safetensors.ts";
import { DataError } from "../core/errors.ts";
import { throughFile } from "../core/kept.ts";
import { choose } from "../core/statistics.ts";
import type { Dataset } from "../data/dataset.ts";
import { imageValues } from "../data/feeder.ts";
import type { ImageSet } from "../metrics/comparison.ts";
import type { Extracted, Extractor } from "../metrics/extractor.ts";
import { digestOf } from "./load_data.ts";

/** Images whose pixels are compared, at most. */
export const PIXEL_IMAGES = 5000;
/** Images a batch of what is looked at: they become floats in pieces. */
const PIECE = 1024;
/** Images that are looked at each time, to know how this engine rounds. */
const PROBES = 128;

/**
 * Features, classes and labels of the images of a data set, or of a random choice of `most`, always the same one: a
 * data set may be in an order. (MNIST's held-out digits come in two halves, of different writers: the pixels of either
 * are about twice as far from those to learn from as the pixels of a random half.)
 * @param folder where features and classes are kept for the next time.
 */
export async function seenImages(
  extractor: Extractor,
  engine: Engine,
  data: Dataset,
  most: number,
  folder: string,
): Promise<ImageSet> {
  const chosen = choice(data.count, most);
  const key = await keyOf(extractor, engine, data, chosen);
  const path = join(folder, `seen-${extractor.name}-${key.slice(0, 16)}.safetensors`);
  const notice = (line: string) => console.error(`duel: ${line}`);
  const seen = await throughFile(path, formOf(extractor, key), notice, () => lookAt(extractor, engine, data, chosen));
  return {
    ...seen,
    images: valuesOf(data, choice(chosen.length, PIXEL_IMAGES).map((i) => chosen[i])),
    labels: new Map(data.labels.map(({ name, indices }) => [name, Uint16Array.from(chosen, (i) => indices[i])])),
  };
}

/** Indices below `count`, ascending: all, or a random choice of `most`. */
function choice(count: number, most: number): Uint32Array {
  return choose(count, Math.min(count, most), 0, "real images", 0).sort();
}

/** These images of a data set as networks see them. */
function valuesOf(data: Dataset, indices: Uint32Array): Float32Array {
  const length = data.size ** 2 * data.channels;
  const values = new Float32Array(indices.length * length);
  indices.forEach((image, i) => values.set(imageValues(data, image, image + 1), i * length));
  return values;
}

/**
 * A digest of all that features depend on: extractor, images, and how results are rounded. That is a matter of the
 * build of the kernels, the forms of convolutions and the processor; features of a few images, looked at anew and to
 * the last bit, tell them apart.
 */
async function keyOf(extractor: Extractor, engine: Engine, data: Dataset, chosen: Uint32Array): Promise<string> {
  const { features } = await extractor.extract(
    engine,
    valuesOf(data, choice(chosen.length, PROBES).map((i) => chosen[i])),
  );
  const { size, channels } = data;
  return createHash("sha256")
    .update(JSON.stringify([extractor.name, extractor.digest, digestOf(data), size, channels, chosen.length]))
    .update(new Uint8Array(features.buffer))
    .digest("hex");
}

async function lookAt(
  extractor: Extractor,
  engine: Engine,
  data: Dataset,
  chosen: Uint32Array,
): Promise<Extracted> {
  const count = chosen.length;
  const features = new Float32Array(count * extractor.features);
  const classes = extractor.attributes.map(() => new Uint16Array(count));
  for (let first = 0; first < count; first += PIECE) {
    const found = await extractor.extract(engine, valuesOf(data, chosen.subarray(first, first + PIECE)));
    features.set(found.features, first * extractor.features);
    found.classes.forEach((part, attribute) => classes[attribute].set(part, first));
  }
  return { count, features, classes };
}

/** A safetensors file with the features [count, length] and the classes of each attribute, [count]. */
function formOf({ attributes, features: length }: Extractor, key: string) {
  return {
    what: "what the classifier sees in real images",
    encode({ count, features, classes }: Extracted): Uint8Array {
      const tensors = new Map<string, FileTensor>([["features", { shape: [count, length], data: features }]]);
      attributes.forEach(({ name }, i) =>
        tensors.set(`class.${name}`, { shape: [count], data: Float32Array.from(classes[i]) })
      );
      return encodeSafetensors(tensors, { key });
    },
    decode(bytes: Uint8Array): Extracted | "other" | "damaged" {
      try {
        const { tensors, metadata, sealed } = decodeSafetensors(bytes);
        if (!sealed) return "damaged";
        if (metadata.key !== key) return "other";
        const { shape: [count], data: features } = tensors.get("features")!;
        const classes = attributes.map(({ name }) => Uint16Array.from(tensors.get(`class.${name}`)!.data));
        return { count, features, classes };
      } catch (error) {
        if (error instanceof DataError) return "damaged";
        throw error;
      }
    },
  };
}
