/**
 * Terms that are added to D's loss to keep it smooth. Each goes with any loss; several may be used at once. Most are
 * functions of the gradient of D's scores with respect to samples: gradients like any other, which are differentiated
 * once more when D is updated.
 */
import { grad } from "../graph/grad.ts";
import { add, detach, max, mean, mul, reshape, sqrt, square, sub, sum, uniform } from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";
import { assign, currentStore, freshStream, read } from "../graph/trace.ts";
import { zeros } from "../nn/initializers.ts";

/** What a penalty may look at. */
export interface Scene {
  /** Scores of samples [batch, …] → [batch / packed]. */
  critic(x: Tensor): Tensor;
  readonly real: Tensor;
  readonly fake: Tensor;
  readonly realScores: Tensor;
  readonly fakeScores: Tensor;
}

export interface Penalty {
  readonly about: string;
  /** Factor when the user gives none. */
  readonly weight: number;
  /** It holds D's slope down, so that scores can't grow steep without limit. */
  readonly boundsSlope?: true;
  /** The term, before it is weighted: a scalar. */
  term(scene: Scene): Tensor;
}

/** Keeps the root of a norm differentiable at 0. */
const EPSILON = 1e-12;
/** LeCam: decay of the averages of scores (Tseng et al. 2021, section 3.2). */
const SCORE_DECAY = 0.99;

/** |∇D(x)|² for each score; where samples are packed, over all samples of a pack. */
function squaredSlopes(scores: Tensor, x: Tensor): Tensor {
  const [gradient] = grad(sum(scores), [x]);
  return sum(square(reshape(gradient, [scores.shape[0], -1])), [1]);
}

/** mean (|∇D(x)| − 1)² */
function unitSlope(scores: Tensor, x: Tensor): Tensor {
  return mean(square(sub(sqrt(add(squaredSlopes(scores, x), EPSILON)), 1)));
}

/** A uniform number for each sample of x, [batch, 1, …]. */
function shares(name: string, x: Tensor): Tensor {
  return uniform(freshStream(name), x.shape.map((extent, axis) => axis === 0 ? extent : 1));
}

/** A running mean of scores, as it was before this step; it moves on. */
function averageScore(name: string, scores: Tensor): Tensor {
  const slot = currentStore().slot(`D.lecam.${name}`, [], "control", zeros);
  const before = read(slot);
  assign(slot, add(mul(before, SCORE_DECAY), mul(detach(mean(scores)), 1 - SCORE_DECAY)));
  return before;
}

/** The term of WGAN-GP at these shares of real samples, [batch, 1, …]. */
export function slopeBetween({ critic, real, fake }: Scene, share: Tensor): Tensor {
  const between = add(mul(real, share), mul(fake, sub(1, share)));
  return unitSlope(critic(between), between);
}

const table = {
  /** Gulrajani et al. 2017, equation 3: on straight lines between real and generated samples. */
  "wgan-gp": {
    about: "slopes of 1 between real and generated samples",
    weight: 10,
    boundsSlope: true,
    term: (scene) => slopeBetween(scene, shares("penalty.wgan-gp", scene.real)),
  },
  /** Kodali et al. 2017, algorithm 1: around real samples, as far as half the deviation of the batch. */
  dragan: {
    about: "slopes of 1 around real samples",
    weight: 10,
    boundsSlope: true,
    term({ critic, real }) {
      const deviation = sqrt(add(mean(square(sub(real, mean(real)))), EPSILON));
      const noise = mul(uniform(freshStream("penalty.dragan.noise"), real.shape), mul(deviation, 0.5));
      const near = add(real, mul(noise, shares("penalty.dragan", real)));
      return unitSlope(critic(near), near);
    },
  },
  /** Mescheder, Geiger & Nowozin 2018, equation 9: ½·mean |∇D|² on real samples; the weight is γ. */
  r1: {
    about: "flat at real samples",
    weight: 1,
    boundsSlope: true,
    term: ({ real, realScores }) => mul(mean(squaredSlopes(realScores, real)), 0.5),
  },
  /** Mescheder, Geiger & Nowozin 2018, equation 10: the same on generated samples. */
  r2: {
    about: "flat at generated samples",
    weight: 1,
    boundsSlope: true,
    term: ({ fake, fakeScores }) => mul(mean(squaredSlopes(fakeScores, fake)), 0.5),
  },
  /** Tseng et al. 2021, equation 4, with the rectifiers of its authors' code: scores near the other kind's average. */
  lecam: {
    about: "scores not far beyond the running average of the other kind",
    weight: 0.3,
    term({ realScores, fakeScores }) {
      const real = averageScore("real", realScores);
      const fake = averageScore("fake", fakeScores);
      const beyond = (excess: Tensor) => mean(square(max(excess, 0)));
      return add(beyond(sub(realScores, fake)), beyond(sub(real, fakeScores)));
    },
  },
} satisfies Record<string, Penalty>;

export type PenaltyName = keyof typeof table;

/** Penalties by name, as the command line and configurations call them. */
export const penalties: Readonly<Record<PenaltyName, Penalty>> = table;
