/** Training with all that surrounds it: progress, log, samples, checkpoints, report, Ctrl-C. */
import { join, relative } from "node:path";
import { pruneCheckpoints } from "../checkpoint/checkpoints.ts";
import { LogFile, readLog } from "../checkpoint/log_file.ts";
import type { RunPaths } from "../checkpoint/run_directory.ts";
import type { Dataset } from "../data/dataset.ts";
import { gridLatents } from "../gan/latents.ts";
import type { Rollback, StepResult, Trainer, TrainingState } from "../gan/train.ts";
import type { Started } from "./engine.ts";
import { interruptSignal } from "./interrupt.ts";
import { flopsOf } from "./plan_facts.ts";
import { duration, Progress } from "./progress.ts";
import { short } from "./text.ts";
import type { TrainConfig } from "./train_config.ts";
import { GRID_SAMPLES, type Networks } from "./train_networks.ts";
import { hasSamples, writeFakes, writeReals, writeReport } from "./train_pictures.ts";
import { saveState } from "./train_state.ts";

/** Everything that is settled when training begins. */
export interface Session {
  readonly paths: RunPaths;
  readonly config: TrainConfig;
  /** In the state to go on from. */
  readonly trainer: Trainer;
  readonly networks: Networks;
  readonly started: Started;
  readonly dataset: Dataset;
  /** GFLOP/s that the engine's threads could reach together; undefined for backends without kernels. */
  readonly roof: number | undefined;
}

/** Steps with samples besides each `sampleEvery`: what a GAN learns first, it learns quickly. */
const EARLY_SAMPLES: readonly number[] = [100, 200, 300, 500];

/** Steps between two states in memory that a failed step can go back to, besides those of checkpoints. */
const KEEP_EVERY = 100;

/**
 * Trains to the end of the run.
 * @throws Interrupted after Ctrl-C, when the state is saved; DivergenceError; DataError if something can't be written.
 */
export async function runSession(session: Session): Promise<void> {
  const { paths, config, trainer, networks: { store, model, sampler }, started: { engine }, dataset } = session;
  const { steps: total, seed } = config;
  const interrupt = interruptSignal();
  using log = LogFile.open(paths.log, trainer.step);
  const latents = gridLatents(seed, GRID_SAMPLES, model.latent);
  const pace = new Pace(secondsSoFar(paths.log), config.batch);
  const label = `${dataset.name} ${model.name}`;
  using progress = new Progress(total, label);

  const sample = async (step: number) => {
    const file = await writeFakes(paths.samples, step, await sampler.sample(engine, latents), dataset);
    log.append({ kind: "sample", step, file: relative(paths.root, file) });
    return file;
  };
  let saved = trainer.step > 0 ? trainer.step : -1;
  const save = async (state: TrainingState) => {
    const { step } = state;
    log.sync();
    const path = await saveState(paths.checkpoints, state, store, config.plan);
    log.append({ kind: "checkpoint", step, file: relative(paths.root, path) });
    await pruneCheckpoints(paths.checkpoints, config.keepEvery);
    await writeReport(paths, config);
    saved = step;
  };

  if (!await hasSamples(paths.samples)) {
    await writeReals(paths.samples, dataset, seed, GRID_SAMPLES);
    const first = await sample(0);
    progress.log(`first samples, before any training: ${first}; real images: ${join(paths.samples, "reals.png")}`);
  }
  pace.start();
  while (trainer.step < total && !interrupt.aborted) {
    const result = await trainer.advance();
    if (result.kind === "rollback") {
      progress.log(rollbackLine(result));
      log.cutBack(result.step);
      log.append(rollbackRecord(result, config.loss));
      continue;
    }
    pace.step();
    const { step, discriminatorLoss: D, generatorLoss: G } = result;
    log.append({ kind: "step", step, losses: { D, G }, imagesPerSecond: pace.imagesPerSecond, seconds: pace.seconds });
    progress.update(step, figures(result, pace, session));
    if (EARLY_SAMPLES.includes(step) || step % config.sampleEvery === 0 || step === total) await sample(step);
    if (step % config.checkpointEvery === 0) await save(trainer.keep());
    else if (step % KEEP_EVERY === 0) trainer.keep();
  }
  if (saved === trainer.step) await writeReport(paths, config);
  else await save(trainer.state());
  progress.end();
  const { step } = trainer;
  console.log(`step ${step} of ${total} after ${duration(pace.seconds * 1000)} of training, saved in ${paths.root}`);
  if (interrupt.aborted && step < total) {
    console.log(`continue with: train --resume ${paths.root}`);
    throw interrupt.reason;
  }
  console.log(`look at ${paths.report}, and at the samples in ${paths.samples}`);
}

/** How fast steps are made. */
class Pace {
  /** Weight of the latest step in the mean time of a step. */
  static readonly #weight = 0.05;
  readonly #before: number;
  readonly #batch: number;
  #start = 0;
  #last = 0;
  #mean: number | undefined;

  /** @param before seconds of training in earlier processes. */
  constructor(before: number, batch: number) {
    this.#before = before;
    this.#batch = batch;
  }

  start(): void {
    this.#start = this.#last = performance.now();
  }

  /** A step has been made. */
  step(): void {
    const now = performance.now();
    const time = (now - this.#last) / 1000;
    this.#last = now;
    this.#mean = this.#mean === undefined ? time : this.#mean + Pace.#weight * (time - this.#mean);
  }

  get stepsPerSecond(): number {
    return 1 / (this.#mean ?? Infinity);
  }

  get imagesPerSecond(): number {
    return this.#batch * this.stepsPerSecond;
  }

  /** Of training, since the run was first started. */
  get seconds(): number {
    return this.#before + (performance.now() - this.#start) / 1000;
  }
}

function secondsSoFar(log: string): number {
  return readLog(log).findLast((record) => record.kind === "step")?.seconds ?? 0;
}

/** Losses and speed, behind the progress bar. */
function figures({ discriminatorLoss, generatorLoss }: StepResult, pace: Pace, session: Session): string {
  const { started, networks: { steps }, config, roof } = session;
  const parts = [
    `D ${discriminatorLoss.toFixed(3)}  G ${generatorLoss.toFixed(3)}`,
    `${short(pace.imagesPerSecond)} images/s`,
  ];
  const [d, g] = [started.plan(steps.discriminator), started.plan(steps.generator)];
  if (d && g && roof !== undefined) {
    const flops = config.discriminatorSteps * flopsOf(d).contractions + flopsOf(g).contractions;
    const speed = flops * pace.stepsPerSecond / 1e9;
    parts.push(`${short(speed)} GFLOP/s, ${(100 * speed / roof).toFixed(0)} % of the roof`);
  }
  return parts.join("  ");
}

function rollbackLine({ step, failedStep, network, value, rateFactor }: Rollback): string {
  return `step ${failedStep}: the ${value} of the ${network} is not finite; back to step ${step}, ` +
    `learning rates × ${rateFactor}`;
}

function rollbackRecord({ step, failedStep, network, rateFactor }: Rollback, loss: string) {
  return { kind: "rollback", step, failedStep, network, loss, rateFactor } as const;
}
