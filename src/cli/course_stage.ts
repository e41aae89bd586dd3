/** The stage of an experiment: its data, engines, and progress on the terminal. */
import type { Engine } from "../backend/backend.ts";
import { DataError } from "../core/errors.ts";
import { fileError } from "../core/files.ts";
import type { DataName, Stage } from "../course/experiment.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import type { Context } from "./command.ts";
import type { CourseParsed } from "./course_flags.ts";
import { defaultThreads, startEngine } from "./engine.ts";
import { loadData } from "./load_data.ts";
import type { Mode } from "./mode.ts";
import { Progress } from "./progress.ts";

type Flags = CourseParsed["flags"];

/** What experiments learn from, loaded before any engine starts. */
export interface Sets {
  readonly images: ReadonlyMap<DataName, Dataset>;
  readonly corpus: readonly string[] | undefined;
}

/** Height and width of all images of the course. */
const SIZE = 32;
/** Faces on a quick stage: they are drawn in two seconds. */
const QUICK_FACES = 1024;

/** Loads data sets by name, and the text that the user gave. @throws DataError */
export async function loadSets(names: readonly DataName[], flags: Flags): Promise<Sets> {
  const images = new Map<DataName, Dataset>();
  const threads = flags.threads ?? defaultThreads();
  for (const name of names) {
    const dir = name === "mnist" ? flags.dataDir ?? null : null;
    const faces = flags.quick ? QUICK_FACES : null;
    const loaded = await loadData({ name, dir, size: SIZE, faces, flip: false }, flags.cacheDir, threads);
    images.set(name, loaded.dataset);
  }
  return { images, corpus: flags.data === undefined ? undefined : await readLines(flags.data) };
}

/** The lines of a text that have something on them. @throws DataError if there are too few to learn from. */
async function readLines(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    throw fileError(error, "read", path);
  });
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length >= 64) return lines;
  throw new DataError(
    `${path} has ${lines.length} lines of text; expected at least 64 sentences or verses, one a line`,
  );
}

/** See `Stage`. Disposing it closes its engines. */
export class CourseStage implements Stage {
  readonly seed: number;
  readonly quick: boolean;
  readonly shell: string;
  readonly #flags: Flags;
  readonly #sets: Sets;
  readonly #mode: Mode;
  readonly #open: (Engine | Progress)[] = [];

  /** @param sets what the experiment says it needs. */
  constructor(flags: Flags, sets: Sets, { mode, shell }: Context) {
    this.shell = shell;
    this.seed = flags.seed;
    this.quick = flags.quick;
    this.#flags = flags;
    this.#sets = sets;
    this.#mode = mode;
  }

  get corpus(): readonly string[] | undefined {
    return this.#sets.corpus;
  }

  get wantedSteps(): number | undefined {
    return this.#flags.steps;
  }

  steps(usual: number, quick: number): number {
    return this.wantedSteps ?? this.size(usual, quick);
  }

  size(usual: number, quick: number): number {
    return this.quick ? quick : usual;
  }

  say = (en: string, zh: string): string => this.#flags.lang === "en" ? en : zh;

  dataset(name: DataName): Dataset {
    return this.#sets.images.get(name)!;
  }

  async compile(store: Store, programs: readonly Program[]): Promise<Engine> {
    const threads = this.#flags.threads ?? defaultThreads();
    const { engine } = await startEngine(store, programs, { backend: "wasm", threads, mode: this.#mode, exact: false });
    this.#open.push(engine);
    return engine;
  }

  progress(total: number, label: string): (done: number, text?: string) => void {
    const progress = new Progress(total, label);
    this.#open.push(progress);
    return (done, text) => {
      progress.update(done, text);
      if (done >= total) progress.end();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#open) await (each instanceof Progress ? each.end() : each.close());
  }
}
