/** What benchmarks measure, as plain data: the same description goes to duel and to its peers, in other processes. */

/** c = a·b, `copies` times with operands of their own, so that short products are measured in long enough runs. */
export interface Matmul {
  readonly kind: "matmul";
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly copies: number;
}

export const faces = ["forward", "inputGrad", "filterGrad"] as const;
export type Face = (typeof faces)[number];

/** One face of a convolution of square images with square filters; sizes are those of the forward face. */
export interface Conv {
  readonly kind: "conv";
  readonly face: Face;
  readonly batch: number;
  /** Height and width of the images that the forward face reads. */
  readonly size: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly copies: number;
}

/** One update of D and one of G of a DCGAN in the layout of PyTorch's example, with Adam. */
export interface Gan {
  readonly kind: "gan";
  readonly size: number;
  readonly batch: number;
  readonly base: number;
  readonly latent: number;
}

/** The same with fully connected layers on plain vectors: G has the widths latent, `hidden`, values; D the reverse. */
export interface Mlp {
  readonly kind: "mlp";
  /** Numbers a sample. */
  readonly values: number;
  readonly latent: number;
  readonly hidden: readonly number[];
  readonly batch: number;
}

export type Work = Matmul | Conv | Gan | Mlp;

/** Height and width of what the forward face writes. */
export function outputSize({ size, kernel, stride, padding }: Pick<Conv, "size" | "kernel" | "stride" | "padding">) {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** Floating-point operations of one repetition, a multiply-add counted as two; convolutions as if computed directly. */
export function flopsOf(work: Work): number {
  switch (work.kind) {
    case "matmul":
      return 2 * work.m * work.n * work.k * work.copies;
    case "conv":
      return work.copies * windowFlops(work);
    case "gan":
      return ganFlops(work);
    case "mlp":
      return mlpFlops(work);
  }
}

/**
 * Bytes that one repetition of a kernel moves at least: every operand is read and every result is written once.
 * Undefined for steps, whose values may stay in caches.
 */
export function bytesOf(work: Work): number | undefined {
  switch (work.kind) {
    case "matmul":
      return 4 * work.copies * (work.m * work.k + work.k * work.n + work.m * work.n);
    case "conv": {
      const { batch, size, inChannels, outChannels, kernel } = work;
      const images = batch * (size ** 2 * inChannels + outputSize(work) ** 2 * outChannels);
      return 4 * work.copies * (images + outChannels * kernel ** 2 * inChannels);
    }
    case "gan":
    case "mlp":
      return undefined;
  }
}

/** Operations of one face of a convolution: every output element is a sum over a window, padding included. */
function windowFlops(conv: Omit<Conv, "kind" | "face" | "copies">): number {
  const { batch, kernel, inChannels, outChannels } = conv;
  return 2 * batch * outputSize(conv) ** 2 * outChannels * kernel ** 2 * inChannels;
}

function ganFlops({ size, batch, base, latent }: Gan): number {
  const doublings = Math.log2(size / 4);
  const strided = { batch, kernel: 4, stride: 2, padding: 1 };
  const whole = { batch, size: 4, kernel: 4, stride: 1, padding: 0 };
  // From the image to the narrowest layer; those of G are the same, seen from the other side.
  const widths = [3, ...Array.from({ length: doublings }, (_, i) => base * 2 ** i)];
  const shared = widths.slice(1).map((outChannels, i) =>
    windowFlops({ ...strided, size: size / 2 ** i, inChannels: widths[i], outChannels })
  );
  const last = (outChannels: number) => windowFlops({ ...whole, inChannels: widths[doublings], outChannels });
  return stepFlops(
    { first: last(latent), all: sum(shared) + last(latent) },
    { first: shared[0], all: sum(shared) + last(1) },
  );
}

function mlpFlops({ values, latent, hidden, batch }: Mlp): number {
  const network = (widths: readonly number[]) => {
    const layers = widths.slice(1).map((out, i) => 2 * batch * widths[i] * out);
    return { first: layers[0], all: sum(layers) };
  };
  return stepFlops(network([latent, ...hidden, values]), network([values, ...hidden.toReversed(), 1]));
}

/** Operations of a forward pass of a network: of its first layer, and of all. */
interface Pass {
  readonly first: number;
  readonly all: number;
}

/**
 * Contractions of a whole step, without what no gradient needs. D: its own forward pass, weight gradients and input
 * gradients (not of the first layer) for real and generated samples, and G's forward pass. G: forward passes of both,
 * input gradients of D, weight gradients of G and input gradients of G (not of the first layer).
 */
function stepFlops(g: Pass, d: Pass): number {
  const updateD = g.all + 2 * (3 * d.all - d.first);
  const updateG = g.all + 2 * d.all + 2 * g.all - g.first;
  return updateD + updateG;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
