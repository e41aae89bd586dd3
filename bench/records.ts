/** The results: one record for each case and contender, and the table that people read. */
import type { Case, Suite } from "./cases.ts";
import type { Sample } from "./measure.ts";
import { flopsOf } from "./work.ts";

/** One line of `--json`. */
export interface BenchRecord {
  readonly suite: Suite;
  readonly name: string;
  /** duel's V8 mode in this run: `native` with the flags of native-speed mode, `safe` without. */
  readonly mode: "native" | "safe";
  readonly threads: number;
  /** `duel`, or the peer's name and version. */
  readonly implementation: string;
  readonly bestMs: number;
  readonly medianMs: number;
  /** At the best time; operations are counted as by direct convolution. */
  readonly gflops: number;
  /** Of duel's roof: so many threads that multiply and add in registers, in this mode. */
  readonly shareOfRoof: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** @param roof GFLOP/s of one thread. */
export function recordOf(
  { suite, name, threads, work }: Case,
  { implementation, ms }: Sample,
  mode: BenchRecord["mode"],
  roof: number,
): BenchRecord {
  const bestMs = Math.min(...ms);
  const gflops = flopsOf(work) / bestMs / 1e6;
  const shareOfRoof = gflops / (threads * roof);
  return { suite, name, mode, threads, implementation, bestMs, medianMs: median(ms), gflops, shareOfRoof };
}

const widths = { name: 46, threads: 8, implementation: 30, best: 9, median: 9, gflops: 8, share: 7, ratio: 8 } as const;
type Columns = { readonly [K in keyof typeof widths]: string };

function row(columns: Columns): string {
  return Object.entries(widths).map(([key, width], index) => {
    const text = columns[key as keyof Columns];
    return index === 0 || key === "implementation" ? `  ${text}`.padEnd(width) : text.padStart(width);
  }).join("").trimEnd();
}

export const heading = row({
  name: "work",
  threads: "threads",
  implementation: "implementation",
  best: "best ms",
  median: "median",
  gflops: "GFLOP/s",
  share: "roof",
  ratio: "speed",
});

/**
 * Lines of the table for one case. The last column says how many times as fast as each peer duel is, by medians.
 * @param samples duel's first
 */
export function tableLines(records: readonly BenchRecord[], samples: readonly Sample[]): string[] {
  return records.map((record, index) =>
    row({
      name: index === 0 ? record.name : "",
      threads: index === 0 ? String(record.threads) : "",
      implementation: `${record.implementation}${index === 0 ? "" : `, ${samples[index].variant}`}`,
      best: record.bestMs.toFixed(2),
      median: record.medianMs.toFixed(2),
      gflops: record.gflops.toFixed(0),
      share: `${(100 * record.shareOfRoof).toFixed(0)} %`,
      ratio: index === 0 ? "" : `${(record.medianMs / records[0].medianMs).toFixed(2)}×`,
    })
  );
}
