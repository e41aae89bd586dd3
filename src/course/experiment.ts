/** What an experiment of the course is: what it is given, and what it finds. */
import type { Content, Dataset, Engine, Program, Store } from "../mod.ts";

/** The languages of the course. */
export const LANGUAGES = ["en", "zh-TW"] as const;
export type Language = typeof LANGUAGES[number];

/** A text in all of them. */
export type Text = Readonly<Record<Language, string>>;

/** Images that experiments learn from. */
export type DataName = "mnist" | "faces";

/** Where an experiment takes place. */
export interface Stage {
  /** Of all random numbers. */
  readonly seed: number;
  /** To be done within 20 seconds, for tests and impatient people: everything is smaller. */
  readonly quick: boolean;
  /** Lines of text to learn from, where the user gave a file. */
  readonly corpus: readonly string[] | undefined;
  /** What stands in front of a command where it is typed: `deno task`, `duel`. */
  readonly shell: string;
  /** Updates that a training is to take, where the user said so. */
  readonly wantedSteps: number | undefined;
  /** Updates that a training takes: as many as the user wants, else one of these numbers. */
  steps(usual: number, quick: number): number;
  /** `usual`, or `quick` on a quick stage. */
  size(usual: number, quick: number): number;
  /** The text in the language of the reader: English, or Traditional Chinese. */
  say(en: string, zh: string): string;
  /** Images of 32×32 pixels that the experiment lists in `data`. */
  dataset(name: DataName): Dataset;
  /** Starts an engine, which the stage closes at the end. */
  compile(store: Store, programs: readonly Program[]): Promise<Engine>;
  /** Shows how far a job of `total` parts is. @returns a function to be told how much is done. */
  progress(total: number, label: string): (done: number, text?: string) => void;
}

/** One number that shows what the experiment is about. */
export interface Measure {
  /** In files and tests: `midpoint-vae`. */
  readonly name: string;
  /** What it is, for readers. */
  readonly about: string;
  readonly value: number;
  /** Whether it is a share, to be shown in per cent. */
  readonly share?: boolean;
}

/** One thing to look at. */
export interface Figure {
  /** Name of its file, without an ending. */
  readonly name: string;
  readonly title: string;
  /** What to look at, and what it means. */
  readonly look: readonly string[];
  readonly content: Content;
}

/** What came out, in the language of the reader. */
export interface Findings {
  /** What it shows, in up to four lines: five are printed with the title. */
  readonly summary: readonly string[];
  readonly measures: readonly Measure[];
  readonly figures: readonly Figure[];
  /** What to try next: command lines, and lines to change. */
  readonly next: readonly string[];
}

export interface Experiment {
  readonly title: Text;
  /** The step of the lecture that it makes, in one sentence. */
  readonly about: Text;
  readonly data: readonly DataName[];
  /** Whether it can learn from a text of the user's; see `Stage.corpus`. */
  readonly text?: true;
  /** Whether it measures how long things take: nothing else is to run beside it. */
  readonly timed?: true;
  run(stage: Stage): Promise<Findings>;
}
