/**
 * Toys: small distributions whose density is known, for pictures of what a GAN does and for counts of the modes that it
 * finds. Papers mean different things by "8 Gaussians" and "25 Gaussians"; each toy says whose definition it is.
 */
import { type Curve, curves, type Distribution, equalMixture, mixture } from "./toy_distributions.ts";

export { type Distribution, type Gaussian } from "./toy_distributions.ts";

/** A distribution to learn. */
export interface Toy extends Distribution {
  readonly name: ToyName;
  /** What it is, and by whose definition. */
  readonly about: string;
  /** Where pictures and histograms look, an interval an axis, all of the same length. Less than 1e-6 is outside. */
  readonly box: readonly (readonly [low: number, high: number])[];
}

/** Points on a circle around 0, evenly spaced, the first on the x axis. */
function circle(count: number, radius: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const angle = 2 * Math.PI * i / count;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** 5×5 points, {−2, −1, 0, 1, 2}² times `step`. */
function lattice(step: number): [number, number][] {
  const line = [-2, -1, 0, 1, 2];
  return line.flatMap((y) => line.map((x): [number, number] => [x * step, y * step]));
}

/** The swiss roll of scikit-learn seen from its end: the point with the angle a has the radius a, in all 1½ turns. */
const roll = (scale: number): Curve => (t) => {
  const angle = 1.5 * Math.PI * (1 + 2 * t);
  return [scale * angle * Math.cos(angle), scale * angle * Math.sin(angle)];
};

/** An arm of 1½ turns. The square root spreads points about evenly over its length, which grows with the radius. */
const arm = (sign: number): Curve => (t) => {
  const s = Math.sqrt(0.01 + 0.99 * t);
  return [sign * 2 * s * Math.cos(3 * Math.PI * s), sign * 2 * s * Math.sin(3 * Math.PI * s)];
};

const moons: readonly Curve[] = [
  (t) => [Math.cos(Math.PI * t), Math.sin(Math.PI * t)],
  (t) => [1 - Math.cos(Math.PI * t), 0.5 - Math.sin(Math.PI * t)],
];

/** A square around 0. */
const square = (half: number): Toy["box"] => [[-half, half], [-half, half]];

const table = {
  "ring": {
    about: "8 Gaussians on a circle of radius 1, sd 0.01 (Lin et al. 2018, PacGAN)",
    box: square(1.3),
    ...equalMixture(circle(8, 1), 0.01),
  },
  "ring-unrolled": {
    about: "8 Gaussians on a circle of radius 2, sd 0.02 (Metz et al. 2017, Unrolled GAN)",
    box: square(2.6),
    ...equalMixture(circle(8, 2), 0.02),
  },
  "ring-wgan": {
    about: "8 Gaussians on a circle of radius 2, sd 0.02, all divided by 1.414 (Gulrajani et al. 2017, gan_toy.py)",
    box: square(1.8),
    ...equalMixture(circle(8, 2 / 1.414), 0.02 / 1.414),
  },
  "grid": {
    about: "25 Gaussians at {-4, -2, 0, 2, 4}², sd 0.05 (Lin et al. 2018, PacGAN)",
    box: square(5),
    ...equalMixture(lattice(2), 0.05),
  },
  "grid-wgan": {
    about: "25 Gaussians at {-4, -2, 0, 2, 4}², sd 0.05, all divided by 2.828 (Gulrajani et al. 2017, gan_toy.py)",
    box: square(1.8),
    ...equalMixture(lattice(2 / 2.828), 0.05 / 2.828),
  },
  "swissroll-wgan": {
    about:
      "scikit-learn's swiss roll without its depth, noise 0.25, all divided by 7.5 (Gulrajani et al. 2017, gan_toy.py)",
    box: square(2.2),
    ...curves([roll(1 / 7.5)], 0.25 / 7.5),
  },
  "spiral": {
    about: "two spiral arms of 1½ turns up to radius 2, sd 0.05 (duel's own)",
    box: square(2.5),
    ...curves([arm(1), arm(-1)], 0.05),
  },
  "moons": {
    about: "two half circles of radius 1 that reach into each other, noise 0.05 (scikit-learn's make_moons)",
    box: [[-1.4, 2.4], [-1.65, 2.15]],
    ...curves(moons, 0.05),
  },
  "line": {
    about: "a straight line from (-1, -0.5) to (1, 0.5) with sd 0.02 around it: one dimension in two (duel's own)",
    box: square(1.3),
    ...curves([(t) => [2 * t - 1, t - 0.5]], 0.02),
  },
  "two-gaussians": {
    about: "2 Gaussians at (-1, 0) and (1, 0), sd 0.2 (duel's own)",
    box: square(2.2),
    ...equalMixture([[-1, 0], [1, 0]], 0.2),
  },
  "gaussian-1d": {
    about: "one Gaussian on a line, mean 1, sd 0.5 (duel's own)",
    box: [[-2, 4]],
    ...equalMixture([[1]], 0.5),
  },
  "mixture-1d": {
    about:
      "3 unequal Gaussians on a line: half at -2, sd 0.3; a fifth at 0, sd 0.15; the rest at 2, sd 0.4 (duel's own)",
    box: [[-4.2, 4.2]],
    ...mixture([
      { center: [-2], sd: 0.3, weight: 0.5 },
      { center: [0], sd: 0.15, weight: 0.2 },
      { center: [2], sd: 0.4, weight: 0.3 },
    ]),
  },
} satisfies Record<string, Omit<Toy, "name">>;

export type ToyName = keyof typeof table;

/** Toys by name. */
export const toys: Readonly<Record<ToyName, Toy>> = Object.fromEntries(
  Object.entries(table).map(([name, toy]) => [name, { name, ...toy }]),
) as Record<ToyName, Toy>;

/** Whether `--data` means a toy. */
export function isToy(name: string): name is ToyName {
  return Object.hasOwn(table, name);
}
