/** Stacked MNIST: three digits as the three channels of one colour image, so 10 × 10 × 10 = 1000 modes to cover. */
import { streamId, uniforms } from "../core/random.ts";
import { loadPublished, type Split } from "./mnist.ts";
import type { Dataset, LabelAttribute, SourceOptions } from "./types.ts";

/** The published set that stacks are made of. */
export const STACKED_SOURCE = "mnist";

/** The channels, which are also the labels: the digit of each. */
export const STACKED_CHANNELS = ["red", "green", "blue"] as const;

/**
 * Stacks a split. To learn from: 128 for each mode, as Kumar et al. 2019 made them of the 60,000 digits (Lin et al.
 * 2018 made as many of all 70,000). To compare with: as many as are generated to count modes, 26 for each (Srivastava
 * et al. 2017), of the other 10,000 digits.
 */
export const STACKS: Readonly<Record<Split, number>> = { train: 128_000, test: 26_000 };

/**
 * Loads MNIST and stacks digits of it that are drawn independently, with replacement. Which ones is the same always: a
 * seed of a run changes the order of the images, not the images.
 * @throws DataError, see `loadPublished`.
 */
export async function loadStacked(
  options: SourceOptions & { readonly dataDir?: string; readonly split?: Split },
): Promise<Dataset> {
  const split = options.split ?? "train";
  return stack(await loadPublished(STACKED_SOURCE, options), STACKS[split], split);
}

/** `count` stacks of the grey images of a set with one attribute. Draws come out of a stream named after the split. */
export function stack(digits: Dataset, count: number, split: Split): Dataset {
  const { size, pixels: source } = digits;
  const [{ classes, indices }] = digits.labels;
  const area = size * size;
  const pixels = new Uint8Array(count * area * STACKED_CHANNELS.length);
  const stream = streamId(`stacked ${split}`);
  const chosen = STACKED_CHANNELS.map((_, channel) =>
    Uint32Array.from(uniforms(count, 0, stream, channel), (u) => Math.floor(u * digits.count))
  );
  const [red, green, blue] = chosen;
  for (let image = 0, to = 0; image < count; image++) {
    let r = red[image] * area, g = green[image] * area, b = blue[image] * area;
    for (const end = r + area; r < end; to += 3) {
      pixels[to] = source[r++];
      pixels[to + 1] = source[g++];
      pixels[to + 2] = source[b++];
    }
  }
  const labels: LabelAttribute[] = STACKED_CHANNELS.map((name, channel) => ({
    name,
    classes,
    indices: Uint16Array.from(chosen[channel], (digit) => indices[digit]),
  }));
  return { name: "stacked-mnist", count, size, channels: STACKED_CHANNELS.length, pixels, labels };
}
