/**
 * Augmentation that gradients flow through (Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN
 * training"): D sees only augmented images, real and generated ones alike, and G learns through the augmentation.
 */
import { ShapeError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";
import {
  add,
  equal,
  floor,
  less,
  lessEqual,
  literal,
  matmul,
  max,
  mean,
  min,
  mul,
  type Operand,
  reshape,
  select,
  sign,
  sub,
  transpose,
  uniform,
} from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";
import { assign, currentStore, freshStream, read } from "../graph/trace.ts";
import { zeros } from "../nn/initializers.ts";

/**
 * A random number in [0, 1) for each image, [N, 1, 1, 1], and how what is made of it is used: `chosen(value, identity)`
 * is the value for images that are augmented, else that which changes nothing.
 */
interface Luck {
  next(): Tensor;
  chosen(value: Tensor, identity: number): Tensor;
}

/** Largest translation, as a part of the side. */
const TRANSLATION = 1 / 8;
/** Side of the square that is cut out, as a part of the image's. */
const CUTOUT = 1 / 2;

/** A part of a side in whole pixels, rounded. */
const pixels = (side: number, part: number) => Math.floor(side * part + 0.5);

/** 0, 1 … as a tensor of rank 4 that lies along `axis`. */
function positions(length: number, axis: number): Tensor {
  const shape = [1, 1, 1, 1];
  shape[axis] = length;
  return literal(Array.from({ length }, (_, i) => i), shape);
}

/** center + factor · (x − center), which is exactly x where the factor is 1. */
function scaledAround(center: Tensor, x: Tensor, factor: Tensor): Tensor {
  return add(mul(x, factor), mul(center, sub(1, factor)));
}

/** Whole pixels to move by: −most to most, each as likely. */
function shiftOf(side: number, luck: Luck): Tensor {
  const most = pixels(side, TRANSLATION);
  return luck.chosen(sub(floor(mul(luck.next(), 2 * most + 1)), most), 0);
}

/** Moves axis 1 of x [N, A, B, C] by a shift of its own for each image; what comes in is 0. */
function moved(x: Tensor, shift: Tensor): Tensor {
  const [images, length, other, channels] = x.shape;
  const from = sub(positions(length, 1), shift);
  const matrix = reshape(equal(from, positions(length, 2)), [images, length, length]);
  return reshape(matmul(matrix, reshape(x, [images, length, other * channels])), x.shape);
}

/** 1 in the part of axis `axis` that is cut out, whose middle is anywhere in the image, else 0. */
function cut(side: number, axis: number, luck: Luck): Tensor {
  const length = pixels(side, CUTOUT);
  const middle = floor(mul(luck.next(), side + 1 - length % 2));
  const first = sub(middle, Math.floor(length / 2));
  const position = positions(side, axis);
  return mul(lessEqual(first, position), less(position, add(first, length)));
}

/** Numbers and formulas are those of the authors' code. */
const table = {
  /** Adds −½ to ½. */
  brightness: (x, luck) => add(x, luck.chosen(sub(luck.next(), 0.5), 0)),
  /** Scales the distance of each pixel's channels from their mean by 0 to 2. */
  saturation: (x, luck) => scaledAround(mean(x, [3], { keep: true }), x, luck.chosen(mul(luck.next(), 2), 1)),
  /** Scales the distance from the image's mean by ½ to 1½. */
  contrast: (x, luck) => scaledAround(mean(x, [1, 2, 3], { keep: true }), x, luck.chosen(add(luck.next(), 0.5), 1)),
  /** Moves by up to an eighth of height and width; what comes in is 0, middle grey. */
  translation(x, luck) {
    const [rows, columns] = [shiftOf(x.shape[1], luck), shiftOf(x.shape[2], luck)];
    const turn = (y: Tensor) => transpose(y, [0, 2, 1, 3]);
    return turn(moved(turn(moved(x, rows)), columns));
  },
  /** Makes a rectangle 0, with half the sides of the image, part of which may lie outside. */
  cutout(x, luck) {
    const hole = mul(cut(x.shape[1], 1, luck), cut(x.shape[2], 2, luck));
    return mul(x, luck.chosen(sub(1, hole), 1));
  },
} as const satisfies Record<string, (x: Tensor, luck: Luck) => Tensor>;

export type Augmentation = keyof typeof table;

/** All augmentations, in the authors' order: the first three are their policy `color`. */
export const augmentations = Object.keys(table) as Augmentation[];

/**
 * Images x [N, H, W, C] in [−1, 1], augmented by each of `policies` in turn. Every image has random numbers of its own.
 * @param probability with which each policy is applied to each image, a number or a scalar; always when left out.
 * @throws ShapeError if x holds no images.
 */
export function augment(x: Tensor, policies: readonly Augmentation[], probability?: Operand): Tensor {
  if (x.rank !== 4) throw new ShapeError(`augmentation wants images [N, H, W, C], not ${showShape(x.shape)}`);
  const random = (name: string) => uniform(freshStream(name), [x.shape[0], 1, 1, 1]);
  return policies.reduce((y, policy) => {
    const augmented = probability === undefined ? undefined : less(random(`augment.${policy}?`), probability);
    return table[policy](y, {
      next: () => random(`augment.${policy}`),
      chosen: (value, identity) => augmented ? select(augmented, value, identity) : value,
    });
  }, x);
}

/** The control slot of the adaptive probability. */
function probabilitySlot() {
  return currentStore().slot("D.augment.p", [], "control", zeros);
}

/** The adaptive probability, a scalar: 0 in a new run. */
export function adaptedProbability(): Tensor {
  return read(probabilitySlot());
}

/**
 * Moves the adaptive probability by batch/`images` towards where D says "real" of as many more real images than "fake"
 * as `target` says, at most to 0 or 1 (Karras et al. 2020, section 3.1: r_t = mean sign D(x), 0.6, half a million images).
 * @param realLogits what D says of augmented real images: above 0 for "real".
 * @param batch images seen since the last call.
 */
export function adaptProbability(
  realLogits: Tensor,
  batch: number,
  { target = 0.6, images = 500_000 }: { readonly target?: number; readonly images?: number } = {},
): void {
  const direction = sign(sub(mean(sign(realLogits)), target));
  const next = add(adaptedProbability(), mul(direction, batch / images));
  assign(probabilitySlot(), min(max(next, 0), 1));
}
