/**
 * The checking build at work: kernels that report every access, run on simulated threads, one after the other, under
 * the rules that the verifier's proof rests on:
 *
 * - reads lie inside the declared reads, the thread's scratch, or results that the same thread has written before (of
 *   scratch, whole vectors are read: some lanes of the last may never have been written, and are never stored),
 * - writes lie inside the declared writes, or in the thread's scratch,
 * - no thread touches what another one writes before the next barrier,
 * - every element of a declared write gets written,
 * - an instruction ends.
 */
import { AssertionError } from "node:assert/strict";
import { buildChecked } from "../../scripts/build.ts";
import { ARENA_BASE, control, errorCodes, WORKBENCH_BASE, WORKBENCH_STRIDE } from "../../src/plan/control.ts";
import { type Footprint, footprint } from "../../src/plan/footprints.ts";
import { forEachRun } from "../../src/plan/footprints/access.ts";
import type { Instruction } from "../../src/plan/instructions.ts";
import type { Range } from "../../src/plan/plan.ts";

const PAGE_BYTES = 65536;
/** Threads that can be simulated: each has a bit in the marks below. */
const MAX_SIMULATED = 4;
const ALL_THREADS = 2 ** MAX_SIMULATED;
/** Accesses of one thread in one instruction; a kernel that makes more is taken to run for ever. */
const MAX_ACCESSES = 50_000_000;

/** An instruction and where its words lie in memory. */
export interface Located {
  readonly instruction: Instruction;
  readonly address: number;
}

interface Kernels {
  execute(instruction: number, thread: number, threads: number): number;
}

function fail(message: string): never {
  throw new AssertionError({ message });
}

export class CheckingBuild {
  readonly memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  #thread = 0;
  #accesses = 0;
  #label = "";
  #reads: readonly Range[] = [];
  #writes: readonly Range[] = [];
  #scratch: Range = { begin: 0, end: 0 };
  #bench: Range = { begin: 0, end: 0 };
  /** Of each word: the last write, as the instruction's number × MAX_SIMULATED + thread. */
  readonly #written: Uint32Array;
  #instruction = 0;
  /** Of each word: interval × 2^MAX_SIMULATED + one bit for each thread that wrote (read) it in this interval. */
  readonly #writers: Uint32Array;
  readonly #readers: Uint32Array;
  #interval = 0;

  private constructor(module: WebAssembly.Module, bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: PAGE_BYTES, shared: true });
    const access = (pointer: number, bytes: number, write: number) => this.#record(pointer >>> 0, bytes, write !== 0);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory, access } });
    this.#kernels = instance.exports as unknown as Kernels;
    const words = pages * PAGE_BYTES / 4;
    this.#written = new Uint32Array(words);
    this.#writers = new Uint32Array(words);
    this.#readers = new Uint32Array(words);
  }

  /** A fresh memory of at least `bytes` bytes, filled with NaN above the control block. */
  static async load(bytes: number): Promise<CheckingBuild> {
    const binary = await Deno.readFile(await buildChecked());
    const build = new CheckingBuild(new WebAssembly.Module(binary), bytes);
    build.floats(ARENA_BASE, (bytes - ARENA_BASE) >>> 2).fill(NaN);
    return build;
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }

  /** Code of the error that a kernel has reported since the last call, 0 if none. */
  #takeError(): number {
    const error = new BigUint64Array(this.memory.buffer, control.error, 1);
    const none = 2n ** 64n - 1n;
    const code = error[0] === none ? 0 : Number(error[0] >> 32n & 15n);
    error[0] = none;
    return code;
  }

  /**
   * Runs instructions that no barrier separates, each on all threads unless it is `single`.
   * @throws AssertionError at the first access that breaks a rule.
   */
  runInterval(located: readonly Located[], threads: number): void {
    if (threads > MAX_SIMULATED) throw new RangeError(`${threads} threads, at most ${MAX_SIMULATED} are simulated`);
    this.#interval++;
    this.#takeError();
    for (const { instruction, address } of located) {
      this.#instruction++;
      this.#label = `${instruction.mnemonic} on ${threads} threads`;
      const touched = footprint(instruction);
      this.#reads = touched.reads.map(({ range }) => range);
      this.#writes = touched.writes.map(({ range }) => range);
      const team = instruction.single ? 1 : threads;
      for (let thread = 0; thread < team; thread++) this.#runThread(touched, address, thread, team);
      // A bad index is reported, and what it leaves unwritten does not matter.
      const error = this.#takeError();
      if (error === 0) this.#requireCoverage(touched);
      else if (error !== errorCodes.badIndex) fail(`${this.#label}: the kernel reports error ${error}`);
    }
  }

  #runThread({ scratch }: Footprint, address: number, thread: number, threads: number): void {
    this.#thread = thread;
    this.#accesses = 0;
    const begin = scratch === undefined ? 0 : scratch.pointer + thread * scratch.stride;
    this.#scratch = { begin, end: begin + (scratch?.bytes ?? 0) };
    const bench = WORKBENCH_BASE + thread * WORKBENCH_STRIDE;
    this.#bench = { begin: bench, end: bench + WORKBENCH_STRIDE };
    if (!this.#kernels.execute(address, thread, threads)) fail(`${this.#label}: the opcode is unknown to the kernels`);
  }

  #record(begin: number, bytes: number, write: boolean): void {
    if (++this.#accesses > MAX_ACCESSES) fail(`${this.#label}: thread ${this.#thread} does not come to an end`);
    const end = begin + bytes;
    const inside = (range: Range) => range.begin <= begin && end <= range.end;
    if (inside(this.#bench) || !write && end <= WORKBENCH_BASE) return;
    const scratch = inside(this.#scratch);
    const result = this.#writes.some(inside);
    if (write) {
      if (!scratch && !result) this.#refuse("writes", begin, end);
      if (result) this.#mark(begin, end);
    } else if (this.#reads.some(inside)) {
      this.#markReaders(begin, end);
    } else if (result) {
      this.#requireOwn(begin, end);
    } else if (!scratch) {
      this.#refuse("reads", begin, end);
    }
  }

  #refuse(verb: string, begin: number, end: number): never {
    return fail(`${this.#label}: thread ${this.#thread} ${verb} [${begin}, ${end}), outside of its footprint`);
  }

  #mark(begin: number, end: number): void {
    const own = this.#instruction * MAX_SIMULATED + this.#thread;
    for (let word = begin >>> 2; word < end >>> 2; word++) {
      this.#written[word] = own;
      this.#requireAlone(this.#readers, word, "reads");
      this.#requireAlone(this.#writers, word, "writes");
      this.#note(this.#writers, word);
    }
  }

  #markReaders(begin: number, end: number): void {
    for (let word = begin >>> 2; word < end >>> 2; word++) {
      this.#requireAlone(this.#writers, word, "writes");
      this.#note(this.#readers, word);
    }
  }

  #note(marks: Uint32Array, word: number): void {
    const interval = this.#interval * ALL_THREADS;
    const threads = marks[word] < interval ? 0 : marks[word] - interval;
    marks[word] = interval + (threads | 1 << this.#thread);
  }

  /** Demands that no other thread has left its mark in this interval. */
  #requireAlone(marks: Uint32Array, word: number, verb: string): void {
    const threads = marks[word] - this.#interval * ALL_THREADS;
    if (threads > 0 && (threads & ~(1 << this.#thread)) !== 0) {
      fail(
        `${this.#label}: thread ${this.#thread} touches address ${word * 4}, which another thread ${verb} without a ` +
          "barrier in between",
      );
    }
  }

  /** Demands that this thread has written the words in this instruction. */
  #requireOwn(begin: number, end: number): void {
    const own = this.#instruction * MAX_SIMULATED + this.#thread;
    for (let word = begin >>> 2; word < end >>> 2; word++) {
      if (this.#written[word] !== own) {
        fail(`${this.#label}: thread ${this.#thread} reads address ${word * 4}, which it has not written before`);
      }
    }
  }

  #requireCoverage({ writes }: Footprint): void {
    const first = this.#instruction * MAX_SIMULATED;
    for (const { operand, box } of writes) {
      forEachRun(box, 0, (begin, end) => {
        for (let word = begin; word < end; word++) {
          if (this.#written[word] < first) fail(`${this.#label}: ${operand} at address ${word * 4} is not written`);
        }
      });
    }
  }
}
