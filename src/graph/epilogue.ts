/**
 * Epilogues: bias and activation that a contraction applies while its result is still in registers. The set is closed:
 * nothing, relu, leaky relu or tanh, each with or without a bias along the last axis.
 */
import { sizeOf } from "../core/shape.ts";
import { less } from "./ops.ts";
import { is, make, type Tensor, withOrigin } from "./tensor.ts";
import type { Program } from "./trace.ts";
import { reachable, users as usersOf } from "./walk.ts";

export type Contraction = Tensor<"matmul"> | Tensor<"conv2d"> | Tensor<"conv2dInputGrad"> | Tensor<"conv2dFilterGrad">;

export interface Epilogue {
  readonly contraction: Contraction;
  readonly bias?: Tensor;
  readonly activation: "none" | "relu" | "leakyRelu" | "tanh";
  /** Of leaky relu: the factor for negative values. */
  readonly slope: number;
  /** The value that is stored. */
  readonly output: Tensor;
  /** Nodes between the contraction and the output, never stored. */
  readonly inside: readonly Tensor[];
}

/** Whether a node is a contraction: only these can end in an epilogue. */
function isContraction(node: Tensor): node is Contraction {
  return is(node, "matmul") || is(node, "conv2d") || is(node, "conv2dInputGrad") || is(node, "conv2dFilterGrad");
}

interface Activation {
  readonly kind: "relu" | "leakyRelu" | "tanh";
  readonly slope: number;
  readonly output: Tensor;
  readonly inside: readonly Tensor[];
}

function isConstant(node: Tensor, value?: number): node is Tensor<"constant"> {
  return is(node, "constant") && (value === undefined || node.attributes.value === value);
}

/** Matches select(0 < t, t, 0), select(0 < t, t, slope · t) and tanh(t) among t's users. */
function activationOf(t: Tensor, users: ReadonlyMap<Tensor, readonly Tensor[]>): Activation | undefined {
  const all = users.get(t)!;
  for (const node of all) {
    if (is(node, "tanh")) return { kind: "tanh", slope: 0, output: node, inside: [] };
    if (!is(node, "select")) continue;
    const [condition, positive, negative] = node.inputs;
    if (positive !== t || !is(condition, "less") || !isConstant(condition.inputs[0], 0) || condition.inputs[1] !== t) {
      continue;
    }
    if (isConstant(negative, 0)) return { kind: "relu", slope: 0, output: node, inside: [condition] };
    if (!is(negative, "mul") || negative.inputs[0] !== t || !isConstant(negative.inputs[1])) continue;
    const slope = negative.inputs[1].attributes.value;
    if (slope > 0 && users.get(negative)!.length === 1) {
      return { kind: "leakyRelu", slope, output: node, inside: [condition, negative] };
    }
  }
  return undefined;
}

/** c, or c plus a vector along the last axis if that is all that happens to c. */
function withBias(
  contraction: Contraction,
  users: ReadonlyMap<Tensor, readonly Tensor[]>,
): { t: Tensor; bias?: Tensor } {
  const [only, ...others] = users.get(contraction)!;
  if (!only || others.length > 0 || !is(only, "add") || only.inputs[0] === only.inputs[1]) return { t: contraction };
  const bias = only.inputs.find((operand) => operand !== contraction)!;
  // Of two products that are added, both would claim the sum.
  if (isContraction(bias)) return { t: contraction };
  const width = only.shape.at(-1);
  if (only.rank !== contraction.rank || sizeOf(only.shape) !== sizeOf(contraction.shape)) return { t: contraction };
  if (bias.rank === 0 || bias.shape.at(-1) !== width || sizeOf(bias.shape) !== width) return { t: contraction };
  return { t: only, bias };
}

/**
 * Gradients of relu and leaky relu ask 0 < t; that is the same as 0 < activation(t), which is stored anyway. Asking it
 * there leaves t to the epilogue.
 */
export function shareActivationMasks(program: Program): Program {
  const roots = [...program.outputs.values(), ...program.assignments.values()];
  const nodes = reachable(roots);
  const users = usersOf(nodes);
  const masks = new Map<Tensor, Tensor>();
  for (const node of nodes) {
    if (!isContraction(node)) continue;
    const activation = activationOf(withBias(node, users).t, users);
    if (activation && activation.kind !== "tanh") masks.set(activation.inside[0], activation.output);
  }
  if (masks.size === 0) return program;

  const images = new Map<Tensor, Tensor>();
  const image = (node: Tensor): Tensor => {
    const known = images.get(node);
    if (known) return known;
    const operands = node.inputs.map((operand) => {
      const output = masks.get(operand);
      if (!output || output === node) return image(operand);
      return withOrigin(operand.origin, () => less(operand.inputs[0], image(output)));
    });
    const same = operands.every((operand, i) => operand === node.inputs[i]);
    const result = same ? node : withOrigin(node.origin, () => make(node.op, node.attributes, operands));
    images.set(node, result);
    return result;
  };
  nodes.forEach(image);
  return {
    ...program,
    outputs: new Map([...program.outputs].map(([name, node]) => [name, image(node)])),
    assignments: new Map([...program.assignments].map(([slot, node]) => [slot, image(node)])),
  };
}

/** Whether a transposed convolution has positions that no tap reaches: nothing is computed there that could end in an epilogue. */
function leavesGaps(node: Contraction): boolean {
  if (!is(node, "conv2dInputGrad")) return false;
  const { strideY, strideX, dilationY, dilationX } = node.attributes;
  const [, kernelHeight, kernelWidth] = node.inputs[1].shape;
  const gaps = (kernel: number, stride: number, dilation: number) =>
    new Set(Array.from({ length: kernel }, (_, tap) => tap * dilation % stride)).size < stride;
  return gaps(kernelHeight, strideY, dilationY) || gaps(kernelWidth, strideX, dilationX);
}

/**
 * The epilogue of each contraction; a bare one has none of the parts. `roots` must stay readable. A filter's gradient
 * ends bare: the columns of that product are taps and channels together, the last axis is the channels alone.
 */
export function findEpilogues(nodes: readonly Tensor[], roots: ReadonlySet<Tensor>): Epilogue[] {
  const users = usersOf(nodes);
  return nodes.filter(isContraction).map((contraction) => {
    const bare: Epilogue = { contraction, activation: "none", slope: 0, output: contraction, inside: [] };
    if (roots.has(contraction) || is(contraction, "conv2dFilterGrad") || leavesGaps(contraction)) return bare;
    const { t, bias } = withBias(contraction, users);
    const biased: Epilogue = bias ? { ...bare, bias, output: t, inside: [contraction] } : bare;
    const activation = roots.has(t) ? undefined : activationOf(t, users);
    if (!activation) return biased;
    const part = new Set([activation.output, ...activation.inside]);
    const leaks = [t, ...activation.inside].some((node) =>
      roots.has(node) || users.get(node)!.some((user) => !part.has(user))
    );
    if (leaks) return biased;
    return {
      ...biased,
      activation: activation.kind,
      slope: activation.slope,
      output: activation.output,
      inside: [...new Set([...biased.inside, t, ...activation.inside])],
    };
  });
}
