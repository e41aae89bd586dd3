/** The settings of a call of `train`: of a preset, a file, the flags, or the run that goes on. */
import * as v from "valibot";
import { readConfig } from "../checkpoint/config.ts";
import { UsageError } from "../core/errors.ts";
import { conditionings } from "../gan/conditioning.ts";
import { losses } from "../gan/losses.ts";
import { modelsUsing } from "../models/registry.ts";
import { flagName } from "./flags.ts";
import { presets } from "./presets.ts";
import {
  mergeSettings,
  resolveSettings,
  settingsSchema,
  type SomeSettings,
  someSettingsSchema,
  type TrainConfig,
  type TrainSettings,
} from "./settings.ts";
import { settingsOfFlags } from "./settings_flags.ts";
import type { TrainParsed } from "./train_flags.ts";

/**
 * All settings. What the user did not type comes from the recorded run, if there is one, else from `--config`, the
 * preset, and defaults.
 * @throws UsageError for flags that don't fit each other; DataError for a config file that can't be used.
 */
export async function settingsOf(parsed: TrainParsed, cwd: string, recorded?: TrainConfig): Promise<TrainSettings> {
  const { flags } = parsed;
  const typed = settingsOfFlags(parsed, cwd) ?? {};
  let base: SomeSettings[];
  if (recorded) {
    for (const flag of ["preset", "config"] as const) {
      if (flags[flag] === undefined) continue;
      throw new UsageError(`a run that is resumed has its settings; leave out --${flag}`);
    }
    base = [v.parse(settingsSchema, recorded)];
  } else {
    base = [
      flags.preset === undefined ? {} : presets[flags.preset].settings,
      flags.config === undefined ? {} : await readConfig(flags.config, someSettingsSchema),
    ];
  }
  const settings = resolveSettings(mergeSettings(...base, typed));
  refuseStrayFlags(parsed, settings);
  refuseContradictions(settings);
  return settings;
}

/** @throws UsageError for a flag that the other settings leave without a meaning. */
function refuseStrayFlags({ given }: TrainParsed, settings: TrainSettings): void {
  const { model, optimizer, data, condition, view, loss } = settings;
  const needs = (flag: Parameters<typeof given.has>[0], fits: boolean, place: string) => {
    if (fits || !given.has(flag)) return;
    throw new UsageError(`--${flagName(flag)} belongs to ${place}; leave it out, or add that`);
  };
  const adaptive = optimizer.name === "adam" || optimizer.name === "adamw";
  const drawn = condition !== null && conditionings[condition.kind].drawn;
  needs("beta1", adaptive, "--optimizer adam or adamw");
  needs("beta2", adaptive, "--optimizer adam or adamw");
  for (const [flag, setting] of [["base", "base"], ["hidden", "hidden"], ["blocks", "blocks"]] as const) {
    const users = modelsUsing(setting);
    needs(flag, users.includes(model.name), `--model ${users.join(", ")}`);
  }
  const normed = modelsUsing("discriminatorNorm");
  needs("normD", view.spectralNorm || normed.includes(model.name), `--model ${normed.join(", ")}`);
  needs("faces", data.name === "faces", "--data faces");
  needs("size", data.size !== null, "data of images");
  needs("flip", data.size !== null, "data of images");
  needs("labels", condition !== null && !drawn, "--condition with a kind that takes labels");
  needs("codes", drawn, "--condition infogan");
  needs("continuous", drawn, "--condition infogan");
  needs("adaptive", view.augment.length > 0, "--augment");
  needs("augment", data.size !== null, "data of images");
  needs("labelSmoothing", losses[loss.name].hasTarget === true, "losses with a target: non-saturating, minimax, lsgan");
}

/** @throws UsageError for settings, whoever gave them, that cannot be together. */
export function refuseContradictions({ batch, view, loss, penalties }: TrainSettings): void {
  if (batch % view.packed !== 0) {
    throw new UsageError(`a batch of ${batch} does not split into packs of ${view.packed}; take a multiple of that`);
  }
  if (view.packed > 1 && losses[loss.name].autoencoder) {
    throw new UsageError(`${loss.name} judges samples one by one; leave out --pack`);
  }
  const repeated = penalties.find(({ name }, index) => penalties.findIndex((other) => other.name === name) < index);
  if (repeated) throw new UsageError(`the penalty ${repeated.name} is given twice; give it once, with its weight`);
}
