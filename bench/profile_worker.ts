/**
 * A thread of the profiler's team. It walks the program as `walk` in `assembly/vm.ts` does, but from JavaScript, which
 * has a clock: what each instruction took, and how long the thread then waited for the others.
 */
import { instantiateKernels } from "../src/backend/wasm/module.ts";

/** What the profiler sends to each thread. */
export interface Walk {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly threads: number;
  /** Two words shared by the team: threads that have arrived, and barriers passed. */
  readonly barrier: Int32Array<SharedArrayBuffer>;
  readonly steps: readonly { readonly address: number; readonly single: boolean; readonly barrier: boolean }[];
  readonly rounds: number;
}

/** Milliseconds by round and instruction: in the kernel, and waiting behind it. */
export interface Timings {
  readonly busy: Float64Array;
  readonly waited: Float64Array;
}

/** Looks at a barrier before a thread goes to sleep: some microseconds, as the team's own barrier. */
const SPINS = 20_000;

/** Waits for all threads. One that waits for long sleeps, or it would keep the others from the cores of a busy computer. */
function meet(barrier: Int32Array<SharedArrayBuffer>, threads: number): void {
  const round = Atomics.load(barrier, 1);
  if (Atomics.add(barrier, 0, 1) === threads - 1) {
    Atomics.store(barrier, 0, 0);
    Atomics.add(barrier, 1, 1);
    Atomics.notify(barrier, 1);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(barrier, 1) !== round) return;
  Atomics.wait(barrier, 1, round);
}

function walk({ module, memory, thread, threads, barrier, steps, rounds }: Walk): Timings {
  const { execute } = instantiateKernels(module, memory);
  const busy = new Float64Array(rounds * steps.length);
  const waited = new Float64Array(rounds * steps.length);
  for (let round = 0; round < rounds; round++) {
    meet(barrier, threads);
    let now = performance.now();
    steps.forEach((step, index) => {
      if (!step.single) execute(step.address, thread, threads);
      else if (thread === 0) execute(step.address, 0, 1);
      const ended = performance.now();
      if (step.barrier) meet(barrier, threads);
      const after = performance.now();
      busy[round * steps.length + index] = ended - now;
      waited[round * steps.length + index] = after - ended;
      now = after;
    });
  }
  return { busy, waited };
}

/** The global object of a worker, which the page's types do not know. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Walk>) => void) | null;
  postMessage(timings: Timings): void;
}

const scope = self as unknown as WorkerScope;
scope.onmessage = ({ data }) => scope.postMessage(walk(data));
