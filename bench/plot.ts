/** Plots as SVG text, for pages that load nothing. Colours come from the page: classes `series0`, `series1` … */
import { escapeText } from "../src/report/escape.ts";

export interface Axis {
  readonly label: string;
  readonly scale: "linear" | "log";
  readonly low: number;
  readonly high: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Shown when the pointer rests on it. */
  readonly title: string;
  /** Written beside it. */
  readonly mark?: string;
}

export interface Series {
  /** Number of its colour. */
  readonly colour: number;
  readonly kind: "line" | "dashed" | "dots";
  readonly points: readonly Point[];
  /** Written below a line's last stretch, where that begins. */
  readonly name?: string;
}

/** Units of the view box. Text is sized to be legible when a phone shows it 340 px wide. */
const size = { width: 720, height: 480, left: 56, right: 24, top: 12, bottom: 46 };
const plotWidth = size.width - size.left - size.right;
const plotHeight = size.height - size.top - size.bottom;
/** Room that the marks of near points need. */
const markHeight = 12;
const markWidth = 22;

/** A plot of all series. @param id unique in its page. @param label tells what is drawn. */
export function plot(id: string, label: string, x: Axis, y: Axis, series: readonly Series[]): string {
  const px = (value: number) => size.left + plotWidth * position(x, value);
  const py = (value: number) => size.top + plotHeight * (1 - position(y, value));
  const grid = [
    ...ticks(x).map((value) =>
      `<path class="grid" d="M${px(value).toFixed(1)} ${size.top}V${size.top + plotHeight}"/>` +
      `<text x="${px(value).toFixed(1)}" y="${size.height - 28}" text-anchor="middle">${shorten(value)}</text>`
    ),
    ...ticks(y).map((value) =>
      `<path class="grid" d="M${size.left} ${py(value).toFixed(1)}H${size.width - size.right}"/>` +
      `<text x="${size.left - 6}" y="${(py(value) + 4).toFixed(1)}" text-anchor="end">${shorten(value)}</text>`
    ),
  ];
  const middle = size.top + plotHeight / 2;
  const labels = [
    `<text x="${size.left + plotWidth / 2}" y="${size.height - 8}" text-anchor="middle">${escapeText(x.label)}</text>`,
    `<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(y.label)}</text>`,
  ];
  const drawn = series.map(({ colour, kind, points, name }) => {
    if (kind === "dots") {
      return points.map((point) =>
        `<circle class="dot series${colour}" cx="${px(point.x).toFixed(1)}" cy="${py(point.y).toFixed(1)}" r="4">` +
        `<title>${escapeText(point.title)}</title></circle>`
      ).join("");
    }
    const path = points.map((point) => `${px(point.x).toFixed(1)},${py(point.y).toFixed(1)}`).join(" ");
    const [{ title = "" } = {}] = points;
    const line = `<polyline class="${kind} series${colour}" points="${path}"><title>${
      escapeText(title)
    }</title></polyline>`;
    const start = points.at(-2);
    if (name === undefined || start === undefined) return line;
    const place = `x="${(px(start.x) + 6).toFixed(1)}" y="${(py(start.y) + 15).toFixed(1)}"`;
    return `${line}<text ${place}>${escapeText(name)}</text>`;
  });
  const marked = series.flatMap(({ points }) => points).filter(({ mark }) => mark !== undefined)
    .map(({ x, y, mark = "" }) => ({ x: px(x) + 7, y: py(y) + 4, mark }));
  const marks = apart(marked).map(({ x, y, mark }) =>
    `<text class="mark" x="${x.toFixed(1)}" y="${y.toFixed(1)}">${escapeText(mark)}</text>`
  );
  return `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escapeText(label)}">` +
    `<clipPath id="${id}"><rect x="${size.left}" y="${size.top}" width="${plotWidth + size.right}" ` +
    `height="${plotHeight}"/></clipPath>${grid.join("")}${labels.join("")}` +
    `<g clip-path="url(#${id})">${drawn.join("")}${marks.join("")}</g></svg>`;
}

/** From 0 at an axis' low end to 1 at its high end. */
function position({ scale, low, high }: Axis, value: number): number {
  return scale === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** Round values inside of an axis: multiples of 1, 2 and 5 times powers of ten; powers of two on a long linear axis. */
function ticks({ scale, low, high }: Axis): number[] {
  if (scale === "log") {
    const powers = Array.from(
      { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
      (_, index) => 10 ** (Math.floor(Math.log10(low)) + index),
    );
    return powers.flatMap((power) => [1, 2, 5].map((factor) => factor * power))
      .filter((value) => value >= low * 0.999 && value <= high * 1.001);
  }
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power;
  const first = Math.ceil(low / unit);
  return Array.from({ length: Math.floor(high / unit) - first + 1 }, (_, index) => (first + index) * unit);
}

/** Moves marks that would cover one another up or down, in the order of their heights. */
function apart<M extends { readonly x: number; readonly y: number }>(marks: readonly M[]): M[] {
  const placed: M[] = [];
  for (const mark of marks.toSorted((a, b) => a.y - b.y)) {
    const lowest = Math.max(
      -Infinity,
      ...placed.filter(({ x }) => Math.abs(x - mark.x) < markWidth).map(({ y }) => y + markHeight),
    );
    placed.push({ ...mark, y: Math.max(mark.y, lowest) });
  }
  return placed;
}

function shorten(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
