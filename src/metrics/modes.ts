/** Which classes samples fall into: modes covered, how evenly, and whether they are what was asked for. */
import { UsageError } from "../core/errors.ts";

export interface ModeCoverage {
  /** Modes with one sample at least. */
  readonly modes: number;
  /** KL divergence of the samples' distribution from the uniform one, in nats; see `perfectKl`. */
  readonly kl: number;
}

/**
 * Modes covered and Σ p log(p · total) over the shares p of the modes: the protocol of stacked MNIST, where 26,000
 * samples fall into 1000 modes (Srivastava et al. 2017, section 4.2; Lin et al. 2018, appendix B).
 * @param modes that of each sample, a whole number below `total`.
 */
export function modeCoverage(modes: ArrayLike<number>, total: number): ModeCoverage {
  if (modes.length === 0) throw new UsageError("no samples, no modes; expected one at least");
  const counts = new Uint32Array(total);
  for (let i = 0; i < modes.length; i++) counts[modes[i]]++;
  const shares = Array.from(counts.filter((count) => count > 0), (count) => count / modes.length);
  return { modes: shares.length, kl: shares.reduce((sum, share) => sum + share * Math.log(share * total), 0) };
}

/** What `modeCoverage` gives on average for a perfect sampler, which draws uniformly: about (modes − 1) / (2 samples). */
export function perfectKl(modes: number, samples: number): number {
  return (modes - 1) / (2 * samples);
}

/** One number for the classes of all attributes of each image, the last attribute fastest; below the product of `sizes`. */
export function jointClasses(classes: readonly ArrayLike<number>[], sizes: readonly number[]): Uint32Array {
  return Uint32Array.from(
    { length: classes[0].length },
    (_, i) => sizes.reduce((joint, size, attribute) => joint * size + classes[attribute][i], 0),
  );
}

/** The share of samples whose class is the one that was asked for. */
export function labelAccuracy(classes: ArrayLike<number>, asked: ArrayLike<number>): number {
  if (classes.length !== asked.length || asked.length === 0) {
    throw new UsageError(`${classes.length} classes and ${asked.length} labels; expected equally many, one at least`);
  }
  let right = 0;
  for (let i = 0; i < asked.length; i++) right += Number(classes[i] === asked[i]);
  return right / asked.length;
}
