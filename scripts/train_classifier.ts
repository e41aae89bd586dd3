/**
 * `deno task classifier`: trains, in duel itself, a classifier by which images are compared. The files it wrote for
 * digits and faces are in `src/metrics/classifiers`, with their digests in `src/metrics/classifiers.ts`.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensorsOf } from "../src/checkpoint/layout.ts";
import { encodeSafetensors } from "../src/checkpoint/safetensors.ts";
import { cacheFolder } from "../src/cli/cache.ts";
import { type Context, defineCommand, safeFlag } from "../src/cli/command.ts";
import { type Commands, guarded } from "../src/cli/dispatch.ts";
import { defaultThreads, startEngine } from "../src/cli/engine.ts";
import type { Parsed } from "../src/cli/flags.ts";
import { launch } from "../src/cli/launch.ts";
import { start } from "../src/cli/main.ts";
import { announced } from "../src/cli/mode.ts";
import { Progress } from "../src/cli/progress.ts";
import { dataPaths, mirrorHosts } from "../src/cli/run_argument.ts";
import { writeFileAtomic } from "../src/core/files.ts";
import { type Dataset, loadDataset } from "../src/data/dataset.ts";
import { Store } from "../src/graph/store.ts";
import { CLASSIFIER, classifier } from "../src/models/classifier.ts";
import { build } from "./build.ts";
import { classifierPrograms, type Recipe, testClassifier, trainClassifier } from "./classifier_training.ts";

/** Height and width of the images. */
const SIZE = 32;
/**
 * Faces to learn from and to test with. Neither are those of seed 0, which networks train on by default: what the
 * classifier knows by heart, it sees with other eyes.
 */
const FACES = { train: { seed: 2, count: 16384 }, test: { seed: 1, count: 4096 } };

/** What differs between the sets. */
const recipes = {
  mnist: { epochs: 12, shift: 2, flip: false },
  faces: { epochs: 24, shift: 2, flip: true },
} as const;

const flags = {
  dataDir: { type: "path", access: "read", placeholder: "DIR", help: "Folder of MNIST's four files" },
  out: {
    type: "path",
    access: "output",
    placeholder: "FILE",
    help: "File to write; classifier-DATA.safetensors if left out",
  },
  epochs: {
    type: "integer",
    min: 1,
    max: 1000,
    help: `Passes over the data; ${recipes.mnist.epochs} for mnist, ${recipes.faces.epochs} for faces if left out`,
  },
  batch: { type: "integer", min: 2, max: 4096, default: 128, unit: "images", help: "Images a step" },
  learningRate: { type: "number", above: 0, max: 1, default: 4e-3, help: "Largest learning rate of the schedule" },
  seed: { type: "integer", min: 0, max: Number.MAX_SAFE_INTEGER, default: 0, help: "Seed of all random numbers" },
  threads: { type: "integer", min: 1, max: 64, help: "Threads of the engine, which do not change results" },
  ...safeFlag,
} as const;

const positionals = {
  data: { type: "choice", choices: ["mnist", "faces"], default: "mnist", help: "What to learn" },
} as const;

const command = defineCommand({
  name: "classifier",
  summary: "Trains a classifier by which generated images are compared with real ones.",
  description: "It learns from the training images, prints of how many test images it finds the right class, and " +
    "writes its weights. Weights of another digest measure another distance: say which ones you used.",
  flags,
  positionals,
  examples: [
    ["classifier mnist --data-dir ~/mnist", "Digits; three to four minutes on two cores."],
    ["classifier faces --out faces.safetensors", "Drawn faces, to a file of your choice."],
  ],
  needs: ({ flags: { dataDir, out }, positionals: { data } }, cwd) => ({
    read: dataPaths(dataDir, cwd),
    write: out === undefined ? [cwd] : [],
    net: dataDir === undefined ? mirrorHosts(data) : [],
  }),
  run: train,
});

type Arguments = Parsed<typeof flags, typeof positionals>;

async function train({ flags, positionals: { data } }: Arguments, context: Context): Promise<void> {
  const load = (split: "train" | "test") => loadSplit(data, split, flags.dataDir);
  const [dataset, held] = [await load("train"), await load("test")];
  const recipe: Recipe = {
    ...recipes[data],
    ...flags.epochs !== undefined && { epochs: flags.epochs },
    ...{ batch: flags.batch, learningRate: flags.learningRate, seed: flags.seed },
  };
  const { size, channels } = dataset;
  const attributes = dataset.labels.map(({ name, classes }) => ({ name, classes }));
  const store = new Store(recipe.seed);
  const programs = classifierPrograms(store, classifier({ size, channels, attributes }), dataset, recipe);
  const threads = flags.threads ?? defaultThreads();
  const options = { backend: "wasm", threads, mode: context.mode, exact: false } as const;
  const { engine } = await startEngine(store, [programs.step, programs.test], options);
  try {
    using progress = new Progress(Math.ceil(recipe.epochs * dataset.count / recipe.batch), `train on ${data}`);
    await trainClassifier(engine, programs.step, dataset, recipe, (step, _, loss) => {
      progress.update(step + 1, `loss ${loss.toFixed(4)}`);
    });
    progress.end();
    for (const [name, share] of await testClassifier(engine, programs.test, held)) {
      console.log(`${name.padEnd(8)} ${(100 * share).toFixed(2)} % of ${held.count} test images`);
    }
    const slots = store.slots().filter(({ name, kind }) =>
      name.startsWith(`${CLASSIFIER}.`) && (kind === "parameter" || kind === "statistic")
    );
    const bytes = encodeSafetensors(tensorsOf(slots, (slot) => Float32Array.from(engine.read(slot.name))), {
      name: `duel-${data}-${size}`,
      ...{ size: `${size}`, channels: `${channels}`, attributes: JSON.stringify(attributes) },
      recipe: JSON.stringify(recipe),
    });
    const out = flags.out ?? join(context.cwd, `classifier-${data}.safetensors`);
    await writeFileAtomic(out, bytes);
    console.log(`wrote    ${out}, ${bytes.length} bytes`);
    console.log(`SHA-256  ${createHash("sha256").update(bytes).digest("hex")}`);
  } finally {
    await engine.close();
  }
}

async function loadSplit(data: "mnist" | "faces", split: "train" | "test", dataDir?: string): Promise<Dataset> {
  let progress: Progress | undefined;
  const dataset = await loadDataset({
    name: data,
    size: SIZE,
    split,
    cacheDir: join(cacheFolder(), "data"),
    ...dataDir !== undefined && { dataDir },
    ...data === "faces" && FACES[split],
    onProgress: (done, total, what) => (progress ??= new Progress(total, what)).update(done),
    onNotice: (line) => console.error(`duel: ${line}`),
  });
  progress?.end();
  return dataset;
}

const commands: Commands = { classifier: () => Promise.resolve(command) };

if (import.meta.main) {
  // Started by `launch` below, this file is the engine's process; else it is what the user started.
  if (announced(Deno.args[0])) Deno.exit(await start(Deno.args, commands));
  const entry = fileURLToPath(import.meta.url);
  const options = ["--config", join(dirname(entry), "../deno.json")];
  const cwd = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  Deno.exit(
    await guarded(async () => {
      await build();
      return await launch(["classifier", ...Deno.args], cwd, commands, { entry, options, shell: "deno task" });
    }),
  );
}
