/**
 * Groups of values as box plots: every value a dot, the box from the lower to the upper quartile, a thick line at the
 * median, whiskers to the last values within 1½ boxes (Tukey 1977). One SVG file that loads nothing.
 */
import { quantile } from "../core/statistics.ts";
import { escapeText } from "./escape.ts";
import { ticks as linearTicks } from "./line_chart.ts";

export interface Dot {
  readonly value: number;
  /** Shown when the pointer rests on it. */
  readonly title: string;
  /** Drawn as a star. */
  readonly marked: boolean;
}

export interface Group {
  readonly name: string;
  readonly dots: readonly Dot[];
  /** What is to be said of its members besides, for instance how many have no value. */
  readonly note: string;
}

export interface BoxPlot {
  /** What the values are. */
  readonly title: string;
  readonly subtitle: string;
  readonly groups: readonly Group[];
  /** A line across all groups, and what it is. */
  readonly reference?: { readonly value: number; readonly name: string } | undefined;
  /** What stars mean, if there are any. */
  readonly markedName: string;
}

/** Units of the view box. */
const WIDTH = 760;
const row = { height: 44, box: 24, dot: 3.6 } as const;
const margin = { top: 62, right: 84, bottom: 34 } as const;
/** A little more than letters of 12 px are wide on average. */
const LETTER = 6.9;
const MOST_LETTERS = 44;
/** Fewer values than this are no distribution: they get no box. */
const BOXED = 4;
/** Values that differ by such a factor are drawn over a logarithmic axis. */
const LOG_FACTOR = 20;

/** Colours of Okabe and Ito, as in reports of runs. */
const style = `
.ground { fill: #fff; }
text { font: 12px system-ui, sans-serif; fill: #667079; }
.title { font-size: 16px; font-weight: 600; fill: #1c1e21; }
.name { fill: #1c1e21; }
.grid { stroke: #e1e4e8; }
.box { fill: #0072b2; fill-opacity: 0.14; stroke: #0072b2; }
.whisker { stroke: #0072b2; fill: none; }
.median { stroke: #0072b2; stroke-width: 3; }
.dot { fill: #0072b2; fill-opacity: 0.75; stroke: #fff; stroke-width: 0.8; }
.star { fill: #d55e00; stroke: #fff; stroke-width: 0.8; }
.reference { stroke: #009e73; stroke-width: 1.5; stroke-dasharray: 5 4; }
.reference-name { fill: #00785a; }
`;

/** The plot, as the text of an SVG file. */
export function boxPlot({ title, subtitle, groups, reference, markedName }: BoxPlot): string {
  const left = 24 + LETTER * Math.min(MOST_LETTERS, Math.max(8, ...groups.map(({ name }) => name.length)));
  const bottom = margin.top + Math.max(1, groups.length) * row.height;
  const right = WIDTH - margin.right;
  const axis = axisOf(groups.flatMap(({ dots }) => dots.map(({ value }) => value)), reference?.value ?? NaN);
  const x = (value: number) => left + (right - left) * axis.share(value);
  const fixed = (value: number) => value.toFixed(1);
  const grid = axis.ticks.map((tick) =>
    `<path class="grid" d="M${fixed(x(tick))} ${margin.top}V${bottom}"/>` +
    `<text x="${fixed(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tickText(tick)}</text>`
  );
  const rows = groups.map((group, index) => {
    const y = margin.top + (index + 0.5) * row.height;
    const name = group.name.length > MOST_LETTERS ? `${group.name.slice(0, MOST_LETTERS - 1)}…` : group.name;
    const count = `n = ${group.dots.length}`;
    const note = group.note === "" ? "" : `<text x="${right + 10}" y="${y + 12}">${escapeText(group.note)}</text>`;
    return `<text class="name" x="${left - 12}" y="${y + 4}" text-anchor="end">${escapeText(name)}` +
      `<title>${escapeText(group.name)}</title></text>` +
      `<text x="${right + 10}" y="${note ? y - 3 : y + 4}">${count}</text>${note}` +
      `${box(group.dots.map(({ value }) => value), x, y)}${strip(group.dots, x, y)}`;
  });
  const known = reference && Number.isFinite(reference.value) ? reference : undefined;
  const onAxis = known && Number.isFinite(axis.share(known.value));
  const line = onAxis ? `<path class="reference" d="M${fixed(x(known.value))} ${margin.top - 6}V${bottom}"/>` : "";
  const beyond = known && !onAxis ? `; ${known.name} have ${tickText(known.value)}, left of all that is shown` : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + margin.bottom}" width="${WIDTH}" ` +
    `height="${bottom + margin.bottom}" role="img" aria-label="${escapeText(title)}"><style>${style}</style>` +
    `<rect class="ground" width="100%" height="100%"/>` +
    `<text class="title" x="24" y="28">${escapeText(title)}</text>` +
    `<text x="24" y="46">${escapeText(subtitle + beyond)}</text>` +
    `${legend(groups, line ? reference : undefined, markedName)}${grid.join("")}${line}${rows.join("")}</svg>\n`;
}

/** What the signs mean, from the right edge to the left. */
function legend(groups: readonly Group[], reference: BoxPlot["reference"], markedName: string): string {
  const hasStars = groups.some(({ dots }) => dots.some(({ marked }) => marked));
  const entries: [string, (x: number) => string][] = [
    ["a run", (x) => `<circle class="dot" cx="${x}" cy="42" r="${row.dot}"/>`],
    ...hasStars ? [[markedName, (x: number) => star(x, 42)] as [string, (x: number) => string]] : [],
    ...reference
      ? [[reference.name, (x: number) => `<path class="reference" d="M${x - 10} 42H${x + 6}"/>`] as [
        string,
        (x: number) => string,
      ]]
      : [],
  ];
  let end = WIDTH - 24;
  return entries.reverse().map(([name, sign]) => {
    const start = end - LETTER * name.length;
    end = start - 38;
    return `${sign(Math.round(start - 12))}<text x="${start.toFixed(1)}" y="46">${escapeText(name)}</text>`;
  }).join("");
}

function box(values: readonly number[], x: (value: number) => number, y: number): string {
  if (values.length === 0) return "";
  const sorted = values.toSorted((a, b) => a - b);
  const middle = `<path class="median" d="M${x(quantile(sorted, 0.5)).toFixed(1)} ${y - row.box / 2}v${row.box}"/>`;
  if (values.length < BOXED) return middle;
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const reach = 1.5 * (high - low);
  const first = sorted.find((value) => value >= low - reach)!;
  const last = sorted.findLast((value) => value <= high + reach)!;
  const whisker = (from: number, to: number) =>
    `<path class="whisker" d="M${x(from).toFixed(1)} ${y}H${x(to).toFixed(1)}M${x(to).toFixed(1)} ${y - 5}v10"/>`;
  return whisker(low, Math.min(first, low)) + whisker(high, Math.max(last, high)) +
    `<rect class="box" x="${x(low).toFixed(1)}" y="${y - row.box / 2}" ` +
    `width="${Math.max(1, x(high) - x(low)).toFixed(1)}" height="${row.box}" rx="2"/>${middle}`;
}

/** All dots, near ones above and below each other; marked ones are drawn last. */
function strip(dots: readonly Dot[], x: (value: number) => number, y: number): string {
  const placed: { readonly x: number; readonly lane: number }[] = [];
  const drawn = dots.toSorted((a, b) => a.value - b.value).map((dot) => {
    const at = x(dot.value);
    const free = lanes.find((lane) => placed.every((one) => one.lane !== lane || at - one.x >= 2 * row.dot)) ?? 0;
    placed.push({ x: at, lane: free });
    const height = y + free * 2 * row.dot;
    const sign = dot.marked
      ? star(at, height)
      : `<circle class="dot" cx="${at.toFixed(1)}" cy="${height.toFixed(1)}" r="${row.dot}"/>`;
    return { marked: dot.marked, text: `<g>${sign}<title>${escapeText(dot.title)}</title></g>` };
  });
  return drawn.toSorted((a, b) => Number(a.marked) - Number(b.marked)).map(({ text }) => text).join("");
}

/** Where dots go that would cover others, in diameters below the middle. */
const lanes = [0, 1, -1, 2, -2] as const;

function star(x: number, y: number): string {
  const points = Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 === 0 ? 8 : 3.4;
    const angle = Math.PI * (i / 5 - 0.5);
    return `${(x + radius * Math.cos(angle)).toFixed(1)},${(y + radius * Math.sin(angle)).toFixed(1)}`;
  });
  return `<polygon class="star" points="${points.join(" ")}"/>`;
}

interface Axis {
  readonly ticks: readonly number[];
  /** From 0 at the left end to 1 at the right one; no number where an axis of logarithms has no place for the value. */
  share(value: number): number;
}

/** The reference is on the axis, unless that has logarithms and the reference none: some floors are 0 or below. */
function axisOf(values: readonly number[], reference: number): Axis {
  const finite = values.filter(Number.isFinite);
  const spread = Math.max(...finite) / Math.min(...finite);
  const log = finite.every((value) => value > 0) && spread >= LOG_FACTOR;
  const shown = Number.isFinite(reference) && (!log || reference > 0) ? [...finite, reference] : finite;
  const [least, most] = shown.length === 0 ? [0, 1] : [Math.min(...shown), Math.max(...shown)];
  const of = (value: number) => log ? Math.log10(value) : value;
  const width = of(most) - of(least) || Math.abs(of(most)) || 1;
  const [low, high] = [of(least) - 0.06 * width, of(most) + 0.06 * width];
  return {
    ticks: log ? logTicks(low, high) : linearTicks([low, high]),
    share: (value) => (of(value) - low) / (high - low),
  };
}

/** Powers of ten, and values between them where there are few. */
function logTicks(low: number, high: number): number[] {
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i);
  const factors = high - low > 4 ? [1] : high - low > 2 ? [1, 3] : [1, 2, 5];
  return powers.flatMap((power) => factors.map((factor) => factor * 10 ** power))
    .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
}

function tickText(value: number): string {
  const [text, plain] = [Number(value.toPrecision(3)), Math.abs(value)];
  return plain !== 0 && (plain < 1e-3 || plain >= 1e5) ? text.toExponential() : String(text);
}
