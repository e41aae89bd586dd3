/** The programs that do a piece of work on duel. */
import type { Values } from "../src/backend/backend.ts";
import { uniforms } from "../src/core/random.ts";
import { type Shape, sizeOf } from "../src/core/shape.ts";
import { losses } from "../src/gan/losses.ts";
import type { GanSettings, Update } from "../src/gan/settings.ts";
import { discriminatorStep, generatorStep } from "../src/gan/step.ts";
import { conv2d, convWindow, matmul } from "../src/graph/ops.ts";
import { type Initializer, Store } from "../src/graph/store.ts";
import { make, type Tensor } from "../src/graph/tensor.ts";
import { assign, type Program, read, slot, trace } from "../src/graph/trace.ts";
import { dcgan } from "../src/models/dcgan.ts";
import { mlp } from "../src/models/mlp.ts";
import type { Model } from "../src/models/model.ts";
import { zeros } from "../src/nn/initializers.ts";
import { adam } from "../src/nn/optimizers.ts";
import { type Conv, type Gan, type Matmul, type Mlp, outputSize, type Work } from "./work.ts";

/** Programs that, run one after the other, do the work once. */
export interface Traced {
  readonly store: Store;
  readonly programs: readonly Program[];
  readonly inputs: Values;
}

const SEED = 1;
/** Numbers in [−1, 1), repeated as often as needed: enough to measure speed, and quickly made. */
const PATTERN = Float32Array.from(uniforms(4093, SEED, "pattern", 0), (value) => 2 * value - 1);

const pattern: Initializer = (values) => {
  for (let first = 0; first < values.length; first += PATTERN.length) {
    values.set(PATTERN.subarray(0, values.length - first), first);
  }
};

/** Traces the programs of `work`. */
export function traceWork(work: Work): Traced {
  if (work.kind === "gan" || work.kind === "mlp") return traceStep(modelOf(work), work.batch);
  const store = new Store(SEED);
  const program = trace(store, work.kind, () => {
    for (let copy = 0; copy < work.copies; copy++) {
      const operand = (name: string, shape: Shape) => read(slot(`${name}${copy}`, shape, "parameter", pattern));
      const result = work.kind === "matmul" ? product(work, operand) : convolution(work, operand);
      assign(slot(`result${copy}`, result.shape, "parameter", zeros), result);
    }
    return {};
  });
  return { store, programs: [program], inputs: {} };
}

/** Gives a tensor of the Store; operands and results in the Store are not copied before and after a run. */
type Operand = (name: string, shape: Shape) => Tensor;

function product({ m, n, k }: Matmul, operand: Operand): Tensor {
  return matmul(operand("a", [m, k]), operand("b", [k, n]));
}

function convolution(conv: Conv, operand: Operand): Tensor {
  const { face, batch, size, inChannels, outChannels, kernel } = conv;
  const out = outputSize(conv);
  const x = () => operand("x", [batch, size, size, inChannels]);
  const w = () => operand("w", [outChannels, kernel, kernel, inChannels]);
  const dy = () => operand("dy", [batch, out, out, outChannels]);
  switch (face) {
    case "forward":
      return conv2d(x(), w(), conv);
    case "inputGrad":
      return make("conv2dInputGrad", { ...convWindow(conv), inHeight: size, inWidth: size }, [dy(), w()]);
    case "filterGrad":
      return make("conv2dFilterGrad", { ...convWindow(conv), kernelHeight: kernel, kernelWidth: kernel }, [x(), dy()]);
  }
}

const update: Update = (parameters, gradients, learningRate) =>
  adam(parameters, gradients, { learningRate, beta1: 0.5, beta2: 0.999 });

function modelOf(work: Gan | Mlp): Model {
  if (work.kind === "mlp") return mlp({ sample: [work.values], latent: work.latent, hidden: work.hidden });
  const { size, latent, base } = work;
  return dcgan({ size, channels: 3, latent, base });
}

function traceStep(model: Model, batch: number): Traced {
  const store = new Store(SEED);
  const settings: GanSettings = {
    model,
    loss: losses["non-saturating"],
    batch,
    updateDiscriminator: update,
    updateGenerator: update,
  };
  const programs = [discriminatorStep(store, settings), generatorStep(store, settings)];
  const inputs = {
    real: Float32Array.from({ length: batch * sizeOf(model.sample) }, (_, i) => PATTERN[i % PATTERN.length]),
    learningRate: Float32Array.of(2e-4),
    averageDecay: Float32Array.of(0.999),
  };
  return { store, programs, inputs };
}
