/** Random pooling windows and resizings. */
import fc from "fast-check";
import { caseOf, upTo } from "./case.ts";

/** One axis of a pooling: any window that has no empty places. */
const poolAxis = fc.record({ length: upTo(9), kernel: upTo(4), stride: upTo(3), pad: fc.nat(), out: fc.nat() })
  .map(({ length, kernel, stride, pad, out }) => {
    const padding = pad % kernel;
    return { length, kernel, stride, pad: padding, out: 1 + out % Math.ceil((length + padding) / stride) };
  });

const poolings = fc.record({ images: upTo(3), channels: fc.oneof(upTo(5), upTo(20)), y: poolAxis, x: poolAxis })
  .map(({ images, channels, y, x }) => ({
    images,
    height: y.length,
    width: x.length,
    channels,
    outHeight: y.out,
    outWidth: x.out,
    kernelHeight: y.kernel,
    kernelWidth: x.kernel,
    strideY: y.stride,
    strideX: x.stride,
    padTop: y.pad,
    padLeft: x.pad,
  }));

const resizings = fc.record({
  images: upTo(3),
  height: upTo(7),
  width: upTo(7),
  channels: fc.oneof(upTo(5), upTo(20)),
  outHeight: upTo(11),
  outWidth: upTo(11),
});

interface Images {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
}
const sizeOfX = (o: Images) => o.images * o.height * o.width * o.channels;
const sizeOfY = (o: Images) => o.images * o.outHeight * o.outWidth * o.channels;

export const averagePool = caseOf("averagePool", poolings, (o, { input, output }) => ({
  ...o,
  x: input(sizeOfX(o)),
  out: output(sizeOfY(o)),
}));

export const averagePoolGrad = caseOf("averagePoolGrad", poolings, (o, { input, output }) => ({
  ...o,
  dy: input(sizeOfY(o)),
  out: output(sizeOfX(o)),
}));

export const maxPoolPick = caseOf("maxPoolPick", poolings, (o, { input, output }) => ({
  ...o,
  x: input(sizeOfX(o)),
  values: input(sizeOfX(o)),
  out: output(sizeOfY(o)),
}));

export const maxPoolScatter = caseOf("maxPoolScatter", poolings, (o, { input, output }) => ({
  ...o,
  x: input(sizeOfX(o)),
  dy: input(sizeOfY(o)),
  out: output(sizeOfX(o)),
}));

export const bilinear = caseOf("bilinear", resizings, (o, { input, output }) => ({
  ...o,
  x: input(sizeOfX(o)),
  out: output(sizeOfY(o)),
}));

export const bilinearGrad = caseOf("bilinearGrad", resizings, (o, { input, output }) => ({
  ...o,
  dy: input(sizeOfY(o)),
  out: output(sizeOfX(o)),
}));
