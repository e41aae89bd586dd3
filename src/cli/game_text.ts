/** The settings of a game in words, as short as they can be. */
import type { Scheduled } from "../gan/schedule.ts";
import { countText } from "./text.ts";
import type { TrainSettings } from "./settings.ts";

/** `0.1`, or `1 to 0.1 over 1,000 steps`. */
function scheduledText(setting: Scheduled): string {
  if (typeof setting === "number") return String(setting);
  const { from, to, steps, shape } = setting;
  return `${from} to ${to} over ${countText(steps)} steps${shape === "linear" ? ", linearly" : ""}`;
}

/** Loss, penalties and whatever else makes the game, such as `relativistic loss, penalties r1 (0.1) and r2 (0.1)`. */
export function gameText({ loss, penalties, view, optimizer, discriminatorSteps }: TrainSettings): string {
  const weighted = penalties.map(({ name, weight }) => `${name} (${scheduledText(weight)})`);
  return [
    `${loss.name} loss`,
    ...weighted.length === 0 ? [] : [`${weighted.length === 1 ? "penalty" : "penalties"} ${weighted.join(" and ")}`],
    ...loss.labelSmoothing === 0 ? [] : [`targets smoothed by ${loss.labelSmoothing}`],
    ...view.spectralNorm ? ["spectral norm"] : [],
    ...view.packed === 1 ? [] : [`packs of ${view.packed}`],
    ...view.minibatchDeviation ? ["minibatch deviation"] : [],
    ...view.augment.length === 0
      ? []
      : [`${view.adaptive ? "adaptive " : ""}augmentation by ${view.augment.join(", ")}`],
    ...view.noise === 0 ? [] : [`noise ${scheduledText(view.noise)}`],
    ...optimizer.clipWeights === null ? [] : [`weights of D within ±${optimizer.clipWeights}`],
    ...optimizer.clipGradients === null ? [] : [`gradients up to ${optimizer.clipGradients}`],
    ...discriminatorSteps === 1 ? [] : [`${discriminatorSteps} updates of D for each of G`],
  ].join(", ");
}

/** Optimiser and rates. */
export function rateText({ optimizer: { name, discriminatorRate, generatorRate } }: TrainSettings): string {
  return `${name} ${[...new Set([discriminatorRate, generatorRate].map(scheduledText))].join(" and ")}`;
}
