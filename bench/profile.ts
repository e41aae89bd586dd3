/** Where the time of a program goes: every instruction timed on every thread, in a real run of the whole program. */
import { createMemory } from "../src/backend/wasm/memory.ts";
import { compileKernels, type KernelBuild } from "../src/backend/wasm/module.ts";
import { sizeOf } from "../src/core/shape.ts";
import { type CompiledProgram, compilePrograms } from "../src/plan/compile.ts";
import { control } from "../src/plan/control.ts";
import { encode } from "../src/plan/encode.ts";
import { type Access, footprint } from "../src/plan/footprints.ts";
import type { Instruction } from "../src/plan/instructions.ts";
import type { Plan } from "../src/plan/plan.ts";
import { verify } from "../src/plan/verify.ts";
import type { Timings, Walk } from "./profile_worker.ts";
import type { Traced } from "./programs.ts";

/** One instruction's part of a run. */
export interface Line {
  readonly index: number;
  readonly mnemonic: string;
  /** The layer it works for. */
  readonly label: string;
  /** Milliseconds in the kernel and waiting behind it, means over the threads: over all lines they add up to a run. */
  readonly busy: number;
  readonly waited: number;
  readonly flops: number;
  /** Bytes that it may read and write by its declared footprint, without scratch. */
  readonly bytes: number;
  /** The same times of each thread. */
  readonly threads: readonly { readonly busy: number; readonly waited: number }[];
}

export interface Profile {
  readonly program: string;
  readonly lines: readonly Line[];
}

/** Rounds before the measured ones: V8 moves the kernels to its optimising tier meanwhile. */
const WARM_UP = 3;

interface Settings {
  readonly threads: number;
  readonly build: KernelBuild;
  readonly native: boolean;
  /** Runs of each program. */
  readonly rounds: number;
}

/** Profiles the programs of some work. */
export async function profile(
  { store, programs, inputs }: Traced,
  { threads, build, native, rounds }: Settings,
): Promise<Profile[]> {
  store.seal();
  const compiled = compilePrograms(store, programs, { threads });
  const { memory } = createMemory(compiled.bytes);
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  for (const [slot, { begin }] of compiled.slots) slot.fill(floats.subarray(begin / 4, begin / 4 + sizeOf(slot.shape)));
  for (const program of compiled.programs) {
    verify(program.plan, program.words);
    words.set(program.words, program.address / 4);
    for (const { address, values } of program.constants) floats.set(values, address / 4);
    for (const [name, value] of program.plan.inputs) {
      floats.set(inputs[name], program.plan.values[value].range.begin / 4);
    }
  }
  const module = await compileKernels(build);
  words[control.paired / 4] = native ? 1 : 0;
  const profiles: Profile[] = [];
  for (const program of compiled.programs) {
    words[control.program / 4] = program.address;
    words[control.programWords / 4] = program.words.length;
    const timings = await walkAll(program, { module, memory, threads, rounds: rounds + WARM_UP });
    profiles.push({ program: program.plan.name, lines: linesOf(program.plan, timings, rounds) });
  }
  return profiles;
}

type Shared = Pick<Walk, "module" | "memory" | "threads" | "rounds">;

/** Walks a program on a team of its own. */
async function walkAll({ plan, address }: CompiledProgram, shared: Shared): Promise<Timings[]> {
  const barrier = new Int32Array(new SharedArrayBuffer(8));
  let offset = address;
  const steps = plan.instructions.map(({ instruction }) => {
    const step = { address: offset, single: instruction.single, barrier: instruction.barrier };
    offset += 4 * (encode([instruction]).length - HALT_WORDS);
    return step;
  });
  return await Promise.all(Array.from({ length: shared.threads }, (_, thread) => {
    const { promise, resolve, reject } = Promise.withResolvers<Timings>();
    const worker = new Worker(new URL("./profile_worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Timings>) => resolve(data));
    worker.addEventListener("error", (event) => reject(event.error ?? event.message));
    worker.postMessage({ ...shared, thread, barrier, steps } satisfies Walk);
    return promise.finally(() => worker.terminate());
  }));
}

/** What `encode` adds behind the last instruction. */
const HALT_WORDS = 2;

/** Of the quickest round, because others may use the cores too; means over the threads. */
function linesOf(plan: Plan, timings: readonly Timings[], rounds: number): Line[] {
  const count = plan.instructions.length;
  const { busy, waited } = timings[0];
  const starts = Array.from({ length: rounds }, (_, round) => (WARM_UP + round) * count);
  const length = (start: number) => {
    let sum = 0;
    for (let i = start; i < start + count; i++) sum += busy[i] + waited[i];
    return sum;
  };
  const start = starts.reduce((best, next) => length(next) < length(best) ? next : best);
  return plan.instructions.map(({ instruction, label, flops }, index) => {
    const threads = timings.map((timing) => ({
      busy: timing.busy[start + index],
      waited: timing.waited[start + index],
    }));
    const mean = (kind: keyof Timings) => threads.reduce((sum, thread) => sum + thread[kind], 0) / threads.length;
    const { mnemonic } = instruction;
    return {
      index,
      mnemonic,
      label,
      busy: mean("busy"),
      waited: mean("waited"),
      flops,
      bytes: footprintBytes(instruction),
      threads,
    };
  });
}

/** A box that repeats elements or overlaps itself has no more bytes than its range; one with gaps has fewer. */
function footprintBytes(instruction: Instruction): number {
  const { reads, writes } = footprint(instruction);
  const bytes = ({ box, range }: Access) =>
    Math.min(range.end - range.begin, 4 * box.axes.reduce((product, { extent }) => product * extent, 1));
  return [...reads, ...writes].reduce((sum, access) => sum + bytes(access), 0);
}
