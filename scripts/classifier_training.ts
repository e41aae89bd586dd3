/** Training of the classifiers by which images are compared: augmentation, schedule, test. */
import type { Engine } from "../src/backend/backend.ts";
import { streamId, uniform } from "../src/core/random.ts";
import type { Dataset } from "../src/data/dataset.ts";
import { BatchFeeder } from "../src/data/feeder.ts";
import { grad } from "../src/graph/grad.ts";
import type { Store } from "../src/graph/store.ts";
import { input, type Program, read, trace } from "../src/graph/trace.ts";
import { classesOf, CLASSIFIER, type Classifier, classifierLoss } from "../src/models/classifier.ts";
import { adam } from "../src/nn/optimizers.ts";
import { slotsOf } from "../src/nn/slots.ts";

/** Images a run of the test program. */
const TEST_BATCH = 128;

export interface Recipe {
  readonly epochs: number;
  readonly batch: number;
  /** Largest learning rate of the schedule. */
  readonly learningRate: number;
  /** Most pixels that an image is moved by, in each direction. */
  readonly shift: number;
  /** Mirror every second image. */
  readonly flip: boolean;
  readonly seed: number;
}

/** The two programs: a step of Adam on a batch, and the classes of a batch. */
export interface ClassifierPrograms {
  /** Inputs: `images`, `label.<attribute>` [batch] each, `learningRate`. Output: `loss`. */
  readonly step: Program;
  /** Input: `images`. Output: `<attribute>` [TEST_BATCH] each. */
  readonly test: Program;
}

/** Traces both programs for the images and labels of `dataset`. */
export function classifierPrograms(
  store: Store,
  network: Classifier,
  { size, channels, labels }: Dataset,
  { batch }: Recipe,
): ClassifierPrograms {
  const step = trace(store, "classifier step", () => {
    const sight = network(input("images", [batch, size, size, channels]), "train");
    const loss = classifierLoss(sight, labels.map(({ name }) => input(`label.${name}`, [batch])));
    const parameters = slotsOf(CLASSIFIER, "parameter");
    adam(parameters, grad(loss, parameters.map(read)), { learningRate: input("learningRate", []) });
    return { loss };
  });
  const test = trace(store, "classifier test", () => {
    const classes = classesOf(network(input("images", [TEST_BATCH, size, size, channels]), "evaluate"));
    return Object.fromEntries(labels.map(({ name }, i) => [name, classes[i]]));
  });
  return { step, test };
}

/** The learning rate as a share of the largest: a tenth of all steps upwards in a line, then half a cosine down to 0. */
export function schedule(step: number, steps: number): number {
  const rise = Math.ceil(steps / 10);
  if (step < rise) return (step + 1) / rise;
  return 0.5 * (1 + Math.cos(Math.PI * (step - rise) / (steps - rise)));
}

/** Trains as the recipe says; `onStep` is told the loss of each batch. */
export async function trainClassifier(
  engine: Engine,
  program: Program,
  dataset: Dataset,
  recipe: Recipe,
  onStep: (step: number, steps: number, loss: number) => void,
): Promise<void> {
  const { batch, seed, epochs } = recipe;
  const feeder = new BatchFeeder(dataset, { batch, seed, flip: recipe.flip });
  const steps = Math.ceil(epochs * dataset.count / batch);
  const images = new Float32Array(batch * dataset.size ** 2 * dataset.channels);
  const labels = dataset.labels.map((attribute) => ({ attribute, values: new Float32Array(batch) }));
  for (let step = 0; step < steps; step++) {
    feeder.fill(step, images);
    for (const { attribute, values } of labels) feeder.fillLabels(step, [attribute], values);
    const { loss } = await engine.run(program, {
      images: shifted(images, dataset, recipe, step),
      ...Object.fromEntries(labels.map(({ attribute, values }) => [`label.${attribute.name}`, values])),
      learningRate: Float32Array.of(recipe.learningRate * schedule(step, steps)),
    }, { seed, draw: step });
    onStep(step, steps, loss[0]);
  }
}

const shiftStream = streamId("shift");

/** Each image of a batch moved by up to `shift` pixels; what comes in at an edge repeats the pixels there. */
function shifted(images: Float32Array, { size, channels }: Dataset, { shift, seed }: Recipe, draw: number) {
  const result = new Float32Array(images.length);
  const length = size * size * channels;
  const offset = (element: number) => Math.floor(uniform(seed, shiftStream, draw, element) * (2 * shift + 1)) - shift;
  const inside = (at: number) => Math.min(Math.max(at, 0), size - 1);
  for (let n = 0, to = 0; n * length < images.length; n++) {
    const [dy, dx] = [offset(2 * n), offset(2 * n + 1)];
    for (let y = 0; y < size; y++) {
      const row = n * length + inside(y + dy) * size * channels;
      for (let x = 0; x < size; x++) {
        const from = row + inside(x + dx) * channels;
        for (let c = 0; c < channels; c++) result[to++] = images[from + c];
      }
    }
  }
  return result;
}

/** The share of images whose class is found, for each attribute. */
export async function testClassifier(engine: Engine, program: Program, dataset: Dataset): Promise<Map<string, number>> {
  const { count, labels } = dataset;
  const length = dataset.size ** 2 * dataset.channels;
  const right = new Map(labels.map(({ name }) => [name, 0]));
  for (let first = 0; first < count; first += TEST_BATCH) {
    const bytes = dataset.pixels.subarray(first * length, (first + TEST_BATCH) * length);
    const images = new Float32Array(TEST_BATCH * length);
    bytes.forEach((byte, i) => images[i] = byte / 127.5 - 1);
    const found = await engine.run(program, { images }, { seed: 0, draw: 0 });
    for (const { name, indices } of labels) {
      const wanted = indices.subarray(first, first + TEST_BATCH);
      right.set(name, right.get(name)! + wanted.reduce((sum, label, i) => sum + Number(found[name][i] === label), 0));
    }
  }
  return new Map([...right].map(([name, hits]) => [name, hits / count]));
}
