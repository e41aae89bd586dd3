/** Lowering of primitives that no fusion touches: a table total over them. */
import { InternalError } from "../../core/errors.ts";
import { streamId } from "../../core/random.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import type { Op, PointwiseOp, PoolWindow } from "../../graph/primitives.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Lowering } from "./context.ts";
import { lowerBroadcast, lowerConcat, lowerFlip, lowerPad, lowerSlice, lowerTranspose } from "./move.ts";

/** Primitives that become kernels of their own; the others are leaves, aliases, fused or contractions. */
type PlainOp = Exclude<
  Op,
  | PointwiseOp
  | "input"
  | "constant"
  | "literal"
  | "slot"
  | "detach"
  | "reshape"
  | "sum"
  | "maxOver"
  | "matmul"
  | "conv2d"
  | "conv2dInputGrad"
  | "conv2dFilterGrad"
>;

type Rule<O extends Op> = (node: Tensor<O>, context: Lowering) => void;

/** Emits the instructions of a primitive that is a kernel of its own. @throws InternalError if it is not. */
export function lowerPlain(node: Tensor, context: Lowering): void {
  const rule = (rules as Partial<Record<Op, Rule<Op>>>)[node.op];
  if (!rule) throw new InternalError(`${node.op} is no kernel of its own`);
  rule(node, context);
}

/** [before the axis, along it, after it] */
function around(shape: Shape, axis: number): { outer: number; length: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis], inner: sizeOf(shape.slice(axis + 1)) };
}

function pooling(window: PoolWindow, x: Shape, y: Shape) {
  const { kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft } = window;
  const [images, height, width, channels] = x;
  return {
    images,
    height,
    width,
    channels,
    outHeight: y[1],
    outWidth: y[2],
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
  };
}

function resampling(x: Shape, y: Shape) {
  const [images, height, width, channels] = x;
  return { images, height, width, channels, outHeight: y[1], outWidth: y[2] };
}

function random(kind: 0 | 1): Rule<"uniform" | "normal"> {
  return (node, { builder, address }) => {
    const count = sizeOf(node.shape);
    const stream = streamId(node.attributes.stream) | 0;
    builder.emit("random", { out: address(node), count, stream, kind }, { steps: 10 * count });
  };
}

const rules: { readonly [O in PlainOp]: Rule<O> } = {
  transpose: lowerTranspose,
  slice: lowerSlice,
  pad: lowerPad,
  concat: lowerConcat,
  broadcast: lowerBroadcast,
  flip: lowerFlip,

  argmax(node, { builder, address }) {
    const [x] = node.inputs;
    builder.emit("argmax", {
      source: address(x),
      out: address(node),
      ...around(x.shape, node.attributes.axis),
    }, { steps: sizeOf(x.shape) });
  },
  cumulativeSum(node, { builder, address }) {
    const { axis, reverse } = node.attributes;
    const operands = { source: address(node.inputs[0]), out: address(node), ...around(node.shape, axis) };
    builder.emit("cumulativeSum", { ...operands, reverse: reverse ? 1 : 0 }, { steps: sizeOf(node.shape) });
  },

  gather(node, { builder, address }) {
    const [table, indices] = node.inputs;
    const rows = table.shape[0];
    const operands = { rows, width: sizeOf(table.shape) / rows, count: sizeOf(indices.shape) };
    builder.emit("gather", { table: address(table), indices: address(indices), out: address(node), ...operands }, {
      steps: sizeOf(node.shape),
    });
  },
  scatterAdd(node, { builder, address }) {
    const [indices, updates] = node.inputs;
    const { rows } = node.attributes;
    const operands = { rows, width: sizeOf(node.shape) / rows, count: sizeOf(indices.shape) };
    builder.emit("scatterAdd", {
      indices: address(indices),
      updates: address(updates),
      out: address(node),
      ...operands,
    }, { steps: sizeOf(updates.shape) + sizeOf(node.shape) });
  },
  oneHot(node, { builder, address }) {
    const [indices] = node.inputs;
    const { depth } = node.attributes;
    builder.emit("oneHot", { indices: address(indices), out: address(node), count: sizeOf(indices.shape), depth }, {
      steps: sizeOf(node.shape),
    });
  },

  averagePool(node, { builder, address }) {
    const [x] = node.inputs;
    builder.emit("averagePool", {
      x: address(x),
      out: address(node),
      ...pooling(node.attributes, x.shape, node.shape),
    }, { steps: windowSteps(node, node.attributes) });
  },
  averagePoolGrad(node, { builder, address }) {
    const [dy] = node.inputs;
    builder.emit("averagePoolGrad", {
      dy: address(dy),
      out: address(node),
      ...pooling(node.attributes, node.shape, dy.shape),
    }, { steps: windowSteps(dy, node.attributes) });
  },
  maxPoolPick(node, { builder, address }) {
    const [x, values] = node.inputs;
    builder.emit("maxPoolPick", {
      x: address(x),
      values: address(values),
      out: address(node),
      ...pooling(node.attributes, x.shape, node.shape),
    }, { steps: windowSteps(node, node.attributes) });
  },
  maxPoolScatter(node, { builder, address }) {
    const [x, dy] = node.inputs;
    builder.emit("maxPoolScatter", {
      x: address(x),
      dy: address(dy),
      out: address(node),
      ...pooling(node.attributes, x.shape, dy.shape),
    }, { steps: windowSteps(dy, node.attributes) });
  },
  bilinear(node, { builder, address }) {
    const [x] = node.inputs;
    builder.emit("bilinear", { x: address(x), out: address(node), ...resampling(x.shape, node.shape) }, {
      steps: 4 * sizeOf(node.shape),
    });
  },
  bilinearGrad(node, { builder, address }) {
    const [dy] = node.inputs;
    builder.emit("bilinearGrad", { dy: address(dy), out: address(node), ...resampling(node.shape, dy.shape) }, {
      steps: 4 * sizeOf(dy.shape),
    });
  },

  uniform: random(0),
  normal: random(1),
};

function windowSteps(y: Tensor, { kernelHeight, kernelWidth }: PoolWindow): number {
  return sizeOf(y.shape) * kernelHeight * kernelWidth;
}
