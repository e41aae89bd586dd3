/**
 * Points in the plane: real ones below, generated ones on top, and behind them what D says of each place. Orange is
 * real and blue is generated, for points and for what D takes them for; the pair is told apart by colour-blind people.
 */
import { UsageError } from "../core/errors.ts";
import { type Box, colors, drawTicks } from "./axes.ts";
import { Canvas, mixed } from "./canvas.ts";
import type { Pixels } from "./image.ts";

/** A function over the box: its values at `heatPoints(box, cells)`. */
export interface Heat {
  readonly cells: number;
  readonly values: Float32Array;
  /** The value where D is undecided: white, with a line along it. The default, 0, is right for logits. */
  readonly middle?: number;
  /** The distance from the middle that is coloured most. By default that of the most extreme values. */
  readonly most?: number;
}

export interface ScatterOptions {
  readonly box: Box;
  /** Points, [n, 2]. Those outside of the box are left out. */
  readonly real?: Float32Array;
  readonly fake?: Float32Array;
  readonly heat?: Heat;
  /** Where points are and where they are drawn to: arrows, [n, 4], as x, y, x, y. */
  readonly arrows?: Float32Array;
  /** Width and height in pixels. Default 512. */
  readonly size?: number;
}

/** The places that a heat map needs values of, [cells², 2]: centres of cells, row by row from the top left corner. */
export function heatPoints([[left, right], [bottom, top]]: Box, cells: number): Float32Array {
  const points = new Float32Array(cells * cells * 2);
  for (let row = 0, at = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      points[at++] = left + (right - left) * (column + 0.5) / cells;
      points[at++] = top - (top - bottom) * (row + 0.5) / cells;
    }
  }
  return points;
}

/** Radii and opacities, at 512 pixels. Real points are larger, so that they show around generated ones on top. */
const dots = { real: { radius: 3.2, opacity: 0.5 }, fake: { radius: 2.1, opacity: 0.75 } } as const;

/**
 * The picture.
 * @throws UsageError for a box, points or values of the wrong number.
 */
export function scatter({ box, real, fake, heat, arrows, size = 512 }: ScatterOptions): Pixels {
  if (box.length !== 2) throw new UsageError(`a scatter plot shows two dimensions, the box has ${box.length}`);
  const canvas = new Canvas(size, size, colors.ground);
  if (heat) drawHeat(canvas, heat);
  drawTicks(canvas, box);
  if (real) drawPoints(canvas, box, real, "real");
  if (fake) drawPoints(canvas, box, fake, "fake");
  if (arrows) drawArrows(canvas, box, arrows);
  canvas.frame(colors.frame);
  return canvas.pixels();
}

function drawPoints(canvas: Canvas, [[left, right], [bottom, top]]: Box, points: Float32Array, kind: "real" | "fake") {
  if (points.length % 2 !== 0) throw new UsageError(`points of a scatter plot are pairs, got ${points.length} numbers`);
  const { radius, opacity } = dots[kind];
  for (let at = 0; at < points.length; at += 2) {
    const x = (points[at] - left) / (right - left) * canvas.width;
    const y = (top - points[at + 1]) / (top - bottom) * canvas.height;
    canvas.disc(x, y, radius * canvas.width / 512, colors[kind], opacity);
  }
}

function drawArrows(canvas: Canvas, [[left, right], [bottom, top]]: Box, arrows: Float32Array): void {
  if (arrows.length % 4 !== 0) throw new UsageError(`arrows are x, y, x, y each, got ${arrows.length} numbers`);
  const x = (value: number) => (value - left) / (right - left) * canvas.width;
  const y = (value: number) => (top - value) / (top - bottom) * canvas.height;
  const unit = canvas.width / 512;
  for (let at = 0; at < arrows.length; at += 4) {
    const [fromX, fromY, toX, toY] = [x(arrows[at]), y(arrows[at + 1]), x(arrows[at + 2]), y(arrows[at + 3])];
    const length = Math.hypot(toX - fromX, toY - fromY);
    if (!(length > unit)) continue;
    canvas.line(fromX, fromY, toX, toY, 1.2 * unit, colors.frame, 0.8);
    const head = Math.min(5 * unit, length / 2);
    const [alongX, alongY] = [(toX - fromX) / length * head, (toY - fromY) / length * head];
    for (const side of [-0.5, 0.5]) {
      canvas.line(toX, toY, toX - alongX - side * alongY, toY - alongY + side * alongX, 1.2 * unit, colors.frame, 0.8);
    }
  }
}

/** Steps from the middle to the value that is coloured most, on either side; between them are lines of equal value. */
const LEVELS = 5;

/** How far values are from the middle at most; a few extremes, which must not pale the rest, don't count. */
function mostOf(values: Float32Array, middle: number): number {
  const distances = values.map((value) => Math.abs(value - middle)).filter(Number.isFinite).sort();
  return distances[Math.floor((distances.length - 1) * 0.98)] || 1;
}

function drawHeat(canvas: Canvas, { cells, values, middle = 0, most = mostOf(values, middle) }: Heat): void {
  if (!(cells >= 2) || values.length !== cells * cells) {
    throw new UsageError(
      `a heat map has 2×2 cells or more, and a value for each; got ${values.length} for ${cells}×${cells}`,
    );
  }
  const { width, height } = canvas;
  const levelAt = (x: number, y: number) =>
    LEVELS * (interpolate(values, cells, (x + 0.5) / width, (y + 0.5) / height) - middle) / most;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = levelAt(x, y);
      if (!Number.isFinite(level)) continue;
      const shade = level < 0 ? colors.takenForFake : colors.takenForReal;
      canvas.blend(x, y, mixed(colors.ground, shade, Math.min(Math.abs(level) / LEVELS, 1)), 1);
      const nearest = Math.round(level);
      if (Math.abs(nearest) >= LEVELS) continue;
      const slope = Math.hypot(levelAt(x + 1, y) - level, levelAt(x, y + 1) - level);
      const half = nearest === 0 ? 1 : 0.5;
      const cover = Math.min(Math.max(half + 0.5 - Math.abs(level - nearest) / slope, 0), 1);
      // Where many levels crowd, their lines fade instead of filling the ground.
      canvas.blend(x, y, colors.judgement, cover * (nearest === 0 ? 0.9 : 0.3 * Math.max(0, 1 - 3 * slope)));
    }
  }
}

/** The value at a place, shares of width and height from the top left corner, linear between the centres of cells. */
function interpolate(values: Float32Array, cells: number, x: number, y: number): number {
  const place = (share: number) => Math.min(Math.max(share * cells - 0.5, 0), cells - 1);
  const [column, row] = [place(x), place(y)];
  const left = Math.min(Math.floor(column), cells - 2), top = Math.min(Math.floor(row), cells - 2);
  const across = column - left, down = row - top;
  const at = top * cells + left;
  const upper = values[at] * (1 - across) + values[at + 1] * across;
  const lower = values[at + cells] * (1 - across) + values[at + cells + 1] * across;
  return upper * (1 - down) + lower * down;
}
