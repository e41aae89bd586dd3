/** `report.html` of a run: one file that loads nothing, for a screen or a phone, by day or night. */
import { escapeText as escape } from "./escape.ts";
import type { Series } from "./line_chart.ts";
import type { LogRecord, StepRecord } from "./log.ts";
import { chart, htmlPage, picture, timeline } from "./page.ts";

export interface ReportImage {
  readonly step: number;
  readonly png: Uint8Array;
}

export interface RunReport {
  readonly title: string;
  /** The resolved config; nested fields are shown with dotted names. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly records: readonly LogRecord[];
  /** Grids from fixed latents, in the order of time. */
  readonly images: readonly ReportImage[];
  /** A grid of real samples, as PNG. */
  readonly reals?: Uint8Array;
}

/** The page, as HTML text. A pure function: the same run gives the same page. */
export function runReport({ title, config, records, images, reals }: RunReport): string {
  const sections = [
    summary(records),
    gallery(images, reals),
    warningSection(records),
    ...stepSections(records),
    ...metricSections(records),
    rollbackSection(records),
    configSection(config),
  ];
  return htmlPage({ title, language: "en", sections });
}

function summary(records: readonly LogRecord[]): string {
  const last = records.findLast((record) => record.kind === "step");
  if (!last) return "<p>No step has been made yet.</p>";
  const facts: [string, string][] = [
    ["steps", last.step.toLocaleString("en")],
    ["training time", showDuration(last.seconds)],
    ["samples a second", showNumber(last.imagesPerSecond)],
    ...Object.entries(last.losses).map(([name, loss]): [string, string] => [`loss ${name}`, showNumber(loss)]),
  ];
  const items = facts.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`);
  return `<dl class="facts">${items.join("")}</dl>`;
}

function gallery(images: readonly ReportImage[], reals: Uint8Array | undefined): string {
  const parts: string[] = [];
  if (images.length > 0) {
    parts.push(timeline(images.map(({ step, png }) => ({
      png,
      alt: `samples after step ${step}`,
      caption: `step ${step.toLocaleString("en")}`,
    }))));
  }
  if (reals) parts.push(`<figure>${picture(reals, "real samples")}<figcaption>real samples</figcaption></figure>`);
  return parts.length === 0 ? "" : `<section><h2>Samples</h2><div class="gallery">${parts.join("\n")}</div></section>`;
}

/** Charts of what is known of every step; what earlier logs lack is left out. */
function stepSections(records: readonly LogRecord[]): string[] {
  const steps = records.filter((record) => record.kind === "step");
  return [
    stepChart("losses", "Losses", steps, ({ losses }) => losses),
    stepChart("accuracy", "Share of samples that D is right about", steps, ({ accuracy }) => accuracy),
    stepChart("gradients", "Lengths of gradients", steps, ({ gradients }) => gradients),
  ];
}

/** A line for each of the numbers that `pick` finds in steps. */
function stepChart(
  id: string,
  heading: string,
  steps: readonly StepRecord[],
  pick: (record: StepRecord) => Readonly<Record<string, number>> | undefined,
): string {
  const found = steps.flatMap((record) => {
    const numbers = pick(record);
    return numbers ? [{ step: record.step, numbers }] : [];
  });
  const names = [...new Set(found.flatMap(({ numbers }) => Object.keys(numbers)))];
  const series = names.map((name): Series => ({
    name,
    points: found.filter(({ numbers }) => Object.hasOwn(numbers, name)).map((
      { step, numbers },
    ) => [step, numbers[name]]),
  }));
  return chartSection(id, heading, series);
}

function warningSection(records: readonly LogRecord[]): string {
  const items = records.filter((record) => record.kind === "warning").map(({ step, name, text }) =>
    `<li>Step ${step}: <b>${escape(name)}</b>: ${escape(text)}.</li>`
  );
  return items.length === 0 ? "" : `<section><h2>Signs of trouble</h2><ul>${items.join("")}</ul></section>`;
}

/** One chart a metric: their scales differ. */
function metricSections(records: readonly LogRecord[]): string[] {
  const metrics = records.filter((record) => record.kind === "metric");
  const names = [...new Set(metrics.flatMap(({ values }) => Object.keys(values)))];
  return names.map((name, index) => {
    const points = metrics.filter(({ values }) => Object.hasOwn(values, name)).map(({ step, values }) =>
      [step, values[name]] as const
    );
    return chartSection(`metric${index}`, name, [{ name, points }]);
  });
}

function chartSection(id: string, heading: string, series: readonly Series[]): string {
  if (series.every(({ points }) => points.length === 0)) return "";
  return `<section><h2>${escape(heading)}</h2>${chart(id, heading, series)}</section>`;
}

function rollbackSection(records: readonly LogRecord[]): string {
  const items = records.filter((record) => record.kind === "rollback").map((
    { step, failedStep, network, loss, rateFactor },
  ) =>
    `<li>At step ${failedStep} a value was not finite (network ${escape(network)}, loss ${
      escape(loss)
    }). Training went ` +
    `back to step ${step}, with learning rates times ${showNumber(rateFactor)}.</li>`
  );
  return items.length === 0 ? "" : `<section><h2>Rollbacks</h2><ul>${items.join("")}</ul></section>`;
}

function configSection(config: Readonly<Record<string, unknown>>): string {
  const rows = fields("", config).map(([name, value]) =>
    `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`
  );
  return `<section><h2>Config</h2><table>${rows.join("")}</table></section>`;
}

/** Dotted names and values; a list of plain values stays one field. */
function fields(prefix: string, value: unknown): [string, string][] {
  const isPlain = typeof value !== "object" || value === null;
  if (isPlain || (Array.isArray(value) && value.every((item) => typeof item !== "object"))) {
    return [[prefix, typeof value === "string" ? value : Array.isArray(value) ? value.join(", ") : String(value)]];
  }
  return Object.entries(value).flatMap(([key, item]) => fields(prefix === "" ? key : `${prefix}.${key}`, item));
}

function showNumber(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

function showDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const first = parts[0] > 0 ? 0 : parts[1] > 0 ? 1 : 2;
  return parts.map((part, index) => `${part} ${["h", "min", "s"][index]}`).slice(first, first + 2).join(" ");
}
