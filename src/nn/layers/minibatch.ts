/** Letting D see how much the samples of a batch differ. */
import { ShapeError } from "../../core/errors.ts";
import { add, broadcast, concat, mean, reshape, sqrt, square, sub } from "../../graph/ops.ts";
import { currentScope, type Tensor } from "../../graph/tensor.ts";
import { layer } from "./layer.ts";

/** Keeps the slope of the root finite where all samples are equal. */
const EPSILON = 1e-8;

/** Samples of a group, as StyleGAN2 has them. */
export const DEVIATION_GROUP = 4;

/**
 * x [N, …, C] → [N, …, C + 1]: the new channel tells each sample how much its group differs, the standard deviation of
 * every element over the group, averaged over elements (Karras et al. 2018, section 3; the groups of StyleGAN2: sample
 * n is in group n mod N/size).
 * @param size samples of a group; all, where there are fewer.
 * @throws ShapeError if the samples do not split into such groups.
 */
export function minibatchDeviation(name: string, x: Tensor, size = DEVIATION_GROUP): Tensor {
  return layer(name, "minibatch deviation", () => {
    const samples = x.shape[0];
    const members = Math.min(size, samples);
    const groups = samples / members;
    if (!Number.isInteger(groups)) {
      throw new ShapeError(
        `${currentScope()}: a batch of ${samples} does not split into groups of ${members}; expected a multiple`,
      );
    }
    const grouped = reshape(x, [members, groups, -1]);
    const variance = mean(square(sub(grouped, mean(grouped, [0], { keep: true }))), [0], { keep: true });
    const deviation = mean(sqrt(add(variance, EPSILON)), [2], { keep: true });
    const each = reshape(broadcast(deviation, [members, groups, 1]), [samples, ...x.shape.slice(1).map(() => 1)]);
    return concat([x, broadcast(each, [...x.shape.slice(0, -1), 1])], x.rank - 1);
  });
}
