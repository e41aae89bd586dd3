/** The roofs of a thread in each of duel's modes. */
import { cases } from "./cases.ts";
import { duel } from "./contenders.ts";
import type { Field } from "./measure.ts";
import type { BenchRecord, Mode } from "./records.ts";
import { median } from "./statistics.ts";

/** One thread multiplying and adding in registers, and copying more than the caches hold. */
export interface Roof {
  readonly mode: Mode;
  /** Best and middle GFLOP/s. */
  readonly gflops: { readonly best: number; readonly median: number };
  /** Best and middle GB/s, read and written bytes together. */
  readonly gigabytes: { readonly best: number; readonly median: number };
}

/** Measures the roofs of some modes in turns. Modes that do not start are left out. */
export async function measureRoofs(field: Field, modes: readonly Mode[], rounds: number): Promise<Roof[]> {
  const turns = [];
  for (const mode of modes) {
    const program = await field.enter(duel(mode === "native"), { ...cases[0], threads: 1 });
    if (program) turns.push({ mode, program, gflops: [] as number[], gigabytes: [] as number[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { program, gflops, gigabytes } of turns) {
      const now = await program.ask("roof", {});
      gflops.push(now.gflops);
      gigabytes.push(now.gigabytes);
    }
  }
  const spread = (values: readonly number[]) => ({ best: Math.max(...values), median: median(values) });
  return turns.map(({ mode, gflops, gigabytes }) => ({ mode, gflops: spread(gflops), gigabytes: spread(gigabytes) }));
}

/** The roofs as records, whose milliseconds are those of 10⁹ operations or bytes. */
export function roofRecords(roofs: readonly Roof[]): BenchRecord[] {
  const common = { suite: "roofs", threads: 1, implementation: "duel" } as const;
  return roofs.flatMap(({ mode, gflops, gigabytes }) => [
    {
      ...common,
      name: "multiply and add",
      mode,
      bestMs: 1000 / gflops.best,
      medianMs: 1000 / gflops.median,
      gflops: gflops.best,
      shareOfRoof: 1,
    },
    {
      ...common,
      name: "copy",
      mode,
      bestMs: 1000 / gigabytes.best,
      medianMs: 1000 / gigabytes.median,
      gflops: 0,
      shareOfRoof: 0,
      gigabytes: gigabytes.best,
    },
  ]);
}

/** Lines about the roofs. */
export function roofLines(roofs: readonly Roof[]): string[] {
  return roofs.map(({ mode, gflops, gigabytes }) =>
    `roofs of a thread, ${modeNames[mode]}: ${gflops.best.toFixed(0)} GFLOP/s in registers, ` +
    `${gigabytes.best.toFixed(1)} GB/s copied`
  );
}

/** The modes in words. */
export const modeNames = { native: "native-speed mode", safe: "plain Deno" } as const satisfies Record<Mode, string>;
