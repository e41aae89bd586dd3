/** Networks and pictures for digits of 32×32 pixels, the same in all experiments, so that they can be compared. */
import * as duel from "../mod.ts";

export const SIZE = 32;
const PIXELS = SIZE * SIZE;

/** From a code to an image: the generator of DCGAN. Its slots are `G.…`. */
export function decoder(code: number): duel.Model {
  return duel.dcgan({ size: SIZE, channels: 1, latent: code, base: 16 });
}

/** From images [batch, 32, 32, 1] to vectors [batch, length]: the decoder's mirror image. Its slots are `E.…`. */
export function encoder(images: duel.Tensor, length: number, mode: duel.Mode): duel.Tensor {
  const block = (width: number): duel.Layer[] => [
    (name, x) => duel.conv2d(name, x, width, { kernel: 4, stride: 2, padding: 1, bias: false }),
    duel.norm("batch", mode),
    duel.activation("leakyRelu"),
  ];
  return duel.scope("E", () =>
    duel.sequential(images, [
      ...[16, 32, 64].flatMap(block),
      (_, x) => duel.ops.flatten(x),
      (name, x) => duel.linear(name, x, length),
    ]));
}

/** Mean squared error of a pixel. */
export function pixelError(a: duel.Tensor, b: duel.Tensor): duel.Tensor {
  return duel.ops.mean(duel.ops.square(duel.ops.sub(a, b)));
}

/** Image `index` of a set as networks see it. */
export function imageOf(set: duel.Dataset, index: number): Float32Array {
  return duel.imageValues(set, index, index + 1);
}

/** Images [count, 32, 32, 1] as a sheet. */
export function sheet(images: Float32Array, columns?: number, scale = 2): duel.Pixels {
  const pixels = { count: images.length / PIXELS, height: SIZE, width: SIZE, channels: 1, bytes: duel.toBytes(images) };
  return duel.imageGrid(pixels, { scale, ...columns === undefined ? {} : { columns } });
}

/** Arrays one behind the other. */
export function joined(...parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

/** Rows of images one below the other; all rows have equally many. */
export function rowsOf(...rows: readonly Float32Array[]): duel.Pixels {
  return sheet(joined(...rows), rows[0].length / PIXELS);
}

/**
 * How much neighbouring pixels differ, on average over images: the mean absolute Laplacian. What is blurred has less of
 * it than what is sharp.
 */
export function sharpness(images: Float32Array): number {
  let total = 0;
  const count = images.length / PIXELS;
  for (let image = 0; image < count; image++) {
    for (let y = 1; y < SIZE - 1; y++) {
      for (let x = 1; x < SIZE - 1; x++) {
        const at = image * PIXELS + y * SIZE + x;
        total += Math.abs(4 * images[at] - images[at - 1] - images[at + 1] - images[at - SIZE] - images[at + SIZE]);
      }
    }
  }
  return total / count / (SIZE - 2) ** 2;
}
