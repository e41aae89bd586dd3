/** The team of threads as the host sees it: starts them, runs programs on them, ends them. */
import { setImmediate } from "node:timers";
import { InternalError } from "../../core/errors.ts";
import { control, errorCodes, MAX_THREADS, TABLES_BASE } from "../../plan/control.ts";
import { worker as workerText } from "./kernels.gen.ts";
import { instantiateKernels, type Kernels } from "./module.ts";
import type { WorkerReport, WorkerStart } from "./worker.ts";

const HANDSHAKE_MS = 20_000;
const WORD = 4;
/** How long the host may run programs itself before it lets timers, signals and messages have their turn. */
const HOST_SHARE_MS = 10;

/**
 * The host's part in a run. It `watches` long programs: workers walk them, and the host is free for other things. It
 * `leads` short ones in the first worker's place: then no thread has to be woken for the run to begin or to be noticed
 * when it ends, which takes longer than many a program. What thread 0 can do alone, it walks `alone`.
 */
export type HostPart = "watches" | "leads" | "alone";

/** A program that lies in the shared memory. */
export interface Score {
  /** Byte address of its first word. */
  readonly program: number;
  /** Its length. */
  readonly words: number;
  readonly part: HostPart;
}

/** What a kernel found wrong while a program ran; the run went on harmlessly to its end. */
export interface KernelError {
  readonly code: keyof typeof errorCodes;
  /** Offset of the instruction in its program, in words. */
  readonly instruction: number;
  /** `badIndex`: position in the list of indices. */
  readonly detail: number;
}

export interface RunResult {
  /** The first in program order, if there was any. */
  readonly error?: KernelError;
}

/**
 * The threads that run programs in one shared memory: one worker each, asleep between runs. One program runs at a time;
 * after a thread has failed, the team is of no use any more.
 */
export class Team {
  readonly threads: number;
  readonly #memory: WebAssembly.Memory;
  readonly #workers: Worker[];
  readonly #ended: Promise<void>[];
  /** Rejects when a worker fails after its start; never resolves. */
  readonly #failure: Promise<never>;
  /** The host's own instance. */
  readonly #kernels: Kernels;
  #generation = 0;
  #running = false;
  /** When the event loop last had its turn. */
  #turned = 0;

  private constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, members: readonly Member[]) {
    this.threads = members.length;
    this.#memory = memory;
    this.#kernels = instantiateKernels(module, memory);
    this.#workers = members.map((member) => member.worker);
    this.#ended = members.map((member) => member.ended);
    this.#failure = Promise.race(members.map((member) => member.failed));
    this.#failure.catch(() => {}); // reported by the run that it breaks
  }

  /**
   * Starts `threads` workers on a compiled module and a shared memory that no other team uses; clears the control block.
   * @param paired whether V8 pairs 128-bit operations, for which kernels have wider loops with the same results
   * @throws InternalError if a worker does not start.
   */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    threads: number,
    paired = false,
  ): Promise<Team> {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new InternalError(`a team of ${threads} threads was asked for, expected 1 to ${MAX_THREADS}`);
    }
    new Uint8Array(memory.buffer, 0, TABLES_BASE).fill(0);
    new Int32Array(memory.buffer)[control.paired / WORD] = paired ? 1 : 0;
    const members = Array.from({ length: threads }, (_, thread) => startMember({ module, memory, thread, threads }));
    try {
      await Promise.all(members.map((member) => member.ready));
    } catch (error) {
      members.forEach((member) => member.worker.terminate());
      throw error;
    }
    return new Team(module, memory, members);
  }

  /**
   * Runs a program, and waits for its end without blocking if the host only watches.
   * @param seed whole number below 2^53, the key of all random numbers
   * @param draw 32-bit number of this draw
   * @throws InternalError if a thread fails; the team cannot be used afterwards.
   */
  async run({ program, words, part }: Score, seed = 0, draw = 0): Promise<RunResult> {
    if (this.#running) throw new InternalError("a program was started while another one runs; await the first");
    this.#running = true;
    const view = new Int32Array(this.#memory.buffer, 0, TABLES_BASE / WORD);
    view[control.program / WORD] = program;
    view[control.programWords / WORD] = words;
    view[control.seedLow / WORD] = seed % 2 ** 32;
    view[control.seedHigh / WORD] = Math.floor(seed / 2 ** 32);
    view[control.draw / WORD] = draw;
    view[control.hurry / WORD] = part === "watches" ? 0 : 1;
    view.fill(-1, control.error / WORD, control.error / WORD + 2);
    if (part === "watches") await this.#watch(view);
    else await this.#play(view, part, program, words);
    this.#running = false;
    return readError(this.#memory);
  }

  async #watch(view: Int32Array): Promise<void> {
    const before = Atomics.load(view, control.finished / WORD);
    const generation = this.#wake(view, true);
    while (Atomics.load(view, control.finished / WORD) !== generation) {
      const wait = Atomics.waitAsync(view, control.finished / WORD, before);
      if (wait.async) await Promise.race([wait.value, this.#failure]);
    }
    this.#turned = performance.now();
  }

  async #play(view: Int32Array, part: HostPart, program: number, words: number): Promise<void> {
    try {
      if (part === "alone") this.#kernels.walk(program, words, 0, 1);
      else this.#kernels.lead(this.#wake(view, false), this.threads);
    } catch (error) {
      if (Atomics.exchange(view, control.failed / WORD, 1) !== 0) await this.#failure; // another thread knows why
      throw new InternalError(`thread 0 of ${this.threads} failed: ${error}; please report this`);
    }
    if (performance.now() - this.#turned < HOST_SHARE_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turned = performance.now();
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    const view = new Int32Array(this.#memory.buffer, 0, TABLES_BASE / WORD);
    Atomics.store(view, control.stop / WORD, 1);
    this.#wake(view, true);
    await Promise.race([Promise.all(this.#ended), this.#failure.catch(() => {})]);
    this.#workers.forEach((worker) => worker.terminate());
  }

  /** Starts the workers' next run; the first worker has no part in it unless `all` have. */
  #wake(view: Int32Array, all: boolean): number {
    this.#generation = (this.#generation + 1) | 0;
    const places = [control.generation, ...(all ? [control.leaderGeneration] : [])];
    for (const place of places) {
      Atomics.store(view, place / WORD, this.#generation);
      Atomics.notify(view, place / WORD);
    }
    return this.#generation;
  }
}

interface Member {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  readonly failed: Promise<never>;
}

function startMember(start: WorkerStart): Member {
  const worker = new Worker(`data:text/javascript;base64,${workerText.base64}`, { type: "module" });
  const name = `thread ${start.thread} of ${start.threads}`;
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    ready.reject(new InternalError(`${name} did not start within ${HANDSHAKE_MS / 1000} s; try fewer --threads`));
  }, HANDSHAKE_MS);
  const fail = (reason: string) => {
    clearTimeout(timer);
    const error = new InternalError(`${name} failed: ${reason}; please report this`);
    ready.reject(error);
    failed.reject(error);
  };
  failed.promise.catch(() => {}); // seen through the race of all members
  worker.addEventListener("message", ({ data }: MessageEvent<WorkerReport>) => {
    if (data.state === "failed") return fail(data.reason);
    clearTimeout(timer);
    (data.state === "ready" ? ready : ended).resolve();
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    fail(event.message);
  });
  worker.postMessage(start);
  return { worker, ready: ready.promise, ended: ended.promise, failed: failed.promise };
}

function readError(memory: WebAssembly.Memory): RunResult {
  const error = new BigUint64Array(memory.buffer, control.error, 1)[0];
  if (error === 0xffff_ffff_ffff_ffffn) return {};
  const number = Number((error >> 32n) & 0xfn);
  const code = (Object.keys(errorCodes) as (keyof typeof errorCodes)[]).find((name) => errorCodes[name] === number);
  if (code === undefined) throw new InternalError(`the control block holds the unknown error code ${number}`);
  return { error: { code, instruction: Number(error >> 36n), detail: Number(error & 0xffff_ffffn) } };
}
