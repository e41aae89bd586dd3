/** Running a few lines of graph on the reference backend. */
import { compileReference } from "../../src/backend/reference/engine.ts";
import type { Engine, Values } from "../../src/backend/backend.ts";
import { Store } from "../../src/graph/store.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { type Program, trace } from "../../src/graph/trace.ts";

/** A program of its own Store, compiled. */
export interface Runner {
  readonly store: Store;
  readonly program: Program;
  readonly engine: Engine;
  /** Runs it once; each run is a new draw. */
  run(inputs?: Values): Promise<Record<string, number[]>>;
}

/** Traces `body` and compiles it for the reference backend. */
export async function runner(body: () => Record<string, Tensor>, store = new Store(1)): Promise<Runner> {
  const program = trace(store, "test", body);
  const engine = await compileReference(store, [program]);
  let draw = 0;
  return {
    store,
    program,
    engine,
    async run(inputs = {}) {
      const outputs = await engine.run(program, inputs, { seed: store.seed, draw: draw++ });
      return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, Array.from(values)]));
    },
  };
}

/** What the one value `body` returns evaluates to. */
export async function evaluate(body: () => Tensor, inputs: Values = {}): Promise<number[]> {
  return (await (await runner(() => ({ y: body() }))).run(inputs)).y;
}
