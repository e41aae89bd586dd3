/** What a backend offers: programs go in, an engine that runs them comes out. */
import type { Program } from "../graph/trace.ts";
import type { Store } from "../graph/store.ts";

/** What random primitives depend on besides their stream and element: a 53-bit seed and a 32-bit draw number. */
export interface Draw {
  readonly seed: number;
  /** Counts program runs that must not share random numbers; the training loop owns it. */
  readonly draw: number;
}

/** Values by name; arrays are as long as the tensor has elements. */
export type Values = Readonly<Record<string, Float32Array | Float64Array>>;

/** Programs compiled against one Store, and the Store's values. */
export interface Engine {
  /** `wasm`, `reference` … */
  readonly backend: string;
  /**
   * Runs a program once. Inputs may be views, and are copied before this returns its promise; outputs are fresh arrays.
   * @throws UsageError if an input is missing, has a wrong length, or a kernel met a bad index.
   */
  run(program: Program, inputs: Values, draw: Draw): Promise<Record<string, Float32Array | Float64Array>>;
  /** A copy of a slot's values. @throws DuelError for an unknown slot. */
  read(slot: string): Float32Array | Float64Array;
  /** Overwrites a slot. @throws UsageError if the length differs. */
  write(slot: string, values: ArrayLike<number>): void;
  /** Ends threads and frees memory; the engine cannot be used afterwards. */
  close(): Promise<void>;
}

/** Seals the Store and compiles all programs of a run. */
export type Compile = (store: Store, programs: readonly Program[]) => Promise<Engine>;
