/** Footprints of pooling, bilinear resampling and their adjoints. */
import type { Operands } from "../instructions.ts";
import {
  count,
  type Footprint,
  MAX_COUNT,
  readDense,
  refuse,
  requirePositive,
  requireWork,
  writeDense,
} from "./access.ts";

type Pooling = Omit<Operands<"averagePool">, "x" | "out">;

/** Elements of x and y, [images, height, width, channels] each. */
interface Sizes {
  readonly x: number;
  readonly y: number;
}

/** Demands that every window of an axis covers at least one element of it, so that clipped windows are never empty. */
function requireWindows(
  axis: string,
  length: number,
  outLength: number,
  kernel: number,
  stride: number,
  pad: number,
): void {
  const last = (outLength - 1) * stride - pad;
  if (kernel <= pad) refuse(`the first window along the ${axis} lies in the padding: kernel ${kernel}, padding ${pad}`);
  if (last >= length) refuse(`the last window along the ${axis} begins at ${last}, beyond the ${length} there are`);
  const reach = length + outLength * stride + kernel + Math.abs(pad);
  if (reach > MAX_COUNT) refuse(`the windows reach ${reach} along the ${axis}, expected at most ${MAX_COUNT}`);
}

function poolingSizes(o: Pooling): Sizes {
  requirePositive(o, ["images", "height", "width", "channels", "outHeight", "outWidth"]);
  requirePositive(o, ["kernelHeight", "kernelWidth", "strideY", "strideX"]);
  requireWindows("height", o.height, o.outHeight, o.kernelHeight, o.strideY, o.padTop);
  requireWindows("width", o.width, o.outWidth, o.kernelWidth, o.strideX, o.padLeft);
  const y = count("images·outHeight·outWidth·channels", o.images, o.outHeight, o.outWidth, o.channels);
  const x = count("images·height·width·channels", o.images, o.height, o.width, o.channels);
  requireWork(Math.max(x, y), o.kernelHeight, o.kernelWidth);
  return { x, y };
}

/** `averagePool`: x → out [images][outHeight][outWidth][channels]. @throws VerifyError */
export function averagePool(o: Operands<"averagePool">): Footprint {
  const { x, y } = poolingSizes(o);
  return { reads: [readDense("x", o.x, x)], writes: [writeDense("out", o.out, y)] };
}

/** `averagePoolGrad`: dy, shaped like the pooled image → out, shaped like x. @throws VerifyError */
export function averagePoolGrad(o: Operands<"averagePoolGrad">): Footprint {
  const { x, y } = poolingSizes(o);
  return { reads: [readDense("dy", o.dy, y)], writes: [writeDense("out", o.out, x)] };
}

/** `maxPoolPick`: x, and values of the same shape to pick from → out, the pooled image. @throws VerifyError */
export function maxPoolPick(o: Operands<"maxPoolPick">): Footprint {
  const { x, y } = poolingSizes(o);
  return {
    reads: [readDense("x", o.x, x), readDense("values", o.values, x)],
    writes: [writeDense("out", o.out, y)],
  };
}

/** `maxPoolScatter`: x, and dy shaped like the pooled image → out, shaped like x. @throws VerifyError */
export function maxPoolScatter(o: Operands<"maxPoolScatter">): Footprint {
  const { x, y } = poolingSizes(o);
  return { reads: [readDense("x", o.x, x), readDense("dy", o.dy, y)], writes: [writeDense("out", o.out, x)] };
}

function bilinearSizes(o: Omit<Operands<"bilinear">, "x" | "out">): Sizes {
  requirePositive(o, ["images", "height", "width", "channels", "outHeight", "outWidth"]);
  return {
    x: count("images·height·width·channels", o.images, o.height, o.width, o.channels),
    y: count("images·outHeight·outWidth·channels", o.images, o.outHeight, o.outWidth, o.channels),
  };
}

/** `bilinear`: x → out [images][outHeight][outWidth][channels]. @throws VerifyError */
export function bilinear(o: Operands<"bilinear">): Footprint {
  const { x, y } = bilinearSizes(o);
  return { reads: [readDense("x", o.x, x)], writes: [writeDense("out", o.out, y)] };
}

/** `bilinearGrad`: dy, shaped like the resampled image → out, shaped like x. @throws VerifyError */
export function bilinearGrad(o: Operands<"bilinearGrad">): Footprint {
  const { x, y } = bilinearSizes(o);
  return { reads: [readDense("dy", o.dy, y)], writes: [writeDense("out", o.out, x)] };
}
