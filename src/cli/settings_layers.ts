/** Settings from several places, each of which overrules those before it. */
import { isToy } from "../data/toys.ts";
import { losses } from "../gan/losses.ts";
import { modelsUsing } from "../models/registry.ts";
import { optimizerSettings } from "../nn/optimizers.ts";
import { defaultClip, mergeSettings, resolveSettings, type SomeSettings } from "./settings.ts";

/** A preset, a file, flags: later settings over earlier ones, without what belongs to what the later ones replace. */
export function layeredSettings(...layers: readonly SomeSettings[]): SomeSettings {
  return layers.reduce((below, above) => mergeSettings(without(below, replacedBy(above, below)), above), {});
}

/**
 * The dotted names of settings `below` that belong to what those `above` replace (the data, the model, the loss or the
 * optimiser), or only follow from it: the `config.json` of a run has all settings, chosen or not.
 */
function replacedBy(above: SomeSettings, below: SomeSettings): string[] {
  const other = (section: "data" | "model" | "loss" | "optimizer") => {
    const [before, after] = [below[section]?.name, above[section]?.name];
    return before !== undefined && after !== undefined && before !== after;
  };
  const pointsOrImages = other("data") && isToy(below.data!.name!) !== isToy(above.data!.name!);
  const otherModel = pointsOrImages || other("model");
  const { model, loss, optimizer } = resolveSettings(above);
  return [
    ...other("data") ? ["data.dir", "data.faces", "data.flip"] : [],
    ...pointsOrImages ? ["data.size", "model.name", "batch", "view.augment", "view.adaptive"] : [],
    ...otherModel ? ["model.latent", "model.base", "model.hidden", "model.blocks"] : [],
    ...otherModel && !modelsUsing("discriminatorNorm").includes(model.name) ? ["model.norm"] : [],
    ...other("loss") && !losses[loss.name].hasTarget ? ["loss.labelSmoothing"] : [],
    ...other("optimizer") && !("beta1" in optimizerSettings[optimizer.name])
      ? ["optimizer.beta1", "optimizer.beta2"]
      : [],
    ...below.loss?.name !== undefined && below.optimizer?.clipWeights === defaultClip(below)
      ? ["optimizer.clipWeights"]
      : [],
  ];
}

/** Settings without those of the dotted `names`. */
function without(settings: SomeSettings, names: readonly string[]): SomeSettings {
  const kept = (entries: object, prefix = "") =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !names.includes(prefix + name)));
  const sections = ["data", "model", "loss", "view", "optimizer"] as const;
  return {
    ...kept(settings),
    ...Object.fromEntries(sections.flatMap((section) => {
      const entries = settings[section];
      return entries ? [[section, kept(entries, `${section}.`)]] : [];
    })),
  };
}
