/**
 * The moving average of a network's weights, which makes better samples than the weights themselves (Karras et al.
 * 2018). Each averaged slot is called `average.<slot>` and starts as the slot does. Batch-norm statistics are copied:
 * they are moving averages already.
 */
import { add, mul, type Operand, sub } from "../graph/ops.ts";
import type { Slot } from "../graph/store.ts";
import { assign, currentStore, read, withValues } from "../graph/trace.ts";
import { ownerOf, slotsOf } from "./slots.ts";

function averageOf(slot: Slot): Slot {
  return currentStore().slot(`average.${slot.name}`, slot.shape, "average", slot.fill, slot.layout);
}

/** average ← weight + decay · (average − weight), for all parameters of `owner`; its statistics are copied. */
export function updateAverage(owner: string, decay: Operand): void {
  for (const slot of slotsOf(owner, "parameter")) {
    const weight = read(slot);
    const average = averageOf(slot);
    assign(average, add(weight, mul(sub(read(average), weight), decay)));
  }
  for (const slot of slotsOf(owner, "statistic")) assign(averageOf(slot), read(slot));
}

/** Traces `body` with the averages in place of the slots of `owner`. */
export function withAverage<T>(owner: string, body: () => T): T {
  return withValues((slot) => ownerOf(slot) === owner ? read(averageOf(slot)) : undefined, body);
}

/**
 * The decay to use at a step (counted from 0) so that the average soon forgets its start: min(decay, (1 + step) /
 * (10 + step)), as TensorFlow's `ExponentialMovingAverage`.
 */
export function rampedDecay(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}
