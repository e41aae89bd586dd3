/**
 * `course all`: each experiment in a process of its own. Side by side, one thread each, they come further than one after
 * the other with many threads, which would wait for each other; those that time things run by themselves, at the end.
 */
import { join } from "node:path";
import { DuelError } from "../core/errors.ts";
import { fileError, writeFileAtomic } from "../core/files.ts";
import type { Experiment } from "../course/experiment.ts";
import { EXPERIMENT_NAMES, type ExperimentName, loadExperiment } from "../course/experiments.ts";
import type { Context } from "./command.ts";
import { requireReplaceable, writeIndex } from "./course_directory.ts";
import type { CourseParsed } from "./course_flags.ts";
import { perform } from "./course_perform.ts";
import { loadSets } from "./course_stage.ts";
import { defaultThreads } from "./engine.ts";
import { interruptSignal } from "./interrupt.ts";
import { type Conducting, runLogged } from "./logged_process.ts";
import { Progress } from "./progress.ts";

type Named = Experiment & { readonly name: ExperimentName };
type Flags = CourseParsed["flags"];

/** Most experiments at a time: each takes up to a gigabyte of memory. */
const MOST_AT_A_TIME = 4;

/**
 * Runs all experiments.
 * @throws DataError if there are no data, before anything starts; DuelError if some fail, when the others are finished.
 */
export async function courseOfAll(flags: Flags, context: Context): Promise<void> {
  const { startEngine } = context;
  await requireReplaceable(flags, EXPERIMENT_NAMES);
  const experiments = await Promise.all(
    EXPERIMENT_NAMES.map(async (name) => ({ name, ...await loadExperiment(name) })),
  );
  // Everything is in the cache then, downloaded and drawn once.
  await loadSets([...new Set(experiments.flatMap(({ data }) => data))], flags);
  const failed: string[] = [];
  const signal = startEngine && interruptSignal();
  if (signal) failed.push(...await sideBySide(experiments, flags, { startEngine, signal }));
  else for (const name of EXPERIMENT_NAMES) console.log(await perform(name, flags, context));
  console.log(await writeIndex(flags)); // of what is finished, after an interruption as well
  signal?.throwIfAborted();
  if (failed.length === 0) return;
  throw new DuelError(`${failed.join(", ")} failed; ${logFolder(flags)} has what they said`);
}

function logFolder({ out }: Flags): string {
  return join(out, "logs");
}

/** @returns the names of those that failed; after an interruption, of those that failed before it. */
async function sideBySide(
  experiments: readonly Named[],
  flags: Flags,
  conducting: Conducting,
): Promise<ExperimentName[]> {
  const { signal } = conducting;
  const threads = flags.threads ?? defaultThreads();
  const parallel = Math.min(threads, MOST_AT_A_TIME);
  const logs = logFolder(flags);
  await Deno.mkdir(logs, { recursive: true }).catch((error) => {
    throw fileError(error, "make", logs);
  });

  const failed: ExperimentName[] = [];
  const running = new Set<ExperimentName>();
  let finished = 0;
  using progress = new Progress(EXPERIMENT_NAMES.length, "course", { lineEvery: 60_000 });
  const show = () => progress.update(finished, `running: ${[...running].join(", ")}`);
  const timer = setInterval(show, 1000);
  const run = async ({ name, text }: Named, threads: number) => {
    running.add(name);
    show();
    const log = join(logs, `${name}.log`);
    await writeFileAtomic(log, new Uint8Array()); // the last run's goes
    const { data, ...others } = flags;
    const own = { ...others, threads, data: text ? data : undefined };
    const ended = await runLogged(["course", name, ...argumentsOf(own)], log, conducting);
    running.delete(name);
    finished++;
    if (ended.code === 0) progress.makeWay(() => console.log(ended.output.trimEnd()));
    else if (!signal.aborted) {
      failed.push(name);
      progress.log(`${name} failed: ${ended.reason}`);
    }
  };
  const work = async (waiting: Named[], threads: number) => {
    for (let next; !signal.aborted && (next = waiting.shift());) await run(next, threads);
  };
  try {
    const { timed = [], others = [] } = Object.groupBy(experiments, ({ timed }) => timed ? "timed" : "others");
    // The longest ones come late in the lecture; started first, they leave no core idle at the end.
    others.reverse();
    await Promise.all(Array.from({ length: parallel }, () => work(others, Math.floor(threads / parallel))));
    await work(timed, threads);
  } finally {
    clearInterval(timer);
  }
  return failed;
}

/** The flags of an experiment's own command line. */
function argumentsOf({ quick, steps, seed, lang, out, data, dataDir, cacheDir, threads, safe }: Flags): string[] {
  const given = { steps, seed, lang, out, data, "data-dir": dataDir, "cache-dir": cacheDir, threads };
  return [
    ...Object.entries(given).flatMap(([name, value]) => value === undefined ? [] : [`--${name}`, String(value)]),
    ...quick ? ["--quick"] : [],
    ...safe ? ["--safe"] : [],
  ];
}
