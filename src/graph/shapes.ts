/** The shape rule of each primitive: attributes and operand shapes to the shape of the result. */
import { ShapeError } from "../core/errors.ts";
import { broadcastShapes, normalAxis, sameShape, type Shape, showShape, sizeOf } from "../core/shape.ts";
import type { Attributes, BinaryOp, ConvWindow, Op, PoolWindow, UnaryOp } from "./primitives.ts";
import { binaryOps, unaryOps } from "./primitives.ts";

type ShapeRule<O extends Op> = (attributes: Attributes[O], shapes: readonly Shape[]) => Shape;

const unary = ((_, [shape]) => shape) satisfies ShapeRule<UnaryOp>;
const binary = ((_, [a, b]) => broadcastShapes(a, b)) satisfies ShapeRule<BinaryOp>;

function table<K extends string, V>(keys: readonly K[], value: V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>;
}

function rankIs(shape: Shape, rank: number, what: string): void {
  if (shape.length !== rank) {
    throw new ShapeError(`${what} has ${shape.length} axes (${showShape(shape)}); expected ${rank}`);
  }
}

function equal(found: number, expected: number, what: string): void {
  if (found !== expected) throw new ShapeError(`${what} is ${found}; expected ${expected}`);
}

function wholeNumbers(values: readonly number[], what: string, least: number): void {
  for (const value of values) {
    if (!Number.isInteger(value) || value < least) {
      throw new ShapeError(`${what} is ${value}; expected a whole number of at least ${least}`);
    }
  }
}

/** Positions a window of `kernel` taps fits into `extent` plus padding. */
export function windowCount(
  extent: number,
  kernel: number,
  stride: number,
  padBefore: number,
  padAfter: number,
  dilation = 1,
): number {
  return Math.floor((extent + padBefore + padAfter - dilation * (kernel - 1) - 1) / stride) + 1;
}

function convOutput(window: ConvWindow, x: Shape, kernelHeight: number, kernelWidth: number): [number, number] {
  const { strideY, strideX, padTop, padBottom, padLeft, padRight, dilationY, dilationX, groups } = window;
  wholeNumbers([strideY, strideX, dilationY, dilationX, groups], "a stride, dilation or group count", 1);
  wholeNumbers([padTop, padBottom, padLeft, padRight], "a padding", 0);
  wholeNumbers([kernelHeight, kernelWidth], "a kernel size", 1);
  const height = windowCount(x[1], kernelHeight, strideY, padTop, padBottom, dilationY);
  const width = windowCount(x[2], kernelWidth, strideX, padLeft, padRight, dilationX);
  if (height < 1 || width < 1) {
    throw new ShapeError(
      `a ${kernelHeight}×${kernelWidth} kernel does not fit into ${x[1]}×${x[2]} pixels with this padding; ` +
        `expected a smaller kernel or a larger image`,
    );
  }
  return [height, width];
}

function channelsFit(x: number, w: Shape, groups: number): void {
  equal(x, w[3] * groups, `the number of channels of the image (axis -1), for ${groups} group(s) of ${w[3]},`);
  if (w[0] % groups !== 0) throw new ShapeError(`${w[0]} output channels do not split into ${groups} groups`);
}

function poolOutput(window: PoolWindow, x: Shape): Shape {
  rankIs(x, 4, "the image tensor");
  const { kernelHeight, kernelWidth, strideY, strideX, padTop, padBottom, padLeft, padRight } = window;
  wholeNumbers([kernelHeight, kernelWidth, strideY, strideX], "a kernel size or stride", 1);
  wholeNumbers([padTop, padBottom, padLeft, padRight], "a padding", 0);
  if (Math.max(padTop, padBottom) >= kernelHeight || Math.max(padLeft, padRight) >= kernelWidth) {
    throw new ShapeError(`the padding is as large as the ${kernelHeight}×${kernelWidth} window; expected less`);
  }
  const height = windowCount(x[1], kernelHeight, strideY, padTop, padBottom);
  const width = windowCount(x[2], kernelWidth, strideX, padLeft, padRight);
  if (height < 1 || width < 1) {
    throw new ShapeError(`a ${kernelHeight}×${kernelWidth} window does not fit into ${x[1]}×${x[2]} pixels`);
  }
  return [x[0], height, width, x[3]];
}

function keepReduced(shape: Shape, axes: readonly number[]): Shape {
  const reduced = new Set(axes.map((axis) => normalAxis(axis, shape.length)));
  if (reduced.size !== axes.length) throw new ShapeError(`axes ${axes.join(", ")} name one axis twice`);
  return shape.map((extent, axis) => reduced.has(axis) ? 1 : extent);
}

export const shapeRules: { readonly [O in Op]: ShapeRule<O> } = {
  input: ({ shape }) => (wholeNumbers(shape, "an extent", 1), shape),
  constant: () => [],
  literal({ values, shape }) {
    equal(values.length, sizeOf(shape), `the number of values for ${showShape(shape)}`);
    return shape;
  },
  slot: ({ slot }) => slot.shape,

  ...table(unaryOps, unary),
  ...table(binaryOps, binary),
  select: (_, [condition, a, b]) => broadcastShapes(condition, broadcastShapes(a, b)),
  detach: (_, [shape]) => shape,

  matmul({ transposeA, transposeB }, [a, b]) {
    if (a.length < 2 || b.length !== a.length) {
      throw new ShapeError(`a has ${a.length} axes and b ${b.length}; expected the same number, at least 2`);
    }
    const batch = a.slice(0, -2);
    if (!sameShape(batch, b.slice(0, -2))) throw new ShapeError(`the leading axes of a and b differ`);
    const [m, depthA] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
    const [depthB, n] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
    equal(depthB, depthA, `the inner axis of b (against that of a)`);
    return [...batch, m, n];
  },
  conv2d(window, [x, w]) {
    rankIs(x, 4, "the image tensor");
    rankIs(w, 4, "the filter");
    const [height, width] = convOutput(window, x, w[1], w[2]);
    channelsFit(x[3], w, window.groups);
    return [x[0], height, width, w[0]];
  },
  conv2dInputGrad(attributes, [dy, w]) {
    rankIs(dy, 4, "the image tensor");
    rankIs(w, 4, "the filter");
    const dx = [dy[0], attributes.inHeight, attributes.inWidth, w[3] * attributes.groups];
    const [height, width] = convOutput(attributes, dx, w[1], w[2]);
    equal(dy[1], height, "the height");
    equal(dy[2], width, "the width");
    equal(dy[3], w[0], "the number of channels (axis -1)");
    channelsFit(dx[3], w, attributes.groups);
    return dx;
  },
  conv2dFilterGrad(attributes, [x, dy]) {
    rankIs(x, 4, "the image tensor");
    rankIs(dy, 4, "the gradient tensor");
    const [height, width] = convOutput(attributes, x, attributes.kernelHeight, attributes.kernelWidth);
    equal(dy[0], x[0], "the number of images (axis 0)");
    equal(dy[1], height, "the height");
    equal(dy[2], width, "the width");
    const { groups, kernelHeight, kernelWidth } = attributes;
    if (x[3] % groups !== 0 || dy[3] % groups !== 0) {
      throw new ShapeError(`${x[3]} and ${dy[3]} channels do not split into ${groups} groups`);
    }
    return [dy[3], kernelHeight, kernelWidth, x[3] / groups];
  },

  sum: ({ axes }, [shape]) => keepReduced(shape, axes),
  maxOver: ({ axes }, [shape]) => keepReduced(shape, axes),
  argmax: ({ axis }, [shape]) => keepReduced(shape, [axis]),
  cumulativeSum({ axis }, [shape]) {
    normalAxis(axis, shape.length);
    return shape;
  },

  reshape({ shape }, [from]) {
    wholeNumbers(shape, "an extent", 1);
    equal(sizeOf(shape), sizeOf(from), `the number of elements of ${showShape(shape)}`);
    return shape;
  },
  transpose({ permutation }, [shape]) {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== shape.length || sorted.some((axis, i) => axis !== i)) {
      throw new ShapeError(`(${permutation.join(", ")}) does not order the ${shape.length} axes`);
    }
    return permutation.map((axis) => shape[axis]);
  },
  slice({ starts, sizes }, [shape]) {
    rankIs(shape, starts.length, "the operand");
    equal(sizes.length, starts.length, "the number of sizes");
    wholeNumbers(starts, "a start", 0);
    wholeNumbers(sizes, "a size", 1);
    shape.forEach((extent, axis) => {
      if (starts[axis] + sizes[axis] > extent) {
        throw new ShapeError(
          `axis ${axis} has ${extent} elements; the slice wants ${starts[axis]} to ${starts[axis] + sizes[axis]}`,
        );
      }
    });
    return sizes;
  },
  pad({ before, after }, [shape]) {
    rankIs(shape, before.length, "the operand");
    equal(after.length, before.length, "the number of paddings");
    wholeNumbers([...before, ...after], "a padding", 0);
    return shape.map((extent, axis) => extent + before[axis] + after[axis]);
  },
  concat({ axis }, shapes) {
    const first = shapes[0];
    if (!first) throw new ShapeError("nothing to concatenate; expected at least one tensor");
    const along = normalAxis(axis, first.length);
    const rest = (shape: Shape) => shape.filter((_, i) => i !== along);
    for (const shape of shapes) {
      if (shape.length !== first.length || !sameShape(rest(shape), rest(first))) {
        throw new ShapeError(`${showShape(first)} and ${showShape(shape)} differ in more than axis ${along}`);
      }
    }
    return first.map((extent, i) => i === along ? shapes.reduce((total, shape) => total + shape[i], 0) : extent);
  },
  broadcast({ shape }, [from]) {
    wholeNumbers(shape, "an extent", 1);
    if (!sameShape(broadcastShapes(from, shape), shape)) {
      throw new ShapeError(`${showShape(from)} does not broadcast to ${showShape(shape)}`);
    }
    return shape;
  },
  flip({ axes }, [shape]) {
    axes.forEach((axis) => normalAxis(axis, shape.length));
    return shape;
  },
  gather(_, [table, indices]) {
    if (table.length < 1) throw new ShapeError("the table is a scalar; expected rows");
    return [...indices, ...table.slice(1)];
  },
  scatterAdd({ rows }, [indices, updates]) {
    wholeNumbers([rows], "the number of rows", 1);
    if (!sameShape(updates.slice(0, indices.length), indices)) {
      throw new ShapeError(`updates ${showShape(updates)} do not begin with the axes of indices ${showShape(indices)}`);
    }
    return [rows, ...updates.slice(indices.length)];
  },
  oneHot({ depth }, [indices]) {
    wholeNumbers([depth], "the depth", 1);
    return [...indices, depth];
  },

  averagePool: (window, [x]) => poolOutput(window, x),
  averagePoolGrad(attributes, [dy]) {
    rankIs(dy, 4, "the gradient tensor");
    const dx = [dy[0], attributes.inHeight, attributes.inWidth, dy[3]];
    const y = poolOutput(attributes, dx);
    if (!sameShape(y, dy)) throw new ShapeError(`${showShape(dx)} pools to ${showShape(y)}, not to ${showShape(dy)}`);
    return dx;
  },
  maxPoolPick(window, [x, values]) {
    if (!sameShape(x, values)) throw new ShapeError(`x and values differ: ${showShape(x)}, ${showShape(values)}`);
    return poolOutput(window, x);
  },
  maxPoolScatter(window, [x, dy]) {
    const y = poolOutput(window, x);
    if (!sameShape(y, dy)) throw new ShapeError(`${showShape(x)} pools to ${showShape(y)}, not to ${showShape(dy)}`);
    return x;
  },
  bilinear({ outHeight, outWidth }, [x]) {
    rankIs(x, 4, "the image tensor");
    wholeNumbers([outHeight, outWidth], "a size", 1);
    return [x[0], outHeight, outWidth, x[3]];
  },
  bilinearGrad({ inHeight, inWidth }, [dy]) {
    rankIs(dy, 4, "the gradient tensor");
    wholeNumbers([inHeight, inWidth], "a size", 1);
    return [dy[0], inHeight, inWidth, dy[3]];
  },

  uniform: ({ shape }) => shape,
  normal: ({ shape }) => shape,
};
