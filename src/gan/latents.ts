/** Latent vectors that are functions of seeds: the same seed is the same image. */
import { UsageError } from "../core/errors.ts";
import { normal, uniform } from "../core/random.ts";
import type { Attribute } from "../models/attribute.ts";

/** Where latent numbers come from: standard normal, or uniform in [−1, 1). */
export const latentDistributions = ["normal", "uniform"] as const;
export type LatentDistribution = (typeof latentDistributions)[number];

const numberOf = {
  normal,
  uniform: (...address) => 2 * uniform(...address) - 1,
} as const satisfies Record<LatentDistribution, typeof normal>;

/** The fixed latent vectors of a run's sample grids, [count, length]. */
export function gridLatents(
  seed: number,
  count: number,
  length: number,
  distribution: LatentDistribution = "normal",
): Float32Array {
  return Float32Array.from({ length: count * length }, (_, i) => numberOf[distribution](seed, "grid", 0, i));
}

/**
 * The classes of a run's sample grids, [count, attributes]: all combinations one after the other, the first attribute
 * changing fastest, so that rows and columns of a grid can be compared.
 */
export function gridLabels(attributes: readonly Attribute[], count: number): Float32Array {
  const labels = new Float32Array(count * attributes.length);
  for (let sample = 0; sample < count; sample++) {
    let rest = sample;
    attributes.forEach(({ classes: { length } }, column) => {
      labels[sample * attributes.length + column] = rest % length;
      rest = Math.floor(rest / length);
    });
  }
  return labels;
}

/**
 * Columns of a grid that shows a class in each: as many as there are combinations of classes, if that is from 4 to 16;
 * else those of the first attribute, if that is. Undefined where neither is.
 */
export function classColumns(attributes: readonly Attribute[]): number | undefined {
  const counts = attributes.map(({ classes }) => classes.length);
  const all = counts.reduce((product, count) => product * count, 1);
  return [all, counts[0]].find((count) => count >= 4 && count <= 16);
}

/** The class of an attribute that nobody asked for, for an image seed: any, equally often. */
export function seedClass(seed: number, { name, classes }: Attribute): number {
  return Math.floor(uniform(seed, `label.${name}`, 0, 0) * classes.length);
}

/**
 * The latent vector of an image seed.
 * @param threshold numbers beyond ± this are drawn again: less variety, more typical images (the truncation trick of
 * Brock, Donahue & Simonyan 2019, section 3.1).
 */
export function seedLatent(
  seed: number,
  length: number,
  { threshold = Infinity, distribution = "normal" }: {
    readonly threshold?: number | undefined;
    readonly distribution?: LatentDistribution;
  } = {},
): Float32Array {
  if (!(threshold > 0)) throw new UsageError(`the truncation threshold is ${threshold}; expected a number above 0`);
  return Float32Array.from({ length }, (_, element) => {
    for (let draw = 0;; draw++) {
      const value = numberOf[distribution](seed, "sample", draw, element);
      if (Math.abs(value) <= threshold) return value;
    }
  });
}

/** A point on the straight line between two latent vectors, at the share `t` of the way: for uniform numbers. */
export function lerp(from: Float32Array, to: Float32Array, t: number): Float32Array {
  return from.map((value, i) => value + t * (to[i] - value));
}

/**
 * A point on the great circle between two latent vectors, at the share `t` of the way, with its length between theirs:
 * normal vectors of many dimensions lie near a sphere, which a straight line would leave (White 2016, section 2.1).
 */
export function slerp(from: Float32Array, to: Float32Array, t: number): Float32Array {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  // Parallel vectors: the circle is a line.
  const [a, b] = Math.sin(angle) < 1e-6
    ? [1 - t, t]
    : [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  return from.map((value, i) => a * value + b * to[i]);
}
