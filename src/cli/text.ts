/** Numbers and tables for people. */

/** `1,234,567` */
export function countText(value: number): string {
  return value.toLocaleString("en");
}

/** A measured number: `1,234` or `0.01234`. */
export function figureText(value: number): string {
  return Number.isInteger(value) ? countText(value) : String(Number(value.toPrecision(4)));
}

/** `1.5 KiB`, `36 MiB` … */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const unit = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${short(bytes / 1024 ** unit)} ${units[unit]}`;
}

/** `1.2 GFLOP`: floating-point operations. */
export function flopsText(flops: number): string {
  const units = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"];
  const unit = flops === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(flops) / 3));
  return `${short(flops / 1000 ** unit)} ${units[unit]}`;
}

/** Seconds in words: `under 0.1 s`, `2.3 s`. */
export function timeText(seconds: number): string {
  return seconds < 0.1 ? "under 0.1 s" : `${seconds.toFixed(1)} s`;
}

/** A path as a shell takes it. */
export function quoted(path: string): string {
  return /^[\w./:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Three digits that matter, or all in front of the point. */
export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** Columns as wide as they must be; those whose cells are all numbers are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumeric = head.map((_, column) => rows.every((row) => /^(\d.*)?$/.test(row[column])));
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => isNumeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))
      .join("  ").trimEnd();
  return [head, ...rows].map(line).join("\n");
}
