/** What came out of a sweep: a row a run and a summary of each group, as Markdown, CSV, JSON and a plot. */
import { join } from "node:path";
import { type Json, type JsonObject, writable } from "../checkpoint/config.ts";
import { writeFileAtomic } from "../core/files.ts";
import { quantile } from "../core/statistics.ts";
import { boxPlot } from "../report/box_plot.ts";
import type { Ranking } from "./sweep_check.ts";
import type { Measured, Result } from "./sweep_directory.ts";
import { type PlannedRun, shortName, valueText } from "./sweep_plan.ts";
import { measuredOf } from "./sweep_process.ts";
import { countText, figureText } from "./text.ts";

/** A run, and how it ended; without a result it has not yet. */
export interface Ending {
  readonly run: PlannedRun;
  readonly result: Result | undefined;
}

/** Numbers of the runs of a group that were judged. */
export interface GroupSummary {
  readonly name: string;
  readonly count: number;
  readonly failed: number;
  /** Undefined if no run was judged. */
  readonly values: {
    readonly best: number;
    readonly median: number;
    readonly worst: number;
    readonly mean: number;
    /** Of a sample: divided by count − 1; undefined for one value. */
    readonly deviation: number | undefined;
    /** The run without random changes, the middle one of several seeds. */
    readonly unchanged: number | undefined;
  } | undefined;
}

/** Summaries in the order in which groups first appear. */
export function summaries(endings: readonly Ending[], { metric, better }: Ranking): GroupSummary[] {
  return [...Map.groupBy(endings, ({ run }) => run.group)].map(([name, members]) => {
    const judged = members.flatMap(({ run, result }) => {
      const value = measuredOf(result, metric)?.value ?? NaN;
      return Number.isFinite(value) ? [{ run, value }] : [];
    });
    const failed = members.filter(({ result }) => result?.status === "failed").length;
    const sorted = judged.map(({ value }) => value).sort((a, b) => a - b);
    const defaults = judged.filter(({ run }) => run.isDefault).map(({ value }) => value).sort((a, b) => a - b);
    if (sorted.length === 0) return { name, count: 0, failed, values: undefined };
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
    const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const [low, high] = [sorted[0], sorted.at(-1)!];
    const [best, worst] = better === "lower" ? [low, high] : [high, low];
    const deviation = sorted.length > 1 ? Math.sqrt(squares / (sorted.length - 1)) : undefined;
    const unchanged = defaults.length > 0 ? quantile(defaults, 0.5) : undefined;
    return {
      ...{ name, count: sorted.length, failed },
      values: { best, median: quantile(sorted, 0.5), worst, mean, deviation, unchanged },
    };
  });
}

/** Writes `table.md`, `table.csv`, `summary.json` and `plot.svg`. @throws DataError if they can't be written. */
export async function writeTables(root: string, endings: readonly Ending[], ranking: Ranking): Promise<void> {
  const sorted = ranked(endings, ranking);
  const write = (name: string, text: string) => writeFileAtomic(join(root, name), new TextEncoder().encode(text));
  await write("table.md", markdown(sorted, ranking));
  await write("table.csv", csv(sorted, ranking));
  await write("summary.json", `${JSON.stringify(machineReadable(sorted, ranking), null, 2)}\n`);
  await write("plot.svg", plotOf(endings, ranking));
}

/** Groups in their order; within each, the best runs first and those without a number last. */
function ranked(endings: readonly Ending[], { metric, better }: Ranking): Ending[] {
  const key = ({ result }: Ending) => {
    const value = measuredOf(result, metric)?.value ?? NaN;
    return Number.isNaN(value) ? Infinity : better === "lower" ? value : -value;
  };
  return [...Map.groupBy(endings, ({ run }) => run.group).values()]
    .flatMap((members) => members.map((ending) => ({ ending, key: key(ending) })).sort((a, b) => order(a.key, b.key)))
    .map(({ ending }) => ending);
}

const order = (a: number, b: number) => a === b ? 0 : a < b ? -1 : 1;

/** The names of all metrics, the one that ranks first. */
function metricNames(endings: readonly Ending[], { metric }: Ranking): string[] {
  return [...new Set([metric, ...endings.flatMap(({ result }) => result?.metrics.map(({ name }) => name) ?? [])])];
}

/** The settings that differ between runs of a group, or by which groups differ. */
function variedNames(endings: readonly Ending[]): string[] {
  return [...new Set(endings.flatMap(({ run }) => Object.keys(run.varied)))];
}

function statusOf({ result }: Ending): string {
  if (!result) return "not yet";
  return result.status === "failed" ? `failed: ${result.reason}` : "done";
}

/** The summary's head and rows, for people. */
export function summaryRows(
  endings: readonly Ending[],
  ranking: Ranking,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const groups = summaries(endings, ranking);
  const withDefault = endings.some(({ run }) => run.isDefault);
  const text = (value: number | undefined) => value === undefined ? "" : figureText(value);
  return {
    head: [
      "variant",
      "runs",
      "failed",
      "best",
      "median",
      "worst",
      "mean",
      "deviation",
      ...withDefault ? ["default"] : [],
    ],
    rows: groups.map(({ name, count, failed, values }) => [
      ...[name, String(count), String(failed)],
      ...[values?.best, values?.median, values?.worst, values?.mean, values?.deviation].map(text),
      ...withDefault ? [text(values?.unchanged)] : [],
    ]),
  };
}

function markdown(endings: readonly Ending[], ranking: Ranking): string {
  const { metric, better } = ranking;
  const metrics = metricNames(endings, ranking);
  const varied = variedNames(endings);
  const floor = floorOf(endings, metric);
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const grid = (head: readonly string[], rows: readonly (readonly string[])[]) =>
    [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
  const { head, rows } = summaryRows(endings, ranking);
  const all = endings.map((ending) => {
    const { run, result } = ending;
    const numbers = metrics.map((name) => numberText(measuredOf(result, name)));
    return [
      ...[run.group, run.name, ...varied.map((name) => name in run.varied ? valueText(run.varied[name]) : "")],
      ...[String(run.settings.seed), result ? countText(result.steps) : "", result ? result.seconds.toFixed(1) : ""],
      ...[...numbers, statusOf(ending)],
    ];
  });
  const columns = ["variant", "run", ...varied.map((name) => shortName(name, varied)), "seed", "steps", "seconds"];
  const real = floor === undefined ? "" : ` As many real samples have ${figureText(floor)}, the floor.`;
  return `# ${metric} of ${endings.length} runs\n\n${better === "lower" ? "Lower" : "Higher"} is better.${real}\n\n` +
    `${grid(head, rows)}\n\n![Every run](plot.svg)\n\nEach number stands beside its floor in brackets.\n\n` +
    `${grid([...columns, ...metrics, "status"], all)}\n`;
}

/** `≥ 1.5 (0.3)` */
function numberText(measured: Measured | undefined): string {
  if (!measured) return "";
  const { value, floor, atLeast } = measured;
  return `${atLeast ? "≥ " : ""}${figureText(value)}${floor === null ? "" : ` (${figureText(floor)})`}`;
}

/** RFC 4180. */
function csv(endings: readonly Ending[], ranking: Ranking): string {
  const metrics = metricNames(endings, ranking);
  const varied = variedNames(endings);
  const head = [
    ...["variant", "run", "default", ...varied, "seed", "steps", "seconds"],
    ...metrics.flatMap((name) => [name, `${name} floor`]),
    ...["status", "reason"],
  ];
  const rows = endings.map(({ run, result }) => [
    ...[run.group, run.name, String(run.isDefault)],
    ...varied.map((name) => name in run.varied ? valueText(run.varied[name]) : ""),
    ...[run.settings.seed, result?.steps ?? "", result?.seconds ?? ""].map(String),
    ...metrics.map((name) => measuredOf(result, name))
      .flatMap((measured) => [measured?.value ?? "", measured?.floor ?? ""].map(String)),
    ...[result?.status ?? "not yet", result?.reason ?? ""],
  ]);
  const quote = (cell: string) => /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return [head, ...rows].map((row) => `${row.map(quote).join(",")}\r\n`).join("");
}

function machineReadable(endings: readonly Ending[], ranking: Ranking): JsonObject {
  const floor = floorOf(endings, ranking.metric);
  return {
    ...ranking,
    floor: floor === undefined ? null : writable(floor),
    groups: summaries(endings, ranking).map(({ values, ...group }): JsonObject => ({
      ...group,
      ...Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, value ?? null])),
    })),
    runs: endings.map(({ run, result }): JsonObject => ({
      ...{ name: run.name, group: run.group, varied: run.varied, default: run.isDefault, seed: run.settings.seed },
      ...{ status: result?.status ?? "not yet", reason: result?.reason ?? null },
      ...{ steps: result?.steps ?? null, seconds: result?.seconds ?? null },
      metrics: Object.fromEntries((result?.metrics ?? []).map(({ name, value, floor }): [string, Json] => [
        name,
        { value: writable(value), floor: floor === null ? null : writable(floor) },
      ])),
    })),
  };
}

/** What real samples score; it is the same for all runs on the same data. */
function floorOf(endings: readonly Ending[], metric: string): number | undefined {
  const floors = new Set(endings.flatMap(({ result }) => {
    const floor = measuredOf(result, metric)?.floor ?? null;
    return floor === null ? [] : [floor];
  }));
  return floors.size === 1 ? [...floors][0] : undefined;
}

function plotOf(endings: readonly Ending[], ranking: Ranking): string {
  const { metric, better } = ranking;
  const floor = floorOf(endings, metric);
  const groups = [...Map.groupBy(endings, ({ run }) => run.group)].map(([name, members]) => {
    const dots = members.flatMap(({ run, result }) => {
      const value = measuredOf(result, metric)?.value ?? NaN;
      const title = `${run.name}: ${figureText(value)}`;
      return Number.isFinite(value) ? [{ value, title, marked: run.isDefault }] : [];
    });
    const failed = members.filter(({ result }) => result?.status === "failed").length;
    const without = members.length - dots.length;
    return { name, dots, note: without === 0 ? "" : failed === without ? `${failed} failed` : `${without} missing` };
  });
  return boxPlot({
    title: `${metric} by variant`,
    subtitle: `${better} is better`,
    groups,
    reference: floor === undefined ? undefined : { value: floor, name: "real samples" },
    markedName: "default settings",
  });
}
