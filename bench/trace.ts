/** Profiles in the Trace Event Format, which chrome://tracing and Perfetto show. */
import type { Profile } from "./profile.ts";

/** A stretch of time of one thread, or the name of a process or thread. Times are in microseconds. */
interface TraceEvent {
  readonly ph: "X" | "M";
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

/** What one step of some work spent its time on. */
export interface ProfiledWork {
  readonly name: string;
  /** Programs in the order in which they run. */
  readonly profiles: readonly Profile[];
}

const MICROSECONDS = 1000;

/** A trace with a process for each work and a row for each thread; programs follow one another. */
export function traceFile(works: readonly ProfiledWork[]): string {
  const traceEvents = works.flatMap(({ name, profiles }, pid) => {
    const threads = profiles[0].lines[0].threads.length;
    const events: TraceEvent[] = [{ ph: "M", name: "process_name", pid, args: { name } }];
    for (let tid = 0; tid < threads; tid++) {
      events.push({ ph: "M", name: "thread_name", pid, tid, args: { name: `thread ${tid}` } });
    }
    let begin = 0;
    for (const profile of profiles) {
      const ends = Array.from({ length: threads }, (_, tid) => {
        const { events: own, end } = threadEvents(profile, pid, tid, begin);
        events.push(...own);
        return end;
      });
      begin = Math.max(...ends);
    }
    return events;
  });
  return JSON.stringify({ displayTimeUnit: "ms", traceEvents });
}

/** One thread's part of a program: its instructions without gaps, and the waits behind them. */
function threadEvents({ program, lines }: Profile, pid: number, tid: number, begin: number) {
  const events: TraceEvent[] = [];
  let ts = begin;
  const add = (name: string, cat: string, ms: number, args: TraceEvent["args"] = {}) => {
    events.push({ ph: "X", name, cat, pid, tid, ts, dur: MICROSECONDS * ms, args });
    ts += MICROSECONDS * ms;
  };
  for (const { index, mnemonic, label, flops, bytes, threads } of lines) {
    const { busy, waited } = threads[tid];
    add(`${mnemonic} ${label}`, mnemonic, busy, { program, index, flops, bytes });
    if (waited > 0) add("wait", "wait", waited);
  }
  return { events, end: ts };
}
