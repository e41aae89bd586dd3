/** `report.html` of a run: one file that loads nothing, for a screen or a phone, by day or night. */
import { escapeText as escape } from "./escape.ts";
import { lineChart, type Series } from "./line_chart.ts";
import type { LogRecord, StepRecord } from "./log.ts";

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
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escape(title)}</h1>
${sections.filter((section) => section !== "").join("\n")}
<script>${script}</script>
</body>
</html>
`;
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

/** All images, one under the other; the script turns them into one with a slider. */
function gallery(images: readonly ReportImage[], reals: Uint8Array | undefined): string {
  const parts: string[] = [];
  if (images.length > 0) {
    const figures = images.map(({ step, png }) =>
      `<figure data-step="${step}">${picture(png, `samples after step ${step}`)}` +
      `<figcaption>step ${step.toLocaleString("en")}</figcaption></figure>`
    );
    parts.push(
      `<div class="timeline">${figures.join("\n")}` +
        `<div class="controls" hidden><button type="button" aria-label="play">▶</button>` +
        `<input type="range" min="0" max="${images.length - 1}" value="${
          images.length - 1
        }" aria-label="time"></div></div>`,
    );
  }
  if (reals) parts.push(`<figure>${picture(reals, "real samples")}<figcaption>real samples</figcaption></figure>`);
  return parts.length === 0 ? "" : `<section><h2>Samples</h2><div class="gallery">${parts.join("\n")}</div></section>`;
}

function picture(png: Uint8Array, alt: string): string {
  return `<img alt="${alt}" src="data:image/png;base64,${png.toBase64()}">`;
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
  const legend = series.map(({ name }, index) => `<li><i class="series${index}"></i>${escape(name)}</li>`);
  return `<section><h2>${escape(heading)}</h2>${
    series.length > 1 ? `<ul class="legend">${legend.join("")}</ul>` : ""
  }` +
    `${lineChart(id, escape(heading), series)}</section>`;
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

/** Series colours: Okabe and Ito's, which colour-blind people can tell apart. */
const style = `
:root { --paper: #fff; --ink: #1c1e21; --faint: #667079; --rule: #e1e4e8;
  --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #8a6d00; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e8ea; --faint: #98a2ab; --rule: #2c3238;
  --s0: #56b4e9; --s1: #ff8c42; --s2: #3fc79a; --s3: #e29ac4; --s4: #f0e442; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0.2em 0; font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { margin: 1.6em 0 0.5em; font-size: 1.1rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 1.8rem; margin: 0.8rem 0; }
.facts dt, figcaption, .legend { color: var(--faint); font-size: 0.85rem; }
.facts dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.gallery { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; }
figure img { display: block; width: 100%; image-rendering: pixelated; border-radius: 4px; }
figcaption { padding: 0.3rem 0; font-variant-numeric: tabular-nums; }
.controls:not([hidden]) { display: flex; gap: 0.6rem; align-items: center; }
.controls input { flex: 1; min-width: 0; height: 2rem; accent-color: var(--s0); }
.controls button { width: 2.75rem; height: 2.75rem; border: 1px solid var(--rule); border-radius: 50%; background: none;
  color: inherit; font-size: 1rem; cursor: pointer; }
svg { display: block; width: 100%; max-width: 42rem; }
svg text { fill: var(--faint); font-size: 12px; }
.grid { stroke: var(--rule); }
.line { fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round;
  stroke-linecap: round; }
.band { fill: currentColor; opacity: 0.16; }
${[0, 1, 2, 3, 4].map((index) => `.series${index} { color: var(--s${index}); }`).join("\n")}
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; margin: 0 0 0.5rem; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 1.2rem; height: 3px; margin-right: 0.4rem; vertical-align: middle;
  background: currentColor; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.25rem 0.5rem 0.25rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { width: 40%; color: var(--faint); font-weight: normal; }
`;

const script = `
const timeline = document.querySelector(".timeline");
if (timeline) {
  const figures = [...timeline.querySelectorAll("figure")];
  const slider = timeline.querySelector("input");
  const button = timeline.querySelector("button");
  let timer;
  const show = () => figures.forEach((figure, index) => figure.hidden = index !== slider.valueAsNumber);
  const stop = () => { clearInterval(timer); timer = undefined; button.textContent = "\\u25b6"; button.ariaLabel = "play"; };
  slider.addEventListener("input", () => { stop(); show(); });
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (slider.value === slider.max) slider.value = 0;
    show();
    button.textContent = "\\u23f8"; button.ariaLabel = "pause";
    timer = setInterval(() => { slider.stepUp(); show(); if (slider.value === slider.max) stop(); }, 250);
  });
  timeline.querySelector(".controls").hidden = figures.length < 2;
  show();
}
`;
