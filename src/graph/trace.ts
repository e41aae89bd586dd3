/** Tracing: running model code once on symbolic tensors, and what it leaves behind. */
import { DuelError, InternalError, ShapeError } from "../core/errors.ts";
import { sameShape, type Shape, showShape } from "../core/shape.ts";
import type { Initializer, Slot, SlotKind, SlotLayout, Store } from "./store.ts";
import { currentScope, make, type Tensor } from "./tensor.ts";

/** A traced program: what it computes, before any rewriting. */
export interface Program {
  readonly name: string;
  readonly store: Store;
  /** The tensors the host fills before a run, by name. */
  readonly inputs: ReadonlyMap<string, Tensor<"input">>;
  /** The tensors the host reads after a run, by name. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The new value of each slot that the program assigns. All are committed together at the end. */
  readonly assignments: ReadonlyMap<Slot, Tensor>;
}

/** Gives the tensor that stands in for a slot, if there is one. */
export type Substitute = (slot: Slot) => Tensor | undefined;

interface Trace {
  readonly store: Store;
  readonly inputs: Map<string, Tensor<"input">>;
  readonly outputs: Map<string, Tensor>;
  /** What each slot holds when the program starts. */
  readonly initial: Map<Slot, Tensor>;
  /** What each slot holds now: its initial value, or the one assigned last. */
  readonly current: Map<Slot, Tensor>;
  readonly assigned: Set<Slot>;
  /** Which tensors stand in for which slots, innermost `withValues` last. */
  substitutes: readonly Substitute[];
  /** How often each name was given to `freshStream`. */
  readonly streams: Map<string, number>;
}

let active: Trace | undefined;

function tracing(): Trace {
  if (!active) throw new DuelError("this function belongs into a trace; call it inside trace(store, name, body)");
  return active;
}

/** Traces `body`, whose result names the values the host wants back. Traces do not nest. */
export function trace(store: Store, name: string, body: () => Record<string, Tensor>): Program {
  if (active) throw new InternalError("a trace is under way already");
  active = {
    store,
    inputs: new Map(),
    outputs: new Map(),
    initial: new Map(),
    current: new Map(),
    assigned: new Set(),
    substitutes: [],
    streams: new Map(),
  };
  try {
    for (const [key, tensor] of Object.entries(body())) active.outputs.set(key, tensor);
    const { inputs, outputs, current, assigned } = active;
    return {
      name,
      store,
      inputs,
      outputs,
      assignments: new Map([...assigned].map((slot) => [slot, current.get(slot)!])),
    };
  } finally {
    active = undefined;
  }
}

/** Declares a tensor that the host fills before each run. The same name twice is the same tensor. */
export function input(name: string, shape: Shape): Tensor {
  const { inputs } = tracing();
  const known = inputs.get(name);
  if (known) {
    if (!sameShape(known.shape, shape)) {
      throw new ShapeError(`input ${name} has shape ${showShape(known.shape)} already, now ${showShape(shape)}`);
    }
    return known;
  }
  const tensor = make("input", { name, shape }, []);
  inputs.set(name, tensor);
  return tensor;
}

/**
 * The slot `name` of the current scope, made if need be.
 * @param initializer fills it the first time; see `nn/initializers.ts`.
 */
export function slot(
  name: string,
  shape: Shape,
  kind: SlotKind,
  initializer: Initializer,
  layout: SlotLayout = "plain",
): Slot {
  const prefix = currentScope();
  return tracing().store.slot(prefix === "" ? name : `${prefix}.${name}`, shape, kind, initializer, layout);
}

/** The Store of the present trace: for slots whose full name is known, whatever the current scope. */
export function currentStore(): Store {
  return tracing().store;
}

/** The value of a slot when the program starts, whatever was assigned since. */
export function initialValue(slot: Slot): Tensor {
  const { initial } = tracing();
  let tensor = initial.get(slot);
  if (!tensor) {
    tensor = make("slot", { slot }, []);
    initial.set(slot, tensor);
  }
  return tensor;
}

/** Runs `body` with other substitutes than the present ones. */
function withSubstitutes<T>(substitutes: readonly Substitute[], body: () => T): T {
  const active = tracing();
  const outer = active.substitutes;
  active.substitutes = substitutes;
  try {
    return body();
  } finally {
    active.substitutes = outer;
  }
}

function substituteOf(slot: Slot): Tensor | undefined {
  const { substitutes } = tracing();
  for (let i = substitutes.length - 1; i >= 0; i--) {
    const tensor = withSubstitutes(substitutes.slice(0, i), () => substitutes[i](slot));
    if (tensor) return tensor;
  }
  return undefined;
}

/** The present value of a slot: what was assigned last in this trace, else what it holds when the program starts. */
export function read(slot: Slot): Tensor {
  return substituteOf(slot) ?? tracing().current.get(slot) ?? initialValue(slot);
}

/**
 * Traces `body` with tensors, shaped alike, in place of slots: `read` gives these. So a network can be applied with
 * other weights than its own: averaged ones, or ones that an optimiser would reach.
 *
 * While `substitute` itself runs, only the substitutes around this call apply. So it may read the slot it stands in
 * for, and calls nest: weights that are averaged by an outer one can be normalised by an inner one.
 */
export function withValues<T>(substitute: Substitute, body: () => T): T {
  return withSubstitutes([...tracing().substitutes, substitute], body);
}

/**
 * Gives a slot a new value, seen by later reads of this trace and committed at the end of the program.
 * @throws ShapeError if shapes differ; InternalError while another tensor stands in for the slot.
 */
export function assign(slot: Slot, value: Tensor): void {
  if (!sameShape(slot.shape, value.shape)) {
    throw new ShapeError(
      `slot ${slot.name} has shape ${showShape(slot.shape)} but is assigned a value of shape ${showShape(value.shape)}`,
    );
  }
  const { current, assigned } = tracing();
  if (substituteOf(slot)) {
    throw new InternalError(`slot ${slot.name} is assigned where another tensor stands in for it`);
  }
  current.set(slot, value);
  assigned.add(slot);
}

/**
 * A name for a random stream that no other call in this trace gets: a dropout layer that is applied to two batches
 * draws two masks.
 */
export function freshStream(name: string): string {
  const { streams } = tracing();
  const uses = (streams.get(name) ?? 0) + 1;
  streams.set(name, uses);
  return uses === 1 ? name : `${name}#${uses}`;
}

/** The slots that the present trace has assigned so far. */
export function assignedSlots(): ReadonlySet<Slot> {
  return tracing().assigned;
}

/** Keeps a value readable after each run, under `name` among the outputs. Returns the tensor itself. */
export function watch(name: string, tensor: Tensor): Tensor {
  tracing().outputs.set(name, tensor);
  return tensor;
}
