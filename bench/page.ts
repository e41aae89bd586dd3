/** `--html`: the results as one file that loads nothing, for a screen or a phone, by day or night. */
import { escapeText } from "../src/report/escape.ts";
import { plot, type Series } from "./plot.ts";
import { type BenchRecord, footnote, isPeer, noteOf } from "./records.ts";
import { modeNames, type Roof } from "./roofs.ts";
import type { Results } from "./run.ts";
import { type Comparison, comparisons, type Outcome } from "./summary.ts";
import { bytesOf } from "./work.ts";

/** The page, as HTML text. */
export function benchPage(results: Results, versions: string, when: Date): string {
  const { mode, roofs, outcomes, missing } = results;
  const sweep = outcomes.filter(({ oneCase }) => oneCase.group === "gemm sweep");
  const others = outcomes.filter((outcome) => !sweep.includes(outcome));
  const colours = colourMap(outcomes);
  const facts: [string, string][] = [
    ["duel in", modeNames[mode]],
    ...roofs.map((roof): [string, string] => [
      `roofs of a thread, ${modeNames[roof.mode]}`,
      `${roof.gflops.best.toFixed(0)} GFLOP/s, ${roof.gigabytes.best.toFixed(1)} GB/s`,
    ]),
    ["measured", when.toISOString().slice(0, 16).replace("T", " ")],
    ["by", versions],
  ];
  const sections = [
    `<dl class="facts">${
      facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeText(value)}</dd></div>`).join("")
    }</dl>`,
    ...missing.map((line) => `<p class="missing">${escapeText(line)}</p>`),
    comparisonSection(comparisons(outcomes)),
    rooflineSection(others, roofs, colours),
    sweepSection(sweep, roofs.find((roof) => roof.mode === mode), colours),
    tableSection(others),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>duel: benchmark</title>
<style>${style}</style>
</head>
<body>
<h1>duel: benchmark</h1>
${sections.filter((section) => section !== "").join("\n")}
</body>
</html>
`;
}

/** Implementations and the numbers of their colours, in the order in which they appear; duel is the first. */
function colourMap(outcomes: readonly Outcome[]): Map<string, number> {
  const names = new Set(outcomes.flatMap(({ records }) => records.map(({ implementation }) => implementation)));
  return new Map([...names].map((name, index) => [name, index]));
}

function legend(names: Iterable<string>, colours: ReadonlyMap<string, number>): string {
  const items = [...names].map((name) => `<li><i class="series${colours.get(name)}"></i>${escapeText(name)}</li>`);
  return `<ul class="legend">${items.join("")}</ul>`;
}

/** Bars to the right of 1× where duel is ahead. */
function comparisonSection(all: readonly Comparison[]): string {
  if (all.length === 0) return "";
  const reach = Math.max(1, ...all.map((one) => Math.abs(Math.log2(one.geometricMean))));
  const rows = all.map(({ peer, group, threads, what, count, geometricMean, worst, best, worstName, bestName }) => {
    const length = 50 * Math.log2(geometricMean) / reach;
    const bar = `<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">` +
      `<rect class="${length < 0 ? "behind" : "ahead"}" x="${Math.min(50, 50 + length).toFixed(1)}" y="1" ` +
      `width="${Math.abs(length).toFixed(1)}" height="6"/><path class="grid" d="M50 0V8"/></svg>`;
    const range = count === 1 ? "" : `<span title="${escapeText(worstName)}">${worst.toFixed(2)}×</span> to ` +
      `<span title="${escapeText(bestName)}">${best.toFixed(2)}×</span>, ${count} cases`;
    const unit = what === "memory" ? "× of duel's memory" : "×";
    return `<tr><td>${escapeText(peer)}</td><td>${escapeText(group)}</td><td class="number">${threads}</td>` +
      `<td class="number">${geometricMean.toFixed(2)}${unit}</td><td>${bar}</td><td>${range}</td></tr>`;
  });
  return `<section><h2>duel against its peers</h2>
<p>The peer's median time over duel's, geometric means of each group; above 1× duel is faster.</p>
<div class="wide"><table><thead><tr><th>peer</th><th>group</th><th class="number">threads</th>
<th class="number">mean</th><th></th><th>from, to</th></tr>
</thead><tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

/** Kernels by arithmetic intensity, under the roofs of both modes; all for one thread. */
function rooflineSection(
  outcomes: readonly Outcome[],
  roofs: readonly Roof[],
  colours: ReadonlyMap<string, number>,
): string {
  const kernels = outcomes.map(({ oneCase, records }, index) => ({
    number: index + 1,
    intensity: (records[0].gflops * records[0].bestMs * 1e6) / (bytesOf(oneCase.work) ?? NaN),
    records,
  })).filter(({ intensity }) => Number.isFinite(intensity));
  if (kernels.length === 0) return "";
  const rate = ({ gflops, threads }: BenchRecord) => gflops / threads;
  const speeds = kernels.flatMap(({ records }) => records.map(rate));
  const knees = roofs.map(({ gflops, gigabytes }) => gflops.best / gigabytes.best);
  const xs = [...kernels.map(({ intensity }) => intensity), ...knees];
  const low = Math.min(...xs) / 1.5;
  const high = Math.max(...xs) * 1.5;
  const roofLines = roofs.map(({ mode, gflops, gigabytes }): Series => {
    const title = `${modeNames[mode]}: ${gflops.best.toFixed(0)} GFLOP/s, ${gigabytes.best.toFixed(1)} GB/s`;
    const knee = gflops.best / gigabytes.best;
    const at = (x: number) => ({ x, y: Math.min(gflops.best, gigabytes.best * x), title });
    const kind = mode === "native" ? "line" : "dashed";
    return { colour: ROOF_COLOUR, kind, points: [low, knee, high].map(at), name: modeNames[mode] };
  });
  const names = [...colours.keys()].filter((name) =>
    kernels.some(({ records }) => records.some(({ implementation }) => implementation === name))
  );
  const dots = names.map((name): Series => ({
    colour: colours.get(name)!,
    kind: "dots",
    points: kernels.flatMap(({ number, intensity, records }) =>
      records.filter(({ implementation }) => implementation === name).map((record) => ({
        x: intensity,
        y: rate(record),
        title: `${number} ${record.name}, threads: ${record.threads}, ${name}: ${rate(record).toFixed(1)} GFLOP/s each`,
        ...(isPeer(record) ? {} : { mark: String(number) }),
      }))
    ),
  })).toReversed();
  const tops = [...speeds, ...roofs.map(({ gflops }) => gflops.best)];
  const x = {
    label: "operations a byte, each operand read and each result written once",
    scale: "log",
    low,
    high,
  } as const;
  const y = {
    label: "GFLOP/s of a thread",
    scale: "log",
    low: Math.min(...speeds, ...roofs.map(({ gigabytes }) => gigabytes.best * low)) / 1.3,
    high: Math.max(...tops) * 1.4,
  } as const;
  const label = "Speed of kernels over their arithmetic intensity, and the roofs of both modes";
  return `<section><h2>Roofline</h2>
${legend(names, colours)}
${plot("roofline", label, x, y, [...roofLines, ...dots])}
<p class="note">Lines: what one thread reaches in registers, and its copying speed times the intensity; ${
    roofs.map(({ mode }) => `${mode === "native" ? "solid" : "dashed"} in ${modeNames[mode]}`).join(", ")
  }. Numbers are those of the table; peers have no number, but stand above or below the same kernel. Speeds on several
threads are divided by their number. ${escapeText(footnote)}</p></section>`;
}

/** Speed over the size of square products. */
function sweepSection(
  outcomes: readonly Outcome[],
  roof: Roof | undefined,
  colours: ReadonlyMap<string, number>,
): string {
  if (outcomes.length < 2) return "";
  const records = outcomes.flatMap(({ records }) => records);
  const sizeOf = ({ name }: BenchRecord) => Number(name.replace("sweep ", ""));
  const sizes = records.map(sizeOf);
  const names = [...colours.keys()].filter((name) => records.some(({ implementation }) => implementation === name));
  const title = (name: string) => `${name}, one thread`;
  const lines = names.map((name): Series => ({
    colour: colours.get(name)!,
    kind: "line",
    points: records.filter(({ implementation }) => implementation === name).map((record) => ({
      x: sizeOf(record),
      y: record.gflops,
      title: title(name),
    })),
  }));
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const roofLine: Series[] = roof
    ? [{
      colour: ROOF_COLOUR,
      kind: "dashed",
      points: [low, high].map((x) => ({ x, y: roof.gflops.best, title: "duel's roof" })),
      name: "duel's roof",
    }]
    : [];
  const highest = Math.max(...records.map(({ gflops }) => gflops), roof?.gflops.best ?? 0);
  const x = { label: "rows, columns and depth", scale: "linear", low, high } as const;
  const y = { label: "GFLOP/s", scale: "linear", low: 0, high: 1.08 * highest } as const;
  return `<section><h2>Square products, one thread</h2>
${legend(names, colours)}
${plot("sweep", "Speed of square matrix products over their size", x, y, [...roofLine, ...lines])}
<p class="note">At the best time.</p></section>`;
}

function tableSection(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return "";
  const rows = outcomes.flatMap(({ records }, index) =>
    records.map((record, place) => {
      const own = place === 0;
      const counted = record.gflops > 0;
      const cells = [
        own ? String(index + 1) : "",
        ...[record.bestMs, record.medianMs].map((ms) => ms.toFixed(2)),
        counted ? record.gflops.toFixed(0) : "",
        counted ? `${(100 * record.shareOfRoof).toFixed(0)} %` : "",
        isPeer(record) ? `${(record.medianMs / records[0].medianMs).toFixed(2)}×` : "",
      ].map((text) => `<td class="number">${text}</td>`);
      const name = own || record.name !== records[0].name ? `${record.name}, ${record.threads}` : "";
      return `<tr${own ? ' class="first"' : ""}>${cells[0]}<td>${escapeText(name)}</td>` +
        `<td>${escapeText(record.implementation)}</td>${cells.slice(1).join("")}<td>${
          escapeText(noteOf(record))
        }</td></tr>`;
    })
  );
  return `<section><h2>All work</h2>
<div class="wide"><table><thead><tr><th></th><th>work, threads</th><th>implementation</th><th class="number">best ms</th>
<th class="number">median ms</th><th class="number">GFLOP/s</th><th class="number">roof</th><th class="number">speed</th><th></th>
</tr></thead><tbody>${rows.join("\n")}</tbody></table></div><p class="note">${escapeText(footnote)}</p></section>`;
}

/** The page's ink. */
const ROOF_COLOUR = 9;

/** Series colours: Okabe and Ito's, which colour-blind people can tell apart. */
const style = `
:root { --paper: #fff; --ink: #1c1e21; --faint: #5d666f; --rule: #e1e4e8;
  --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #8a6d00; --s9: #1c1e21; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e8ea; --faint: #98a2ab; --rule: #2c3238;
  --s0: #56b4e9; --s1: #ff8c42; --s2: #3fc79a; --s3: #e29ac4; --s4: #f0e442; --s9: #e6e8ea; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0.2em 0; font-size: 1.5rem; }
h2 { margin: 1.6em 0 0.5em; font-size: 1.1rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 1.8rem; margin: 0.8rem 0; }
.facts dt, .legend, .note { color: var(--faint); font-size: 0.85rem; }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
.missing { border-left: 3px solid var(--s1); padding-left: 0.6rem; }
svg { display: block; width: 100%; max-width: 52rem; }
svg text { fill: var(--faint); font-size: 12px; }
svg .mark { fill: var(--ink); font-size: 10px; }
.grid { stroke: var(--rule); }
.line, .dashed { fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.dashed { stroke-dasharray: 6 5; }
.dot { fill: currentColor; stroke: var(--paper); }
.bar { width: 8rem; height: 0.8rem; }
.bar .grid { stroke: var(--faint); vector-effect: non-scaling-stroke; }
.ahead { fill: var(--s0); } .behind { fill: var(--s1); }
${[0, 1, 2, 3, 4, ROOF_COLOUR].map((index) => `.series${index} { color: var(--s${index}); }`).join("\n")}
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; margin: 0 0 0.5rem; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 0.7rem; height: 0.7rem; margin-right: 0.4rem; border-radius: 50%;
  background: currentColor; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; }
th, td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: left; white-space: nowrap; }
th { color: var(--faint); font-weight: normal; border-bottom: 1px solid var(--rule); }
.first td { border-top: 1px solid var(--rule); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
`;
