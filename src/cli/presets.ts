/** Settings that go together, each shown to work: `docs/results.md` has what they reach. */
import type { SomeSettings } from "./settings.ts";

export interface Preset {
  readonly about: string;
  readonly settings: SomeSettings;
}

const table = {
  faces: { about: "drawn faces, a DCGAN; the default", settings: {} },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof table;

/** Presets by name. */
export const presets: Readonly<Record<PresetName, Preset>> = table;
