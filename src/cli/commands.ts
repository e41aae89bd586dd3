/** The commands of duel. The imports are literal, so that bundlers find them, and lazy, so that `--help` is quick. */
import type { Commands } from "./dispatch.ts";

/** In the order in which `duel --help` lists them. */
export const commands: Commands = {
  train: async () => (await import("./train.ts")).command,
  sweep: async () => (await import("./sweep.ts")).command,
  sample: async () => (await import("./sample.ts")).command,
  eval: async () => (await import("./eval.ts")).command,
  course: async () => (await import("./course.ts")).command,
  info: async () => (await import("./info.ts")).command,
};
