/** What the experiments have in common: one update against a loss, and many of them. */
import * as duel from "../mod.ts";
import type { Stage } from "./experiment.ts";
import { joined } from "./numbers.ts";

/**
 * Moves the parameters of networks against a loss, by Adam with the learning rate that the host fills in as `rate`.
 * @param beta1 decay of the mean of gradients; 0.9 suits a loss that stands still, less suits a duel.
 */
export function minimise(loss: duel.Tensor, networks: readonly string[], beta1 = 0.9): void {
  const parameters = networks.flatMap((name) => duel.slotsOf(name, "parameter"));
  const gradients = duel.grad(loss, parameters.map(duel.read));
  duel.adam(parameters, gradients, { learningRate: duel.input("rate", []), beta1 });
}

/** When a training ends: after so many updates, or when its time is up. */
export type Limit = { readonly steps: number } | { readonly seconds: number };

/**
 * Does something again and again until the limit, and shows how far it is.
 * @param body gets the number of the update, from 0, and the share of the limit that is used up; it returns a text for
 * the user.
 * @returns the number of updates.
 */
export async function repeat(
  stage: Stage,
  label: string,
  limit: Limit,
  body: (step: number, share: number) => Promise<string>,
): Promise<number> {
  const total = "steps" in limit ? limit.steps : limit.seconds;
  const tell = stage.progress(Math.ceil(total), label);
  const start = performance.now();
  let step = 0;
  for (;; step++) {
    const done = "steps" in limit ? step : (performance.now() - start) / 1000;
    if (done >= total) break;
    const text = await body(step, done / total);
    tell("steps" in limit ? step + 1 : Math.floor(done), text);
  }
  tell(Math.ceil(total));
  return step;
}

/** Learning rates that fade from `from` to `to` over a training. */
export interface Rates {
  readonly from: number;
  readonly to: number;
}

/** The learning rate at a share of the way, as an input. */
export function rateAt({ from, to }: Rates, share: number): Float32Array {
  return Float32Array.of(duel.valueAt({ shape: "cosine", from, to, steps: 1 }, share));
}

export interface Fitting {
  readonly label: string;
  readonly limit: Limit;
  /** What an update learns from, besides the rate. */
  batch(draw: number): duel.Values;
  /** Is told what came out of each update. */
  after?(step: number, outputs: Record<string, ArrayLike<number>>): void;
}

const FITTING_RATES: Rates = { from: 2e-3, to: 2e-4 };

/** Runs a program with an output `loss` again and again, with a rate that fades. @returns the number of updates. */
export async function fit(stage: Stage, engine: duel.Engine, program: duel.Program, fitting: Fitting): Promise<number> {
  const { label, limit, batch, after } = fitting;
  return await repeat(stage, label, limit, async (step, share) => {
    const inputs = { ...batch(step), rate: rateAt(FITTING_RATES, share) };
    const outputs = await engine.run(program, inputs, { seed: stage.seed, draw: step });
    after?.(step + 1, outputs);
    return `loss ${outputs.loss[0].toFixed(4)}`;
  });
}

/** Runs a program on many rows, a batch at a time; what lies behind the last row is zeros. @returns the output `name`. */
export async function mapRows(
  engine: duel.Engine,
  program: duel.Program,
  input: string,
  rows: Float32Array,
  output: string,
): Promise<Float32Array> {
  const [batch, ...rest] = program.inputs.get(input)!.shape;
  const width = rest.reduce((product, extent) => product * extent, 1);
  const count = rows.length / width;
  const parts: Float32Array[] = [];
  for (let first = 0; first < count; first += batch) {
    const part = new Float32Array(batch * width);
    part.set(rows.subarray(first * width, (first + batch) * width));
    const found = (await engine.run(program, { [input]: part }, { seed: 0, draw: 0 }))[output];
    const used = found.length / batch * Math.min(batch, count - first);
    parts.push(Float32Array.from(found).subarray(0, used));
  }
  return joined(parts);
}
