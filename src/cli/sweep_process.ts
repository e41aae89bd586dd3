/** One run of a sweep: a process that trains, then one that judges. */
import { join } from "node:path";
import * as v from "valibot";
import { readConfig } from "../checkpoint/config.ts";
import { runPaths } from "../checkpoint/run_directory.ts";
import { fileError } from "../core/files.ts";
import type { StartEngine } from "./command.ts";
import { exists, figuresSchema, type Measured, type Result, type SweepPaths } from "./sweep_directory.ts";
import type { PlannedRun } from "./sweep_plan.ts";
import { progressOf } from "./sweep_state.ts";

export interface ProcessOptions {
  readonly paths: SweepPaths;
  /** Minutes of training; null if only steps end it. */
  readonly minutes: number | null;
  /** Metrics of each run; all if undefined. */
  readonly measured: readonly string[] | undefined;
  readonly startEngine: StartEngine;
  /** Flags of both commands. */
  readonly flags: readonly string[];
  readonly signal: AbortSignal;
}

/** How a process ended. */
interface Ended {
  readonly code: number;
  /** What went wrong, if anything did: duel's own words, as far as there are any. */
  readonly reason: string;
}

/** Exit codes of a process that was asked to end. */
const INTERRUPTED: readonly number[] = [130, 143];

/**
 * Trains a run, or goes on with it, and judges it.
 * @param trained whether its training is over.
 * @returns undefined if it was interrupted, so that it can go on later.
 * @throws DataError if its log can't be written, when the process has ended.
 */
export async function makeRun(
  run: PlannedRun,
  trained: boolean,
  options: ProcessOptions,
): Promise<Result | undefined> {
  const { paths, minutes } = options;
  const root = paths.run(run.name);
  const budget = { steps: run.settings.steps, minutes };
  const done = () => {
    const { steps, seconds } = progressOf(root);
    return { steps, seconds };
  };
  const failed = ({ code, reason }: Ended): Result | undefined => {
    if (options.signal.aborted || INTERRUPTED.includes(code)) return undefined;
    return { status: "failed", reason, budget, ...done(), metrics: [] };
  };
  if (!trained) {
    const training = await runProcess(run.name, await trainArguments(run, options), options);
    if (training.code !== 0) return failed(training);
  }
  const out = join(root, "eval.json");
  const metrics = options.measured ? ["--metrics", options.measured.join(",")] : [];
  const args = ["eval", root, ...metrics, "--out", out, "--force", ...options.flags];
  const judged = await runProcess(run.name, args, options);
  if (judged.code !== 0) return failed(judged);
  const { metrics: figures } = await readConfig(out, v.object({ metrics: figuresSchema }));
  return { status: "done", reason: null, budget, ...done(), metrics: figures };
}

/** A run with a config is one that can be resumed; what was killed before that starts anew. */
async function trainArguments({ name, settings }: PlannedRun, options: ProcessOptions): Promise<string[]> {
  const { paths, minutes } = options;
  const root = paths.run(name);
  const limits = ["--steps", String(settings.steps), ...minutes === null ? [] : ["--minutes", String(minutes)]];
  if (await exists(runPaths(root).config)) return ["train", "--resume", root, ...limits, ...options.flags];
  await Deno.remove(root, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "remove", root);
  });
  const { data } = settings;
  return [
    ...["train", "--config", paths.settings(name), "--out", root],
    // Said here as well, so that the process is allowed to read and to download them.
    ...["--data", data.name, ...data.dir === null ? [] : ["--data-dir", data.dir]],
    ...limits,
    ...options.flags,
  ];
}

/**
 * Starts duel, and writes what it says into the log of the run. An interruption is passed on.
 * @throws DataError if the log can't be written; the process is interrupted then, and has ended.
 */
async function runProcess(name: string, args: readonly string[], options: ProcessOptions): Promise<Ended> {
  const { paths, startEngine, signal } = options;
  const path = paths.log(name);
  using log = await Deno.open(path, { append: true, create: true }).catch((error) => {
    throw fileError(error, "open", path);
  });
  if (signal.aborted) return { code: INTERRUPTED[0], reason: "interrupted" };
  const child = await startEngine(args);
  const interrupt = () => {
    try {
      child.kill("SIGINT");
    } catch {
      // It has just ended.
    }
  };
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt);
  let failure: unknown;
  const write = (bytes: Uint8Array) => {
    if (failure) return; // the process may go on to say how it ends
    try {
      for (let at = 0; at < bytes.length;) at += log.writeSync(bytes.subarray(at));
    } catch (error) {
      failure = fileError(error, "write", path);
      interrupt();
    }
  };
  let said = "";
  const copy = async (stream: ReadableStream<Uint8Array>, keep: boolean) => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      write(bytes);
      if (keep) said = (said + decoder.decode(bytes, { stream: true })).slice(-4096);
    }
  };
  try {
    const [status] = await Promise.all([child.status, copy(child.stdout, false), copy(child.stderr, true)]);
    if (failure) throw failure;
    return { code: status.code, reason: reasonOf(status, said) };
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** An error of duel is its last line. */
function reasonOf({ code, signal }: Deno.CommandStatus, said: string): string {
  if (signal !== null) return `the process was ended by ${signal}`;
  const last = said.trimEnd().split("\n").at(-1)!;
  return last.startsWith("duel: ") ? last.slice("duel: ".length) : `the process ended with code ${code}`;
}

/** The number that runs are ranked by; undefined if a result lacks it. */
export function measuredOf(result: Result | undefined, metric: string): Measured | undefined {
  return result?.metrics.find(({ name }) => name === metric);
}
