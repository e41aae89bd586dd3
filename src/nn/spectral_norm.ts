/**
 * Spectral normalisation (Miyato et al. 2018): every matrix of weights is read as W/σ(W), σ its largest singular value,
 * so that no layer stretches any difference.
 *
 * σ is estimated as uᵀWv with one step of power iteration a program (algorithm 1): v = Wᵀu/|Wᵀu|, u = Wv/|Wv|. W changes
 * little from step to step, so that u, which is kept, follows it. As in PyTorch, gradients flow through W but not
 * through u and v. PyTorch keeps v as well; here it is computed from u.
 */
import { detach, div, less, matmul, max, mul, reshape, select, sqrt, square, sum } from "../graph/ops.ts";
import type { Slot } from "../graph/store.ts";
import type { Tensor } from "../graph/tensor.ts";
import { assign, assignedSlots, currentStore, read, withValues } from "../graph/trace.ts";
import { unitVector } from "./initializers.ts";
import type { Mode } from "./layers/layer.ts";
import { ownerOf } from "./slots.ts";

/** Vectors and σ that are no longer than this count as zero. */
const TINY = 1e-12;

function lengthOf(x: Tensor): Tensor {
  return sqrt(sum(square(x)));
}

/** W/σ(W); W itself where it is zero, as layers that start at zero must be able to leave it. */
function normalized(slot: Slot, weight: Tensor, mode: Mode): Tensor {
  // One row for each output: PyTorch's `dim` is 1 for transposed convolutions.
  const outputsLast = slot.layout === "transposedFilter";
  const outputs = outputsLast ? slot.shape[slot.shape.length - 1] : slot.shape[0];
  const matrix = reshape(weight, outputsLast ? [-1, outputs] : [outputs, -1]);
  const state = currentStore().slot(`${slot.name}.u`, [outputs], "statistic", unitVector);
  const old = reshape(read(state), [1, outputs]);

  const back = matmul(old, matrix, { transposeB: outputsLast });
  const v = detach(div(back, max(lengthOf(back), TINY)));
  const product = matmul(v, matrix, { transposeB: !outputsLast });
  let u = old;
  if (mode === "train" && !assignedSlots().has(state)) {
    const length = lengthOf(product);
    u = detach(select(less(TINY, length), div(product, max(length, TINY)), old));
    assign(state, reshape(u, [outputs]));
  }
  const sigma = sum(mul(u, product));
  return div(weight, select(less(TINY, sigma), sigma, 1));
}

/** Weights that have been normalised: what is read again in the same program is not normalised again. */
const known = new WeakMap<Tensor, Tensor>();

/**
 * Traces `body` with W/σ(W) in place of all matrices and filters of `owner`. Biases, and what norms scale and shift maps
 * by, stay as they are.
 * State: `<slot>.u` [outputs] of each, a statistic. In training it is moved on, once a program.
 */
export function withSpectralNorm<T>(owner: string, mode: Mode, body: () => T): T {
  return withValues((slot) => {
    const isLinear = slot.shape.length === 2 || slot.layout !== "plain";
    if (slot.kind !== "parameter" || !isLinear || ownerOf(slot) !== owner) return undefined;
    const weight = read(slot);
    let result = known.get(weight);
    if (!result) known.set(weight, result = normalized(slot, weight, mode));
    return result;
  }, body);
}
