/** The two players as they act in a step: G makes samples on a condition, D judges samples in its view. */
import { UsageError } from "../core/errors.ts";
import { sizeOf } from "../core/shape.ts";
import {
  abs,
  add,
  broadcast,
  concat,
  flatten,
  mean,
  mul,
  neg,
  normal,
  reshape,
  softplus,
  square,
  sub,
  sum,
  transpose,
} from "../graph/ops.ts";
import { scope, type Tensor } from "../graph/tensor.ts";
import { freshStream } from "../graph/trace.ts";
import { DISCRIMINATOR } from "../models/model.ts";
import { zeros } from "../nn/initializers.ts";
import type { Mode } from "../nn/layers/layer.ts";
import { linear } from "../nn/layers/linear.ts";
import { minibatchDeviation } from "../nn/layers/minibatch.ts";
import { withSpectralNorm } from "../nn/spectral_norm.ts";
import { adaptedProbability, augment } from "./augment.ts";
import { answerLength, type Conditioning } from "./conditioning.ts";
import { scheduled } from "./schedule.ts";
import type { GanSettings, View } from "./settings.ts";

/** Samples [batch, …sample] of latent vectors [batch, latent] and, where G is conditioned, conditions [batch, K]. */
export function generate(
  { model, conditioning }: Pick<GanSettings, "model" | "conditioning">,
  z: Tensor,
  mode: Mode,
  condition?: Tensor,
): Tensor {
  if (!conditioning || !condition) return model.generator(z, mode);
  return conditioning.kind.generator === "norms" && model.modulated
    ? model.generator(z, mode, condition)
    : model.generator(concat([z, condition], 1), mode);
}

/** What decides how D judges. */
export type Judged = Pick<GanSettings, "model" | "loss" | "view" | "conditioning">;

/** What D says of a batch. */
export interface Judgement {
  /** [batch / packed] */
  readonly scores: Tensor;
  /** What the condition may be, [batch, K + continuous]; undefined where D is not asked. */
  readonly answers: Tensor | undefined;
}

/** D's judgement of samples [batch, …sample] of a condition, which the kind of conditioning may hide from it. */
export function judge(settings: Judged, x: Tensor, mode: Mode, condition?: Tensor): Judgement {
  const { model, loss, view = {}, conditioning } = settings;
  const body = () => {
    const seen = look(view, x);
    const features = featuresOf(settings, seen, mode, condition);
    const scores = loss.autoencoder
      ? reconstructionScores(settings, loss.autoencoder, seen, features, mode)
      : model.head(features, mode);
    if (!conditioning || !condition) return { scores, answers: undefined };
    const { projection, answers } = conditionHeads(conditioning, features, condition);
    if (!projection) return { scores, answers };
    // What stands for an error must not fall below 0, or D could make it ever smaller for real samples.
    const match = loss.autoencoder ? neg(softplus(neg(projection))) : projection;
    return { scores: add(scores, match), answers };
  };
  return view.spectralNorm ? withSpectralNorm(DISCRIMINATOR, mode, body) : body();
}

/** Samples as D gets to see them: with noise, and changed at random. */
function look({ noise, augmentation }: View, x: Tensor): Tensor {
  const level = noise === undefined || noise === 0 ? undefined : scheduled("noise", noise);
  const noisy = level === undefined ? x : add(x, mul(normal(freshStream("view.noise"), x.shape), level));
  if (!augmentation) return noisy;
  return augment(noisy, augmentation.policies, augmentation.adaptive ? adaptedProbability() : undefined);
}

/** The body of D, on packed samples with what is joined to them. */
function featuresOf({ model, view = {}, conditioning }: Judged, x: Tensor, mode: Mode, condition?: Tensor): Tensor {
  const joined = conditioning?.kind.discriminator === "channels" && condition ? joinChannels(x, condition) : x;
  const features = model.features(pack(joined, view.packed ?? 1), mode);
  return view.minibatchDeviation ? scope(DISCRIMINATOR, () => minibatchDeviation("deviation", features)) : features;
}

/** x [batch, …, C] and a condition [batch, K] that is the same at each pixel → [batch, …, C + K]. */
function joinChannels(x: Tensor, condition: Tensor): Tensor {
  const [batch, length] = condition.shape;
  const pixels = x.shape.slice(1, -1);
  const spread = broadcast(reshape(condition, [batch, ...pixels.map(() => 1), length]), [batch, ...pixels, length]);
  return concat([x, spread], x.rank - 1);
}

/** Every m neighbours of a batch one behind the other along the last axis: [batch, …, C] → [batch / m, …, m·C]. */
function pack(x: Tensor, m: number): Tensor {
  if (m === 1) return x;
  const [batch, ...rest] = x.shape;
  if (batch % m !== 0) {
    throw new UsageError(`a batch of ${batch} samples does not split into packs of ${m}; take a multiple of ${m}`);
  }
  const apart = reshape(x, [batch / m, m, ...rest]);
  const last = apart.rank - 1;
  const order = [0, ...Array.from({ length: last - 2 }, (_, i) => i + 2), 1, last];
  return reshape(transpose(apart, order), [batch / m, ...rest.slice(0, -1), m * rest[rest.length - 1]]);
}

/** What D's heads for conditions say, from features [batch / packed, …] and the condition [batch, K]. */
function conditionHeads(conditioning: Conditioning, features: Tensor, condition: Tensor) {
  const { kind } = conditioning;
  const [batch, packs] = [condition.shape[0], features.shape[0]];
  return scope(DISCRIMINATOR, (): { readonly projection?: Tensor; readonly answers?: Tensor } => {
    if (kind.discriminator === "projection") {
      const pooled = features.rank === 4 ? sum(features, [1, 2]) : features;
      const packed = reshape(condition, [packs, -1]);
      const embedded = linear("projection", packed, pooled.shape[1], { bias: false, initializer: zeros });
      return { projection: sum(mul(embedded, pooled), [1]) };
    }
    if (kind.classified === "nothing") return {};
    const length = answerLength(conditioning);
    return { answers: reshape(linear("answers", vectorOf(features), batch / packs * length), [batch, length]) };
  });
}

function vectorOf(features: Tensor): Tensor {
  return features.rank === 4 ? flatten(features) : features;
}

/**
 * Scores of D as an auto-encoder (Zhao et al. 2017, section 2): its body, a code as long as latent vectors, and a
 * decoder shaped like G with weights of its own, the slots `D.code` and `D.G.…`. A score is minus the mean error over
 * the elements of a sample.
 */
function reconstructionScores(
  { model, view = {} }: Judged,
  error: "squared" | "absolute",
  x: Tensor,
  features: Tensor,
  mode: Mode,
): Tensor {
  if ((view.packed ?? 1) > 1) throw new UsageError("an auto-encoder D judges samples one by one; leave out packing");
  const copy = scope(
    DISCRIMINATOR,
    () => model.generator(linear("code", vectorOf(features), model.latent), mode),
  );
  const difference = sub(copy, x);
  const errors = error === "squared" ? square(difference) : abs(difference);
  return neg(mean(reshape(errors, [x.shape[0], sizeOf(model.sample)]), [1]));
}
