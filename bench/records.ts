/** The results: one record for each case and contender, and the table that people read. */
import type { Case, Suite } from "./cases.ts";
import type { Sample } from "./measure.ts";
import { median } from "./statistics.ts";
import { flopsOf } from "./work.ts";

/** duel's V8 mode: `native` with the flags of native-speed mode, `safe` without. */
export type Mode = "native" | "safe";

/** One line of `--json`. */
export interface BenchRecord {
  readonly suite: Suite | "roofs";
  readonly name: string;
  /** duel's in this run. */
  readonly mode: Mode;
  readonly threads: number;
  /** `duel`, or the peer's name and version. */
  readonly implementation: string;
  readonly bestMs: number;
  readonly medianMs: number;
  /** At the best time; operations are counted as by direct convolution. 0 where none are counted: starts, copies. */
  readonly gflops: number;
  /** Of duel's roof: so many threads that multiply and add in registers, in this mode. */
  readonly shareOfRoof: number;
  /** Of the copying loop: GB/s, read and written bytes together. */
  readonly gigabytes?: number;
  /** `memory`: the most that the process has had. */
  readonly peakMiB?: number;
  /** `starts`: the fifth step's time as a share of a steady one's. */
  readonly fifthOverSteady?: number;
  /** `loop`: mean time of a step of the training loop as a share of the bare step's. */
  readonly overBareStep?: number;
  /** `loop`: from the start of `train` to the end of its first step. */
  readonly firstStepMs?: number;
}

/** @param roof GFLOP/s of one thread. */
export function recordOf(oneCase: Case, sample: Sample, mode: Mode, roof: number): BenchRecord {
  const { suite, threads, work } = oneCase;
  const isBare = suite === "loop" && sample.overBareStep === undefined;
  const name = isBare ? `${oneCase.name}, bare step` : oneCase.name;
  const { implementation, variant: _, ms, ...more } = sample;
  const bestMs = Math.min(...ms);
  const gflops = suite === "starts" ? 0 : flopsOf(work) / bestMs / 1e6;
  const shareOfRoof = gflops / (threads * roof);
  return { suite, name, mode, threads, implementation, bestMs, medianMs: median(ms), gflops, shareOfRoof, ...more };
}

/** What a record says besides times and speed. */
export function noteOf({ peakMiB, fifthOverSteady, overBareStep, firstStepMs }: BenchRecord): string {
  const notes: string[] = [];
  if (peakMiB !== undefined) notes.push(`${peakMiB.toFixed(0)} MiB at most`);
  if (fifthOverSteady !== undefined) {
    const within = fifthOverSteady <= 1.2 ? "within 20 % of steady" : "not yet steady";
    notes.push(`fifth step ${within} (${fifthOverSteady.toFixed(2)} of it)`);
  }
  if (overBareStep !== undefined) notes.push(`mean ${overBareStep.toFixed(3)} of the bare step`);
  if (firstStepMs !== undefined) notes.push(`first step ${(firstStepMs / 1000).toFixed(2)} s after the start`);
  return notes.join(", ");
}

const widths = { name: 46, threads: 8, implementation: 37, best: 9, median: 9, gflops: 8, share: 7, ratio: 8 } as const;
type Columns = { readonly [K in keyof typeof widths]: string };

function row(columns: Columns, note: string): string {
  const cells = Object.entries(widths).map(([key, width], index) => {
    const text = columns[key as keyof Columns];
    return index === 0 || key === "implementation" ? `  ${text}`.padEnd(width) : text.padStart(width);
  });
  return [...cells, note === "" ? "" : `  ${note}`].join("").trimEnd();
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
}, "");

/** Below the table, wherever it is shown. */
export const footnote =
  "GFLOP/s and share of the roof at the best time; speed: how many times as fast as the peer duel is, by medians. " +
  "Operations of convolutions are counted as if computed directly, so that forms with fewer multiplications can be " +
  "compared: these may exceed the roof.";

/**
 * Lines of the table for one case.
 * @param samples duel's first
 */
export function tableLines(records: readonly BenchRecord[], samples: readonly Sample[]): string[] {
  return records.map((record, index) => {
    const { variant } = samples[index];
    const counted = record.gflops > 0;
    const isNew = record.name !== records[index - 1]?.name;
    return row({
      name: isNew ? record.name : "",
      threads: isNew ? String(record.threads) : "",
      implementation: `${record.implementation}${index === 0 || variant === "" ? "" : `, ${variant}`}`,
      best: record.bestMs.toFixed(2),
      median: record.medianMs.toFixed(2),
      gflops: counted ? record.gflops.toFixed(0) : "",
      share: counted ? `${(100 * record.shareOfRoof).toFixed(0)} %` : "",
      ratio: isPeer(record) ? `${(record.medianMs / records[0].medianMs).toFixed(2)}×` : "",
    }, noteOf(record));
  });
}

/** Whether a record is a peer's. */
export function isPeer({ implementation }: BenchRecord): boolean {
  return implementation !== "duel";
}
