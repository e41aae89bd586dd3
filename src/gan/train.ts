/**
 * The training loop: k times fix G, update D; then fix D, update G. All that a step does is a pure function of the
 * slots, the step's number and the seed, so that a run that was interrupted goes on as if it had not been.
 */
import type { Engine } from "../backend/backend.ts";
import { DivergenceError } from "../core/errors.ts";
import { sizeOf } from "../core/shape.ts";
import type { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import { rampedDecay } from "../nn/average.ts";
import { type Scheduled, valueAt } from "./schedule.ts";

/** The real side of a batch, to be filled. */
export interface Batch {
  /** Samples, [batch, …sample]. */
  readonly real: Float32Array;
  /** Their classes, [batch, attributes], where training is conditioned on labels. */
  readonly labels?: Float32Array;
}

/** Fills `batch` with real samples number `draw`. */
export type BatchSource = (draw: number, batch: Batch) => void;

export interface TrainingPrograms {
  readonly discriminator: Program;
  readonly generator: Program;
}

export interface TrainingSettings {
  readonly seed: number;
  /** Updates of D before each update of G: k. */
  readonly discriminatorSteps: number;
  readonly discriminatorRate: Scheduled;
  readonly generatorRate: Scheduled;
  /** Decay of G's moving average, per step. */
  readonly averageDecay: Scheduled;
  /** Further scalar inputs of the programs, by name: those that `scheduled` made. */
  readonly scheduled?: Readonly<Record<string, Scheduled>>;
}

/** What a step found. */
export interface StepResult {
  readonly kind: "step";
  /** Number of steps done. */
  readonly step: number;
  readonly discriminatorLoss: number;
  readonly generatorLoss: number;
  /** Weighted penalties, which are part of D's loss; undefined if there are none. */
  readonly penalty: number | undefined;
  /** Shares of real and of generated samples that D was right about. */
  readonly realAccuracy: number;
  readonly fakeAccuracy: number;
  /** Lengths of the gradients of both networks. */
  readonly discriminatorGradient: number;
  readonly generatorGradient: number;
}

/** A step left the finite numbers; the state is that of `step` again. */
export interface Rollback {
  readonly kind: "rollback";
  readonly step: number;
  readonly failedStep: number;
  readonly network: "discriminator" | "generator";
  /** What was not finite. */
  readonly value: "loss" | "gradient";
  /** What learning rates are multiplied with from now on. */
  readonly rateFactor: number;
}

/** Everything that a checkpoint must hold. */
export interface TrainingState {
  readonly step: number;
  readonly rollbacks: number;
  readonly rateFactor: number;
  readonly slots: ReadonlyMap<string, Float32Array>;
}

const MAX_ROLLBACKS = 3;
/** Learning rates are halved at each rollback. */
const RATE_STEP = 0.5;

/**
 * A run in progress. To be resumed exactly it must be kept (`keep`) at the same steps, whether it was interrupted or
 * not: what a failed step goes back to is then the same too.
 */
export class Trainer {
  #step = 0;
  #rollbacks = 0;
  #rateFactor = 1;
  #good: TrainingState;
  /** The batch that the next run of D takes, filled while the team is at work, and its number. */
  readonly #batch: Batch;
  #filled = -1;

  constructor(
    readonly engine: Engine,
    readonly store: Store,
    readonly programs: TrainingPrograms,
    readonly source: BatchSource,
    readonly settings: TrainingSettings,
  ) {
    const { inputs } = programs.discriminator;
    const space = (name: string) => new Float32Array(sizeOf(inputs.get(name)!.shape));
    this.#batch = { real: space("real"), ...inputs.has("labels") && { labels: space("labels") } };
    this.#good = this.state();
  }

  /** Number of steps done. */
  get step(): number {
    return this.#step;
  }

  /**
   * A copy of all there is to know, in 4-byte floats. An engine that computes in doubles goes on from the rounded
   * values, as it would after `restore`.
   */
  state(): TrainingState {
    const slots = new Map<string, Float32Array>();
    for (const { name } of this.store.slots()) {
      const values = this.engine.read(name);
      const floats = Float32Array.from(values);
      if (values instanceof Float64Array) this.engine.write(name, floats);
      slots.set(name, floats);
    }
    return { step: this.#step, rollbacks: this.#rollbacks, rateFactor: this.#rateFactor, slots };
  }

  /** Goes on from `state`, which is also where a step that fails is rolled back to. */
  restore(state: TrainingState): void {
    for (const [name, values] of state.slots) this.engine.write(name, values);
    this.#step = state.step;
    this.#rollbacks = state.rollbacks;
    this.#rateFactor = state.rateFactor;
    this.#good = state;
  }

  /** Takes the present state as the one to roll back to, and returns it. */
  keep(): TrainingState {
    return this.#good = this.state();
  }

  /**
   * One step: k updates of D, one of G. If a loss or gradient is not finite the state goes back to what was last kept
   * and learning rates are halved.
   * @throws DivergenceError the fourth time that happens.
   */
  async advance(): Promise<StepResult | Rollback> {
    const { discriminatorSteps } = this.settings;
    let critic: Record<string, ArrayLike<number>> = {};
    for (let update = 0; update < discriminatorSteps; update++) {
      critic = await this.#updateDiscriminator(update);
      if (critic.finite[0] === 0) return this.#rollBack("discriminator", critic);
    }
    const generator = await this.#updateGenerator();
    if (generator.finite[0] === 0) return this.#rollBack("generator", generator);
    this.#step++;
    return {
      kind: "step",
      step: this.#step,
      discriminatorLoss: critic.loss[0],
      generatorLoss: generator.loss[0],
      penalty: critic.penalty?.[0],
      realAccuracy: critic.realAccuracy[0],
      fakeAccuracy: critic.fakeAccuracy[0],
      discriminatorGradient: critic.gradientNorm[0],
      generatorGradient: generator.gradientNorm[0],
    };
  }

  /** Fix G, update D. */
  #updateDiscriminator(update: number): Promise<Record<string, ArrayLike<number>>> {
    const { discriminatorSteps, discriminatorRate } = this.settings;
    const batch = this.#step * discriminatorSteps + update;
    this.#fill(batch);
    const running = this.#run(this.programs.discriminator, update, { learningRate: this.#rate(discriminatorRate) });
    // The engine has copied its inputs: the next batch is made while the team works.
    this.#fill(batch + 1);
    return running;
  }

  /** Fix D, update G. */
  #updateGenerator(): Promise<Record<string, ArrayLike<number>>> {
    const { discriminatorSteps, generatorRate, averageDecay } = this.settings;
    return this.#run(this.programs.generator, discriminatorSteps, {
      learningRate: this.#rate(generatorRate),
      averageDecay: rampedDecay(valueAt(averageDecay, this.#step), this.#step),
    });
  }

  #rate(setting: Scheduled): number {
    return valueAt(setting, this.#step) * this.#rateFactor;
  }

  /** Runs a program with what it asks for: these scalars, settings that follow a schedule, the batch. */
  #run(program: Program, run: number, scalars: Readonly<Record<string, number>>) {
    const inputs: Record<string, Float32Array> = {};
    for (const name of program.inputs.keys()) {
      const setting = this.settings.scheduled?.[name];
      const value = scalars[name] ?? (setting === undefined ? undefined : valueAt(setting, this.#step));
      const values = value === undefined ? this.#batch[name as keyof Batch] : Float32Array.of(value);
      if (values) inputs[name] = values;
    }
    return this.engine.run(program, inputs, this.#draw(run));
  }

  #fill(batch: number): void {
    if (batch !== this.#filled) this.source(batch, this.#batch);
    this.#filled = batch;
  }

  /** Every run of a program has a draw number of its own: the k + 1 runs of step s have s·(k + 1) and following. */
  #draw(run: number): { seed: number; draw: number } {
    const { seed, discriminatorSteps } = this.settings;
    return { seed, draw: this.#step * (discriminatorSteps + 1) + run };
  }

  #rollBack(network: Rollback["network"], outputs: Record<string, ArrayLike<number>>): Rollback {
    const failedStep = this.#step + 1;
    const value = Number.isFinite(outputs.loss[0]) ? "gradient" : "loss";
    const rollbacks = this.#rollbacks + 1;
    if (rollbacks > MAX_ROLLBACKS) {
      throw new DivergenceError(
        `the ${value} of the ${network} is not finite at step ${failedStep}, and ${MAX_ROLLBACKS} restarts with lower ` +
          `learning rates did not help; try a lower --learning-rate, a larger --batch or another --loss`,
      );
    }
    const rateFactor = this.#rateFactor * RATE_STEP;
    this.restore({ ...this.#good, rollbacks, rateFactor });
    return { kind: "rollback", step: this.#step, failedStep, network, value, rateFactor };
  }
}
