/** What a data set is, and what every source of one is told. */
import { DataError } from "../core/errors.ts";

/** One thing that is known of every image, such as its digit or its hair colour. */
export interface LabelAttribute {
  readonly name: string;
  /** Names of the classes; a class is its index here. */
  readonly classes: readonly string[];
  /** The class of each image; length `count`. */
  readonly indices: Uint16Array;
}

/** Square images of one size, all in memory, as bytes. */
export interface Dataset {
  readonly name: string;
  readonly count: number;
  /** Height and width in pixels. */
  readonly size: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number;
  /** N×H×W×C, row-major. */
  readonly pixels: Uint8Array;
  /** Empty when nothing is known of the images. */
  readonly labels: readonly LabelAttribute[];
}

/** The sources that have names. */
export const DATASET_NAMES = ["faces", "mnist", "fashion-mnist", "stacked-mnist", "idx", "folder"] as const;

/** What a source needs besides its own arguments. */
export interface SourceOptions {
  /** Height and width of the images to make. */
  readonly size: number;
  /** Folder for what is made or downloaded once. A folder that can't be written costs a notice and time, no more. */
  readonly cacheDir: string;
  /** Most threads to decode or draw with; default: the machine's. */
  readonly threads?: number;
  /** Called now and then with how much of `total` is done; `what` says of which work. */
  readonly onProgress?: (done: number, total: number, what: string) => void;
  /** Called with one line about something that the user may want to know, but that is no error. */
  readonly onNotice?: (text: string) => void;
}

/** With fewer images there is nothing to learn: the discriminator knows each by heart after a few steps. */
const MIN_IMAGES = 16;

/** @throws DataError if `count` images are too few for a GAN. */
export function requireEnoughImages(count: number, where: string): void {
  if (count >= MIN_IMAGES) return;
  throw new DataError(
    `${where} has ${count === 0 ? "no images" : count === 1 ? "one image" : `${count} images`}; ` +
      `a GAN needs at least ${MIN_IMAGES} different ones, and some hundreds to give good results: add more`,
  );
}

/** `max(classes)` without the argument limit of `Math.max`; 0 for an empty array. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  return most;
}
