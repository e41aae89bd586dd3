/** Small things that all experiments do with numbers. */
import * as duel from "../mod.ts";
import type { Measure, Stage } from "./experiment.ts";

/** `87 %` of 0.873. */
export function percent(value: number, digits = 0): string {
  return `${(100 * value).toFixed(digits)} %`;
}

/** Two digits that matter. */
export function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** The mean of values; NaN of none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** How many of `count` indices fulfil a condition, as a share; 0 of none. */
export function shareOf(count: number, fits: (index: number) => boolean): number {
  let hits = 0;
  for (let i = 0; i < count; i++) hits += Number(fits(i));
  return hits / Math.max(count, 1);
}

/** A measure that is a share. */
export function share(name: string, about: string, value: number): Measure {
  return { name, about, value, share: true };
}

/** A measure in its own unit. */
export function number(name: string, about: string, value: number): Measure {
  return { name, about, value };
}

/** Arrays one behind the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Standard normal numbers that belong to the stage's seed and a name. */
export function normals(stage: Stage, name: string, count: number): Float32Array {
  return Float32Array.from(duel.random.normals(count, stage.seed, name, 0));
}
