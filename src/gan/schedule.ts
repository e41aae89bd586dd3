/** Settings that change while a run goes on: constant, or from one value to another over the first steps. */
import type { Operand } from "../graph/ops.ts";
import { input } from "../graph/trace.ts";

/** From `from` to `to` over the first `steps` steps, and `to` from then on. */
export interface Schedule {
  readonly shape: "linear" | "cosine";
  readonly from: number;
  readonly to: number;
  readonly steps: number;
}

/** A number, or one that follows a schedule. */
export type Scheduled = number | Schedule;

/**
 * The value at a step, counted from 0. The cosine is to + (from − to)·(1 + cos(π·step / steps)) / 2 (Loshchilov &
 * Hutter 2017, equation 5).
 */
export function valueAt(setting: Scheduled, step: number): number {
  if (typeof setting === "number") return setting;
  const { shape, from, to, steps } = setting;
  if (step >= steps) return to;
  const way = step / steps;
  return to + (from - to) * (shape === "linear" ? 1 - way : (1 + Math.cos(Math.PI * way)) / 2);
}

/** The setting inside a trace: a number where it is constant, else the scalar input `name`, which the host fills. */
export function scheduled(name: string, setting: Scheduled): Operand {
  return typeof setting === "number" ? setting : input(name, []);
}
