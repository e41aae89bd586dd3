/** Numbers about lists of numbers, and seeded choices. */
import { uniforms } from "./random.ts";
import { UsageError } from "./errors.ts";

/** Arithmetic mean. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** √ of the mean squared difference from the mean. */
export function deviation(values: ArrayLike<number>): number {
  const center = mean(values);
  return Math.sqrt(mean(Float64Array.from(values, (value) => (value - center) ** 2)));
}

/**
 * The value below which a share of the list lies; between two of them in proportion (Hyndman and Fan 1996, type 7: the
 * default of NumPy and R).
 * @throws UsageError for an empty list.
 */
export function quantile(values: ArrayLike<number>, share: number): number {
  if (values.length === 0) throw new UsageError("an empty list has no quantiles; expected a number at least");
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  // The difference of two infinities would be NaN.
  return below === above ? below : below + (place - Math.floor(place)) * (above - below);
}

/** Half of the list lies below. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * `size` different indices below `count` in random order (Fisher and Yates's shuffle, as far as it is needed), a
 * function of seed, stream and draw.
 * @throws UsageError if there are not so many.
 */
export function choose(count: number, size: number, seed: number, stream: string, draw: number): Uint32Array {
  if (size > count) throw new UsageError(`${size} of ${count} cannot be chosen; expected at least as many`);
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  uniforms(size, seed, stream, draw).forEach((u, i) => {
    const other = i + Math.floor(u * (count - i));
    [all[i], all[other]] = [all[other], all[i]];
  });
  return all.slice(0, size);
}
