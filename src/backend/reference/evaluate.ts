/** The meaning of every primitive in one table, and the evaluation of graphs with it. */
import type { Op } from "../../graph/primitives.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { reachable } from "../../graph/walk.ts";
import type { Draw, Values } from "../backend.ts";
import { contractionRules } from "./contraction.ts";
import { leafRules } from "./leaves.ts";
import { movementRules } from "./movement.ts";
import { pointwiseRules } from "./pointwise.ts";
import { randomRules } from "./random.ts";
import { reductionRules } from "./reduction.ts";
import { resamplingRules } from "./resampling.ts";
import type { Bindings, Ref, Rule, Rules } from "./rule.ts";

const rules: Rules<Op> = {
  ...leafRules,
  ...pointwiseRules,
  ...contractionRules,
  ...reductionRules,
  ...movementRules,
  ...resamplingRules,
  ...randomRules,
};

/** The values of `roots`, each tensor of the graph computed once and dropped after its last use. */
export function evaluateGraph(roots: readonly Tensor[], bindings: Bindings): Float64Array[] {
  const order = reachable(roots);
  const usesLeft = new Map<Tensor, number>();
  const use = (tensor: Tensor, change: number) => usesLeft.set(tensor, (usesLeft.get(tensor) ?? 0) + change);
  for (const tensor of order) tensor.inputs.forEach((input) => use(input, 1));
  roots.forEach((root) => use(root, 1));

  const values = new Map<Tensor, Ref>();
  for (const tensor of order) {
    const operands = tensor.inputs.map((input) => values.get(input)!);
    const rule = rules[tensor.op] as Rule<Op>;
    values.set(tensor, { shape: tensor.shape, values: rule(tensor.attributes, operands, tensor.shape, bindings) });
    for (const input of tensor.inputs) {
      use(input, -1);
      if (usesLeft.get(input) === 0) values.delete(input);
    }
  }
  return roots.map((root) => values.get(root)!.values);
}

/** Numbers by name as the rules read them. */
export function doubles(values: Values): Map<string, Float64Array> {
  return new Map(Object.entries(values).map(([name, numbers]) => [name, Float64Array.from(numbers)]));
}

/**
 * Computes some expressions on the spot, in float64.
 * @param inputs values of the `input` tensors among their dependencies, by name.
 * @param slots values of slots, by name; slots left out hold their initial values.
 * @param draw seed and draw number for random tensors.
 * @throws UsageError if an input is missing or has a wrong length, or an index names no row.
 */
export function evaluate(
  tensors: readonly Tensor[],
  { inputs = {}, slots = {}, draw = { seed: 0, draw: 0 } }: {
    readonly inputs?: Values;
    readonly slots?: Values;
    readonly draw?: Draw;
  } = {},
): Float64Array[] {
  const bindings = { inputs: doubles(inputs), slots: doubles(slots), draw };
  return evaluateGraph(tensors, bindings).map((values) => values.slice());
}
