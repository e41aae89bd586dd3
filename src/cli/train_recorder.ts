/** What a run leaves on the disk while it trains: log, grids of samples, checkpoints, report. */
import { relative } from "node:path";
import { pruneCheckpoints } from "../checkpoint/checkpoints.ts";
import { type LogFile, readLog } from "../checkpoint/log_file.ts";
import type { RunPaths } from "../checkpoint/run_directory.ts";
import type { Engine } from "../backend/backend.ts";
import type { Warning } from "../gan/health.ts";
import { classColumns, gridLabels, gridLatents } from "../gan/latents.ts";
import type { Rollback, StepResult, Trainer, TrainingState } from "../gan/train.ts";
import type { Started } from "./engine.ts";
import type { Judge, Verdict } from "./judge.ts";
import { seeded } from "./run_generator.ts";
import type { TrainConfig } from "./settings.ts";
import type { Prepared } from "./train_networks.ts";
import type { Pace } from "./train_pace.ts";
import { writeFakes, writeReals, writeReport } from "./train_pictures.ts";
import { saveState } from "./train_state.ts";
import type { TrainingData } from "./training_data.ts";

/** A judge and the engine of its programs. */
export interface Judging {
  readonly judge: Judge;
  readonly engine: Engine | undefined;
}

/** Everything that is settled when training begins. */
export interface Session {
  readonly paths: RunPaths;
  readonly config: TrainConfig;
  /** In the state to go on from. */
  readonly trainer: Trainer;
  readonly networks: Prepared;
  readonly started: Started;
  readonly data: TrainingData;
  /** What measures samples now and then, if anything does. */
  readonly judging: Judging | undefined;
  /** Seconds of training after which the run ends, however many steps it has made. */
  readonly secondsLimit: number;
  /** See `Caller`. */
  readonly shell: string;
  /** GFLOP/s that the engine's threads could reach together; undefined for backends without kernels. */
  readonly roof: number | undefined;
}

/** Writes into a run's directory. All methods throw DataError if something can't be written. */
export class Recorder {
  readonly #session: Session;
  readonly #log: LogFile;
  /** Of all pictures, so that these can be compared. */
  readonly #latents: Float32Array;
  readonly #labels: Float32Array | undefined;
  /** The step of the newest checkpoint. */
  #saved: number | undefined;

  constructor(session: Session, log: LogFile) {
    const { config, networks: { generator: { model, conditioning } }, trainer, data: { pictured } } = session;
    this.#session = session;
    this.#log = log;
    this.#latents = gridLatents(config.seed, pictured, model.latent, config.model.latents);
    this.#labels = conditioning && gridLabels(conditioning.attributes, pictured);
    this.#saved = trainer.step > 0 ? trainer.step : undefined;
  }

  /** Writes the grids of real images and of samples before any training. @returns the latter's path if it is new. */
  async begin(): Promise<string | undefined> {
    const { paths, data, config } = this.#session;
    if (readLog(paths.log).some((record) => record.kind === "sample")) return undefined;
    await writeReals(paths.samples, data, config.seed);
    return (await this.sample(0)).file;
  }

  /** Writes a picture of samples of the present state. @returns its path, and the samples. */
  async sample(step: number): Promise<{ readonly file: string; readonly samples: Float32Array }> {
    const { paths, data, networks: { generator, sampler }, started: { engine } } = this.#session;
    const samples = await sampler.sample(engine, this.#latents, this.#labels);
    const columns = generator.conditioning && classColumns(generator.conditioning.attributes);
    const file = await writeFakes(paths.samples, step, samples, data, columns);
    this.#log.append({ kind: "sample", step, file: relative(paths.root, file) });
    return { file, samples };
  }

  /** Logs a step. */
  step(result: StepResult, { imagesPerSecond, seconds }: Pace): void {
    const { step, discriminatorLoss, generatorLoss, penalty } = result;
    const losses = { D: discriminatorLoss, G: generatorLoss, ...penalty === undefined ? {} : { penalty } };
    const accuracy = { real: result.realAccuracy, fake: result.fakeAccuracy };
    const gradients = { D: result.discriminatorGradient, G: result.generatorGradient };
    this.#log.append({ kind: "step", step, losses, accuracy, gradients, imagesPerSecond, seconds });
  }

  /** Logs a sign of trouble. */
  warning(step: number, { name, text }: Warning): void {
    this.#log.append({ kind: "warning", step, name, text });
  }

  /** Judges samples of the present state, and logs the numbers. @returns them; none without a judge. */
  async evaluate(step: number): Promise<readonly Verdict[]> {
    const { judging, networks: { generator, sampler }, started, config } = this.#session;
    if (!judging) return [];
    const { judge, engine } = judging;
    const { latents, labels } = seeded(generator, config.model.latents, 0, judge.count);
    const samples = await sampler.sample(started.engine, latents, labels);
    const attributes = generator.conditioning?.attributes ?? [];
    const verdicts = await judge.judge({ samples, labels, attributes }, engine);
    this.metrics(step, Object.fromEntries(verdicts.map(({ name, value }) => [name, value])));
    return verdicts;
  }

  /** Logs numbers that were measured on the state after a step. */
  metrics(step: number, values: Readonly<Record<string, number>>): void {
    this.#log.append({ kind: "metric", step, values });
  }

  /** Forgets the steps that did not count, and logs why. */
  rollback({ step, failedStep, network, rateFactor }: Rollback): void {
    this.#log.cutBack(step);
    this.#log.append({ kind: "rollback", step, failedStep, network, loss: this.#session.config.loss.name, rateFactor });
  }

  /** Writes a checkpoint, removes what it makes superfluous, and renews the report. */
  async save(state: TrainingState): Promise<void> {
    const { paths, config, networks: { store } } = this.#session;
    this.#log.sync(); // a checkpoint must not be ahead of its log
    const file = await saveState(paths.checkpoints, state, store, config.plan);
    this.#log.append({ kind: "checkpoint", step: state.step, file: relative(paths.root, file) });
    await pruneCheckpoints(paths.checkpoints, config.keepEvery);
    await writeReport(paths, config);
    this.#saved = state.step;
  }

  /** Makes sure that the present state is saved and reported. */
  async finish(trainer: Trainer): Promise<void> {
    const { paths, config } = this.#session;
    if (this.#saved === trainer.step) await writeReport(paths, config);
    else await this.save(trainer.state());
  }
}
