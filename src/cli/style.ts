/** Colours for terminals; none where NO_COLOR is set or the text goes into a file or pipe. */
import { styleText } from "node:util";

/** Headings and emphasis on standard output. */
export function bold(text: string): string {
  return paint("bold", text, Deno.stdout);
}

/** The word `duel:` in front of an error on standard error. */
export function alarm(text: string): string {
  return paint("red", text, Deno.stderr);
}

function paint(style: "bold" | "red", text: string, stream: { isTerminal(): boolean }): string {
  return !Deno.noColor && stream.isTerminal() ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns of the terminal, or of a page where there is none. */
export function terminalWidth(fallback = 100): number {
  try {
    return Deno.consoleSize().columns || fallback;
  } catch {
    return fallback; // no standard stream is a terminal
  }
}
