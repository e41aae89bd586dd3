/** How duel compares with each peer, in a few lines. */
import type { Case } from "./cases.ts";
import { type BenchRecord, isPeer } from "./records.ts";
import { geometricMean } from "./statistics.ts";

/** One case and its records, duel's first. */
export interface Outcome {
  readonly oneCase: Case;
  readonly records: readonly BenchRecord[];
}

/** How duel compares with one peer in one group of cases: above 1 is to duel's credit. */
export interface Comparison {
  readonly peer: string;
  readonly group: string;
  readonly threads: number;
  /** What is compared: medians of times, or memory. */
  readonly what: "speed" | "memory";
  readonly count: number;
  readonly geometricMean: number;
  readonly worst: number;
  readonly best: number;
  /** Names of the cases. */
  readonly worstName: string;
  readonly bestName: string;
}

/** All comparisons that the outcomes allow, by peer and group. */
export function comparisons(outcomes: readonly Outcome[]): Comparison[] {
  const ratios = outcomes.flatMap(({ oneCase, records: [own, ...others] }) =>
    others.filter(isPeer).map((record) => ({
      peer: record.implementation,
      oneCase,
      ratio: oneCase.suite === "memory" ? record.peakMiB! / own.peakMiB! : record.medianMs / own.medianMs,
    }))
  );
  const keyOf = ({ peer, oneCase: { group, threads } }: typeof ratios[number]) =>
    JSON.stringify([peer, group, threads]);
  return [...Map.groupBy(ratios, keyOf).values()].map((members) => {
    const sorted = members.toSorted((a, b) => a.ratio - b.ratio);
    const [worst, best] = [sorted[0], sorted.at(-1)!];
    const { suite, group, threads } = worst.oneCase;
    return {
      peer: worst.peer,
      group,
      threads,
      what: suite === "memory" ? "memory" as const : "speed" as const,
      count: members.length,
      geometricMean: geometricMean(members.map(({ ratio }) => ratio)),
      worst: worst.ratio,
      best: best.ratio,
      worstName: worst.oneCase.name,
      bestName: best.oneCase.name,
    };
  }).toSorted((a, b) => a.peer.localeCompare(b.peer));
}

/** The comparisons as lines of text. */
export function summaryLines(all: readonly Comparison[]): string[] {
  if (all.length === 0) return [];
  const ratio = (value: number) => `${value.toFixed(2)}×`;
  const lines = all.map(({ peer, group, threads, what, count, geometricMean, worst, best, worstName }) =>
    `  ${peer}`.padEnd(24) + group.padEnd(32) + String(threads).padStart(7) + ratio(geometricMean).padStart(9) +
    (count > 1 ? `  ${ratio(worst)} (${worstName}) to ${ratio(best)}, of ${count}` : "") +
    (what === "memory" ? "  of duel's memory" : "")
  );
  return [
    "duel against each peer: the peer's median over duel's, geometric means; above 1× duel is faster",
    "  peer".padEnd(24) + "group".padEnd(32) + "threads".padStart(7) + "mean".padStart(9),
    ...lines,
  ];
}
