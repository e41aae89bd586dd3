/** What a program has written so far (nothing is read before), and what its threads do at the same time. */
import { type Access, forEachRun, isDense, refuse } from "./footprints/access.ts";
import type { Plan, Range } from "./plan.ts";
import { contains, isFilledAtStart, overlaps, showRange } from "./verify_plan.ts";

/** Values written piece by piece are followed element by element, up to this size. */
const MAX_PIECEWISE = 64 * 1024 * 1024;

/** Which elements of each value hold something. */
export class Written {
  readonly #plan: Plan;
  /** Whole values. */
  readonly #whole: Uint8Array;
  /** Of values written in part, one byte an element. */
  readonly #parts = new Map<number, Uint8Array>();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#whole = Uint8Array.from(plan.values, (value) => isFilledAtStart(value) ? 1 : 0);
  }

  /** Notes a write into value `index`. */
  add(index: number, write: Access): void {
    if (this.#whole[index]) return;
    const { range, label } = this.#plan.values[index];
    if (isDense(write) && contains(write.range, range)) {
      this.#whole[index] = 1;
      this.#parts.delete(index);
      return;
    }
    const size = (range.end - range.begin) / 4;
    if (size > MAX_PIECEWISE) {
      refuse(
        `${write.operand} writes a part of ${label}, which is too large to be written in parts (${size} elements)`,
      );
    }
    const part = this.#parts.get(index) ?? new Uint8Array(size);
    this.#parts.set(index, part);
    forEachRun(write.box, range.begin, (begin, end) => part.fill(1, begin, end));
  }

  /** Demands that nothing in `wanted`, a range inside value `index`, is still unwritten. */
  require(index: number, wanted: Range, operand: string): void {
    if (this.#whole[index]) return;
    const { range, label } = this.#plan.values[index];
    const first = (wanted.begin - range.begin) / 4;
    const end = (wanted.end - range.begin) / 4;
    const part = this.#parts.get(index);
    const hole = part === undefined ? first : part.indexOf(0, first);
    if (hole >= 0 && hole < end) refuse(`${operand} reads element ${hole} of ${label}, which nothing wrote before`);
  }
}

interface Past {
  readonly at: number;
  readonly single: boolean;
  readonly write: boolean;
  readonly access: Access;
}

/** The accesses since the last barrier: those of different threads happen in no particular order. */
export class Interval {
  #past: Past[] = [];

  /** Adds the accesses of instruction `at`, demanding that they do not race with those before. */
  add(at: number, single: boolean, reads: readonly Access[], writes: readonly Access[], barrier: boolean): void {
    const present = [
      ...reads.map((access): Past => ({ at, single, write: false, access })),
      ...writes.map((access): Past => ({ at, single, write: true, access })),
    ];
    for (const now of present) {
      for (const before of this.#past) {
        const inOrder = now.single && before.single;
        if (!inOrder && (now.write || before.write) && overlaps(now.access.range, before.access.range)) {
          refuse(
            `${now.access.operand} at ${showRange(now.access.range)} needs a barrier after instruction ${before.at}, ` +
              `which ${before.write ? "writes" : "reads"} it as ${before.access.operand}`,
          );
        }
      }
    }
    if (barrier) this.#past = [];
    else this.#past.push(...present);
  }
}
