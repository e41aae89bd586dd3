/** Contractions: matrix products and the three faces of the convolution. */
import { type Shape, sizeOf } from "../../core/shape.ts";
import type { ConvWindow } from "../../graph/primitives.ts";
import type { Rules } from "./rule.ts";

/**
 * A convolution is one trilinear form in an image x, a filter w and an image y:
 *
 *     Σ y[image, oy, ox, o] · x[image, oy·stride + ky·dilation − pad, …, c] · w[o, ky, kx, c]
 *
 * over all places inside x, with c and o in the same group. Its derivative in y is the convolution, in x the input
 * gradient, in w the filter gradient. This calls `visit` for each (image, oy, ox, ky, kx, group) with the offsets of the
 * group's first channels: `xAt`, `wAt`, `yAt`.
 */
function forEachTap(
  window: ConvWindow,
  [x, w, y]: readonly [Shape, Shape, Shape],
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const { strideY, strideX, padTop, padLeft, dilationY, dilationX, groups } = window;
  const [images, outHeight, outWidth, outChannels] = y;
  const [, inHeight, inWidth, inChannels] = x;
  const [, kernelHeight, kernelWidth] = w;
  const [groupIn, groupOut] = [inChannels / groups, outChannels / groups];
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let ky = 0; ky < kernelHeight; ky++) {
          const iy = oy * strideY + ky * dilationY - padTop;
          if (iy < 0 || iy >= inHeight) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const ix = ox * strideX + kx * dilationX - padLeft;
            if (ix < 0 || ix >= inWidth) continue;
            for (let group = 0; group < groups; group++) {
              visit(
                ((image * inHeight + iy) * inWidth + ix) * inChannels + group * groupIn,
                ((group * groupOut * kernelHeight + ky) * kernelWidth + kx) * groupIn,
                ((image * outHeight + oy) * outWidth + ox) * outChannels + group * groupOut,
              );
            }
          }
        }
      }
    }
  }
}

/** Channels of a group, and the distance from one filter to the next. */
function channels(w: Shape, groups: number): { groupIn: number; groupOut: number; filterStride: number } {
  return { groupIn: w[3], groupOut: w[0] / groups, filterStride: w[1] * w[2] * w[3] };
}

export const contractionRules: Rules<"matmul" | "conv2d" | "conv2dInputGrad" | "conv2dFilterGrad"> = {
  matmul({ transposeA, transposeB }, [a, b], output) {
    const [m, n] = output.slice(-2);
    const depth = a.shape.at(transposeA ? -2 : -1)!;
    const [aRow, aColumn] = transposeA ? [1, m] : [depth, 1];
    const [bRow, bColumn] = transposeB ? [1, depth] : [n, 1];
    const out = new Float64Array(sizeOf(output));
    for (let batch = 0; batch < out.length / (m * n); batch++) {
      const [aAt, bAt, outAt] = [batch * m * depth, batch * depth * n, batch * m * n];
      for (let i = 0; i < m; i++) {
        for (let k = 0; k < depth; k++) {
          const left = a.values[aAt + i * aRow + k * aColumn];
          for (let j = 0; j < n; j++) out[outAt + i * n + j] += left * b.values[bAt + k * bRow + j * bColumn];
        }
      }
    }
    return out;
  },

  conv2d(window, [x, w], output) {
    const { groupIn, groupOut, filterStride } = channels(w.shape, window.groups);
    const y = new Float64Array(sizeOf(output));
    forEachTap(window, [x.shape, w.shape, output], (xAt, wAt, yAt) => {
      for (let o = 0; o < groupOut; o++) {
        let sum = 0;
        for (let c = 0; c < groupIn; c++) sum += x.values[xAt + c] * w.values[wAt + o * filterStride + c];
        y[yAt + o] += sum;
      }
    });
    return y;
  },

  conv2dInputGrad(window, [dy, w], output) {
    const { groupIn, groupOut, filterStride } = channels(w.shape, window.groups);
    const dx = new Float64Array(sizeOf(output));
    forEachTap(window, [output, w.shape, dy.shape], (xAt, wAt, yAt) => {
      for (let o = 0; o < groupOut; o++) {
        const d = dy.values[yAt + o];
        for (let c = 0; c < groupIn; c++) dx[xAt + c] += d * w.values[wAt + o * filterStride + c];
      }
    });
    return dx;
  },

  conv2dFilterGrad(window, [x, dy], output) {
    const { groupIn, groupOut, filterStride } = channels(output, window.groups);
    const dw = new Float64Array(sizeOf(output));
    forEachTap(window, [x.shape, output, dy.shape], (xAt, wAt, yAt) => {
      for (let o = 0; o < groupOut; o++) {
        const d = dy.values[yAt + o];
        for (let c = 0; c < groupIn; c++) dw[wAt + o * filterStride + c] += d * x.values[xAt + c];
      }
    });
    return dw;
  },
};
