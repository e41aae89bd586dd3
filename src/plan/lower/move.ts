/** Lowering of movement: every one is strided copies, after a fill where the copies leave gaps. */
import { type Shape, sizeOf, stridesOf } from "../../core/shape.ts";
import { is, type Tensor } from "../../graph/tensor.ts";
import { broadcastStrides, collapse, extentFields, strideFields, targetFields } from "../space.ts";
import type { Lowering } from "./context.ts";

interface Copy {
  readonly extents: Shape;
  readonly source: number;
  readonly sourceStrides: readonly number[];
  readonly target: number;
  readonly targetStrides: readonly number[];
}

function emitCopy(copy: Copy, { builder }: Lowering): void {
  const { extents, strides } = collapse(
    { extents: copy.extents, strides: [copy.sourceStrides, copy.targetStrides] },
    copy.extents.map(() => 0),
  );
  builder.emit("move", {
    ...extentFields(extents),
    source: copy.source,
    ...strideFields(strides[0]),
    target: copy.target,
    ...targetFields(strides[1]),
  }, { steps: sizeOf(copy.extents) });
}

/** Copies `elements` values from one virtual address to another. */
export function lowerCopy(source: number, target: number, elements: number, context: Lowering): void {
  emitCopy({ extents: [elements], source, sourceStrides: [1], target, targetStrides: [1] }, context);
}

/** out = value everywhere */
export function lowerFill(output: Tensor, value: number, { builder, address }: Lowering): void {
  const count = sizeOf(output.shape);
  builder.emit("fill", { out: address(output), count, value: Math.fround(value) }, { steps: count });
}

/** Fills the result densely while reading the operand with other strides, from `start` elements on. */
function lowerView(node: Tensor, start: number, sourceStrides: readonly number[], context: Lowering): void {
  emitCopy({
    extents: node.shape,
    source: context.address(node.inputs[0], start),
    sourceStrides,
    target: context.address(node),
    targetStrides: stridesOf(node.shape),
  }, context);
}

/** One copy that reads the operand's axes in another order. */
export function lowerTranspose(node: Tensor<"transpose">, context: Lowering): void {
  const strides = stridesOf(node.inputs[0].shape);
  lowerView(node, 0, node.attributes.permutation.map((axis) => strides[axis]), context);
}

/** One copy of a box that begins inside of the operand. */
export function lowerSlice(node: Tensor<"slice">, context: Lowering): void {
  const strides = stridesOf(node.inputs[0].shape);
  const start = node.attributes.starts.reduce((total, from, axis) => total + from * strides[axis], 0);
  lowerView(node, start, strides, context);
}

/** One copy that reads the flipped axes from their ends, by negative strides. */
export function lowerFlip(node: Tensor<"flip">, context: Lowering): void {
  const strides = stridesOf(node.shape);
  const { axes } = node.attributes;
  const start = axes.reduce((total, axis) => total + (node.shape[axis] - 1) * strides[axis], 0);
  lowerView(node, start, strides.map((stride, axis) => axes.includes(axis) ? -stride : stride), context);
}

/** One copy that reads repeated axes with stride 0; a constant needs no reading, it becomes a fill. */
export function lowerBroadcast(node: Tensor<"broadcast">, context: Lowering): void {
  const [x] = node.inputs;
  if (is(x, "constant")) lowerFill(node, x.attributes.value, context);
  else lowerView(node, 0, broadcastStrides(x.shape, node.shape), context);
}

/** Zeros everywhere, then a copy of the operand into their middle. */
export function lowerPad(node: Tensor<"pad">, context: Lowering): void {
  const [x] = node.inputs;
  const strides = stridesOf(node.shape);
  const start = node.attributes.before.reduce((total, before, axis) => total + before * strides[axis], 0);
  lowerFill(node, 0, context);
  emitCopy({
    extents: x.shape,
    source: context.address(x),
    sourceStrides: stridesOf(x.shape),
    target: context.address(node, start),
    targetStrides: strides,
  }, context);
}

/** One copy for each operand, side by side along the axis. */
export function lowerConcat(node: Tensor<"concat">, context: Lowering): void {
  const { axis } = node.attributes;
  const strides = stridesOf(node.shape);
  let start = 0;
  for (const operand of node.inputs) {
    emitCopy({
      extents: operand.shape,
      source: context.address(operand),
      sourceStrides: stridesOf(operand.shape),
      target: context.address(node, start * strides[axis]),
      targetStrides: strides,
    }, context);
    start += operand.shape[axis];
  }
}
