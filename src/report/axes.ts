/** What plots of points share: colours, and axes with numbers. */
import { type Canvas, type Color, GLYPH } from "./canvas.ts";

/** What a plot shows, an interval an axis; y grows upwards. */
export type Box = readonly (readonly [low: number, high: number])[];

/** Orange is real and blue is generated; colour-blind people tell the two apart as well. */
export const colors = {
  ground: [255, 255, 255],
  frame: [96, 96, 104],
  real: [245, 158, 38],
  fake: [24, 62, 190],
  /** Grounds for what D takes for real, and for generated. */
  takenForReal: [255, 205, 140],
  takenForFake: [152, 184, 246],
  /** Lines for what D says. */
  judgement: [90, 90, 110],
  /** A line for what D would say if it were perfect. */
  optimum: [38, 150, 92],
} as const satisfies Record<string, Color>;

/**
 * Lines across a canvas at whole multiples of 1, 2 or 5 times a power of ten, three to seven an axis, with their
 * numbers; those at 0 are darker. A box of one interval has an axis along the lower edge alone.
 */
export function drawTicks(canvas: Canvas, box: Box): void {
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
      const room = Math.min(at, (axis === 0 ? width : height) - at) > 2 * GLYPH.height * scale;
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
