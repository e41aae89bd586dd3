/** The part of verification that does not depend on the encoded words: regions, values and their lives. */
import { ARENA_BASE, MAX_THREADS } from "./control.ts";
import { refuse } from "./footprints/access.ts";
import type { Plan, PlannedValue, Range, RegionName } from "./plan.ts";

const ADDRESS_SPACE = 2 ** 32;
const regionOrder: readonly RegionName[] = ["program", "constants", "state", "inputs", "arena", "scratch"];

/** Whether two ranges, neither of them empty, have a byte in common. */
export function overlaps(a: Range, b: Range): boolean {
  return a.begin < b.end && b.begin < a.end;
}

/** Whether the inner range lies within the outer one. */
export function contains(outer: Range, inner: Range): boolean {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

/** A range as messages write it: `[begin, end)`. */
export function showRange({ begin, end }: Range): string {
  return `[${begin}, ${end})`;
}

/** Whether the host or an earlier program has filled a value before the program starts. */
export function isFilledAtStart(value: PlannedValue): boolean {
  return value.region !== "arena";
}

function requireRange(what: string, { begin, end }: Range): void {
  if (!Number.isInteger(begin) || !Number.isInteger(end) || begin % 4 !== 0 || end % 4 !== 0 || begin > end) {
    refuse(`${what} is [${begin}, ${end}), expected multiples of 4 in order`);
  }
}

/** Regions follow one another in the address space, above the control block; each thread's scratch fits. */
function checkRegions(plan: Plan): void {
  let free = ARENA_BASE;
  for (const name of regionOrder) {
    const region = plan.regions[name];
    requireRange(`region ${name}`, region);
    if (region.begin < free) refuse(`region ${name} begins at ${region.begin}, expected ${free} or later`);
    free = region.end;
  }
  if (free > ADDRESS_SPACE) refuse(`region scratch ends at ${free}, beyond the address space`);
  const { threads, scratchStride, regions: { scratch } } = plan;
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    refuse(`the plan is for ${threads} threads, expected 1 to ${MAX_THREADS}`);
  }
  if (!Number.isInteger(scratchStride) || scratchStride < 0 || threads * scratchStride > scratch.end - scratch.begin) {
    refuse(`${threads} threads with ${scratchStride} bytes of scratch each do not fit into ${showRange(scratch)}`);
  }
}

function checkValues(plan: Plan): void {
  plan.values.forEach((value) => {
    requireRange(value.label, value.range);
    if (value.region === "program" || value.region === "scratch") {
      refuse(`${value.label} lies in the region ${value.region}, which holds no values`);
    }
    const region = plan.regions[value.region];
    if (region === undefined || !contains(region, value.range)) {
      refuse(`${value.label} at ${showRange(value.range)} is not inside the region ${value.region}`);
    }
  });
}

/** Every index names a value; only state and the arena are written; inputs lie in their region. */
function checkMentions(plan: Plan): void {
  const valueAt = (index: number, where: string): PlannedValue =>
    plan.values[index] ?? refuse(`${where} names the value ${index}, there are ${plan.values.length}`);
  plan.instructions.forEach(({ reads, writes, label }, i) => {
    const where = `instruction ${i} (${label})`;
    reads.forEach((index) => valueAt(index, where));
    for (const index of writes) {
      const value = valueAt(index, where);
      if (value.region !== "state" && value.region !== "arena") {
        refuse(`${where} writes ${value.label} in the region ${value.region}, which programs only read`);
      }
    }
  });
  plan.outputs.forEach((index, name) => valueAt(index, `output ${name}`));
  plan.inputs.forEach((index, name) => {
    const { region } = valueAt(index, `input ${name}`);
    if (region !== "inputs") refuse(`input ${name} lies in the region ${region}, expected inputs`);
  });
}

/** First and last instruction of a value's life; −1 is the start of the program, the number of instructions its end. */
interface Life {
  first: number;
  last: number;
}

function livesOf(plan: Plan): Life[] {
  const end = plan.instructions.length;
  const lives = plan.values.map((value): Life =>
    isFilledAtStart(value) ? { first: -1, last: end } : { first: end, last: -1 }
  );
  plan.instructions.forEach(({ reads, writes }, i) => {
    for (const index of [...reads, ...writes]) {
      lives[index].first = Math.min(lives[index].first, i);
      lives[index].last = Math.max(lives[index].last, i);
    }
  });
  for (const index of plan.outputs.values()) lives[index].last = end;
  return lives;
}

/** No two values share memory while both live, unless the later is written over the earlier where that one dies. */
function checkLives(plan: Plan): void {
  const lives = livesOf(plan);
  /** Whether value b takes over a's memory in the instruction that reads a for the last time. */
  const takesOver = (a: number, b: number): boolean => {
    const at = plan.instructions[lives[b].first];
    const [from, to] = [plan.values[a].range, plan.values[b].range];
    return lives[a].last === lives[b].first && at !== undefined && at.reads.includes(a) && at.writes.includes(b) &&
      from.begin === to.begin && from.end === to.end;
  };
  const byAddress = plan.values.map((_, index) => index)
    .sort((a, b) => plan.values[a].range.begin - plan.values[b].range.begin);
  let open: number[] = [];
  for (const b of byAddress) {
    const { label, range } = plan.values[b];
    open = open.filter((a) => plan.values[a].range.end > range.begin);
    for (const a of open) {
      const meet = lives[a].first <= lives[b].last && lives[b].first <= lives[a].last;
      if (meet && overlaps(plan.values[a].range, range) && !takesOver(a, b) && !takesOver(b, a)) {
        const other = plan.values[a];
        refuse(`${label} at ${showRange(range)} shares memory with ${other.label} at ${showRange(other.range)}`);
      }
    }
    open.push(b);
  }
}

/**
 * Checks all that a plan states besides its instructions' operands.
 * @throws VerifyError naming the region or value that is wrong.
 */
export function checkPlan(plan: Plan): void {
  checkRegions(plan);
  checkValues(plan);
  checkMentions(plan);
  checkLives(plan);
}
