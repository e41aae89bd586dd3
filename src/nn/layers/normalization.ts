/**
 * Normalisation layers with PyTorch's semantics, channels last. All are one formula over different axes:
 * y = (x − mean) / √(variance + ε) · γ + β with the biased variance.
 */
import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import { add, detach, div, matmul, mean, mul, type Operand, reshape, sqrt, square, sub } from "../../graph/ops.ts";
import type { Initializer, Slot } from "../../graph/store.ts";
import { currentScope, type Tensor } from "../../graph/tensor.ts";
import { assign, read, slot } from "../../graph/trace.ts";
import { ones, zeros } from "../initializers.ts";
import { type Layer, layer, type Mode } from "./layer.ts";

const EPSILON = 1e-5;

interface Normalized {
  readonly y: Tensor;
  /** Over the normalised axes, which are kept with extent 1; so the biased variance. */
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Normalises x over `axes`; γ and β broadcast against x.
 *
 * Written with a shift that no gradient flows through: for any constant r, with e = x − r and δ = mean − r,
 * variance = mean(e²) − δ² and x − mean = e − δ. We take r = mean itself, so δ is 0 and nothing cancels; but since the
 * identities hold for every r, gradients of all orders stay exact. What it is for: the gradient of the mean then
 * flows through δ, one number a channel, instead of through all of x once more, which saves a whole pass.
 */
function normalize(
  x: Tensor,
  axes: readonly number[],
  gamma: Operand,
  beta: Operand,
  epsilon = EPSILON,
): Normalized {
  const average = mean(x, axes, { keep: true });
  const shift = detach(average);
  const shifted = sub(x, shift);
  const offset = sub(average, shift);
  const variance = sub(mean(square(shifted), axes, { keep: true }), square(offset));
  const scale = div(gamma, sqrt(add(variance, epsilon)));
  return { y: add(mul(shifted, scale), sub(beta, mul(offset, scale))), mean: average, variance };
}

interface AffineOptions {
  /** Whether γ (`weight`) and β (`bias`) are trained. */
  readonly affine?: boolean;
  /** What γ starts with; ones when left out. */
  readonly initializer?: Initializer;
  readonly epsilon?: number;
}

/** γ and β, the slots `weight` and `bias`, or 1 and 0. */
function affine(enabled: boolean, shape: readonly number[], initializer: Initializer = ones): [Operand, Operand] {
  if (!enabled) return [1, 0];
  return [
    read(slot("weight", shape, "parameter", initializer)),
    read(slot("bias", shape, "parameter", zeros)),
  ];
}

export interface BatchNormOptions extends AffineOptions {
  /**
   * [N, K], for instance one-hot labels: γ and β get a linear function of it added, sample by sample (conditional batch
   * norm; de Vries et al. 2017, equation 4).
   */
  readonly condition?: Tensor | undefined;
  /** Weight of the newest batch in the running statistics. */
  readonly momentum?: number;
}

/** γ and β with the linear functions of a condition [N, K] added: [N, 1 …, C], to broadcast against x [N, …, C]. */
function modulated([gamma, beta]: [Operand, Operand], condition: Tensor | undefined, x: Tensor): [Operand, Operand] {
  if (!condition) return [gamma, beta];
  const channels = x.shape[x.rank - 1];
  const shape = [x.shape[0], ...x.shape.slice(1, -1).map(() => 1), channels];
  const shift = (name: string) => {
    const weight = read(slot(name, [channels, condition.shape[1]], "parameter", zeros));
    return reshape(matmul(condition, weight, { transposeB: true }), shape);
  };
  return [add(gamma, shift("condition.weight")), add(beta, shift("condition.bias"))];
}

/**
 * Batch normalisation of x [..., C] over all axes but the last (Ioffe & Szegedy 2015, algorithm 1 and 2).
 * In training it uses the batch's statistics and moves the running ones towards them (the unbiased variance, as
 * PyTorch); in evaluation it uses the running ones.
 * Slots [C]: `weight`, `bias` unless affine is false; `running_mean`, `running_var`. With a condition also
 * `condition.weight` and `condition.bias` [C, K], which start as zeros.
 * @throws ShapeError when a training batch has one value a channel, whose variance says nothing.
 */
export function batchNorm(name: string, x: Tensor, mode: Mode, options: BatchNormOptions = {}): Tensor {
  const { momentum = 0.1, epsilon = EPSILON, condition } = options;
  const channels = x.shape[x.rank - 1];
  return layer(name, condition ? "conditional batch norm" : "batch norm", () => {
    const own = affine(options.affine ?? true, [channels], options.initializer);
    const [gamma, beta] = modulated(own, condition, x);
    const runningMean = slot("running_mean", [channels], "statistic", zeros);
    const runningVariance = slot("running_var", [channels], "statistic", ones);
    if (mode === "evaluate") {
      const scale = div(gamma, sqrt(add(read(runningVariance), epsilon)));
      return add(mul(x, scale), sub(beta, mul(read(runningMean), scale)));
    }
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
    if (count < 2) {
      throw new ShapeError(
        `${currentScope()}: batch norm sees one value a channel (${
          showShape(x.shape)
        }); expected at least two: use a larger batch`,
      );
    }
    const { y, mean, variance } = normalize(x, axes, gamma, beta, epsilon);
    const moveTowards = (running: Slot, statistic: Tensor) => {
      const old = read(running);
      assign(running, add(old, mul(sub(detach(reshape(statistic, [channels])), old), momentum)));
    };
    moveTowards(runningMean, mean);
    moveTowards(runningVariance, mul(variance, count / (count - 1)));
    return y;
  });
}

/**
 * Layer normalisation over the last `axes` axes (Ba et al. 2016). Slots shaped like these axes: `weight`, `bias`.
 */
export function layerNorm(name: string, x: Tensor, options: AffineOptions & { readonly axes?: number } = {}): Tensor {
  const { axes = 1 } = options;
  return layer(name, "layer norm", () => {
    const kept = x.rank - axes;
    const [gamma, beta] = affine(options.affine ?? true, x.shape.slice(kept), options.initializer);
    return normalize(x, x.shape.map((_, axis) => axis).slice(kept), gamma, beta, options.epsilon).y;
  });
}

/**
 * Instance normalisation: each channel of each image of x [N, H, W, C] (Ulyanov et al. 2016). Not affine when left
 * out, as in PyTorch. Slots [C]: `weight`, `bias` if affine.
 */
export function instanceNorm(name: string, x: Tensor, options: AffineOptions = {}): Tensor {
  return layer(name, "instance norm", () => {
    const [gamma, beta] = affine(options.affine ?? false, [x.shape[3]], options.initializer);
    return normalize(x, [1, 2], gamma, beta, options.epsilon).y;
  });
}

/**
 * Group normalisation: neighbouring channels of each image of x [N, H, W, C] in `groups` groups (Wu & He 2018).
 * Slots [C]: `weight`, `bias`.
 */
export function groupNorm(name: string, x: Tensor, groups: number, options: AffineOptions = {}): Tensor {
  return layer(name, `group norm, groups ${groups}`, () => {
    const [images, height, width, channels] = x.shape;
    if (channels % groups !== 0) {
      throw new ShapeError(
        `${currentScope()}: ${channels} channels do not split into ${groups} groups; expected a multiple`,
      );
    }
    const grouped = (tensor: Operand) =>
      typeof tensor === "number" ? tensor : reshape(tensor, [groups, channels / groups]);
    const [gamma, beta] = affine(options.affine ?? true, [channels], options.initializer);
    const split = reshape(x, [images, height, width, groups, channels / groups]);
    return reshape(normalize(split, [1, 2, 4], grouped(gamma), grouped(beta), options.epsilon).y, x.shape);
  });
}

/** Norms that a network may be built with, by the names that users give. */
export const norms = ["batch", "layer", "instance", "none"] as const;
export type Norm = (typeof norms)[number];

/** A norm by its name as a member of `sequential`; `layer` is over all axes but the first. γ starts as in `options`. */
export function norm(kind: Norm, mode: Mode, options: BatchNormOptions = {}): Layer {
  const { initializer } = options;
  const own = { affine: true, ...initializer && { initializer } };
  switch (kind) {
    case "batch":
      return (name, x) => batchNorm(name, x, mode, options);
    case "layer":
      return (name, x) => layerNorm(name, x, { ...own, axes: x.rank - 1 });
    case "instance":
      return (name, x) => instanceNorm(name, x, own);
    case "none":
      return (_, x) => x;
  }
}
