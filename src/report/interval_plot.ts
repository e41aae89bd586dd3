/**
 * Points on a line: the real density as an orange hill, generated points as a blue histogram, and what D says of each
 * place as a dark curve from 0, at the foot of the hill, to 1 at the upper edge.
 */
import { UsageError } from "../core/errors.ts";
import { type Box, colors, drawTicks } from "./axes.ts";
import { Canvas, type Color } from "./canvas.ts";
import type { Pixels } from "./image.ts";

export interface IntervalPlotOptions {
  readonly box: Box;
  /** The real density, per unit of length. */
  readonly density: (point: readonly [number]) => number;
  readonly fake?: Float32Array;
  /** Probabilities that D gives to evenly spaced places, the first at the left edge and the last at the right one. */
  readonly judgement?: Float32Array;
  /** The same of the best D there could be: a green curve, below the other. */
  readonly optimum?: Float32Array;
  /** Anything else that is a function of the place, from 0 to 1, in the judgement's colour. */
  readonly curve?: Float32Array;
  /** Width in pixels; the height is ⅝ of it. Default 512. */
  readonly size?: number;
}

/** Bars of the histogram. */
const BARS = 64;

/** The strip below everything, for the axis' numbers: its share of the width. */
const STRIP = 0.045;

/** The peak of the real density is at so much of the height above: generated points may pile up higher. */
const PEAK = 0.6;

/**
 * The picture. Bars that are too high for it are cut off.
 * @throws UsageError for a box of more than one dimension.
 */
export function intervalPlot(options: IntervalPlotOptions): Pixels {
  const { box, density, fake, judgement, optimum, curve, size = 512 } = options;
  if (box.length !== 1) throw new UsageError(`a plot over a line shows one dimension, the box has ${box.length}`);
  const canvas = new Canvas(size, Math.round(size * 5 / 8), colors.ground);
  const { width, height } = canvas;
  const [low, high] = box[0];
  const densityAt = (x: number) => density([low + (high - low) * x / width]);
  let peak = 0;
  for (let x = 0; x < width; x++) peak = Math.max(peak, densityAt(x + 0.5));
  const floor = height - Math.round(STRIP * size);
  const unit = PEAK * floor / peak;
  for (let x = 0; x < width; x++) {
    const top = Math.round(floor - unit * densityAt(x + 0.5));
    canvas.box(x, top, 1, floor - top, colors.takenForReal, 0.8);
  }
  if (fake) drawBars(canvas, box[0], fake, unit, floor);
  drawTicks(canvas, box);
  canvas.graph((x) => floor - unit * densityAt(x), size / 256, colors.real, 1);
  if (judgement) canvas.box(0, floor >> 1, width, 1, colors.judgement, 0.3); // undecided
  const draw = (values: Float32Array, color: Color) =>
    canvas.graph((x) => (1 - valueAt(values, x / width)) * floor, size / 256, color, 0.9);
  if (optimum) draw(optimum, colors.optimum);
  for (const values of [judgement, curve]) if (values) draw(values, colors.judgement);
  canvas.box(0, floor, width, 1, colors.frame, 1);
  canvas.frame(colors.frame);
  return canvas.pixels();
}

/** The value at a share of the way along evenly spaced ones, linear between them. */
function valueAt(values: Float32Array, share: number): number {
  const place = Math.min(share, 1) * (values.length - 1);
  const left = Math.min(Math.floor(place), values.length - 2);
  return values[left] + (values[left + 1] - values[left]) * (place - left);
}

function drawBars(canvas: Canvas, [low, high]: Box[number], points: Float32Array, unit: number, floor: number): void {
  const counts = new Float64Array(BARS);
  for (const point of points) {
    const bar = Math.floor((point - low) / (high - low) * BARS);
    if (bar >= 0 && bar < BARS) counts[bar]++;
  }
  const edge = (bar: number) => Math.round(bar * canvas.width / BARS);
  counts.forEach((count, bar) => {
    const share = count / points.length / ((high - low) / BARS);
    const top = Math.max(floor - Math.round(unit * share), 0);
    // A gap of one pixel keeps neighbours apart.
    canvas.box(edge(bar), top, edge(bar + 1) - edge(bar) - 1, floor - top, colors.fake, 0.6);
  });
}
