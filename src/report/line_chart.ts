/** Line charts as SVG text, for pages that load nothing. Colours come from the page: classes `series0`, `series1` … */
import { escapeText } from "./escape.ts";

export interface Series {
  readonly name: string;
  /** `[x, y]`, in the order of x. A y that is not finite leaves a gap. */
  readonly points: readonly (readonly [number, number])[];
}

/** Units of the view box. Text is sized to be legible when a phone shows it 340 px wide. */
const size = { width: 480, height: 284, left: 46, right: 14, top: 8, bottom: 40 };
const plotWidth = size.width - size.left - size.right;
const plotHeight = size.height - size.top - size.bottom;

/** Columns that a long series is gathered into: a line through the means, a band from minimum to maximum. */
const columns = 200;

interface Column {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface ChartOptions {
  /** What x is; the step when left out. */
  readonly x?: string;
}

/**
 * A chart of all series. The y axis spans the means, so that single outliers do not flatten the rest.
 * @param id unique in its page. @param label escaped text that tells what is drawn.
 */
export function lineChart(
  id: string,
  label: string,
  series: readonly Series[],
  { x: across = "step" }: ChartOptions = {},
): string {
  const xs = extent(series.flatMap(({ points }) => [points.at(0)?.[0] ?? NaN, points.at(-1)?.[0] ?? NaN]));
  const gathered = series.map(({ points }) => gather(points, xs));
  const ys = padded(extent(gathered.flat(2).map(({ mean }) => mean)));
  const x = (value: number) => size.left + (value - xs[0]) / (xs[1] - xs[0]) * plotWidth;
  const y = (value: number) => size.top + (ys[1] - value) / (ys[1] - ys[0]) * plotHeight;
  const at = (px: number, py: number) => `${px.toFixed(1)},${py.toFixed(1)}`;

  const grid = ticks(ys).map((value) =>
    `<path class="grid" d="M${size.left} ${y(value).toFixed(1)}H${size.width - size.right}"/>` +
    `<text x="${size.left - 5}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${shorten(value)}</text>`
  );
  const steps = ticks(xs).map((value) =>
    `<text x="${x(value).toFixed(1)}" y="${size.height - 24}" text-anchor="middle">${shorten(value)}</text>`
  );
  const lines = gathered.map((runs, index) =>
    runs.map((run) => {
      const upper = run.map((column) => at(x(column.x), y(column.high)));
      const lower = run.map((column) => at(x(column.x), y(column.low))).reverse();
      const middle = run.map((column) => at(x(column.x), y(column.mean)));
      return `<polygon class="band series${index}" points="${[...upper, ...lower].join(" ")}"/>` +
        `<polyline class="line series${index}" points="${
          (middle.length > 1 ? middle : [...middle, ...middle]).join(" ")
        }"/>`;
    }).join("")
  );
  return `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">` +
    `<clipPath id="${id}"><rect x="${size.left}" y="${size.top}" width="${plotWidth}" height="${plotHeight}"/></clipPath>` +
    `${grid.join("")}${steps.join("")}` +
    `<text x="${size.left + plotWidth / 2}" y="${size.height - 7}" text-anchor="middle">${escapeText(across)}</text>` +
    `<g clip-path="url(#${id})">${lines.join("")}</g></svg>`;
}

/** Gathers points into columns of equal width; a new run begins after each gap. */
function gather(points: Series["points"], [start, end]: readonly [number, number]): Column[][] {
  const runs: Column[][] = [];
  let members: (readonly [number, number])[] = [];
  let current = -1;
  let gap = true;
  const close = () => {
    if (members.length === 0) return;
    const values = members.map(([, value]) => value);
    const mean = (items: readonly number[]) => items.reduce((sum, item) => sum + item, 0) / items.length;
    if (gap) runs.push([]);
    gap = false;
    runs.at(-1)!.push({
      x: mean(members.map(([x]) => x)),
      mean: mean(values),
      low: Math.min(...values),
      high: Math.max(...values),
    });
    members = [];
  };
  for (const point of points) {
    const column = Math.floor((point[0] - start) / (end - start) * columns);
    if (column !== current || !Number.isFinite(point[1])) close();
    current = column;
    if (Number.isFinite(point[1])) members.push(point);
    else gap = true;
  }
  close();
  return runs;
}

/** Smallest and largest of the finite values, never equal. */
function extent(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

function padded([low, high]: readonly [number, number]): [number, number] {
  const margin = (high - low) * 0.08;
  return [low - margin, high + margin];
}

/** Four to nine round values inside of a range: multiples of 1, 2 or 5 times a power of ten. */
export function ticks([low, high]: readonly [number, number]): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power;
  const first = Math.ceil(low / unit);
  return Array.from({ length: Math.floor(high / unit) - first + 1 }, (_, index) => (first + index) * unit);
}

function shorten(value: number): string {
  return Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}
