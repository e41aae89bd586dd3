/** Checks of what samples a model can make. */
import { UsageError } from "../core/errors.ts";
import { type Shape, showShape } from "../core/shape.ts";

/** How an image is made by doubling: a first map of 4 to 7 pixels a side, doubled some times. */
export interface Doubling {
  readonly start: number;
  readonly doublings: number;
}

/** 32 = 4·2³, 28 = 7·2²: each size can be written in one way at most. @throws UsageError if it cannot. */
export function doublingsTo(size: number, model: string): Doubling {
  const doublings = Math.floor(Math.log2(size / 4));
  const start = size / 2 ** doublings;
  if (doublings < 1 || !Number.isInteger(start)) {
    throw new UsageError(
      `${model} makes images of 4, 5, 6 or 7 pixels a side doubled once or more, such as 28, 32 or 64; not of ${size}`,
    );
  }
  return { start, doublings };
}

/** Length of samples that are vectors. @throws UsageError for other samples. */
export function vectorOf(sample: Shape, model: string): number {
  if (sample.length !== 1) {
    throw new UsageError(`${model} makes vectors, not samples of shape ${showShape(sample)}; use another model`);
  }
  return sample[0];
}

/** Height, width and channels of images. @throws UsageError for other samples. */
export function imageOf(sample: Shape, model: string): readonly [height: number, width: number, channels: number] {
  if (sample.length !== 3) {
    throw new UsageError(`${model} makes images, not samples of shape ${showShape(sample)}; use the model mlp`);
  }
  return [sample[0], sample[1], sample[2]];
}

/** Size and channels of square images. @throws UsageError for other samples. */
export function squareImage(sample: Shape, model: string): { readonly size: number; readonly channels: number } {
  const [size, width, channels] = sample;
  if (sample.length !== 3 || size !== width) {
    throw new UsageError(
      `${model} makes square images, not samples of shape ${showShape(sample)}; use the model mlp`,
    );
  }
  return { size, channels };
}
