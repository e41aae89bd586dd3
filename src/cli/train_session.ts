/** Training with all that surrounds it: progress, log, samples, checkpoints, report, Ctrl-C. */
import { LogFile, readLog } from "../checkpoint/log_file.ts";
import { sizeOf } from "../core/shape.ts";
import { diversity, Health } from "../gan/health.ts";
import type { Rollback, StepResult } from "../gan/train.ts";
import { interruptSignal } from "./interrupt.ts";
import type { Verdict } from "./judge.ts";
import { flopsOf } from "./plan_facts.ts";
import { duration, Progress } from "./progress.ts";
import { quoted } from "./text.ts";
import { Pace } from "./train_pace.ts";
import { ganOf } from "./train_networks.ts";
import { picturedReals } from "./train_pictures.ts";
import { Recorder, type Session } from "./train_recorder.ts";

/** Steps with samples besides each `sampleEvery`: what a GAN learns first, it learns quickly. */
const EARLY_SAMPLES: readonly number[] = [100, 200, 300, 500];
/** Steps between two states in memory that a failed step can go back to, besides those of checkpoints. */
const KEEP_EVERY = 100;

/**
 * Trains to the end of the run.
 * @throws Interrupted after Ctrl-C, when the state is saved; DivergenceError; DataError if something can't be written.
 */
export async function runSession(session: Session): Promise<void> {
  const { paths, config, trainer, data, secondsLimit } = session;
  const total = config.steps;
  const interrupt = interruptSignal();
  using log = LogFile.open(paths.log, trainer.step);
  const recorder = new Recorder(session, log);
  const pace = new Pace(config.batch, secondsBefore(paths.log));
  using progress = new Progress(total, "train");

  const health = new Health(ganOf(config, session.networks.generator));
  const realDiversity = diversity(picturedReals(data, config.seed), sizeOf(data.shape));
  const first = await recorder.begin();
  if (first !== undefined) progress.log(`samples before any training, and real images beside them: ${first}`);
  pace.start();
  const over = () => trainer.step >= total || pace.seconds >= secondsLimit;
  if (over()) progress.log(alreadyOver(session));
  while (!over() && !interrupt.aborted) {
    const result = await trainer.advance();
    if (result.kind === "rollback") {
      recorder.rollback(result);
      progress.log(rollbackLine(result));
      continue;
    }
    const { step } = result;
    pace.step();
    recorder.step(result, pace);
    const last = over();
    // Steps that the time will do for, if time is short, by the pace of the whole run.
    const expected = Math.max(step + 1, Math.min(total, Math.round(step * secondsLimit / pace.seconds)));
    progress.update(step, figures(result, pace, session), last ? step : expected);
    const warnings = health.observe(result);
    if (EARLY_SAMPLES.includes(step) || step % config.sampleEvery === 0 || last) {
      const { samples } = await recorder.sample(step);
      const ratio = diversity(samples, sizeOf(data.shape)) / realDiversity;
      recorder.metrics(step, { diversity: ratio });
      warnings.push(...health.compare(ratio));
    }
    for (const warning of warnings) {
      recorder.warning(step, warning);
      progress.log(`step ${step}: ${warning.name}: ${warning.text}`);
    }
    if (config.evalEvery > 0 && (step % config.evalEvery === 0 || last)) {
      // Equal minutes are then equal training, however often runs are evaluated.
      progress.log(`step ${step}: ${measured(await pace.aside(() => recorder.evaluate(step)))}`);
    }
    if (step % config.checkpointEvery === 0) await recorder.save(trainer.keep());
    else if (step % KEEP_EVERY === 0) trainer.keep();
  }
  await recorder.finish(trainer);
  progress.end();
  const time = duration(pace.seconds * 1000);
  const made = secondsLimit === Infinity ? `step ${trainer.step} of ${total}` : `step ${trainer.step}`;
  console.log(`${made} after ${time} of training, saved in ${paths.root}`);
  if (interrupt.aborted && !over()) {
    console.log(`continue with: ${resumption(session)}${minutesFlag(secondsLimit)}`);
    throw interrupt.reason;
  }
  console.log(`look at ${paths.report}, and at the samples in ${paths.samples}`);
}

function resumption({ shell, paths }: Session): string {
  return `${shell} train --resume ${quoted(paths.root)}`;
}

function minutesFlag(seconds: number): string {
  return seconds === Infinity ? "" : ` --minutes ${seconds / 60}`;
}

/** For a run that is resumed and has nothing left to do. */
function alreadyOver(session: Session): string {
  const { trainer, config, secondsLimit } = session;
  return trainer.step >= config.steps
    ? `all ${config.steps} steps of this run are made; for more: ${resumption(session)} --steps ${2 * config.steps}`
    : `the time of this run is up; for more: ${resumption(session)}${minutesFlag(2 * secondsLimit)}`;
}

/** Seconds of training in earlier processes. */
function secondsBefore(log: string): number {
  return readLog(log).findLast((record) => record.kind === "step")?.seconds ?? 0;
}

/** Losses and speed, short enough to stand behind the progress bar. */
function figures({ discriminatorLoss, generatorLoss }: StepResult, pace: Pace, session: Session): string {
  const { started, networks: { steps }, config, data, roof } = session;
  const parts = [
    `D ${discriminatorLoss.toFixed(2)} G ${generatorLoss.toFixed(2)}`,
    `${pace.imagesPerSecond.toFixed(0)} ${data.dataset ? "images" : "points"}/s`,
  ];
  const [d, g] = [started.plan(steps.discriminator), started.plan(steps.generator)];
  if (d && g && roof !== undefined) {
    const flops = config.discriminatorSteps * flopsOf(d).contractions + flopsOf(g).contractions;
    const speed = flops * pace.stepsPerSecond / 1e9;
    parts.push(`${speed.toFixed(0)} GFLOP/s (${(100 * speed / roof).toFixed(0)} %)`);
  }
  return parts.join("  ");
}

/** `modes 8, high-quality 0.98`, each with its floor. */
function measured(verdicts: readonly Verdict[]): string {
  const short = (value: number) => String(Number(value.toPrecision(3)));
  return verdicts.map(({ name, value, floor }) =>
    `${name} ${short(value)}${floor === undefined ? "" : ` (${short(floor)})`}`
  ).join(", ");
}

function rollbackLine({ step, failedStep, network, value, rateFactor }: Rollback): string {
  return `step ${failedStep}: the ${value} of the ${network} is not finite; back to step ${step}, ` +
    `learning rates × ${rateFactor}`;
}
