/** The roofs of this process and its V8 mode: what one thread's kernel could reach at most, measured when asked for. */
import { ARENA_BASE } from "../../plan/control.ts";
import { createMemory } from "./memory.ts";
import { instantiateKernels } from "./module.ts";

/** Long enough for V8 to move a loop to its optimising tier. */
const WARM_UP_MS = 60;
const SHOTS = 12;
const ROUNDS = 100_000;
/** Floats in each half of the copy: 64 MiB, more than a core's caches hold. */
const COPIED = 2 ** 24;
const OPERANDS = ARENA_BASE;

/** Calls per second of `body`, the best of a few. */
function rate(body: () => void): number {
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end;) body();
  let shortest = Infinity;
  for (let shot = 0; shot < SHOTS; shot++) {
    const start = performance.now();
    body();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return 1000 / shortest;
}

/**
 * GFLOP/s of multiply-adds in registers, on the calling thread, in about 0.15 s; nothing else should run meanwhile.
 * The wider of two loops wins where V8 pairs registers, the narrower one elsewhere.
 */
export function measureFlopsRoof(module: WebAssembly.Module): number {
  const { memory } = createMemory(ARENA_BASE + 65536);
  const { wideRoof, narrowRoof } = instantiateKernels(module, memory);
  // x ← x/2 + 1/2 stays at 1, far from denormal numbers, which are slow.
  new Float32Array(memory.buffer, OPERANDS, 16).fill(0.5);
  new Float32Array(memory.buffer, OPERANDS + 64, 96).fill(1);
  const wide = 192 * ROUNDS * rate(() => wideRoof(ROUNDS, OPERANDS));
  const narrow = 96 * ROUNDS * rate(() => narrowRoof(ROUNDS, OPERANDS));
  return Math.max(wide, narrow) / 1e9;
}

/** GB/s, read and written bytes together, of copying 64 MiB on the calling thread; takes about 0.2 s and 128 MiB. */
export function measureCopyRoof(module: WebAssembly.Module): number {
  const { memory } = createMemory(OPERANDS + 8 * COPIED);
  const { copyRoof } = instantiateKernels(module, memory);
  return 8 * COPIED * rate(() => copyRoof(COPIED, OPERANDS, OPERANDS + 4 * COPIED)) / 1e9;
}
