/** What a run learns from: images in memory, or points drawn anew for each batch. */
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { BatchFeeder } from "../data/feeder.ts";
import { type Toy, toys } from "../data/toys.ts";
import type { Dataset } from "../data/types.ts";
import type { Attribute } from "../models/attribute.ts";
import type { BatchSource } from "../gan/train.ts";
import { imageGrid } from "../report/grid.ts";
import { type Pixels, toBytes } from "../report/image.ts";
import { scatter } from "../report/scatter.ts";
import { digestOf } from "./load_data.ts";
import { countText } from "./text.ts";
import type { TrainSettings } from "./settings.ts";

/** How batches are made. */
export interface FeedingOptions {
  readonly batch: number;
  readonly seed: number;
  readonly flip: boolean;
  /** Attributes whose classes fill `labels`, in this order. */
  readonly attributes: readonly Attribute[];
}

export interface TrainingData {
  readonly name: string;
  /** Samples in all; null where they are drawn anew. */
  readonly count: number | null;
  /** Of one sample. */
  readonly shape: Shape;
  /** What is known of every sample. */
  readonly attributes: readonly Attribute[];
  /** SHA-256 of all pixels; null where there are none. */
  readonly digest: string | null;
  /** The images themselves, where the data are images. */
  readonly dataset: Dataset | undefined;
  /** For people: what and how many. */
  readonly text: string;
  /** Samples on a picture. */
  readonly pictured: number;
  source(options: FeedingOptions): BatchSource;
  /** A picture of samples; of images, `columns` side by side, about as many as in a column when left out. */
  picture(values: Float32Array, columns?: number): Pixels;
}

/** Grids are magnified to about so many pixels. */
const GRID_PIXELS = 512;

/** How much to magnify the images of a grid so that it is seen well. */
export function gridScale(count: number, size: number): number {
  return Math.max(1, Math.floor(GRID_PIXELS / (Math.ceil(Math.sqrt(count)) * size)));
}

/** Images as data. */
export function imageData(dataset: Dataset): TrainingData {
  const { name, count, size, channels, labels } = dataset;
  return {
    dataset,
    name,
    count,
    shape: [size, size, channels],
    attributes: labels,
    digest: digestOf(dataset),
    text: `${name}, ${countText(count)} images of ${size}×${size}×${channels}`,
    pictured: 64,
    source({ batch, seed, flip, attributes }) {
      const feeder = new BatchFeeder(dataset, { batch, seed, flip });
      const known = attributes.map(({ name }) => labels.find((label) => label.name === name)!);
      return (draw, { real, labels: classes }) => {
        feeder.fill(draw, real);
        if (classes) feeder.fillLabels(draw, known, classes);
      };
    },
    picture(values, columns) {
      const images = values.length / (size * size * channels);
      const pixels = { count: images, height: size, width: size, channels, bytes: toBytes(values) };
      return imageGrid(pixels, { scale: gridScale(images, size), ...columns === undefined ? {} : { columns } });
    },
  };
}

/** Points as data. */
export function pointData(toy: Toy): TrainingData {
  const pictured = 2500;
  const reals = new Float32Array(pictured * toy.dimensions);
  toy.fill(0, 0, reals);
  return {
    dataset: undefined,
    name: toy.name,
    count: null,
    shape: [toy.dimensions],
    attributes: [],
    digest: null,
    text: `${toy.name}, ${toy.about}`,
    pictured,
    source: ({ seed }) => (draw, { real }) => toy.fill(seed, draw, real),
    picture: (values) => scatter({ box: toy.box, real: reals, fake: values }),
  };
}

/** The toy that the settings name, if they name one. */
export function toyOf({ data: { name } }: TrainSettings): Toy | undefined {
  return Object.hasOwn(toys, name) ? toys[name as keyof typeof toys] : undefined;
}

/**
 * The attributes to condition on: those that the settings name, or all.
 * @throws UsageError if the data do not have one of them.
 */
export function conditionedOn(
  names: readonly string[] | null,
  { name, attributes }: Pick<TrainingData, "name" | "attributes">,
) {
  if (names === null) return attributes;
  return names.map((wanted) => {
    const found = attributes.find((attribute) => attribute.name === wanted);
    if (found) return found;
    const known = attributes.length === 0 ? "they have none" : `they have ${attributes.map((a) => a.name).join(", ")}`;
    throw new UsageError(`--labels: ${name} have no labels called ${wanted}; ${known}`);
  });
}
