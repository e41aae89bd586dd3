/** The flags and arguments of `duel sample`. */
import { MAX_THREADS } from "../plan/control.ts";
import { safeFlag } from "./command.ts";
import type { Parsed } from "./flags.ts";

/** In the order of `--help`. */
export const sampleFlags = {
  n: { type: "integer", min: 1, max: 65536, unit: "samples", help: "How many; 64, or 8 between two seeds" },
  seed: {
    type: "integer",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    help: "Seed of the first image; the next image has the next seed",
  },
  seeds: { type: "text", placeholder: "LIST", help: "The seeds themselves, for instance 3,7,20-29; instead of --n" },
  interpolate: {
    type: "text",
    placeholder: "A,B",
    help: "A strip of --n images on the way from seed A to seed B",
  },
  label: {
    type: "text",
    placeholder: "NAME=CLASS",
    multiple: true,
    help: "What to make, for a generator that was trained with labels: hair=pink,glasses=none; digit=all makes each " +
      "image as every digit, digits side by side. What is not said is drawn by the seed",
  },
  truncate: {
    type: "number",
    min: 0.1,
    max: 10,
    help: "Draw latent numbers beyond ± this again: less variety, more typical images",
  },

  out: {
    type: "path",
    access: "output",
    group: "Output",
    help:
      "A .png for one grid, a .npy for an array N×H×W×C of bytes (points: N×dimensions of floats), or a folder for one PNG an " +
      "image and labels.csv; " +
      "a new file in the run's samples if left out. Folders that are missing are made",
  },
  force: { type: "boolean", group: "Output", help: "Overwrite what is there" },
  columns: { type: "integer", min: 1, max: 65536, group: "Output", help: "Images a row of the grid; a .png only" },
  scale: {
    type: "integer",
    min: 1,
    max: 64,
    group: "Output",
    help: "Magnify each pixel of the grid so many times; a .png only",
  },

  backend: { type: "choice", choices: ["wasm", "reference"], default: "wasm", group: "Engine", help: "What computes" },
  threads: { type: "integer", min: 1, max: MAX_THREADS, group: "Engine", help: "Threads; one a core if left out" },
  safe: { ...safeFlag.safe, group: "Engine" },
} as const;

/** What is sampled from. */
export const sampleArguments = {
  run: { type: "path", access: "read", help: "A run directory or one of its checkpoints; the newest run if left out" },
} as const;

/** A command line of `sample`. */
export type SampleParsed = Parsed<typeof sampleFlags, typeof sampleArguments>;
