/** What a preset, a file and flags come to together. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { refuseContradictions } from "../../src/cli/contradictions.ts";
import { presets } from "../../src/cli/presets.ts";
import { resolveSettings, settingsSchema, type SomeSettings, someSettingsSchema } from "../../src/cli/settings.ts";
import { layeredSettings } from "../../src/cli/settings_layers.ts";
import { layerOf } from "../../src/cli/sweep_file.ts";
import { penalties, type PenaltyName } from "../../src/gan/penalties.ts";

/** All settings of a run, as its config.json has them, and flags beside that file. */
function repeated(run: SomeSettings, flags: SomeSettings) {
  const recorded = v.parse(settingsSchema, JSON.parse(JSON.stringify(resolveSettings(run))));
  const settings = resolveSettings(layeredSettings(recorded, flags));
  refuseContradictions(settings);
  return settings;
}

const wgan = { loss: { name: "wgan" } } as const;
const penalty = (name: PenaltyName): SomeSettings => ({ penalties: [{ name, weight: 1 }] });

Deno.test("without flags, and with flags that repeat its names, a config is what it was", () => {
  for (const run of [{}, wgan, ...Object.values(presets).map(({ settings }) => settings)]) {
    const settings = resolveSettings(run);
    const { data, model, loss, optimizer } = settings;
    assert.deepEqual(repeated(run, {}), settings);
    const names = { data: { name: data.name }, model: { name: model.name }, loss: { name: loss.name } };
    assert.deepEqual(repeated(run, { ...names, optimizer: { name: optimizer.name } }), settings);
  }
});

Deno.test("weights are clipped by default where the loss is Wasserstein's and nothing bounds D's slope", () => {
  const clip = (settings: SomeSettings) => resolveSettings(settings).optimizer.clipWeights;
  const bounding = (Object.keys(penalties) as PenaltyName[]).filter((name) => penalties[name].boundsSlope);
  assert.deepEqual(bounding, ["wgan-gp", "dragan", "r1", "r2"]);
  assert.deepEqual([{}, wgan, { ...wgan, view: { spectralNorm: true } }].map(clip), [null, 0.01, null]);
  for (const name of bounding) assert.equal(clip({ ...wgan, ...penalty(name) }), null, name);
  assert.equal(clip({ ...wgan, ...penalty("lecam") }), 0.01);
  assert.equal(clip({ ...wgan, optimizer: { clipWeights: null } }), null);
});

Deno.test("the limit of weights that follows from a game does not stay where flags make it another game", () => {
  const clip = (run: SomeSettings, flags: SomeSettings) => repeated(run, flags).optimizer.clipWeights;
  assert.equal(clip({}, wgan), 0.01);
  assert.equal(clip(wgan, { loss: { name: "hinge" } }), null);
  assert.equal(clip(wgan, penalty("wgan-gp")), null);
  assert.equal(clip(wgan, { view: { spectralNorm: true } }), null);
  assert.equal(clip({ ...wgan, optimizer: { clipWeights: 0.1 } }, penalty("wgan-gp")), 0.1, "chosen, not filled in");
  assert.equal(clip({}, { ...wgan, optimizer: { clipWeights: null } }), null);
  const file = layeredSettings({ optimizer: { clipWeights: null } }, wgan);
  assert.equal(resolveSettings(file).optimizer.clipWeights, null, "a file that names no loss has chosen");
});

Deno.test("other data come with their own folder, faces, mirroring and, from images to points, networks", () => {
  const faces = { data: { name: "faces", faces: 100 }, view: { augment: ["cutout" as const] }, steps: 7, batch: 16 };
  const digits = repeated(faces, { data: { name: "mnist" } });
  assert.deepEqual(digits.data, { name: "mnist", dir: null, size: 32, faces: null, flip: false });
  assert.deepEqual([digits.steps, digits.batch, digits.view.augment], [7, 16, ["cutout"]]);
  const back = repeated({ data: { name: "mnist", dir: "/there", size: 64 } }, { data: { name: "faces" } });
  assert.deepEqual(back.data, { name: "faces", dir: null, size: 64, faces: 8192, flip: true });
  const ring = { data: { name: "ring" } };
  assert.deepEqual(repeated(faces, ring), { ...resolveSettings(ring), steps: 7 });
  assert.deepEqual(repeated(ring, { data: { name: "faces" } }), resolveSettings({}));
});

Deno.test("another model comes with its own sizes, and keeps a norm that it has", () => {
  const run: SomeSettings = { model: { name: "dcgan", base: 8, latent: 9, norm: "layer", latents: "uniform" } };
  const other = (name: "r3gan" | "infogan") => repeated(run, { model: { name } }).model;
  const { latent, base } = resolveSettings({ model: { name: "r3gan" } }).model;
  assert.deepEqual(other("r3gan"), { ...other("r3gan"), latent, base, norm: null, latents: "uniform" });
  assert.deepEqual([latent, base], [64, 16]);
  assert.equal(other("infogan").norm, "layer");
  assert.equal(repeated(run, { model: { name: "r3gan", base: 32 } }).model.base, 32);
});

Deno.test("what another loss or optimiser has no use for is dropped", () => {
  const smooth: SomeSettings = { loss: { name: "non-saturating", labelSmoothing: 0.1 } };
  assert.equal(repeated(smooth, { loss: { name: "hinge" } }).loss.labelSmoothing, 0);
  assert.equal(repeated(smooth, { loss: { name: "lsgan" } }).loss.labelSmoothing, 0.1);
  const adam: SomeSettings = { optimizer: { name: "adam", beta1: 0, beta2: 0.9 } };
  const betas = (name: "sgd" | "adamw") => {
    const { beta1, beta2 } = repeated(adam, { optimizer: { name } }).optimizer;
    return [beta1, beta2];
  };
  assert.deepEqual([betas("sgd"), betas("adamw")], [[0.5, 0.999], [0, 0.9]]);
});

Deno.test("a limit of 0 is none at all, in files as in flags", () => {
  const file = v.parse(someSettingsSchema, { ...wgan, optimizer: { clipWeights: 0, clipGradients: 0 } });
  const { clipWeights, clipGradients } = resolveSettings(file).optimizer;
  assert.deepEqual([clipWeights, clipGradients], [null, null]);
  assert.deepEqual(layerOf("grid", "optimizer.clipGradients", 0), { optimizer: { clipGradients: null } });
  assert.deepEqual(layerOf("grid", "optimizer.clipGradients", 2), { optimizer: { clipGradients: 2 } });
});
