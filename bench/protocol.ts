/**
 * How the benchmark talks to the programs that it compares: each is a process that reads requests and writes replies,
 * one line of JSON each, on its standard streams. So blocks of repetitions of different programs can take turns, and
 * none disturbs the memory, threads or flags of another.
 */
import { readLines } from "./lines.ts";
import type { Profile } from "./profile.ts";
import type { Work } from "./work.ts";

/** The first line of every program. */
export interface Hello {
  /** Name and version. */
  readonly implementation: string;
}

export interface Requests {
  /** Gets ready to do the work; what was prepared before is given up. `cold`: at once, without trying several ways. */
  prepare: { readonly work: Work; readonly cold: boolean };
  /** Does the prepared work `count` times. */
  run: { readonly count: number };
  /** The most memory that the process has had so far, of those that are asked for it. */
  peak: Record<never, never>;
  /** duel only: GFLOP/s of one thread in registers, and GB/s of its copying loop. */
  roof: Record<never, never>;
  /** duel only. */
  profile: { readonly work: Work; readonly rounds: number };
}

export interface Replies {
  /** `variant` says how, where a program chose among several ways. */
  prepare: { readonly variant: string };
  /** Milliseconds of each repetition. */
  run: { readonly ms: readonly number[] };
  peak: { readonly mebibytes: number };
  roof: { readonly gflops: number; readonly gigabytes: number };
  profile: { readonly profiles: readonly Profile[] };
}

export type RequestName = keyof Requests;
/** A request as it is sent. */
export type Request<N extends RequestName = RequestName> = { [K in N]: { readonly request: K } & Requests[K] }[N];
/** A reply as it is sent: the result, or why there is none. */
export type Reply<N extends RequestName> = Replies[N] | { readonly error: string };

/** What a program can do. */
export type Handlers<N extends RequestName> = { readonly [K in N]: (request: Requests[K]) => Promise<Replies[K]> };

/** Serves requests from standard input until it ends. */
export async function serve<N extends RequestName>(hello: Hello, handlers: Handlers<N>): Promise<void> {
  const say = (value: unknown) => Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
  say(hello);
  for await (const line of readLines(Deno.stdin.readable)) {
    const request: Request<N> = JSON.parse(line);
    try {
      say(await handlers[request.request](request));
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}
