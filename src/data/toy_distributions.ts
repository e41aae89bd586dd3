/**
 * Distributions of points in one or two dimensions whose density is known: mixtures of Gaussians, and curves with
 * Gaussian noise around them. A curve is the mixture of its points, so everything that can be computed for mixtures in
 * closed form (densities, masses of cells, projections) is computed for curves in the same way, by quadrature.
 */
import { fillNormals, streamId, uniforms } from "../core/random.ts";

/** An isotropic Gaussian with a share in a mixture. */
export interface Gaussian {
  /** One coordinate a dimension. */
  readonly center: readonly number[];
  /** Standard deviation in each direction. */
  readonly sd: number;
  /** Its probability; those of a mixture add up to 1. */
  readonly weight: number;
}

/** A distribution of points. */
export interface Distribution {
  readonly dimensions: 1 | 2;
  /** Of mixtures: what a generator has to find. A curve has none. */
  readonly modes?: readonly Gaussian[];
  /** The same distribution as a sum of Gaussians: the modes, or the nodes of a quadrature along the curve. */
  readonly components: readonly Gaussian[];
  /**
   * Writes points, [batch, dimensions], with as many as fit. A pure function of (seed, draw): there is no finite set of
   * samples, each draw has fresh ones.
   */
  readonly fill: (seed: number, draw: number, target: Float32Array) => void;
  /** Probability per length or area at a point; over the plane it integrates to 1. */
  readonly density: (point: ArrayLike<number>) => number;
}

const PLACE = streamId("toy place");
const NOISE = streamId("toy noise");

/** A mixture of Gaussians. Weights are brought to the sum 1. */
export function mixture(gaussians: readonly Gaussian[]): Distribution {
  const total = gaussians.reduce((sum, { weight }) => sum + weight, 0);
  const modes = gaussians.map((gaussian) => ({ ...gaussian, weight: gaussian.weight / total }));
  const upTo: number[] = [];
  for (const { weight } of modes) upTo.push((upTo.at(-1) ?? 0) + weight);
  upTo[modes.length - 1] = 1;
  const fill = sampler(modes[0].center.length, (u) => modes[upTo.findIndex((end) => u < end)]);
  return { dimensions: dimensionsOf(modes), modes, components: modes, fill, density: densityOf(modes) };
}

/** A mixture of equal Gaussians of equal weight. */
export function equalMixture(centers: readonly (readonly number[])[], sd: number): Distribution {
  return mixture(centers.map((center) => ({ center, sd, weight: 1 })));
}

/** A curve: the point at t, for t from 0 to 1. */
export type Curve = (t: number) => readonly [x: number, y: number];

/** Gauss's rule with eight nodes for the interval [−1, 1] (Abramowitz and Stegun, table 25.4): the positive half. */
const GAUSS: readonly (readonly [node: number, weight: number])[] = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
];

/** A panel of the rule is no longer than so many standard deviations: the density is good to 1e-9 of its peak. */
const PANEL = 3;

/** Curves of equal weight with Gaussian noise around them; on each, t is uniform. */
export function curves(strands: readonly Curve[], sd: number): Distribution {
  const components = strands.flatMap((strand) => {
    const panels = Math.ceil(fastest(strand) / (PANEL * sd));
    return Array.from({ length: panels }, (_, panel) =>
      [-1, 1].flatMap((side) =>
        GAUSS.map(([node, weight]) => ({
          center: strand((panel + (1 + side * node) / 2) / panels),
          ...{ sd, weight: weight / 2 / panels / strands.length },
        }))
      )).flat();
  });
  const fill = sampler(2, (u) => {
    const strand = Math.floor(u * strands.length);
    return { center: strands[strand](u * strands.length - strand), sd };
  });
  return { dimensions: 2, components, fill, density: densityOf(components) };
}

/** The highest speed along a curve, by differences. */
function fastest(curve: Curve): number {
  const steps = 1000;
  let most = 0;
  for (let i = 0; i < steps; i++) {
    const [[x0, y0], [x1, y1]] = [curve(i / steps), curve((i + 1) / steps)];
    most = Math.max(most, Math.hypot(x1 - x0, y1 - y0) * steps);
  }
  return most;
}

function dimensionsOf(gaussians: readonly Gaussian[]): 1 | 2 {
  return gaussians[0].center.length === 1 ? 1 : 2;
}

/** Samples of a Gaussian that is chosen, for each point, by a uniform number. */
function sampler(dimensions: number, choose: (u: number) => Pick<Gaussian, "center" | "sd">): Distribution["fill"] {
  return (seed, draw, target) => {
    fillNormals(target, seed, NOISE, draw, (normal) => normal);
    uniforms(Math.floor(target.length / dimensions), seed, PLACE, draw).forEach((u, point) => {
      const { center, sd } = choose(u);
      for (let axis = 0, at = point * dimensions; axis < dimensions; axis++, at++) {
        target[at] = center[axis] + sd * target[at];
      }
    });
  };
}

/** The exponential of what is lower is 0. */
const LOWEST = -746;

function densityOf(gaussians: readonly Gaussian[]): Distribution["density"] {
  const dimensions = gaussians[0].center.length;
  const centers = Float64Array.from(gaussians.flatMap(({ center }) => center));
  const falls = Float64Array.from(gaussians, ({ sd }) => -0.5 / (sd * sd));
  const heights = Float64Array.from(
    gaussians,
    ({ sd, weight }) => weight / (Math.sqrt(2 * Math.PI) * sd) ** dimensions,
  );
  return (point) => {
    let total = 0;
    for (let i = 0, at = 0; i < falls.length; i++) {
      let square = 0;
      for (let axis = 0; axis < dimensions; axis++) square += (point[axis] - centers[at++]) ** 2;
      const exponent = square * falls[i];
      if (exponent > LOWEST) total += heights[i] * Math.exp(exponent);
    }
    return total;
  };
}
