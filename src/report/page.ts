/** Pages as one file that loads nothing, for a screen or a phone, by day or night: what all of them are made of. */
import { escapeText as escape } from "./escape.ts";
import { type ChartOptions, lineChart, type Series } from "./line_chart.ts";

export interface Page {
  readonly title: string;
  /** Of the text, for instance `en`. */
  readonly language: string;
  /** Markup; empty ones are left out. */
  readonly sections: readonly string[];
}

/** The page, as HTML text. A pure function: the same content gives the same page. */
export function htmlPage({ title, language, sections }: Page): string {
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
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

/** A PNG inside of the page. */
export function picture(png: Uint8Array, alt: string): string {
  return `<img alt="${escape(alt)}" src="data:image/png;base64,${png.toBase64()}">`;
}

/** One picture of a timeline. */
export interface Frame {
  readonly png: Uint8Array;
  readonly alt: string;
  readonly caption: string;
}

/** All pictures, one under the other; the script of the page turns them into one with a slider. */
export function timeline(frames: readonly Frame[]): string {
  const last = frames.length - 1;
  const figures = frames.map(({ png, alt, caption }) =>
    `<figure>${picture(png, alt)}<figcaption>${escape(caption)}</figcaption></figure>`
  );
  return `<div class="timeline">${figures.join("\n")}` +
    `<div class="controls" hidden><button type="button" aria-label="play">▶</button>` +
    `<input type="range" min="0" max="${last}" value="${last}" aria-label="time"></div></div>`;
}

/** A line chart with a legend, if there is more than one line. @param id unique in the page. */
export function chart(id: string, label: string, series: readonly Series[], options: ChartOptions = {}): string {
  const legend = series.map(({ name }, index) => `<li><i class="series${index}"></i>${escape(name)}</li>`);
  return `${series.length > 1 ? `<ul class="legend">${legend.join("")}</ul>` : ""}` +
    lineChart(id, escape(label), series, options);
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
h3 { margin: 1.4em 0 0.2em; font-size: 1rem; }
p { margin: 0.3em 0; max-width: 42rem; }
a { color: var(--s0); }
li { max-width: 42rem; }
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
.figures th { width: auto; }
.figures td:not(:first-child), .figures th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.texts th, .texts td { width: auto; padding-right: 0.8rem; }
.texts td { font: 0.78rem/1.6 ui-monospace, monospace; white-space: pre; }
.wide { overflow-x: auto; }
.natural img { width: auto; max-width: 100%; }
.link { display: flex; flex-wrap: wrap; gap: 1rem 1.4rem; padding: 1.2rem 0; border-top: 1px solid var(--rule); }
.link img { display: block; width: 13rem; max-height: 13rem; object-fit: contain; object-position: top;
  border-radius: 4px; }
.link div { flex: 1; min-width: 16rem; }
.link h3 { margin: 0; }
.timeline { max-width: 44rem; }
pre { padding: 0.7rem 0.9rem; overflow-x: auto; border: 1px solid var(--rule); border-radius: 4px; font-size: 0.85rem;
  line-height: 1.45; }
`;

const script = `
for (const timeline of document.querySelectorAll(".timeline")) {
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
