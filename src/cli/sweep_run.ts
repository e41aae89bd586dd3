/** A call of `sweep`: plans all runs, makes those that are not finished, a few at a time, and compares them. */
import { basename, extname, join, resolve } from "node:path";
import { lockRun, runPaths } from "../checkpoint/run_directory.ts";
import { DuelError, UsageError } from "../core/errors.ts";
import { exists, fileError } from "../core/files.ts";
import type { Context } from "./command.ts";
import { defaultThreads } from "./engine.ts";
import { interruptSignal } from "./interrupt.ts";
import { duration, Progress } from "./progress.ts";
import type { SweepParsed } from "./sweep_flags.ts";
import { type Ranking, requireRunnable } from "./sweep_check.ts";
import { requireSameRuns, type Result, sweepPaths, writeResult, writeSweep } from "./sweep_directory.ts";
import { readSweepFile, type SweepFile } from "./sweep_file.ts";
import { type PlannedRun, plannedRuns, valueText } from "./sweep_plan.ts";
import { makeRun, measuredOf, type ProcessOptions } from "./sweep_process.ts";
import { requireBudget, stateOfSweep, type SweepState } from "./sweep_state.ts";
import { summaryRows, writeTables } from "./sweep_table.ts";
import { countText, figureText, quoted, table } from "./text.ts";

/** Where sweeps without `--out` go. */
const SWEEPS = "sweeps";

/** Makes the sweep that the command line names, to its end or to Ctrl-C. */
export async function sweep({ flags, positionals }: SweepParsed, context: Context): Promise<void> {
  const { startEngine, shell, cwd } = context;
  if (!startEngine) throw new UsageError("this executable can't start others; use `deno task sweep`");
  const { paths, source } = await placeOf(flags, positionals.file, cwd);
  const file = await readSweepFile(source);
  const runs = plannedRuns(file);
  const { ranking, numbers } = await requireRunnable(runs, file.metric, file.metrics);
  const minutes = file.minutes ?? null;
  await requireSameRuns(paths, runs);
  await requireBudget(paths, runs, minutes);
  const parallel = flags.parallel ?? Math.max(1, Math.floor(defaultThreads() / flags.threadsPerRun));
  if (flags.dryRun) return console.log(listed(runs, file, parallel));

  await Deno.mkdir(paths.root, { recursive: true }).catch((error) => {
    throw fileError(error, "make", paths.root);
  });
  using _lock = await lockRun(runPaths(paths.root));
  await writeSweep(paths, file.json, runs);
  const state = await stateOfSweep(paths, runs, minutes, numbers, flags.retry);
  const { results, trained } = state;
  const engineFlags = [
    ...["--threads", String(flags.threadsPerRun)],
    ...flags.cacheDir === undefined ? [] : ["--cache-dir", flags.cacheDir],
    ...flags.safe ? ["--safe"] : [],
  ];
  const signal = interruptSignal();
  const options = { paths, minutes, measured: ranking.measured, startEngine, flags: engineFlags, signal };
  const kept = results.size > 0 ? `, ${results.size} of them finished already` : "";
  const again = trained.size > 0 ? `, ${trained.size} trained and to be judged again` : "";
  console.log(`sweep   ${countText(runs.length)} runs in ${paths.root}${kept}${again}`);
  await makeRuns(runs, state, parallel, ranking, options);

  const endings = endingsOf(runs, results);
  const { head, rows } = summaryRows(endings, ranking);
  console.log(`${table(head, rows)}\n${ranking.metric}, ${ranking.better} is better; all runs: ${paths.root}/table.md`);
  if (results.size < runs.length) {
    console.log(`continue with: ${shell} sweep --resume ${quoted(paths.root)}`);
    signal.throwIfAborted();
    throw new DuelError(`${runs.length - results.size} runs were interrupted by somebody else; resume the sweep`);
  }
  if ([...results.values()].every(({ status }) => status === "failed")) {
    throw new DuelError(`all ${runs.length} runs failed; ${join(paths.root, "logs")} has what they said`);
  }
}

/** Where a sweep is, and the file that says what it is. @throws UsageError */
async function placeOf(flags: SweepParsed["flags"], file: string | undefined, cwd: string) {
  if (flags.resume !== undefined) {
    if (file !== undefined) throw new UsageError("a sweep that is resumed has its file; leave out FILE or --resume");
    if (flags.out !== undefined) throw new UsageError("--resume goes on in its directory; leave out --out or --resume");
    const paths = sweepPaths(flags.resume);
    if (await exists(paths.file)) return { paths, source: paths.file };
    throw new UsageError(`${paths.root} is not the directory of a sweep: it has no sweep.json; name one that has`);
  }
  if (file === undefined) throw new UsageError("FILE is missing: what to try, in JSON (`sweep --help` shows it)");
  const paths = sweepPaths(flags.out ?? resolve(cwd, SWEEPS, basename(file, extname(file))));
  const isNew = !await exists(paths.root) || await exists(paths.file) || await isEmpty(paths.root);
  if (isNew) return { paths, source: file };
  throw new UsageError(`${paths.root} exists and is no sweep; choose another --out`);
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).every(({ name }) => name === ".lock");
  } catch {
    return false; // no folder
  }
}

/**
 * Makes all runs that have no result, `parallel` at a time, and renews the tables after each.
 * @throws DataError if something can't be written, when the other runs have been interrupted and saved.
 */
async function makeRuns(
  runs: readonly PlannedRun[],
  { results, trained }: SweepState,
  parallel: number,
  ranking: Ranking,
  options: ProcessOptions,
): Promise<void> {
  const { paths } = options;
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const waiting = runs.filter(({ name }) => !results.has(name));
  let running = 0;
  using progress = new Progress(runs.length, "sweep");
  const show = () => progress.update(results.size, `${running} running`);
  const timer = setInterval(show, 1000);
  const work = async () => {
    for (let run; !signal.aborted && (run = waiting.shift());) {
      running++;
      const result = await makeRun(run, trained.has(run.name), { ...options, signal }).finally(() => running--);
      if (!result) continue;
      await writeResult(paths, run.name, result);
      results.set(run.name, result);
      progress.log(`${run.name}  ${outcome(result, ranking)}`);
      show();
      await writeTables(paths.root, endingsOf(runs, results), ranking);
    }
  };
  try {
    const workers = Array.from({ length: parallel }, () => work().catch((error) => failure.abort(error)));
    show();
    await Promise.all(workers);
    failure.signal.throwIfAborted();
    await writeTables(paths.root, endingsOf(runs, results), ranking);
  } finally {
    clearInterval(timer);
  }
}

function endingsOf(runs: readonly PlannedRun[], results: ReadonlyMap<string, Result>) {
  return runs.map((run) => ({ run, result: results.get(run.name) }));
}

/** How a run ended, in the line that stays. */
function outcome(result: Result, { metric }: Ranking): string {
  const { status, reason, steps, seconds } = result;
  const made = `${countText(steps)} steps in ${duration(1000 * seconds)}`;
  if (status === "failed") return `failed after ${made}: ${reason}`;
  const measured = measuredOf(result, metric);
  if (!measured) return `no ${metric}, ${made}`;
  const { value, floor } = measured;
  return `${metric} ${figureText(value)}${floor === null ? "" : ` (real samples ${figureText(floor)})`}, ${made}`;
}

/** For `--dry-run`. */
function listed(runs: readonly PlannedRun[], { minutes }: SweepFile, parallel: number): string {
  const keys = [...new Set(runs.flatMap(({ varied }) => Object.keys(varied)))];
  const rows = runs.map(({ name, varied, settings }) => [
    name,
    ...keys.map((key) => key in varied ? valueText(varied[key]) : ""),
    String(settings.seed),
  ]);
  const time = minutes === undefined
    ? ""
    : `, ${duration(60_000 * minutes * Math.ceil(runs.length / parallel))} of training`;
  return `${table(["run", ...keys, "seed"], rows)}\n${countText(runs.length)} runs, ${parallel} at a time${time}`;
}
