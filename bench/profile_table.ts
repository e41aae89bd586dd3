/** A profile as text: by kind of instruction, by layer, and the longest instructions one by one. */
import type { Line, Profile } from "./profile.ts";

interface Group {
  readonly title: string;
  readonly count: number;
  readonly ms: number;
  readonly waited: number;
  readonly flops: number;
  readonly bytes: number;
}

function groupBy(lines: readonly Line[], titleOf: (line: Line) => string): Group[] {
  const groups = Object.entries(Object.groupBy(lines, titleOf)).map(([title, members = []]) => {
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
  return groups.sort((a, b) => b.ms - a.ms);
}

/** Rates are those of the whole team, without the time that threads waited. */
function row({ title, count, ms, waited, flops, bytes }: Group, total: number): string {
  const busy = ms - waited;
  return [
    `  ${title}`.padEnd(44),
    count === 1 ? "".padStart(5) : `${count}×`.padStart(5),
    ms.toFixed(2).padStart(9),
    waited.toFixed(2).padStart(8),
    `${(100 * ms / total).toFixed(1)} %`.padStart(8),
    (flops / busy / 1e6).toFixed(0).padStart(9),
    (bytes / busy / 1e6).toFixed(1).padStart(8),
  ].join("");
}

/** Lines of text about one program; `longest` single instructions are listed. */
export function profileTable({ program, lines }: Profile, longest: number): string[] {
  const total = lines.reduce((sum, { busy, waited }) => sum + busy + waited, 0);
  const part = (title: string, groups: readonly Group[]) => [
    "",
    `  ${title}`.padEnd(44) + "count".padStart(5) + "ms".padStart(9) + "waited".padStart(8) + "share".padStart(8) +
    "GFLOP/s".padStart(9) + "GB/s".padStart(8),
    ...groups.map((group) => row(group, total)),
  ];
  const single = ({ index, mnemonic, label }: Line) => `${String(index).padStart(4)} ${mnemonic} ${label}`;
  return [
    `${program}: ${total.toFixed(1)} ms (the quickest run), ${lines.length} instructions`,
    ...part("by kind", groupBy(lines, ({ mnemonic }) => mnemonic)),
    ...part("by layer and kind", groupBy(lines, ({ label, mnemonic }) => `${label} ${mnemonic}`).slice(0, longest)),
    ...part("longest instructions", groupBy(lines, single).slice(0, longest)),
  ];
}
