/** Shows how far a long job is: a bar on a terminal, a plain line now and then elsewhere. Writes to standard error. */
import { stripVTControlCharacters } from "node:util";
import { terminalWidth } from "./style.ts";

/** Where progress goes; standard error unless a test says otherwise. */
export interface ProgressStream {
  isTerminal(): boolean;
  writeSync(bytes: Uint8Array): number;
}

/** How often, and where. All times are in milliseconds. */
export interface ProgressOptions {
  readonly stream?: ProgressStream;
  /** Columns of the terminal, asked before each drawing. */
  readonly width?: () => number;
  /** A clock that never goes back. */
  readonly now?: () => number;
  /** Least time between two drawings of the bar. */
  readonly redrawEvery?: number;
  /** Least time between two plain lines. */
  readonly lineEvery?: number;
}

// The cursor stays visible: whatever kills the process then leaves a terminal as it should be.
const CLEAR_LINE = "\r\x1b[2K";

/**
 * A job of `total` steps. Call `update` as often as you like, `log` for lines that shall stay, `end` at the end, also
 * when the job fails (`using` does). The time left is judged by the pace since the first update, so that a resumed job
 * is not thought to be faster than it is.
 */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #bar: boolean;
  readonly #now: () => number;
  readonly #width: () => number;
  readonly #interval: number;
  #total: number;
  #first: { done: number; time: number } | undefined;
  #lastShown = -Infinity;
  #lastLine = "";
  #ended = false;

  /** @param label what is being done, in front of the bar. */
  constructor(total: number, readonly label: string, options: ProgressOptions = {}) {
    this.#total = total;
    this.#stream = options.stream ?? Deno.stderr;
    this.#bar = this.#stream.isTerminal();
    this.#now = options.now ?? (() => performance.now());
    this.#width = options.width ?? (() => terminalWidth(80));
    this.#interval = this.#bar ? options.redrawEvery ?? 100 : options.lineEvery ?? 10_000;
  }

  /** Steps in all, as far as is known. */
  get total(): number {
    return this.#total;
  }

  /**
   * Says that `done` steps are behind us; `text` is shown behind the bar, for instance losses and speed.
   * @param total how many steps there seem to be now, for jobs that only time ends.
   */
  update(done: number, text = "", total = this.#total): void {
    if (this.#ended) return;
    this.#total = total;
    const time = this.#now();
    this.#first ??= { done, time };
    const complete = done >= total;
    if (!complete && time - this.#lastShown < this.#interval) return;
    const line = this.#bar ? this.#drawBar(done, text, time) : this.#plainLine(done, text, time);
    if (line === this.#lastLine) return;
    this.#lastShown = time;
    this.#lastLine = line;
    this.#write(this.#bar ? CLEAR_LINE + line : `${line}\n`);
  }

  /** Writes a line that stays, above the bar. */
  log(line: string): void {
    this.makeWay(() => this.#write(`${line}\n`));
  }

  /** Lets `write` write lines that stay, above the bar, wherever they go. */
  makeWay(write: () => void): void {
    const bar = this.#bar && !this.#ended;
    if (bar) this.#write(CLEAR_LINE);
    write();
    if (bar) this.#write(this.#lastLine);
  }

  /** Takes the bar away; may be called twice. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#bar) this.#write(CLEAR_LINE);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #drawBar(done: number, text: string, time: number): string {
    const width = this.#width() - 1; // a full last column would break the line on some terminals
    const left = `${this.label} `;
    const right = ` ${this.#facts(done, text, time)}`;
    const room = Math.min(30, width - left.length - stripVTControlCharacters(right).length - 2);
    if (room < 5) return `${left}${right.trimStart()}`.slice(0, Math.max(0, width));
    const filled = Math.round(room * Math.min(1, done / Math.max(1, this.#total)));
    return `${left}[${"#".repeat(filled)}${".".repeat(room - filled)}]${right}`;
  }

  #plainLine(done: number, text: string, time: number): string {
    return `${this.label} ${this.#facts(done, text, time)}`;
  }

  #facts(done: number, text: string, time: number): string {
    const left = this.#timeLeft(done, time);
    return [`${done}/${this.#total}`, text, left === undefined ? "" : `${left} left`].filter(Boolean).join("  ");
  }

  #timeLeft(done: number, time: number): string | undefined {
    const steps = done - this.#first!.done;
    if (steps <= 0 || done >= this.#total) return undefined;
    return duration((time - this.#first!.time) / steps * (this.#total - done));
  }

  #write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += this.#stream.writeSync(bytes.subarray(at));
  }
}

/** Milliseconds in words: `9s`, `4m 05s`, `2h 07m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds % 3600 / 60))}m`;
}
