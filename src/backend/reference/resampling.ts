/** Resampling of images [images, height, width, channels]: pooling, bilinear interpolation and their adjoints. */
import { type Shape, sizeOf } from "../../core/shape.ts";
import type { PoolWindow } from "../../graph/primitives.ts";
import { isLarger } from "./order.ts";
import type { Rules } from "./rule.ts";

type Resampling =
  | "averagePool"
  | "averagePoolGrad"
  | "maxPoolPick"
  | "maxPoolScatter"
  | "bilinear"
  | "bilinearGrad";

/** Calls `visit` for each element of y with its offset and the offsets in x that its window covers, padding left out. */
function forEachWindow(window: PoolWindow, x: Shape, y: Shape, visit: (yAt: number, xAt: number[]) => void): void {
  const { kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft } = window;
  const [, height, width, channels] = x;
  const covered = (start: number, kernel: number, extent: number): number[] =>
    Array.from({ length: kernel }, (_, k) => start + k).filter((at) => at >= 0 && at < extent);
  let yAt = 0;
  for (let image = 0; image < y[0]; image++) {
    for (let oy = 0; oy < y[1]; oy++) {
      const rows = covered(oy * strideY - padTop, kernelHeight, height);
      for (let ox = 0; ox < y[2]; ox++) {
        const columns = covered(ox * strideX - padLeft, kernelWidth, width);
        for (let channel = 0; channel < channels; channel++) {
          const at = (iy: number, ix: number) => ((image * height + iy) * width + ix) * channels + channel;
          visit(yAt++, rows.flatMap((iy) => columns.map((ix) => at(iy, ix))));
        }
      }
    }
  }
}

/** The place of the largest of some elements, the first of equals. */
function largest(values: Float64Array, places: readonly number[]): number {
  return places.reduce((best, place) => isLarger(values[place], values[best]) ? place : best);
}

/** An output position as a mixture of two input positions: (1 − share) · lower + share · upper. */
interface Mixture {
  readonly lower: number;
  readonly upper: number;
  readonly share: number;
}

/** Centres of pixels lie at halves; positions outside the outermost centres take the border's value. */
function mixtures(inExtent: number, outExtent: number): Mixture[] {
  return Array.from({ length: outExtent }, (_, at) => {
    const position = Math.max((at + 0.5) * inExtent / outExtent - 0.5, 0);
    const lower = Math.min(Math.floor(position), inExtent - 1);
    return { lower, upper: Math.min(lower + 1, inExtent - 1), share: position - lower };
  });
}

/** Calls `visit` for each term of a bilinear resampling: y[yAt] has weight · x[xAt] in it. */
function forEachTerm(x: Shape, y: Shape, visit: (yAt: number, xAt: number, weight: number) => void): void {
  const [, height, width, channels] = x;
  const [rows, columns] = [mixtures(height, y[1]), mixtures(width, y[2])];
  let yAt = 0;
  for (let image = 0; image < y[0]; image++) {
    for (const row of rows) {
      for (const column of columns) {
        for (let channel = 0; channel < channels; channel++) {
          const at = (iy: number, ix: number) => ((image * height + iy) * width + ix) * channels + channel;
          visit(yAt, at(row.lower, column.lower), (1 - row.share) * (1 - column.share));
          visit(yAt, at(row.lower, column.upper), (1 - row.share) * column.share);
          visit(yAt, at(row.upper, column.lower), row.share * (1 - column.share));
          visit(yAt, at(row.upper, column.upper), row.share * column.share);
          yAt++;
        }
      }
    }
  }
}

export const resamplingRules: Rules<Resampling> = {
  averagePool(window, [x], output) {
    const y = new Float64Array(sizeOf(output));
    const area = window.kernelHeight * window.kernelWidth;
    forEachWindow(window, x.shape, output, (yAt, places) => {
      for (const place of places) y[yAt] += x.values[place] / area;
    });
    return y;
  },

  averagePoolGrad(window, [dy], output) {
    const dx = new Float64Array(sizeOf(output));
    const area = window.kernelHeight * window.kernelWidth;
    forEachWindow(window, output, dy.shape, (yAt, places) => {
      for (const place of places) dx[place] += dy.values[yAt] / area;
    });
    return dx;
  },

  maxPoolPick(window, [x, values], output) {
    const y = new Float64Array(sizeOf(output));
    forEachWindow(window, x.shape, output, (yAt, places) => y[yAt] = values.values[largest(x.values, places)]);
    return y;
  },

  maxPoolScatter(window, [x, dy], output) {
    const dx = new Float64Array(sizeOf(output));
    forEachWindow(window, output, dy.shape, (yAt, places) => dx[largest(x.values, places)] += dy.values[yAt]);
    return dx;
  },

  bilinear(_, [x], output) {
    const y = new Float64Array(sizeOf(output));
    forEachTerm(x.shape, output, (yAt, xAt, weight) => y[yAt] += weight * x.values[xAt]);
    return y;
  },

  bilinearGrad(_, [dy], output) {
    const dx = new Float64Array(sizeOf(output));
    forEachTerm(output, dy.shape, (yAt, xAt, weight) => dx[xAt] += weight * dy.values[yAt]);
    return dx;
  },
};
