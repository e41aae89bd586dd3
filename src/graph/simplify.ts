/**
 * Rewriting a traced program into a smaller one that computes the same: dead nodes go, equal nodes merge, neutral
 * arithmetic and needless movement disappear, a convolution over its whole input becomes a matrix product.
 */
import { broadcastShapes, sameShape, type Shape, sizeOf } from "../core/shape.ts";
import { add, constant, matmul, mul, neg, reshape, select, sqrt, sub, transpose } from "./ops.ts";
import { type ConvWindow, isPointwise, type Op } from "./primitives.ts";
import { is, make, type Tensor, withOrigin } from "./tensor.ts";
import type { Program } from "./trace.ts";
import { reachable } from "./walk.ts";

/** The simplified program; inputs and slots that nothing uses stay declared. */
export function simplify(program: Program): Program {
  const known = new Map<string, Tensor>();
  const images = new Map<Tensor, Tensor>();
  const unique = (node: Tensor): Tensor => {
    const key = keyOf(node);
    const twin = known.get(key);
    if (twin) return twin;
    known.set(key, node);
    return node;
  };
  /** Rules make new nodes below the one they return; those are merged with their equals too. */
  const settle = (node: Tensor): Tensor => {
    const settled = images.get(node);
    if (settled) return settled;
    const operands = node.inputs.map(settle);
    const same = operands.every((operand, i) => operand === node.inputs[i]);
    const moved = same ? node : make(node.op, node.attributes, operands);
    const simpler = withOrigin(node.origin, () => rewrite(moved));
    const result = simpler === moved ? unique(moved) : settle(simpler);
    images.set(node, result);
    return result;
  };

  const roots = [...program.outputs.values(), ...program.assignments.values()];
  for (const node of reachable(roots)) withOrigin(node.origin, () => settle(node));
  const image = (node: Tensor) => images.get(node)!;
  return {
    ...program,
    outputs: new Map([...program.outputs].map(([name, node]) => [name, image(node)])),
    assignments: new Map([...program.assignments].map(([slot, node]) => [slot, image(node)])),
  };
}

const literalIds = new WeakMap<Float32Array, number>();
let literals = 0;

/** Equal keys mean equal values. Numbers print so that −0, NaN and the infinities stay apart. */
function keyOf(node: Tensor): string {
  const attributes = JSON.stringify(node.attributes, (key, value) => {
    if (key === "slot") return value.name;
    if (value instanceof Float32Array) {
      if (!literalIds.has(value)) literalIds.set(value, literals++);
      return literalIds.get(value);
    }
    return typeof value === "number" ? (Object.is(value, -0) ? "-0" : String(value)) : value;
  });
  return `${node.op}(${node.inputs.map((operand) => operand.id).join()})${attributes}`;
}

type Rewrite<O extends Op> = (node: Tensor<O>) => Tensor | undefined;

/** One step of simplification, or the node itself. */
function rewrite(node: Tensor): Tensor {
  const rule = rewrites[node.op] as Rewrite<Op> | undefined;
  const result = rule?.(node);
  if (result) return result;
  return isPointwise(node.op) ? withoutBroadcasts(node) : node;
}

function constantOf(node: Tensor): number | undefined {
  return is(node, "constant") ? node.attributes.value : undefined;
}

/** `kept` instead of `node`, where that leaves the shape alone. */
function keeps(node: Tensor, kept: Tensor): Tensor | undefined {
  return sameShape(node.shape, kept.shape) ? kept : undefined;
}

/** Pointwise primitives broadcast by themselves, as long as another operand keeps the shape. */
function withoutBroadcasts(node: Tensor): Tensor {
  const operands = [...node.inputs];
  operands.forEach((operand, index) => {
    if (!is(operand, "broadcast")) return;
    const shapes = operands.map((other, i) => i === index ? operand.inputs[0].shape : other.shape);
    if (sameShape(shapes.reduce<Shape>(broadcastShapes, []), node.shape)) operands[index] = operand.inputs[0];
  });
  return operands.every((operand, i) => operand === node.inputs[i]) ? node : make(node.op, {}, operands);
}

const folds: Partial<Record<Op, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  sqrt: (a) => Math.sqrt(a),
};

function folded(node: Tensor): Tensor | undefined {
  const values = node.inputs.map(constantOf);
  if (values.some((value) => value === undefined)) return undefined;
  return constant(folds[node.op]!(values[0]!, values[1]!));
}

/** (a where c, else 0) + (0 where c, else b): what the gradients of both branches of a selection add up to. */
function joined(first: Tensor, second: Tensor): Tensor | undefined {
  if (!is(first, "select") || !is(second, "select")) return undefined;
  const [condition, a, otherwise] = first.inputs;
  const [other, zero, b] = second.inputs;
  if (condition !== other || constantOf(otherwise) !== 0 || constantOf(zero) !== 0) return undefined;
  return select(condition, a, b);
}

const rewrites: { readonly [O in Op]?: Rewrite<O> } = {
  detach: ({ inputs: [x] }) => x,
  neg: (node) => folded(node) ?? (is(node.inputs[0], "neg") ? node.inputs[0].inputs[0] : undefined),
  sqrt: folded,
  add(node) {
    const [a, b] = node.inputs;
    if (constantOf(a) !== undefined && constantOf(b) === undefined) return add(b, a);
    return folded(node) ?? (constantOf(b) === 0 ? keeps(node, a) : undefined) ??
      (is(b, "neg") ? sub(a, b.inputs[0]) : is(a, "neg") ? sub(b, a.inputs[0]) : joined(a, b) ?? joined(b, a));
  },
  sub(node) {
    const [a, b] = node.inputs;
    return folded(node) ?? (constantOf(b) === 0 ? keeps(node, a) : undefined) ??
      (is(b, "neg") ? add(a, b.inputs[0]) : undefined);
  },
  mul(node) {
    const [a, b] = node.inputs;
    const factor = constantOf(b);
    if (constantOf(a) !== undefined && factor === undefined) return mul(b, a);
    if (factor === undefined) return undefined;
    // A factor moves into the one branch of a selection that is not zero, where `joined` may meet it.
    if (is(a, "select") && constantOf(a.inputs[1]) === 0 && Number.isFinite(factor) && factor !== 1) {
      return select(a.inputs[0], 0, mul(a.inputs[2], factor));
    }
    const inner = is(a, "mul") ? constantOf(a.inputs[1]) : undefined;
    return folded(node) ?? (factor === 1 ? keeps(node, a) : factor === -1 ? neg(a) : undefined) ??
      (inner !== undefined ? mul(a.inputs[0], inner * factor) : undefined);
  },
  div(node) {
    return folded(node) ?? (constantOf(node.inputs[1]) === 1 ? keeps(node, node.inputs[0]) : undefined);
  },
  pow(node) {
    const [x, exponent] = node.inputs;
    switch (constantOf(exponent)) {
      case 1:
        return x;
      case 2:
        return mul(x, x);
      case 0.5:
        return sqrt(x);
      default:
        return undefined;
    }
  },

  sum({ attributes, inputs: [x] }) {
    const axes = attributes.axes.filter((axis) => x.shape[axis] !== 1);
    if (axes.length === 0) return x;
    return axes.length < attributes.axes.length ? make("sum", { axes }, [x]) : undefined;
  },
  reshape({ shape, inputs: [x] }) {
    if (sameShape(shape, x.shape)) return x;
    return is(x, "reshape") ? reshape(x.inputs[0], shape) : undefined;
  },
  broadcast({ shape, attributes, inputs: [x] }) {
    if (sameShape(shape, x.shape)) return x;
    return is(x, "broadcast") ? make("broadcast", attributes, [x.inputs[0]]) : undefined;
  },
  transpose({ shape, attributes: { permutation }, inputs: [x] }) {
    const moving = permutation.filter((axis) => x.shape[axis] !== 1);
    if (moving.every((axis, i) => i === 0 || axis > moving[i - 1])) return reshape(x, shape);
    if (!is(x, "transpose")) return undefined;
    return transpose(x.inputs[0], permutation.map((axis) => x.attributes.permutation[axis]));
  },
  slice: ({ shape, inputs: [x] }) => sameShape(shape, x.shape) ? x : undefined,
  pad: ({ shape, inputs: [x] }) => sameShape(shape, x.shape) ? x : undefined,
  concat: ({ inputs }) => inputs.length === 1 ? inputs[0] : undefined,

  // An outer product is pointwise, and joins what is pointwise around it.
  matmul({ shape, attributes: { transposeA }, inputs: [a, b] }) {
    const outer = a.rank === 2 && b.rank === 2 && a.shape[transposeA ? 0 : 1] === 1;
    return outer ? mul(reshape(a, [shape[0], 1]), reshape(b, [1, shape[1]])) : undefined;
  },
  conv2d({ shape, attributes, inputs: [x, w] }) {
    if (!coversInput(attributes, x.shape, w.shape)) return undefined;
    return reshape(matmul(asMatrix(x), asMatrix(w), { transposeB: true }), shape);
  },
  conv2dInputGrad({ shape, attributes, inputs: [dy, w] }) {
    if (!coversInput(attributes, shape, w.shape)) return undefined;
    if (w.shape[0] === 1) return mul(dy, w); // outer product
    return reshape(matmul(asMatrix(dy), asMatrix(w)), shape);
  },
  conv2dFilterGrad({ shape, attributes, inputs: [x, dy] }) {
    if (!coversInput(attributes, x.shape, shape)) return undefined;
    return reshape(matmul(asMatrix(dy), asMatrix(x), { transposeA: true }), shape);
  },
};

/** Whether the window sees the whole unpadded input at once, in its only position. */
function coversInput(window: ConvWindow, x: Shape, w: Shape): boolean {
  const { padTop, padBottom, padLeft, padRight, groups } = window;
  return x[1] === w[1] && x[2] === w[2] && groups === 1 && padTop + padBottom + padLeft + padRight === 0 &&
    (window.dilationY === 1 || w[1] === 1) && (window.dilationX === 1 || w[2] === 1);
}

/** The first axis as rows, all others as one row. */
function asMatrix(x: Tensor): Tensor {
  return reshape(x, [x.shape[0], sizeOf(x.shape) / x.shape[0]]);
}
