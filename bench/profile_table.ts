/** A profile as text: by kind of instruction, by layer and kind, and every instruction in the order of the program. */
import type { Line, Profile } from "./profile.ts";

interface Group {
  readonly title: string;
  readonly count: number;
  readonly ms: number;
  readonly waited: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Groups in the order in which their first lines come. */
function groupBy(lines: readonly Line[], titleOf: (line: Line) => string): Group[] {
  return [...Map.groupBy(lines, titleOf)].map(([title, members]) => {
    const sum = (value: (line: Line) => number) => members.reduce((total, line) => total + value(line), 0);
    return {
      title,
      count: members.length,
      ms: sum(({ busy, waited }) => busy + waited),
      waited: sum(({ waited }) => waited),
      flops: sum(({ flops }) => flops),
      bytes: sum(({ bytes }) => bytes),
    };
  });
}

/** `  2.51`, or nothing where there is nothing to count: a movement has no operations. */
function rate(amount: number, ms: number, digits: number): string {
  return amount === 0 || ms === 0 ? "" : (amount / ms / 1e6).toFixed(digits);
}

/** Rates are those of the whole team, without the time that threads waited. */
function row({ title, count, ms, waited, flops, bytes }: Group, total: number): string {
  const busy = ms - waited;
  return [
    `  ${title}`.padEnd(44),
    count === 1 ? "".padStart(5) : `${count}×`.padStart(5),
    ms.toFixed(3).padStart(9),
    waited.toFixed(3).padStart(8),
    `${(100 * ms / total).toFixed(1)} %`.padStart(8),
    rate(flops, busy, 0).padStart(9),
    rate(bytes, busy, 1).padStart(8),
  ].join("").trimEnd();
}

/** Milliseconds of a whole run. */
export function totalOf({ lines }: Profile): number {
  return lines.reduce((sum, { busy, waited }) => sum + busy + waited, 0);
}

/** Lines of text about one program. */
export function profileTable(profile: Profile): string[] {
  const { program, lines } = profile;
  const total = totalOf(profile);
  const part = (title: string, groups: readonly Group[]) => [
    "",
    `  ${title}`.padEnd(44) + "count".padStart(5) + "ms".padStart(9) + "waited".padStart(8) + "share".padStart(8) +
    "GFLOP/s".padStart(9) + "GB/s".padStart(8),
    ...groups.map((group) => row(group, total)),
  ];
  const longestFirst = (groups: readonly Group[]) => groups.toSorted((a, b) => b.ms - a.ms);
  return [
    `${program}: ${total.toFixed(2)} ms (the quickest run), ${lines.length} instructions`,
    ...part("by kind", longestFirst(groupBy(lines, ({ mnemonic }) => mnemonic))),
    ...part("by layer and kind", longestFirst(groupBy(lines, ({ label, mnemonic }) => `${label} ${mnemonic}`))),
    ...part(
      "every instruction",
      groupBy(lines, ({ index, mnemonic, label }) => `${String(index).padStart(4)} ${mnemonic} ${label}`),
    ),
    ...part("sum", groupBy(lines, () => "all instructions")),
  ];
}
