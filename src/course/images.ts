/** Images of 32×32 pixels, grey or in colour: pictures of many, and how sharp they are. */
import * as duel from "../mod.ts";
import { joined } from "./numbers.ts";

/** Height and width. */
export const SIZE = 32;
/** Values of a digit, and of a face. */
export const DIGIT = SIZE * SIZE;
export const FACE = SIZE * SIZE * 3;

/** Images with so many values each as one sheet. */
export function sheet(images: Float32Array, length: number, columns: number, scale = 2): duel.Pixels {
  const channels = length / (SIZE * SIZE);
  const pixels = { count: images.length / length, height: SIZE, width: SIZE, channels, bytes: duel.toBytes(images) };
  return duel.imageGrid(pixels, { scale, columns });
}

/** Pictures of one size side by side, `columns` in a row. */
export function joinedPictures(pictures: readonly duel.Pixels[], columns: number): duel.Pixels {
  const bytes = new Uint8Array(pictures.reduce((sum, { bytes }) => sum + bytes.length, 0));
  pictures.forEach((picture, index) => bytes.set(picture.bytes, index * picture.bytes.length));
  return duel.imageGrid({ ...pictures[0], count: pictures.length, bytes }, { columns, gap: 4 });
}

/** Rows of images one below the other; all rows have equally many. */
export function rows(length: number, ...images: readonly Float32Array[]): duel.Pixels {
  return sheet(joined(images), length, images[0].length / length);
}

/** Images with these indices, in this order. */
export function pick(images: Float32Array, length: number, indices: readonly number[]): Float32Array {
  return joined(indices.map((index) => images.subarray(index * length, (index + 1) * length)));
}

/** `count` images, every second one, from the first or the second on. */
export function everySecond(images: Float32Array, length: number, from: 0 | 1, count: number): Float32Array {
  return pick(images, length, Array.from({ length: count }, (_, i) => 2 * i + from));
}

/**
 * How much neighbouring pixels differ, on average: the mean absolute Laplacian. Blurred images have less than sharp
 * ones; but noise has most, so that it says something only of images that are good otherwise.
 */
export function sharpness(images: Float32Array, length: number): number {
  const channels = length / (SIZE * SIZE);
  const row = SIZE * channels;
  let [total, count] = [0, 0];
  for (let start = 0; start < images.length; start += length) {
    for (let y = 1; y < SIZE - 1; y++) {
      for (let at = start + y * row + channels; at < start + (y + 1) * row - channels; at++) {
        const around = images[at - channels] + images[at + channels] + images[at - row] + images[at + row];
        total += Math.abs(4 * images[at] - around);
        count++;
      }
    }
  }
  return total / count;
}
