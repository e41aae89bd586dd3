/**
 * Optimisers, each defined as PyTorch's of the same name. They are pointwise graph nodes over parameters and moments,
 * so one fused instruction per parameter does the whole update. Moments are slots beside their parameter
 * (`G.0.weight.adam.m`); Adam's step counter is the control slot `<owner>.step`.
 */
import { UsageError } from "../core/errors.ts";
import { add, constant, div, expm1, log, mul, type Operand, sqrt, square, sub } from "../graph/ops.ts";
import type { Slot } from "../graph/store.ts";
import { Tensor } from "../graph/tensor.ts";
import { assign, currentStore, read } from "../graph/trace.ts";
import { zeros } from "./initializers.ts";
import { ownerOf } from "./slots.ts";

/** One setting of an optimiser. */
interface Setting {
  readonly default: number | boolean;
  /** Allowed numbers are at least 0 and, where given, below this. */
  readonly below?: number;
}

type Settings = Readonly<Record<string, Setting>>;

/** The settings of every optimiser, besides the learning rate. Defaults are PyTorch's. */
export const optimizerSettings = {
  sgd: {
    momentum: { default: 0, below: 1 },
    nesterov: { default: false },
    weightDecay: { default: 0 },
  },
  rmsprop: {
    alpha: { default: 0.99, below: 1 },
    epsilon: { default: 1e-8 },
    momentum: { default: 0, below: 1 },
    centered: { default: false },
    weightDecay: { default: 0 },
  },
  adam: {
    beta1: { default: 0.9, below: 1 },
    beta2: { default: 0.999, below: 1 },
    epsilon: { default: 1e-8 },
    weightDecay: { default: 0 },
  },
  adamw: {
    beta1: { default: 0.9, below: 1 },
    beta2: { default: 0.999, below: 1 },
    epsilon: { default: 1e-8 },
    weightDecay: { default: 0.01 },
  },
} as const satisfies Record<string, Settings>;

export type OptimizerName = keyof typeof optimizerSettings;
type Value<S, K> = S extends { readonly default: boolean } ? boolean : K extends "beta2" ? Operand : number;
type Values<N extends OptimizerName> = {
  readonly [K in keyof (typeof optimizerSettings)[N]]: Value<(typeof optimizerSettings)[N][K], K>;
};

/**
 * The learning rate and what differs from the defaults. The rate, and `beta2`, are numbers, or scalar tensors that the
 * host fills.
 */
export type Options<N extends OptimizerName> = { readonly learningRate: Operand } & Partial<Values<N>>;

/** @throws UsageError for a setting of the wrong type or outside of its range. */
function withDefaults<N extends OptimizerName>(name: N, options: Options<N>): Values<N> {
  const given: Readonly<Record<string, unknown>> = options;
  const entries = Object.entries<Setting>(optimizerSettings[name]).map(([key, setting]) => {
    const value = given[key] ?? setting.default;
    if (value instanceof Tensor) return [key, value];
    const { below = Infinity } = setting;
    const inRange = typeof value !== "number" || (value >= 0 && value < below);
    if (typeof value !== typeof setting.default || !inRange) {
      const expected = typeof setting.default === "boolean" ? "true or false" : `a number from 0 to below ${below}`;
      throw new UsageError(`${name}: ${key} is ${value}; expected ${expected}`);
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}

/** A slot of zeros beside a parameter. */
function moment(parameter: Slot, name: string): Slot {
  return currentStore().slot(`${parameter.name}.${name}`, parameter.shape, "moment", zeros, parameter.layout);
}

/** Assigns a slot and returns its new value. */
function updated(slot: Slot, value: Tensor): Tensor {
  assign(slot, value);
  return value;
}

/** decay · average + (1 − decay) · value */
function blend(average: Tensor, value: Tensor, decay: Operand): Tensor {
  return add(mul(average, decay), mul(value, typeof decay === "number" ? 1 - decay : sub(1, decay)));
}

/** g + weightDecay · p */
function decayed(gradient: Tensor, parameter: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
}

/** Stochastic gradient descent: b ← momentum·b + g, p ← p − rate·b (Nesterov: p ← p − rate·(g + momentum·b)). */
export function sgd(parameters: readonly Slot[], gradients: readonly Tensor[], options: Options<"sgd">): void {
  const { momentum, nesterov, weightDecay } = withDefaults("sgd", options);
  parameters.forEach((slot, i) => {
    const p = read(slot);
    const g = decayed(gradients[i], p, weightDecay);
    let direction = g;
    if (momentum !== 0) {
      const buffer = moment(slot, "sgd.momentum");
      const b = updated(buffer, add(mul(read(buffer), momentum), g));
      direction = nesterov ? add(g, mul(b, momentum)) : b;
    }
    assign(slot, sub(p, mul(direction, options.learningRate)));
  });
}

/** RMSprop (Hinton 2012, lecture 6e; centred: Graves 2013, equation 38): v ← α·v + (1−α)·g², p ← p − rate·g/(√v + ε). */
export function rmsprop(parameters: readonly Slot[], gradients: readonly Tensor[], options: Options<"rmsprop">): void {
  const { alpha, epsilon, momentum, centered, weightDecay } = withDefaults("rmsprop", options);
  parameters.forEach((slot, i) => {
    const p = read(slot);
    const g = decayed(gradients[i], p, weightDecay);
    const squares = moment(slot, "rmsprop.v");
    let v = updated(squares, blend(read(squares), square(g), alpha));
    if (centered) {
      const means = moment(slot, "rmsprop.m");
      v = sub(v, square(updated(means, blend(read(means), g, alpha))));
    }
    let direction = div(g, add(sqrt(v), epsilon));
    if (momentum !== 0) {
      const buffer = moment(slot, "rmsprop.momentum");
      direction = updated(buffer, add(mul(read(buffer), momentum), direction));
    }
    assign(slot, sub(p, mul(direction, options.learningRate)));
  });
}

/** 1 − βᵗ, without cancellation for β near 1. */
function biasCorrection(beta: Operand, step: Tensor): Tensor {
  if (beta === 0) return constant(1);
  return mul(expm1(mul(step, typeof beta === "number" ? Math.log(beta) : log(beta))), -1);
}

/** What Adam and AdamW share: m and v move, then p ← p − rate/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε). */
function adamStep(
  parameters: readonly Slot[],
  gradients: readonly Tensor[],
  { beta1, beta2, epsilon }: Values<"adam">,
  learningRate: Operand,
  prepare: (parameter: Tensor, gradient: Tensor) => { readonly p: Tensor; readonly g: Tensor },
): void {
  if (parameters.length === 0) return;
  const counter = currentStore().slot(`${ownerOf(parameters[0])}.step`, [], "control", zeros);
  const step = updated(counter, add(read(counter), 1));
  const rate = div(learningRate, biasCorrection(beta1, step));
  const inverseRoot = div(1, sqrt(biasCorrection(beta2, step)));
  parameters.forEach((slot, i) => {
    const { p, g } = prepare(read(slot), gradients[i]);
    const means = moment(slot, "adam.m");
    const squares = moment(slot, "adam.v");
    const m = updated(means, blend(read(means), g, beta1));
    const v = updated(squares, blend(read(squares), square(g), beta2));
    assign(slot, sub(p, mul(rate, div(m, add(mul(sqrt(v), inverseRoot), epsilon)))));
  });
}

/** Adam (Kingma & Ba 2015, algorithm 1); weight decay goes into the gradient. */
export function adam(parameters: readonly Slot[], gradients: readonly Tensor[], options: Options<"adam">): void {
  const settings = withDefaults("adam", options);
  adamStep(
    parameters,
    gradients,
    settings,
    options.learningRate,
    (p, g) => ({ p, g: decayed(g, p, settings.weightDecay) }),
  );
}

/** AdamW (Loshchilov & Hutter 2019, algorithm 2): weight decay beside the gradient, p ← (1 − rate·weightDecay)·p first. */
export function adamw(parameters: readonly Slot[], gradients: readonly Tensor[], options: Options<"adamw">): void {
  const settings = withDefaults("adamw", options);
  const { learningRate } = options;
  const shrink = sub(1, mul(learningRate, settings.weightDecay));
  adamStep(parameters, gradients, settings, learningRate, (p, g) => ({ p: mul(p, shrink), g }));
}

/** Optimisers by name, as configurations call them. */
export const optimizers = { sgd, rmsprop, adam, adamw } as const satisfies {
  readonly [N in OptimizerName]: (p: readonly Slot[], g: readonly Tensor[], options: Options<N>) => void;
};
