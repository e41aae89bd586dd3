/** The settings of a call of `train`: of a preset, a file, the flags, or the run that goes on. */
import { dirname, resolve } from "node:path";
import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { readConfig } from "../checkpoint/config.ts";
import { UsageError } from "../core/errors.ts";
import { conditionings } from "../gan/conditioning.ts";
import { modelsUsing } from "../models/registry.ts";
import { optimizerSettings } from "../nn/optimizers.ts";
import { refuseContradictions } from "./contradictions.ts";
import { flagName } from "./flags.ts";
import { targeted } from "./game_flags.ts";
import { presets } from "./presets.ts";
import {
  isDataName,
  resolveSettings,
  settingsSchema,
  type SomeSettings,
  someSettingsSchema,
  type TrainConfig,
  type TrainSettings,
} from "./settings.ts";
import { isSchedule, settingsOfFlags } from "./settings_flags.ts";
import { layeredSettings } from "./settings_layers.ts";
import type { TrainParsed } from "./train_flags.ts";

/**
 * All settings. What the user did not type comes from the recorded run, if there is one, else from `--config`, the
 * preset, and defaults.
 * @throws UsageError for flags that don't fit each other; DataError for a config file that can't be used.
 */
export async function settingsOf(parsed: TrainParsed, cwd: string, recorded?: TrainConfig): Promise<TrainSettings> {
  const { flags } = parsed;
  const typed = settingsOfFlags(parsed, cwd) ?? {};
  let asked: SomeSettings;
  if (recorded) {
    for (const flag of ["preset", "config"] as const) {
      if (flags[flag] === undefined) continue;
      throw new UsageError(`a run that is resumed has its settings; leave out --${flag}`);
    }
    asked = layeredSettings(v.parse(settingsSchema, recorded), typed);
  } else {
    asked = layeredSettings(
      flags.preset === undefined ? {} : presets[flags.preset].settings,
      flags.config === undefined ? {} : await readSettings(flags.config),
      typed,
    );
  }
  const settings = resolveSettings(asked);
  refuseStrayFlags(parsed, settings);
  refuseContradictions(settings);
  return settings;
}

/** The settings in a file; paths in it start from its folder. @throws DataError */
async function readSettings(file: string): Promise<SomeSettings> {
  const { data, ...settings } = await readConfig(file, someSettingsSchema, "mend it, or see --schema");
  const whole = (path: string) => resolve(dirname(file), path);
  return {
    ...settings,
    ...data && {
      data: {
        ...data,
        ...data.name !== undefined && !isDataName(data.name) && { name: whole(data.name) },
        ...typeof data.dir === "string" && { dir: whole(data.dir) },
      },
    },
  };
}

/** What `--schema` prints: the JSON schema of `--config`. */
export function settingsJsonSchema(): string {
  // Numbers are finite in JSON; that decays are below 1 is found when the file is read.
  return JSON.stringify(toJsonSchema(someSettingsSchema, { ignoreActions: ["finite", "check", "transform"] }), null, 2);
}

/** @throws UsageError for a flag that the other settings leave without a meaning. */
function refuseStrayFlags({ flags, given }: TrainParsed, settings: TrainSettings): void {
  const { model, optimizer, data, condition, view, loss } = settings;
  const needs = (flag: Parameters<typeof given.has>[0], fits: boolean, place: string) => {
    if (fits || !given.has(flag)) return;
    throw new UsageError(`--${flagName(flag)} belongs to ${place}; leave it out, or add that`);
  };
  const adaptive = "beta1" in optimizerSettings[optimizer.name];
  const drawn = condition !== null && conditionings[condition.kind].drawn;
  needs("beta1", adaptive, "--optimizer adam or adamw");
  needs("beta2", adaptive, "--optimizer adam or adamw");
  for (const [flag, setting] of [["base", "base"], ["hidden", "hidden"], ["blocks", "blocks"]] as const) {
    const users = modelsUsing(setting);
    needs(flag, users.includes(model.name), `--model ${users.join(", ")}`);
  }
  if (given.has("base") && model.name === "r3gan" && model.hidden.length > 0) {
    throw new UsageError("r3gan takes its channels from --hidden or from --base; leave one of them out");
  }
  const normed = modelsUsing("discriminatorNorm");
  needs("normD", view.spectralNorm || normed.includes(model.name), `--model ${normed.join(", ")}`);
  needs("faces", data.name === "faces", "--data faces");
  needs("size", data.size !== null, "data of images");
  needs("flip", data.size !== null, "data of images");
  // A condition is given as a whole.
  const newly = given.has("condition");
  needs("labels", newly && condition !== null && !drawn, "--condition with a kind that takes labels");
  needs("codes", newly && drawn, "--condition infogan");
  needs("continuous", newly && drawn, "--condition infogan");
  needs("burnIn", Object.values(flags).flat().some(isSchedule), "a schedule, such as --noise 0.1..0");
  needs("adaptive", view.augment.length > 0, "--augment");
  needs("augment", data.size !== null, "data of images");
  needs("labelSmoothing", targeted.includes(loss.name), `losses with a target: ${targeted.join(", ")}`);
}
