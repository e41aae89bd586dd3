/** What can be chosen from, with a line on each: presets, points, models, and the parts of a game. */
import { conditionings } from "../gan/conditioning.ts";
import { losses } from "../gan/losses.ts";
import { penalties } from "../gan/penalties.ts";
import { toys } from "../data/toys.ts";
import { models } from "../models/registry.ts";
import { presets } from "./presets.ts";
import { table } from "./text.ts";

const groups: readonly (readonly [flag: string, choices: Readonly<Record<string, { readonly about: string }>>])[] = [
  ["--preset", presets],
  ["--data (points)", toys],
  ["--model", models],
  ["--loss", losses],
  ["--penalty", penalties],
  ["--condition", conditionings],
];

/** A table for each of these flags of `train`. */
export function listChoices(): string {
  return groups
    .map(([flag, choices]) => table([flag, ""], Object.entries(choices).map(([name, { about }]) => [name, about])))
    .join("\n\n");
}
