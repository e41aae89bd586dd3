/** The compiled kernels: two builds of one source, pinned by their digests, and the end of all compiling. */
import { instantiateSync } from "@assemblyscript/loader";
import { InternalError } from "../../core/errors.ts";
import { plain, relaxed } from "./kernels.gen.ts";

/** `relaxed` rounds a · b + c once (a fused instruction where the processor has one), `plain` twice. */
export type KernelBuild = "plain" | "relaxed";

/** What `assembly/index.ts` exports; pointers are byte addresses in the shared memory. */
export interface Kernels extends Record<string, unknown> {
  /** Runs one thread's share of one instruction; 0 if its opcode is unknown. */
  execute(instruction: number, thread: number, threads: number): number;
  /** Walks a program as one of `threads` threads. */
  walk(program: number, words: number, thread: number, threads: number): void;
  /** Walks the program in the control block in the first worker's place; returns when all threads have walked it. */
  lead(generation: number, threads: number): void;
  /** A worker's life; returns when the team is stopped. */
  work(thread: number, threads: number): void;
  /** Loops of known size for `roof.ts`; `rounds` and `count` as in `assembly/roof.ts`. */
  wideRoof(rounds: number, memory: number): void;
  narrowRoof(rounds: number, memory: number): void;
  copyRoof(count: number, source: number, target: number): void;
}

const builds = { plain, relaxed } as const;

/** Whether this V8 has relaxed SIMD; without it, only the plain build runs. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(Uint8Array.fromBase64(relaxed.base64));
}

const compiled = new Map<KernelBuild, Promise<WebAssembly.Module>>();

/**
 * A build of the kernels, compiled by the first call.
 * @throws InternalError if the bytes are not the ones that were built.
 */
export function compileKernels(build: KernelBuild): Promise<WebAssembly.Module> {
  let module = compiled.get(build);
  if (!module) compiled.set(build, module = compile(build));
  return module;
}

async function compile(build: KernelBuild): Promise<WebAssembly.Module> {
  const bytes = Uint8Array.fromBase64(builds[build].base64);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (digest !== builds[build].sha256) {
    throw new InternalError(
      `the ${build} kernels have the digest ${digest}, expected ${builds[build].sha256}; rebuild`,
    );
  }
  return await WebAssembly.compile(bytes);
}

/** Instantiates the kernels in this thread. @param imports further functions of `env`, for the checking build. */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  imports: Readonly<Record<string, CallableFunction>> = {},
): Kernels {
  return instantiateSync<Kernels>(module, { env: { memory, ...imports } }).exports;
}

let closed = false;

/**
 * Closes off compiling for the rest of this thread's life: in native-speed mode no bytes may become another module
 * once ours are compiled. Instances of modules that exist can still be made. May be called twice.
 */
export function closeCompilation(): void {
  if (closed) return;
  closed = true;
  function refuse(): never {
    throw new InternalError("compiling WebAssembly is closed off in native-speed mode; compile before, or use --safe");
  }
  refuse.prototype = WebAssembly.Module.prototype; // `instanceof WebAssembly.Module` goes on working
  const locked = { value: refuse, writable: false, configurable: false };
  for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming", "Module"]) {
    Object.defineProperty(WebAssembly, name, locked);
  }
  Object.defineProperty(WebAssembly.Module.prototype, "constructor", locked);
}
