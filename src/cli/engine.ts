/** The one place where commands construct backends. */
import type { Engine } from "../backend/backend.ts";
import { compileReference } from "../backend/reference/engine.ts";
import { compileWasm, type WasmEngine } from "../backend/wasm/engine.ts";
import { closeCompilation, compileKernels, hasRelaxedSimd, type KernelBuild } from "../backend/wasm/module.ts";
import { measureFlopsRoof } from "../backend/wasm/roof.ts";
import { strictTwinMismatch } from "../backend/wasm/twin.ts";
import { DuelError } from "../core/errors.ts";
import type { Store } from "../graph/store.ts";
import type { Program } from "../graph/trace.ts";
import { MAX_THREADS } from "../plan/control.ts";
import type { Plan } from "../plan/plan.ts";
import type { Mode } from "./mode.ts";
import { formsOf } from "./plan_facts.ts";

/** The backends by name. */
export const backends = ["wasm", "reference"] as const;
export type BackendName = (typeof backends)[number];

export interface EngineOptions {
  readonly backend: BackendName;
  readonly threads: number;
  readonly mode: Mode;
  /** Without fast forms of convolutions. */
  readonly exact: boolean;
}

/** What decides how results are rounded: equal identities, equal bits. */
export interface PlanIdentity {
  /** The build of the kernels, or the backend where there is only one. */
  readonly kernels: string;
  /** See `WasmEngine.planDigest`; empty for a backend without plans. */
  readonly digest: string;
}

/** A running engine, and what is known of its plans. */
export interface Started {
  readonly engine: Engine;
  /** What decides how results are rounded. */
  readonly identity: PlanIdentity;
  /** Bytes of memory; undefined where it is not planned. */
  readonly bytes?: number;
  /** The plan of a program; undefined for a backend that has none. */
  plan(program: Program): Plan | undefined;
}

/** Threads of the engine when the user says nothing: one a core, as far as a team can be. */
export function defaultThreads(): number {
  return Math.min(navigator.hardwareConcurrency, MAX_THREADS);
}

function presentBuild(): KernelBuild {
  return hasRelaxedSimd() ? "relaxed" : "plain";
}

/** Programs and the Store that they were traced against. */
export interface Traced {
  readonly store: Store;
  readonly programs: readonly Program[];
}

/** Starts an engine; see `startEngines`. */
export async function startEngine(
  store: Store,
  programs: readonly Program[],
  options: EngineOptions,
): Promise<Started> {
  return (await startEngines([{ store, programs }], options))[0];
}

let tested: Promise<string | undefined> | undefined;

/** What is wrong with the kernels in native-speed mode; undefined if nothing is. Looked at once a process. */
function nativeMismatch(build: KernelBuild): Promise<string | undefined> {
  return tested ??= compileKernels(build).then(strictTwinMismatch);
}

/**
 * Compiles programs and starts the threads, an engine for each Store. In native-speed mode the hot kernels are compared
 * with plain loops before, and no other WebAssembly can be compiled in this process afterwards: load data first.
 * @throws PlanError if memory does not suffice; DuelError if the mode's kernels give wrong results.
 */
export async function startEngines(traced: readonly Traced[], options: EngineOptions): Promise<Started[]> {
  const { backend, mode } = options;
  const build = presentBuild();
  if (mode.native && backend === "wasm") {
    const mismatch = await nativeMismatch(build);
    if (mismatch !== undefined) {
      throw new DuelError(`native-speed mode is wrong on this machine (${mismatch}); use --safe, and please report it`);
    }
  }
  const started: Started[] = [];
  for (const { store, programs } of traced) started.push(await start(store, programs, build, options));
  if (mode.native && backend === "wasm") closeCompilation();
  return started;
}

async function start(
  store: Store,
  programs: readonly Program[],
  build: KernelBuild,
  { backend, threads, mode, exact }: EngineOptions,
): Promise<Started> {
  if (backend === "reference") {
    const engine = await compileReference(store, programs);
    return { engine, identity: { kernels: backend, digest: "" }, plan: () => undefined };
  }
  const engine: WasmEngine = await compileWasm(store, programs, {
    threads,
    build,
    forms: formsOf(exact),
    native: mode.native,
  });
  const identity = { kernels: build, digest: engine.planDigest };
  return { engine, identity, bytes: engine.bytes, plan: (program) => engine.plan(program) };
}

/** GFLOP/s that one thread could reach at most, measured now; see `backend/wasm/roof.ts`. */
export async function measureRoof(): Promise<number> {
  return measureFlopsRoof(await compileKernels(presentBuild()));
}
