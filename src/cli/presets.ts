/** Settings that go together, each shown to work: `docs/results.md` has what they reach. */
import type { SomeSettings } from "./settings.ts";

export interface Preset {
  readonly about: string;
  readonly settings: SomeSettings;
}

/** From 0.001 to 0.00005 over a whole run of points: modes are found fast, and drawn finely at the end. */
const fading = (steps: number) => ({ shape: "cosine", from: 1e-3, to: 5e-5, steps }) as const;

/** A penalty that is strong until the modes are found. */
const falling = (name: "r1" | "r2", from: number, to: number, steps: number) =>
  ({ name, weight: { shape: "cosine", from, to, steps } }) as const;

/** What both games on a toy have in common: networks, rates, steps. */
const toy = (name: "ring" | "grid", steps: number) => ({
  data: { name },
  model: { name: "mlp", latent: 2, hidden: [128, 128, 128] },
  optimizer: {
    name: "adam",
    beta1: 0,
    beta2: 0.99,
    discriminatorRate: fading(steps),
    generatorRate: fading(steps),
  },
  batch: 256,
  average: 0.999,
  steps,
  sampleEvery: steps / 20,
  checkpointEvery: steps / 10,
} as const satisfies SomeSettings);

/** Huang et al. 2024, on points. The slopes that are penalised are as steep as the data are small. */
const relativeToy = (name: "ring" | "grid", steps: number, from: number, to: number) => ({
  ...toy(name, steps),
  loss: { name: "relativistic", labelSmoothing: 0 },
  penalties: [falling("r1", from, to, steps), falling("r2", from, to, steps)],
} as const satisfies SomeSettings);

/** The rates of stacked digits fade over the whole run; penalties, and Adam's memory, change in its first part. */
const stackedSteps = 28_000;
const early = 6000;
const stackedRate = { shape: "cosine", from: 2e-3, to: 1e-4, steps: stackedSteps } as const;

const table = {
  faces: { about: "drawn faces, a DCGAN; the default", settings: {} },
  ring: {
    about: "8 Gaussians on a circle: relativistic loss with R1 and R2, every mode and hardly a point beside them",
    settings: relativeToy("ring", 26_000, 0.1, 0.002),
  },
  "ring-gan": {
    about: "the same networks, rates and steps with the plain loss, to compare",
    settings: toy("ring", 26_000),
  },
  grid: {
    about: "25 Gaussians on a grid, as ring",
    settings: relativeToy("grid", 26_000, 1, 0.02),
  },
  "grid-gan": {
    about: "the same networks, rates and steps with the plain loss, to compare",
    settings: toy("grid", 26_000),
  },
  "stacked-mnist": {
    about:
      "three digits in one image: all 1000 combinations, equally often; relativistic loss with R1 and R2 on packs of two",
    settings: {
      data: { name: "stacked-mnist" },
      model: { name: "dcgan", norm: "none" },
      loss: { name: "relativistic", labelSmoothing: 0 },
      view: { packed: 2 },
      penalties: [falling("r1", 1, 0.1, early), falling("r2", 1, 0.1, early)],
      optimizer: {
        beta1: 0,
        beta2: { shape: "cosine", from: 0.9, to: 0.99, steps: early },
        discriminatorRate: stackedRate,
        generatorRate: stackedRate,
      },
      average: { shape: "cosine", from: 0.998, to: 0.9995, steps: 20_000 },
      steps: stackedSteps,
      sampleEvery: 2000,
      checkpointEvery: 2000,
    },
  },
  "mnist-labels": {
    about: "digits on demand, by an auxiliary classifier; LeCam's penalty leaves it more to say beside the game",
    settings: {
      data: { name: "mnist" },
      penalties: [{ name: "lecam", weight: 0.3 }],
      condition: { kind: "acgan", labels: null, codes: [], continuous: 0 },
      steps: 3000,
    },
  },
  "faces-labels": {
    about: "drawn faces with the hair colour and the glasses that are asked for",
    settings: { condition: { kind: "acgan", labels: ["hair", "glasses"], codes: [], continuous: 0 }, steps: 4000 },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof table;

/** Presets by name. */
export const presets: Readonly<Record<PresetName, Preset>> = table;
