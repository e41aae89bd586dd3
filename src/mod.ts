/**
 * duel: generative adversarial networks, trained on the computer at hand.
 *
 * A model is a pair of functions over symbolic tensors; `trace` runs them once, `compileWasm` makes programs of them,
 * `Trainer` runs these again and again. Primitives are in `ops`, what slots start with in `initializers`.
 * @module
 */
export * from "./core/errors.ts";
export { type Shape, showShape, sizeOf } from "./core/shape.ts";
export * as random from "./core/random.ts";

export * as ops from "./graph/ops.ts";
export { grad } from "./graph/grad.ts";
export { type Initializer, type Slot, type SlotKind, Store } from "./graph/store.ts";
export { scope, type Tensor } from "./graph/tensor.ts";
export { assign, input, type Program, read, slot, trace, watch, withValues } from "./graph/trace.ts";

export type { Compile, Draw, Engine, Values } from "./backend/backend.ts";
export { compileReference } from "./backend/reference/engine.ts";
export { compileWasm, type WasmEngine, type WasmOptions } from "./backend/wasm/engine.ts";

export * as initializers from "./nn/initializers.ts";
export { type Activation, activation } from "./nn/layers/activation.ts";
export { conv2d, type Conv2dOptions, convTranspose2d, type ConvTranspose2dOptions } from "./nn/layers/convolution.ts";
export { dropout } from "./nn/layers/dropout.ts";
export { type Layer, layer, type LayerSummary, type Mode, sequential } from "./nn/layers/layer.ts";
export { embedding, linear, type LinearOptions, maxout } from "./nn/layers/linear.ts";
export { minibatchDeviation } from "./nn/layers/minibatch.ts";
export {
  batchNorm,
  type BatchNormOptions,
  groupNorm,
  instanceNorm,
  layerNorm,
  type Norm,
  norm,
} from "./nn/layers/normalization.ts";
export { downsample, upsample } from "./nn/layers/resample.ts";
export { rampedDecay, updateAverage, withAverage } from "./nn/average.ts";
export { commitIfFinite } from "./nn/guard.ts";
export { adam, adamw, type OptimizerName, rmsprop, sgd } from "./nn/optimizers.ts";
export { crossEntropy } from "./nn/cross_entropy.ts";
export { slotsOf } from "./nn/slots.ts";
export { withSpectralNorm } from "./nn/spectral_norm.ts";

export { dcgan, type DcganOptions } from "./models/dcgan.ts";
export { infogan, type InfoganOptions } from "./models/infogan.ts";
export { mlp, type MlpOptions } from "./models/mlp.ts";
export { classesOf, type Classifier, classifier, classifierLoss, type ClassifierOptions } from "./models/classifier.ts";
export { defineModel, DISCRIMINATOR, GENERATOR, type Model, type Networks } from "./models/model.ts";
export { pacganToy, type PacganToyOptions } from "./models/pacgan_toy.ts";
export { r3gan, type R3ganOptions } from "./models/r3gan.ts";
export { createModel, type ModelName, type ModelSettings } from "./models/registry.ts";
export { resnet, type ResnetOptions } from "./models/resnet.ts";
export { dcgan28, type SmallDcganOptions, unrolledDcgan } from "./models/small_dcgan.ts";

export type { Attribute } from "./models/attribute.ts";

export {
  type Conditioning,
  type ConditioningKind,
  type ConditioningName,
  conditionings,
  encodeClasses,
} from "./gan/conditioning.ts";
export { adaptedProbability, adaptProbability, augment, type Augmentation, augmentations } from "./gan/augment.ts";
export { describePlayers } from "./gan/describe.ts";
export { gridLabels, gridLatents, type LatentDistribution, lerp, seedClass, seedLatent, slerp } from "./gan/latents.ts";
export { type GanLoss, losses, type LossName } from "./gan/losses.ts";
export { penalties, type Penalty, type PenaltyName, type Scene } from "./gan/penalties.ts";
export { generate, judge, type Judged, type Judgement } from "./gan/players.ts";
export { type Generator, Sampler } from "./gan/sampler.ts";
export { type Schedule, type Scheduled, scheduled, valueAt } from "./gan/schedule.ts";
export type { GanSettings, Update, View, WeightedPenalty } from "./gan/settings.ts";
export { discriminatorStep, generatorStep, samplingProgram } from "./gan/step.ts";
export {
  type Batch,
  type BatchSource,
  type Rollback,
  type StepResult,
  Trainer,
  type TrainingPrograms,
  type TrainingSettings,
  type TrainingState,
} from "./gan/train.ts";

export { type ExtractorName, extractorOf, extractors, loadExtractor } from "./metrics/classifiers.ts";
export { type ExtractorFacts, type ImageSet, type Sets } from "./metrics/comparison.ts";
export { applicableMetrics, evaluateImages, type Measurement, realFloor } from "./metrics/evaluate.ts";
export { type Extracted, Extractor } from "./metrics/extractor.ts";
export { type Figure, type ImageMetric, type ImageMetricName, imageMetrics } from "./metrics/image_metrics.ts";
export { modeCoverage, perfectKl } from "./metrics/modes.ts";

export { type Dataset, DATASET_NAMES, type DatasetSpec, type LabelAttribute, loadDataset } from "./data/dataset.ts";
export { BatchFeeder, type FeederOptions, imageValues } from "./data/feeder.ts";
export { type Distribution, type Gaussian, isToy, type Toy, type ToyName, toys } from "./data/toys.ts";

export { TOY_SAMPLES, toyFloor, toyJudge, toyMetrics, type ToyScores } from "./metrics/toys.ts";

export { type Checkpoint, latestCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint/checkpoints.ts";
export { type FileTensor, tensorsOf, valuesOf } from "./checkpoint/layout.ts";
export { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from "./checkpoint/safetensors.ts";

export { type Article, articlePage, type Content, type Section } from "./report/article.ts";
export { Canvas } from "./report/canvas.ts";
export { encodeGif } from "./report/gif.ts";
export { type GridOptions, imageGrid, writePng } from "./report/grid.ts";
export { intervalPlot, type IntervalPlotOptions } from "./report/interval_plot.ts";
export type { Series } from "./report/line_chart.ts";
export { heatPoints, scatter, type ScatterOptions } from "./report/scatter.ts";
export { encodeLabelsCsv, encodeNpy, encodePng, type Pixels, toBytes } from "./report/image.ts";
