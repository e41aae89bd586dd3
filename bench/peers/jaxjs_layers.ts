/** Layers for jax-js. Images are matrices here, a row a pixel, so that every layer is a product of matrices. */
import type { Conv } from "../work.ts";

/** An array of jax-js: every use takes it away from its owner, `ref` first makes one owner more. */
export interface Arr {
  readonly ref: Arr;
  readonly shape: readonly number[];
  add(other: Arr | number): Arr;
  sub(other: Arr): Arr;
  mul(other: Arr | number): Arr;
  div(other: Arr): Arr;
  mean(axis?: number, options?: { readonly keepdims: boolean }): Arr;
  reshape(shape: readonly number[]): Arr;
  transpose(axes?: readonly number[]): Arr;
  slice(...ranges: readonly (readonly [from: number, to: number] | readonly [])[]): Arr;
  dispose(): void;
}

/** Arrays with names, in nested objects and lists. */
export type Tree = Arr | readonly Tree[] | { readonly [name: string]: Tree };

/** The part of jax-js that is used here. */
export interface Jax {
  readonly numpy: {
    array(values: Float32Array): Arr;
    zerosLike(a: Arr): Arr;
    matmul(a: Arr, b: Arr): Arr;
    maximum(a: Arr, b: number): Arr;
    sqrt(a: Arr): Arr;
    square(a: Arr): Arr;
    tanh(a: Arr): Arr;
    pad(a: Arr, widths: readonly (readonly [before: number, after: number])[]): Arr;
  };
  readonly nn: { leakyRelu(x: Arr, slope: number): Arr; softplus(x: Arr): Arr };
  readonly tree: {
    ref<T extends Tree>(tree: T): T;
    dispose(tree: Tree): void;
    map<T extends Tree>(f: (...leaves: Arr[]) => Arr, tree: T, ...more: readonly Tree[]): T;
  };
  init(device: "wasm"): Promise<unknown>;
  defaultDevice(device: "wasm"): unknown;
  jit<A extends readonly Tree[], R extends Tree>(f: (...args: A) => R): (...args: A) => R;
  /** With respect to the first argument. */
  grad<P extends Tree, A extends readonly Tree[]>(f: (parameters: P, ...args: A) => Arr): (p: P, ...args: A) => P;
  blockUntilReady(tree: Tree): Promise<unknown>;
}

const add = (a: Arr, b: Arr) => a.add(b);

/**
 * A convolution and its adjoint (the transposed convolution) as products. Phases of the stride become channels; then
 * every piece of the filter, `stride`² pixels of it, meets one shifted copy of the image.
 */
export function windows(jax: Jax, window: Omit<Conv, "kind" | "face" | "copies">) {
  const { batch, size, inChannels, outChannels, kernel, stride, padding } = window;
  const { numpy, jit } = jax;
  const [steps, out] = [kernel / stride, (size + 2 * padding - kernel) / stride + 1];
  /** Height and width of the image whose pixels are the blocks of `stride`² padded pixels. */
  const blocks = out + steps - 1;
  const depth = stride ** 2 * inChannels;
  const corners = Array.from({ length: steps ** 2 }, (_, i) => [Math.floor(i / steps), i % steps] as const);
  const sides: readonly [number, number] = [padding, blocks * stride - padding - size];
  const folded = [batch, blocks, stride, blocks, stride, inChannels];

  const product = jit((a: Arr, b: Arr) => numpy.matmul(a, b));
  const sum = jit((...parts: Arr[]) => parts.reduce(add));
  const split = jit((x: Arr) =>
    numpy.pad(x.reshape([batch, size, size, inChannels]), [[0, 0], sides, sides, [0, 0]])
      .reshape(folded).transpose([0, 1, 3, 2, 4, 5]).reshape([batch, blocks, blocks, depth])
  );
  const cut = corners.map(([y, x]) =>
    jit((image: Arr) => image.slice([], [y, y + out], [x, x + out], []).reshape([batch * out * out, depth]))
  );
  const join = jit((...parts: Arr[]) =>
    parts.map((part, i) => {
      const [y, x] = corners[i];
      const margins = [[0, 0], [y, blocks - out - y], [x, blocks - out - x], [0, 0]] as const;
      return numpy.pad(part.reshape([batch, out, out, depth]), margins);
    }).reduce(add)
      .reshape([batch, blocks, blocks, stride, stride, inChannels]).transpose([0, 1, 3, 2, 4, 5])
      .reshape([batch, blocks * stride, blocks * stride, inChannels])
      .slice([], [padding, padding + size], [padding, padding + size], []).reshape([batch * size * size, inChannels])
  );
  return {
    filterShapes: corners.map(() => [depth, outChannels]),
    /** Shapes of the filter of the adjoint. */
    adjointShapes: corners.map(() => [outChannels, depth]),
    /** Pixels of `inChannels` → pixels of `outChannels`. */
    conv(x: Arr, filter: readonly Arr[]): Arr {
      const image = split(x);
      const parts = cut.map((piece, i) => product(piece(image.ref), filter[i]));
      image.dispose();
      return sum(...parts);
    },
    /** Pixels of `outChannels` → pixels of `inChannels`, from the smaller image to the larger. */
    adjoint(y: Arr, filter: readonly Arr[]): Arr {
      const parts = filter.map((piece) => product(y.ref, piece));
      y.dispose();
      return join(...parts);
    },
  };
}

/** Normalises columns by their own mean and variance. */
export function batchNorm({ numpy, jit }: Jax): (x: Arr, scale: Arr, shift: Arr) => Arr {
  return jit((x: Arr, scale: Arr, shift: Arr) => {
    const mean = x.ref.mean(0, { keepdims: true });
    const centred = x.sub(mean);
    const variance = numpy.square(centred.ref).mean(0, { keepdims: true });
    return centred.div(numpy.sqrt(variance.add(1e-5))).mul(scale).add(shift);
  });
}
