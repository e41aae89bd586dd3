/**
 * Points in the plane: real ones below, generated ones on top, and behind them what D says of each place. Orange is
 * real and blue is generated, for points and for what D takes them for; the pair is told apart by colour-blind people.
 */
import { UsageError } from "../core/errors.ts";
import { Canvas, type Color, GLYPH, mixed } from "./canvas.ts";
import type { Pixels } from "./image.ts";

/** What is shown, an interval an axis; y grows upwards. */
export type Box = readonly (readonly [low: number, high: number])[];

/** A function over the box: its values at `heatPoints(box, cells)`. */
export interface Heat {
  readonly cells: number;
  readonly values: Float32Array;
  /** The value where D is undecided: white, with a line along it. The default, 0, is right for logits. */
  readonly middle?: number;
}

export interface ScatterOptions {
  readonly box: Box;
  /** Points, [n, 2]. Those outside of the box are left out. */
  readonly real?: Float32Array;
  readonly fake?: Float32Array;
  readonly heat?: Heat;
  /** Width and height in pixels. Default 512. */
  readonly size?: number;
}

export const colors = {
  ground: [255, 255, 255],
  frame: [96, 96, 104],
  real: [245, 158, 38],
  fake: [24, 62, 190],
  /** Grounds for what D takes for real, and for generated. */
  takenForReal: [255, 205, 140],
  takenForFake: [152, 184, 246],
  level: [90, 90, 110],
} as const satisfies Record<string, Color>;

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
export function scatter({ box, real, fake, heat, size = 512 }: ScatterOptions): Pixels {
  if (box.length !== 2) throw new UsageError(`a scatter plot shows two dimensions, the box has ${box.length}`);
  const canvas = new Canvas(size, size, colors.ground);
  if (heat) drawHeat(canvas, heat);
  drawGrid(canvas, box);
  if (real) drawPoints(canvas, box, real, "real");
  if (fake) drawPoints(canvas, box, fake, "fake");
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

/** Lines at whole multiples of 1, 2 or 5 times a power of ten, three to seven an axis, with their numbers. */
function drawGrid(canvas: Canvas, box: Box): void {
  const { width, height } = canvas;
  const scale = Math.max(Math.round(width / 256), 1);
  box.forEach(([low, high], axis) => {
    const { step, digits } = tickStep(low, high);
    for (let tick = Math.ceil(low / step); tick * step <= high; tick++) {
      const share = (tick * step - low) / (high - low);
      const text = (tick * step).toFixed(digits);
      const at = Math.floor(axis === 0 ? share * width : (1 - share) * height);
      const opacity = tick === 0 ? 0.4 : 0.14;
      // No number where it would be cut off, or where those of both axes would meet.
      const room = Math.min(at, width - at) > 2 * GLYPH.height * scale;
      if (axis === 0) {
        canvas.box(at, 0, 1, height, colors.frame, opacity);
        const left = at - Math.floor((text.length * GLYPH.width - 1) * scale / 2);
        if (room) canvas.number(text, left, height - 9 * scale, scale, colors.frame, 0.8);
      } else {
        canvas.box(0, at, width, 1, colors.frame, opacity);
        if (room) canvas.number(text, 4 * scale, at - 2 * scale, scale, colors.frame, 0.8);
      }
    }
  });
}

function tickStep(low: number, high: number): { step: number; digits: number } {
  const rough = (high - low) / 6;
  const exponent = Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((factor) => factor * 10 ** exponent >= rough)!;
  return { step: factor * 10 ** exponent, digits: Math.max(0, factor === 10 ? -exponent - 1 : -exponent) };
}

/** Lines of equal value on each side of the middle, up to the value that is coloured most. */
const LEVELS = 5;

function drawHeat(canvas: Canvas, { cells, values, middle = 0 }: Heat): void {
  if (!(cells >= 2) || values.length !== cells * cells) {
    throw new UsageError(
      `a heat map has 2×2 cells or more, and a value for each; got ${values.length} for ${cells}×${cells}`,
    );
  }
  const { width, height } = canvas;
  const distances = values.map((value) => Math.abs(value - middle)).filter(Number.isFinite).sort();
  const most = distances[Math.floor((distances.length - 1) * 0.98)] || 1; // a few extremes must not pale the rest
  const levelAt = (x: number, y: number) =>
    LEVELS * (interpolate(values, cells, (x + 0.5) / width, (y + 0.5) / height) - middle) / most;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = levelAt(x, y);
      if (!Number.isFinite(level)) continue;
      const shade = level < 0 ? colors.takenForFake : colors.takenForReal;
      canvas.blend(x, y, mixed(colors.ground, shade, Math.min(Math.abs(level) / LEVELS, 1)), 1);
      const nearest = Math.round(level);
      if (Math.abs(nearest) > LEVELS) continue;
      const slope = Math.hypot(levelAt(x + 1, y) - level, levelAt(x, y + 1) - level);
      const half = nearest === 0 ? 1 : 0.5;
      const cover = Math.min(Math.max(half + 0.5 - Math.abs(level - nearest) / slope, 0), 1);
      // Where many levels crowd, their lines fade instead of filling the ground.
      canvas.blend(x, y, colors.level, cover * (nearest === 0 ? 0.9 : 0.3 * Math.max(0, 1 - 3 * slope)));
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
