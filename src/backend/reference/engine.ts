/** The reference backend: an engine that evaluates programs as they were traced. It is the oracle of all tests. */
import { DuelError, UsageError } from "../../core/errors.ts";
import { initialValues, type Store } from "../../graph/store.ts";
import type { Program } from "../../graph/trace.ts";
import type { Compile, Draw, Engine, Values } from "../backend.ts";
import { doubles, evaluateGraph } from "./evaluate.ts";

class ReferenceEngine implements Engine {
  readonly backend = "reference";
  readonly #programs: ReadonlySet<Program>;
  readonly #slots: Map<string, Float64Array>;

  constructor(store: Store, programs: readonly Program[]) {
    this.#programs = new Set(programs);
    this.#slots = new Map(store.slots().map((slot) => [slot.name, Float64Array.from(initialValues(slot))]));
  }

  // deno-lint-ignore require-await -- errors must arrive as rejections, as in every backend
  async run(program: Program, inputs: Values, draw: Draw): Promise<Record<string, Float64Array>> {
    if (!this.#programs.has(program)) {
      throw new UsageError(`program ${program.name} was not compiled for this engine; pass it to the compilation`);
    }
    const names = [...program.outputs.keys()];
    const assigned = [...program.assignments.keys()];
    const results = evaluateGraph([...program.outputs.values(), ...program.assignments.values()], {
      inputs: doubles(inputs),
      slots: this.#slots,
      draw,
    });
    const outputs = Object.fromEntries(names.map((name, i) => [name, results[i].slice()]));
    assigned.forEach((slot, i) => this.#slots.set(slot.name, results[names.length + i]));
    return outputs;
  }

  #slot(name: string): Float64Array {
    const values = this.#slots.get(name);
    if (!values) throw new DuelError(`there is no slot called ${name}; known: ${[...this.#slots.keys()].join(", ")}`);
    return values;
  }

  read(slot: string): Float64Array {
    return this.#slot(slot).slice();
  }

  write(slot: string, values: ArrayLike<number>): void {
    const { length } = this.#slot(slot);
    if (values.length !== length) {
      throw new UsageError(`slot ${slot} holds ${length} numbers; expected as many, not ${values.length}`);
    }
    this.#slots.set(slot, Float64Array.from(values));
  }

  close(): Promise<void> {
    this.#slots.clear();
    return Promise.resolve();
  }
}

/** Compiles for the reference backend, that is: seals the Store and takes the initial values of its slots. */
export const compileReference: Compile = (store, programs) => {
  store.seal();
  return Promise.resolve(new ReferenceEngine(store, programs));
};
