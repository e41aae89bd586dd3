/** A call of `train`: settles what to train, on what and where, then trains. */
import { resolve } from "node:path";
import { type Checkpoint, latestCheckpoint, listCheckpoints } from "../checkpoint/checkpoints.ts";
import { requireSameConfig, writeConfig } from "../checkpoint/config.ts";
import { createRun, lockRun, newestRun, openRun, type RunPaths } from "../checkpoint/run_directory.ts";
import { UsageError } from "../core/errors.ts";
import { Trainer } from "../gan/train.ts";
import { listChoices } from "./choices_text.ts";
import type { Context } from "./command.ts";
import { describeRun } from "./dry_run.ts";
import { defaultThreads, measureRoof, type Started, startEngines } from "./engine.ts";
import { loadData } from "./load_data.ts";
import { RUNS } from "./run_argument.ts";
import { trainingJudge } from "./run_judge.ts";
import { countText, short } from "./text.ts";
import { introduction } from "./introduction.ts";
import { NEWEST, type TrainParsed } from "./train_flags.ts";
import { configSchema, mayDiffer, type TrainConfig, type TrainSettings } from "./settings.ts";
import { settingsJsonSchema, settingsOf } from "./train_settings.ts";
import {
  buildNetworks,
  foreseenKind,
  generatorOf,
  loopSettings,
  type Prepared,
  type SampleKind,
  withFittingBatch,
} from "./train_networks.ts";
import { runSession } from "./train_session.ts";
import { samePlan, stateOf } from "./train_state.ts";
import { imageData, pointData, toyOf, type TrainingData } from "./training_data.ts";
import { versions } from "./version.ts";

/** A run that is continued. */
interface Resumed {
  readonly paths: RunPaths;
  readonly config: TrainConfig;
  /** Undefined if the run ended before its first checkpoint: it goes on from the start. */
  readonly checkpoint: Checkpoint | undefined;
}

/** Trains as the command line says, to the end or to Ctrl-C. */
export async function train(parsed: TrainParsed, context: Context): Promise<void> {
  const { flags } = parsed;
  if (flags.schema) return console.log(settingsJsonSchema());
  if (flags.list) return console.log(listChoices());
  using locks = new DisposableStack();
  const resumed = flags.resume === undefined ? undefined : await openResumed(parsed, context.cwd, locks);
  const settings = await settingsOf(parsed, context.cwd, resumed?.config);
  const threads = flags.threads ?? defaultThreads();
  if (resumed) requireContinuation(resumed, settings);
  if (flags.out !== undefined) await requireAbsent(flags.out);
  const foreseen = foreseenKind(settings);
  if (foreseen) generatorOf(settings, foreseen); // what the model cannot make is refused before data are loaded
  if (flags.dryRun) return await dryRun(settings, foreseen, flags.cacheDir, threads);

  const { data, seconds } = await dataOf(settings, flags.cacheDir, threads);
  const judge = settings.evalEvery > 0
    ? await trainingJudge(settings, { data, cache: flags.cacheDir, threads })
    : undefined;
  const networks = buildNetworks(settings, data, [data.pictured, ...judge ? [judge.count] : []]);
  const roof = settings.backend === "wasm" ? await measureRoof() * threads : undefined;
  const options = { backend: settings.backend, threads, mode: context.mode, exact: settings.exact };
  const traced = [networks, ...judge?.traced ? [judge.traced] : []];
  const engines = await withFittingBatch(networks, settings, data, threads, () => startEngines(traced, options));
  const [started, second] = engines;
  const judging = judge && { judge, engine: second?.engine };
  try {
    const config: TrainConfig = {
      ...settings,
      samples: samplesOf(data, networks),
      plan: started.identity,
      machine: { threads, native: context.mode.native, versions: versions() },
    };
    const trainer = createTrainer(config, data, networks, started);
    if (resumed) await continueRun(resumed, config, trainer);
    const paths = resumed?.paths ?? await newRun(flags.out, config, context.cwd, locks);
    for (const line of warnings(config)) console.error(`duel: ${line}`);
    const secondsLimit = 60 * (flags.minutes ?? Infinity);
    const lines = introduction(config, data, seconds, networks, started, context, secondsLimit);
    for (const line of lines) console.log(line);
    if (roof !== undefined) console.log(`roof    ${short(roof)} GFLOP/s, measured just now; percentages are of this`);
    console.log(`run     ${paths.root}${resumed ? `, from step ${countText(trainer.step)}` : ""}`);
    const { shell } = context;
    await runSession({ paths, config, trainer, networks, started, data, judging, roof, secondsLimit, shell });
  } finally {
    for (const { engine } of engines) await engine.close();
  }
}

/** Loads, draws or names what a run learns from. */
async function dataOf(settings: TrainSettings, cache: string | undefined, threads: number) {
  const toy = toyOf(settings);
  if (toy) return { data: pointData(toy), seconds: 0 };
  const { dataset, seconds } = await loadData(settings.data, cache, threads);
  return { data: imageData(dataset), seconds };
}

async function dryRun(
  settings: TrainSettings,
  foreseen: SampleKind | undefined,
  cache: string | undefined,
  threads: number,
): Promise<void> {
  const kind = foreseen ?? (await dataOf(settings, cache, threads)).data;
  const networks = buildNetworks(settings, kind, [64]);
  const describe = () => describeRun(networks, settings, threads);
  console.log(await withFittingBatch(networks, settings, kind, threads, describe));
}

/** Opens the run to continue, which no other process may train in from now on. */
async function openResumed({ flags }: TrainParsed, cwd: string, locks: DisposableStack): Promise<Resumed> {
  if (flags.out !== undefined) {
    throw new UsageError("--resume continues in the directory of the run; leave out --out, or leave out --resume");
  }
  const root = flags.resume === NEWEST ? await newestRun(resolve(cwd, RUNS)) : flags.resume!;
  const { paths, config } = await openRun(root, configSchema);
  if (!flags.dryRun) locks.use(await lockRun(paths));
  const checkpoint = (await listCheckpoints(paths.checkpoints)).length === 0
    ? undefined
    : await latestCheckpoint(paths.checkpoints, (line) => console.error(`duel: ${line}`));
  return { paths, config, checkpoint };
}

/** @throws UsageError if the settings are not those of the run, or ask for steps that it has made. */
function requireContinuation({ paths, config, checkpoint }: Resumed, settings: TrainSettings): void {
  requireSameConfig(paths.root, config, { ...config, ...settings }, mayDiffer);
  if (checkpoint && settings.steps < checkpoint.step) {
    throw new UsageError(
      `${paths.root} is at step ${checkpoint.step} already, and --steps is the total; ask for more than that`,
    );
  }
}

async function requireAbsent(out: string): Promise<void> {
  if (!await Deno.lstat(out).then(() => true, () => false)) return;
  throw new UsageError(`${out} exists already; choose another --out, or continue that run with --resume`);
}

async function newRun(
  out: string | undefined,
  config: TrainConfig,
  cwd: string,
  locks: DisposableStack,
): Promise<RunPaths> {
  const name = `${config.samples.name}-${config.model.name}`;
  const paths = await createRun(out === undefined ? { runs: resolve(cwd, RUNS), name } : { out }, config);
  locks.use(await lockRun(paths));
  return paths;
}

/** Puts the trainer into the state of the checkpoint. @throws UsageError, DataError */
async function continueRun(
  { paths, config: recorded, checkpoint }: Resumed,
  config: TrainConfig,
  trainer: Trainer,
): Promise<void> {
  requireSameConfig(paths.root, recorded, config, mayDiffer);
  if (checkpoint) {
    trainer.restore(stateOf(checkpoint, trainer.store));
    if (!samePlan(checkpoint, config.plan)) {
      console.error("duel: this run goes on with another plan or build of the kernels; bits may differ from now on");
    }
  }
  await writeConfig(paths.config, config);
}

function createTrainer(config: TrainConfig, data: TrainingData, networks: Prepared, { engine }: Started): Trainer {
  const { store, steps } = networks;
  const { seed, batch, data: { flip } } = config;
  const source = data.source({ batch, seed, flip, attributes: config.samples.attributes });
  return new Trainer(engine, store, steps, source, loopSettings(config));
}

function samplesOf(
  { name, count, shape, digest }: TrainingData,
  { generator, steps }: Prepared,
): TrainConfig["samples"] {
  const known = steps.discriminator.inputs.has("labels") ? generator.conditioning!.attributes : [];
  const attributes = known.map(({ name, classes }) => ({ name, classes: [...classes] }));
  return { name, count, shape: [...shape], attributes, digest };
}

/** What will hardly turn out well. */
function warnings({ samples: { count }, batch }: TrainConfig): string[] {
  return count !== null && count < batch
    ? [
      `${count} images are fewer than a batch of ${batch}: D soon knows them by heart; take more, or a smaller --batch`,
    ]
    : [];
}
