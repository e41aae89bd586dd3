/**
 * The team: how threads share work, meet, and report errors.
 *
 * Each output element of an instruction is computed by exactly one thread, in an order that depends on shapes alone,
 * so results have the same bits for any number of threads.
 */
import {
  CONTROL_BARRIER_ARRIVED,
  CONTROL_BARRIER_ROUND,
  CONTROL_BARRIER_SLEEPERS,
  CONTROL_DONE,
  CONTROL_DRAW,
  CONTROL_ERROR,
  CONTROL_FAILED,
  CONTROL_FINISHED,
  CONTROL_GENERATION,
  CONTROL_HURRY,
  CONTROL_LEADER_GENERATION,
  CONTROL_PROGRAM,
  CONTROL_PROGRAM_WORDS,
  CONTROL_SEED_HIGH,
  CONTROL_SEED_LOW,
  CONTROL_STOP,
  WORKBENCH_BASE,
  WORKBENCH_STRIDE,
} from "./abi.gen";

/**
 * How often a thread looks at a barrier before it goes to sleep: about 15 µs, what a sleep and a wake-up cost. Where
 * looking was in vain, it looks half as often at the next barrier, until it begins anew: when threads have to share a
 * core (two of them on one core, measured: 8 µs a barrier instead of 0.4), looking only keeps the others from arriving.
 */
export const PATIENCE: i32 = 40_000;

/** How often a worker looks for the program that follows a short one, about 100 µs; less often after looking in vain. */
export const EXPECTATION: i32 = 250_000;

/** First of the `total` work items of a thread; its last is the next thread's first. */
// @ts-ignore: decorator
@inline export function shareBegin(total: u32, thread: i32, threads: i32): u32 {
  return <u32>((<u64>total * thread) / threads);
}

/** One past the last work item of a thread. */
// @ts-ignore: decorator
@inline export function shareEnd(total: u32, thread: i32, threads: i32): u32 {
  return <u32>((<u64>total * (thread + 1)) / threads);
}

/** A thread's own few KiB for descriptors and partial sums; not part of any region. */
// @ts-ignore: decorator
@inline export function workbench(thread: i32): usize {
  return WORKBENCH_BASE + <usize>thread * WORKBENCH_STRIDE;
}

/**
 * Waits until all threads are here; what any of them wrote before is then visible to all.
 * @returns the patience for the thread's next barrier
 */
export function meet(threads: i32, patience: i32): i32 {
  if (threads == 1) return patience;
  const round = atomic.load<i32>(CONTROL_BARRIER_ROUND);
  if (atomic.add<i32>(CONTROL_BARRIER_ARRIVED, 1) == threads - 1) {
    atomic.store<i32>(CONTROL_BARRIER_ARRIVED, 0);
    atomic.add<i32>(CONTROL_BARRIER_ROUND, 1);
    // Who adds itself to the sleepers after this look finds the round changed and does not sleep.
    if (atomic.load<i32>(CONTROL_BARRIER_SLEEPERS) != 0) atomic.notify(CONTROL_BARRIER_ROUND, -1);
    return patience;
  }
  for (let i = 0; i < patience; i++) {
    if (atomic.load<i32>(CONTROL_BARRIER_ROUND) != round) return PATIENCE;
  }
  atomic.add<i32>(CONTROL_BARRIER_SLEEPERS, 1);
  sleepWhile(CONTROL_BARRIER_ROUND, round);
  atomic.sub<i32>(CONTROL_BARRIER_SLEEPERS, 1);
  return patience > 1 ? patience >> 1 : PATIENCE;
}

/** How long a thread sleeps before it looks whether another one has failed, in nanoseconds. */
const NAP: i64 = 100_000_000;

/** Sleeps until a word is another than `seen`. Ends the thread if another one has failed, which may never write it. */
function sleepWhile(address: usize, seen: i32): void {
  while (atomic.load<i32>(address) == seen) {
    if (atomic.load<i32>(CONTROL_FAILED) != 0) unreachable();
    atomic.wait<i32>(address, seen, NAP);
  }
}

/** Where the host puts a thread's generation. */
// @ts-ignore: decorator
@inline function generationOf(thread: i32): usize {
  return thread == 0 ? CONTROL_LEADER_GENERATION : CONTROL_GENERATION;
}

/**
 * Looks for a generation other than `seen`, if the host is likely to raise it soon.
 * @returns the expectation with which the thread shall look next time
 */
export function expectProgram(thread: i32, seen: i32, expectation: i32): i32 {
  if (load<u32>(CONTROL_HURRY) == 0) return expectation;
  for (let i = 0; i < expectation; i++) {
    if (atomic.load<i32>(generationOf(thread)) != seen) return EXPECTATION;
  }
  return expectation > 1 ? expectation >> 1 : EXPECTATION;
}

/** Sleeps until a thread's generation is another than `seen`: the host has put up a program, or stops the team. */
export function awaitProgram(thread: i32, seen: i32): i32 {
  const place = generationOf(thread);
  while (atomic.load<i32>(place) == seen) atomic.wait<i32>(place, seen, -1);
  return atomic.load<i32>(place);
}

/** Waits until all threads have walked the program of this generation. */
export function awaitTeam(generation: i32): void {
  for (let i = 0; i < PATIENCE; i++) {
    if (atomic.load<i32>(CONTROL_FINISHED) == generation) return;
  }
  sleepWhile(CONTROL_FINISHED, generation - 1);
}

/** Whether workers shall end instead of walking a program. */
// @ts-ignore: decorator
@inline export function stopped(): bool {
  return load<u32>(CONTROL_STOP) != 0;
}

/** Where the program begins that the host has put up. */
// @ts-ignore: decorator
@inline export function program(): usize {
  return <usize>load<u32>(CONTROL_PROGRAM);
}

// @ts-ignore: decorator
@inline export function programWords(): u32 {
  return load<u32>(CONTROL_PROGRAM_WORDS);
}

/** Key of all random numbers of the run, its lower word. */
// @ts-ignore: decorator
@inline export function seedLow(): u32 {
  return load<u32>(CONTROL_SEED_LOW);
}

// @ts-ignore: decorator
@inline export function seedHigh(): u32 {
  return load<u32>(CONTROL_SEED_HIGH);
}

/** Part of the counter of all random numbers of this run of the program. */
// @ts-ignore: decorator
@inline export function drawNumber(): i32 {
  return load<i32>(CONTROL_DRAW);
}

/** Says that this thread has walked the program of the generation; the last one to do so tells the host. */
export function finish(generation: i32, threads: i32): void {
  if (atomic.add<i32>(CONTROL_DONE, 1) != threads - 1) return;
  atomic.store<i32>(CONTROL_DONE, 0);
  atomic.store<i32>(CONTROL_FINISHED, generation);
  atomic.notify(CONTROL_FINISHED, -1);
}

/**
 * Records an error of the instruction at this address. The first in program order stays, whichever thread met it
 * first, so the message does not depend on the number of threads.
 */
export function report(instruction: usize, code: u32, detail: u32): void {
  const offset = <u64>((instruction - program()) >> 2);
  const error = (offset << 36) | (<u64>code << 32) | detail;
  let known = atomic.load<u64>(CONTROL_ERROR);
  while (error < known) {
    const seen = atomic.cmpxchg<u64>(CONTROL_ERROR, known, error);
    if (seen == known) return;
    known = seen;
  }
}
