/** From the flags of a command line to the settings that they ask for. */
import { resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import { type Augmentation, augmentations } from "../gan/augment.ts";
import { conditionings } from "../gan/conditioning.ts";
import { penalties, type PenaltyName } from "../gan/penalties.ts";
import type { Scheduled } from "../gan/schedule.ts";
import { isDataName, isDecay, type SomeSettings, type TrainSettings } from "./settings.ts";
import { hint } from "./suggest.ts";
import type { TrainParsed } from "./train_flags.ts";

/**
 * G learns twice as fast as D unless told otherwise: two rates keep both in the game (Heusel et al. 2017), and with one
 * rate D is soon too sure here; digits and faces came out clearer after the same number of steps.
 */
const GENERATOR_PACE = 2;

/** What the user typed, nothing else. @throws UsageError for a value that cannot be. */
export function settingsOfFlags({ flags, given }: TrainParsed, cwd: string): SomeSettings {
  const when = <T>(flag: keyof typeof flags, value: () => T): T | undefined => given.has(flag) ? value() : undefined;
  const plain = <K extends keyof typeof flags>(flag: K) => when(flag, () => flags[flag]!);
  const schedule = (flag: "noise" | "beta2" | "average" | "learningRate" | "learningRateD" | "learningRateG") =>
    when(flag, () => parseScheduled(flag, flags[flag]!, flags.burnIn));
  const decay = (flag: "beta2" | "average") => {
    const setting = schedule(flag);
    if (setting === undefined || isDecay(setting)) return setting;
    throw new UsageError(`--${flag} is ${JSON.stringify(flags[flag])}; expected numbers below 1`);
  };
  const rate = schedule("learningRate");
  const spectral = flags.normD === "spectral";
  return prune({
    data: prune({
      name: when("data", () => isDataName(flags.data) ? flags.data : resolve(cwd, flags.data)),
      dir: plain("dataDir"),
      size: plain("size"),
      faces: plain("faces"),
      flip: plain("flip"),
    }),
    model: prune({
      name: plain("model"),
      latent: plain("latent"),
      base: plain("base"),
      hidden: when("hidden", () => [...flags.hidden]),
      blocks: plain("blocks"),
      norm: when("normD", () => flags.normD === "spectral" ? "none" : flags.normD!),
      latents: plain("latents"),
    }),
    loss: prune({ name: plain("loss"), labelSmoothing: plain("labelSmoothing") }),
    penalties: when("penalty", () => flags.penalty.map((text) => parsePenalty(text, flags.burnIn))),
    condition: when("condition", () => conditionOf(flags)),
    view: prune({
      packed: plain("pack"),
      noise: schedule("noise"),
      augment: when("augment", () => parsePolicies(flags.augment!)),
      adaptive: plain("adaptive"),
      minibatchDeviation: plain("minibatchDeviation"),
      spectralNorm: when("normD", () => spectral),
    }),
    optimizer: prune({
      name: plain("optimizer"),
      beta1: plain("beta1"),
      beta2: decay("beta2"),
      discriminatorRate: schedule("learningRateD") ?? rate,
      generatorRate: schedule("learningRateG") ?? (rate === undefined ? undefined : scaled(rate, GENERATOR_PACE)),
      clipWeights: when("clipWeights", () => flags.clipWeights || null),
      clipGradients: when("clipGradients", () => flags.clipGradients || null),
    }),
    discriminatorSteps: plain("dSteps"),
    batch: plain("batch"),
    average: decay("average"),
    seed: plain("seed"),
    steps: plain("steps"),
    sampleEvery: plain("sampleEvery"),
    checkpointEvery: plain("checkpointEvery"),
    keepEvery: plain("keepEvery"),
    evalEvery: plain("evalEvery"),
    backend: plain("backend"),
    exact: plain("exact"),
  }) as SomeSettings;
}

/** Without the entries that are undefined, or empty objects. */
function prune(settings: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function conditionOf({ condition, labels, codes, continuous }: TrainParsed["flags"]): TrainSettings["condition"] {
  if (condition === undefined || condition === "none") return null;
  const { drawn } = conditionings[condition];
  return {
    kind: condition,
    labels: drawn || labels === undefined ? null : labels.split(",").map((name) => name.trim()),
    codes: drawn ? codes.length > 0 ? [...codes] : [10] : [],
    continuous: drawn ? continuous : 0,
  };
}

const NUMBER = String.raw`(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const SCHEDULE = new RegExp(`^(?:(linear|cosine):)?(${NUMBER})(?:\\.\\.(${NUMBER}))?$`, "i");

/** Whether the value of a flag is a schedule, or a penalty with one. */
export function isSchedule(value: unknown): boolean {
  return typeof value === "string" && SCHEDULE.exec(value.split("=").at(-1)!.trim())?.[3] !== undefined;
}

/** `0.01`, `1..0.1` or `linear:1..0.1`. @throws UsageError */
export function parseScheduled(flag: string, text: string, steps: number): Scheduled {
  const match = SCHEDULE.exec(text.trim());
  const [from, to] = [Number(match?.[2]), Number(match?.[3] ?? match?.[2])];
  // Kernels compute in 32 bits.
  const finite = [from, to].every((value) => Number.isFinite(Math.fround(value)));
  if (!match || !finite || (match[1] !== undefined && match[3] === undefined)) {
    const name = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(
      `--${name} is ${JSON.stringify(text)}; expected a number, or a schedule such as 1..0.1 or linear:1..0.1`,
    );
  }
  if (match[3] === undefined) return from;
  return { shape: match[1] === "linear" ? "linear" : "cosine", from, to, steps };
}

function scaled(setting: Scheduled, factor: number): Scheduled {
  if (typeof setting === "number") return setting * factor;
  return { ...setting, from: setting.from * factor, to: setting.to * factor };
}

/** `r1`, `r1=10` or `r1=1..0.1`. */
function parsePenalty(text: string, burnIn: number): TrainSettings["penalties"][number] {
  const [word, ...rest] = text.split("=");
  const known = Object.keys(penalties);
  if (!Object.hasOwn(penalties, word)) {
    throw new UsageError(`--penalty: there is no ${word}; expected one of ${known.join(", ")}.${hint(word, known)}`);
  }
  const name = word as PenaltyName;
  const weight = rest.length === 0 ? penalties[name].weight : parseScheduled("penalty", rest.join("="), burnIn);
  return { name, weight };
}

function parsePolicies(text: string): Augmentation[] {
  const known = augmentations;
  const words = text === "none" ? [] : text.split(",").map((word) => word.trim());
  return words.flatMap((word) => {
    if (word === "all") return known;
    if ((known as string[]).includes(word)) return [word as Augmentation];
    throw new UsageError(
      `--augment: there is no ${word}; expected ${known.join(", ")}, all or none.${hint(word, known)}`,
    );
  });
}
