/** Drawing with soft edges. Coordinates are in pixels from the top left corner; the first pixel has its centre at ½. */
import type { Pixels } from "./image.ts";

/** Red, green, blue, each from 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/** What numbers are written with: rows of three pixels, from the top. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  "0": [0b111, 0b101, 0b101, 0b101, 0b111],
  "1": [0b010, 0b110, 0b010, 0b010, 0b111],
  "2": [0b111, 0b001, 0b111, 0b100, 0b111],
  "3": [0b111, 0b001, 0b111, 0b001, 0b111],
  "4": [0b101, 0b101, 0b111, 0b001, 0b001],
  "5": [0b111, 0b100, 0b111, 0b001, 0b111],
  "6": [0b111, 0b100, 0b111, 0b101, 0b111],
  "7": [0b111, 0b001, 0b010, 0b010, 0b010],
  "8": [0b111, 0b101, 0b111, 0b101, 0b111],
  "9": [0b111, 0b101, 0b111, 0b001, 0b111],
  "-": [0b000, 0b000, 0b111, 0b000, 0b000],
  ".": [0b000, 0b000, 0b000, 0b000, 0b010],
};

/** Size of a glyph with the space around it, in its own pixels. */
export const GLYPH = { width: 4, height: 6 } as const;

/** A colour between two, `share` of the way. */
export function mixed(from: Color, to: Color, share: number): Color {
  const part = (i: number) => from[i] + (to[i] - from[i]) * share;
  return [part(0), part(1), part(2)];
}

/** A picture that is drawn layer upon layer; `pixels` gives what is there. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  /** Not bytes: many thin layers would add up their roundings. */
  readonly #values: Float32Array;

  constructor(width: number, height: number, background: Color) {
    this.width = width;
    this.height = height;
    this.#values = new Float32Array(width * height * 3);
    for (let i = 0; i < this.#values.length; i++) this.#values[i] = background[i % 3];
  }

  /** Lays a colour over one pixel; 1 hides what was there. Outside of the picture, nothing happens. */
  blend(x: number, y: number, color: Color, opacity: number): void {
    if (!(x >= 0 && x < this.width && y >= 0 && y < this.height && opacity > 0)) return;
    const at = (y * this.width + x) * 3;
    for (let i = 0; i < 3; i++) this.#values[at + i] += (color[i] - this.#values[at + i]) * opacity;
  }

  /** A disc around any point. A pixel on its edge is covered in proportion to how far the edge is from its centre. */
  disc(x: number, y: number, radius: number, color: Color, opacity: number): void {
    if (!(Math.abs(x) < 1e6 && Math.abs(y) < 1e6)) return;
    for (let row = Math.floor(y - radius); row <= y + radius; row++) {
      for (let column = Math.floor(x - radius); column <= x + radius; column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        this.blend(column, row, color, opacity * Math.min(Math.max(radius + 0.5 - distance, 0), 1));
      }
    }
  }

  /** A rectangle of whole pixels. */
  box(left: number, top: number, width: number, height: number, color: Color, opacity: number): void {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) this.blend(x, y, color, opacity);
    }
  }

  /** The graph of a function of x, `width` pixels wide, from the left edge to the right. NaN leaves a gap. */
  graph(heightAt: (x: number) => number, width: number, color: Color, opacity: number): void {
    for (let x = 0; x < this.width; x++) {
      const [from, y, to] = [heightAt(x), heightAt(x + 0.5), heightAt(x + 1)];
      if (!Number.isFinite(from + y + to)) continue;
      const steepness = Math.hypot(1, to - from);
      const first = Math.max(Math.floor(Math.min(from, to) - width), 0);
      const last = Math.min(Math.max(from, to) + width, this.height - 1);
      for (let row = first; row <= last; row++) {
        const distance = Math.abs(row + 0.5 - y) / steepness;
        this.blend(x, row, color, opacity * Math.min(Math.max(width / 2 + 0.5 - distance, 0), 1));
      }
    }
  }

  /** A straight line with round ends. */
  line(fromX: number, fromY: number, toX: number, toY: number, width: number, color: Color, opacity: number): void {
    if (![fromX, fromY, toX, toY].every((at) => Math.abs(at) < 1e6)) return;
    const [dx, dy] = [toX - fromX, toY - fromY];
    const square = dx * dx + dy * dy;
    const margin = width / 2 + 1;
    for (let row = Math.floor(Math.min(fromY, toY) - margin); row <= Math.max(fromY, toY) + margin; row++) {
      for (let column = Math.floor(Math.min(fromX, toX) - margin); column <= Math.max(fromX, toX) + margin; column++) {
        const [x, y] = [column + 0.5 - fromX, row + 0.5 - fromY];
        const along = square === 0 ? 0 : Math.min(Math.max((x * dx + y * dy) / square, 0), 1);
        const distance = Math.hypot(x - along * dx, y - along * dy);
        this.blend(column, row, color, opacity * Math.min(Math.max(width / 2 + 0.5 - distance, 0), 1));
      }
    }
  }

  /** A number in glyphs of 3×5 squares, each `scale` pixels wide, from its top left corner. */
  number(text: string, left: number, top: number, scale: number, color: Color, opacity: number): void {
    [...text].forEach((glyph, place) =>
      GLYPHS[glyph].forEach((row, y) => {
        for (let x = 0; x < 3; x++) {
          if ((row >> (2 - x)) & 1) {
            this.box(left + (place * GLYPH.width + x) * scale, top + y * scale, scale, scale, color, opacity);
          }
        }
      })
    );
  }

  /** A line of one pixel along the border. */
  frame(color: Color): void {
    const { width, height } = this;
    for (const y of [0, height - 1]) this.box(0, y, width, 1, color, 1);
    for (const x of [0, width - 1]) this.box(x, 0, 1, height, color, 1);
  }

  /** The picture so far. */
  pixels(): Pixels {
    const bytes = new Uint8Array(this.#values.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(this.#values[i]);
    return { count: 1, height: this.height, width: this.width, channels: 3, bytes };
  }
}
