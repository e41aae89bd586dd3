/** Settings that cannot be together, or that make no difference beside the others, whoever gave them. */
import { UsageError } from "../core/errors.ts";
import { isToy } from "../data/toys.ts";
import { conditionings } from "../gan/conditioning.ts";
import { losses } from "../gan/losses.ts";
import { type ModelEntry, models, modelsUsing } from "../models/registry.ts";
import { DEVIATION_GROUP } from "../nn/layers/minibatch.ts";
import { optimizerSettings } from "../nn/optimizers.ts";
import { bordered, targeted } from "./game_flags.ts";
import { resolveSettings, type TrainSettings } from "./settings.ts";

/** What is wrong, and what to do about it; nothing if all is well. Settings are named as in files, and their flags. */
type Rule = (settings: TrainSettings) => string | false | undefined;

/** A batch is best a multiple of this: of packs, in groups whose deviation D is told. */
export function batchUnit({ packed, minibatchDeviation }: TrainSettings["view"]): number {
  return packed * (minibatchDeviation ? DEVIATION_GROUP : 1);
}

/** The first item of a list that is in it twice. */
function repeated<T>(items: readonly T[]): T | undefined {
  return items.find((item, index) => items.indexOf(item) < index);
}

const ofData: readonly Rule[] = [
  ({ data: { name, size } }) =>
    isToy(name) && size !== null && `${name} are points, without a size; leave out data.size (--size)`,
  ({ data: { name, size } }) =>
    !isToy(name) && size === null && `${name} are images; give their size, data.size (--size)`,
  ({ data: { name, faces } }) =>
    name !== "faces" && faces !== null && `${name} is not drawn; leave out data.faces (--faces)`,
  ({ data: { name }, view }) =>
    isToy(name) && view.augment.length > 0 &&
    `${name} are points, which can't be augmented; leave out view.augment (--augment)`,
];

const unset = resolveSettings({});

const ofModel: readonly Rule[] = [
  ({ model }) => {
    const { uses, defaults }: ModelEntry = models[model.name];
    const sizes = ["base", "hidden", "blocks"] as const;
    const stray = sizes.find((size) => !uses.includes(size) && String(model[size]) !== String(defaults[size]));
    return stray &&
      `${model.name} has no model.${stray} (--${stray}); leave it out, or take a model that has: ${
        modelsUsing(stray).join(", ")
      }`;
  },
  ({ model: { name, base, hidden } }) =>
    name === "r3gan" && hidden.length > 0 && base !== models.r3gan.defaults.base &&
    "r3gan takes its channels from model.hidden (--hidden) or from model.base (--base); leave one of them out",
  ({ model: { name, norm }, view }) => {
    const users = modelsUsing("discriminatorNorm");
    const none = norm === null || (norm === "none" && view.spectralNorm);
    return !none && !users.includes(name) &&
      `D of ${name} has no norm to choose; leave out model.norm (--norm-d), or take a model that has: ${
        users.join(", ")
      }`;
  },
];

const ofGame: readonly Rule[] = [
  ({ view }) =>
    view.adaptive && view.augment.length === 0 &&
    "nothing is augmented; leave out view.adaptive (--adaptive), or add view.augment (--augment)",
  ({ view, loss: { name } }) =>
    view.adaptive && losses[name].border === undefined &&
    `${name} has no border between scores of real and of generated samples, which view.adaptive (--adaptive) goes by; ` +
      `leave it out, or take another loss: ${bordered.join(", ")}`,
  ({ view: { augment } }) =>
    repeated(augment) && `view.augment (--augment) has ${repeated(augment)} twice; name it once`,
  ({ loss: { name, labelSmoothing } }) =>
    labelSmoothing > 0 && !targeted.includes(name) &&
    `${name} has no target to smooth; leave out loss.labelSmoothing (--label-smoothing)`,
  ({ view, loss: { name } }) =>
    view.packed > 1 && losses[name].autoencoder &&
    `${name} judges samples one by one; leave out view.packed (--pack)`,
  ({ penalties }) => {
    const name = repeated(penalties.map(({ name }) => name));
    return name && `the penalty ${name} is given twice; give it once, with its weight`;
  },
  ({ condition }) =>
    condition !== null && !conditionings[condition.kind].drawn && condition.codes.length + condition.continuous > 0 &&
    `${condition.kind} draws no codes; leave condition.codes (--codes) empty, and condition.continuous (--continuous) 0`,
  ({ condition }) =>
    condition !== null && conditionings[condition.kind].drawn && condition.labels !== null &&
    `${condition.kind} draws codes and takes no labels; let condition.labels (--labels) be null`,
  ({ condition }) => {
    const name = repeated(condition?.labels ?? []);
    return name !== undefined && `condition.labels (--labels) has ${name} twice; name it once`;
  },
];

const ofTraining: readonly Rule[] = [
  ({ batch, view: { packed } }) =>
    batch % packed !== 0 && `a batch of ${batch} does not split into packs of ${packed}; take a multiple of that`,
  ({ batch, view }) =>
    view.minibatchDeviation && batch / view.packed > DEVIATION_GROUP && batch % batchUnit(view) !== 0 &&
    `a batch of ${batch} does not split into the groups of ${batchUnit(view)} that view.minibatchDeviation ` +
      "(--minibatch-deviation) compares; take a multiple of that, or leave it out",
  ({ optimizer }) => {
    const decays = ["beta1", "beta2"] as const;
    const stray = decays.find((decay) =>
      !(decay in optimizerSettings[optimizer.name]) && String(optimizer[decay]) !== String(unset.optimizer[decay])
    );
    return stray && `${optimizer.name} has no optimizer.${stray} (--${stray}); leave it out, or take adam or adamw`;
  },
];

const rules: readonly Rule[] = [...ofData, ...ofModel, ...ofGame, ...ofTraining];

/** @throws UsageError for settings that cannot be together, or of which one makes no difference. */
export function refuseContradictions(settings: TrainSettings): void {
  for (const rule of rules) {
    const wrong = rule(settings);
    if (wrong) throw new UsageError(wrong);
  }
}
