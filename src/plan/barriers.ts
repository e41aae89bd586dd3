/** Barriers: where the threads of the team must meet. */
import type { PlannedInstruction, Range } from "./plan.ts";

interface Touched {
  readonly single: boolean;
  readonly reads: readonly Range[];
  readonly writes: readonly Range[];
}

function meet(a: readonly Range[], b: readonly Range[]): boolean {
  return a.some((x) => b.some((y) => x.begin < y.end && y.begin < x.end));
}

/**
 * Sets the barrier bit of an instruction when a later one, before the next barrier, touches memory that it (or one
 * before it) touches and one of both writes. Instructions of thread 0 alone follow one another anyway.
 */
export function placeBarriers(instructions: readonly PlannedInstruction[], rangeOf: (value: number) => Range): void {
  let since: Touched[] = [];
  instructions.forEach(({ instruction, reads, writes }, index) => {
    const touched: Touched = { single: instruction.single, reads: reads.map(rangeOf), writes: writes.map(rangeOf) };
    const conflict = since.some((earlier) =>
      !(earlier.single && touched.single) &&
      (meet(earlier.writes, touched.reads) || meet(earlier.writes, touched.writes) ||
        meet(earlier.reads, touched.writes))
    );
    if (conflict) {
      instructions[index - 1].instruction.barrier = true;
      since = [];
    }
    since.push(touched);
  });
}
