/** The order of kernels, and where slots get their new values. */
import { sizeOf } from "../core/shape.ts";
import { shareActivationMasks } from "../graph/epilogue.ts";
import { fuse, isLeaf, type Kernel, operandsOf } from "../graph/fuse.ts";
import { simplify } from "../graph/simplify.ts";
import type { Slot } from "../graph/store.ts";
import { is, make, type Tensor } from "../graph/tensor.ts";
import type { Program } from "../graph/trace.ts";

export interface Schedule {
  readonly program: Program;
  /** In order, without reshapes, which are only other names. */
  readonly kernels: readonly Kernel[];
  /** Values that are computed straight into the memory of a slot. */
  readonly inPlace: ReadonlyMap<Tensor, Slot>;
  /** New values of slots that are copied there at the end. */
  readonly copies: readonly { readonly from: Tensor; readonly slot: Slot }[];
}

/** The tensor whose memory a tensor names: reshapes are followed to their source. */
export function storageOf(tensor: Tensor): Tensor {
  let storage = tensor;
  while (is(storage, "reshape")) storage = storage.inputs[0];
  return storage;
}

/** Simplifies, fuses and orders a traced program. */
export function schedule(traced: Program): Schedule {
  const program = withOwnMemory(shareActivationMasks(simplify(traced)));
  const roots = new Set([...program.outputs.values(), ...program.assignments.values()].map(storageOf));
  const kernels = fuse(roots).filter((kernel) => !is(kernel.outputs[0], "reshape"));
  const order = new Order(kernels);
  const inPlace = new Map<Tensor, Slot>();
  const copies: { from: Tensor; slot: Slot }[] = [];
  for (const [slot, value] of program.assignments) {
    const storage = storageOf(value);
    if (order.writesInPlace(storage, slot)) inPlace.set(storage, slot);
    else copies.push({ from: storage, slot });
  }
  return { program, kernels: order.sorted(), inPlace, copies };
}

/**
 * Copies of what the program returns or assigns but does not compute itself: a slot's old value, an input, a number,
 * or one value for two slots. Each of them then has memory of its own.
 */
function withOwnMemory(program: Program): Program {
  const assigned = new Set<Slot>(program.assignments.keys());
  const taken = new Set<Tensor>();
  const copy = (tensor: Tensor) => {
    const storage = storageOf(tensor);
    const source = is(storage, "constant") ? storage : tensor;
    return make("broadcast", { shape: tensor.shape }, [source]);
  };
  const assignments = new Map([...program.assignments].map(([slot, value]) => {
    const storage = storageOf(value);
    const own = isLeaf(storage) || taken.has(storage) ? copy(value) : value;
    taken.add(storageOf(own));
    return [slot, own];
  }));
  const outputs = new Map([...program.outputs].map(([name, value]) => {
    const storage = storageOf(value);
    const fleeting = is(storage, "constant") || (is(storage, "slot") && assigned.has(storage.attributes.slot));
    return [name, fleeting ? copy(value) : value];
  }));
  return { ...program, assignments, outputs };
}

/** Kernels as a partial order that can be made stricter. */
class Order {
  readonly #maker = new Map<Tensor, Kernel>();
  readonly #before = new Map<Kernel, Set<Kernel>>();
  readonly #readers = new Map<Slot, Set<Kernel>>();

  constructor(readonly kernels: readonly Kernel[]) {
    for (const kernel of kernels) for (const output of kernel.outputs) this.#maker.set(output, kernel);
    for (const kernel of kernels) {
      const operands = operandsOf(kernel).map(storageOf);
      const makers = operands.flatMap((operand) => this.#maker.get(operand) ?? []);
      this.#before.set(kernel, new Set(makers));
      for (const operand of operands) {
        if (!is(operand, "slot")) continue;
        const { slot } = operand.attributes;
        this.#readers.set(slot, (this.#readers.get(slot) ?? new Set()).add(kernel));
      }
    }
  }

  /**
   * Demands that everybody who reads the slot's old value comes before the kernel that makes the new one. False if
   * that cannot be, or if the kernel itself reads the old value other than element by element.
   */
  writesInPlace(value: Tensor, slot: Slot): boolean {
    const maker = this.#maker.get(value);
    if (!maker) return false;
    const readers = this.#readers.get(slot) ?? new Set();
    if (readers.has(maker) && !readsElementwise(maker, slot)) return false;
    const others = [...readers].filter((reader) => reader !== maker);
    if (others.some((reader) => this.#needs(reader, maker))) return false;
    others.forEach((reader) => this.#before.get(maker)!.add(reader));
    return true;
  }

  /** Whether `kernel` comes after `earlier` in any order. */
  #needs(kernel: Kernel, earlier: Kernel): boolean {
    const seen = new Set([kernel]);
    const stack = [kernel];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (next === earlier) return true;
      for (const before of this.#before.get(next)!) {
        if (!seen.has(before)) {
          seen.add(before);
          stack.push(before);
        }
      }
    }
    return false;
  }

  /** As traced, except where something must come first. */
  sorted(): Kernel[] {
    const done = new Set<Kernel>();
    const result: Kernel[] = [];
    const visit = (kernel: Kernel): void => {
      if (done.has(kernel)) return;
      done.add(kernel);
      this.#before.get(kernel)!.forEach(visit);
      result.push(kernel);
    };
    this.kernels.forEach(visit);
    return result;
  }
}

function readsElementwise(kernel: Kernel, slot: Slot): boolean {
  return kernel.kind === "map" && operandsOf(kernel).every((operand) => {
    const storage = storageOf(operand);
    return !is(storage, "slot") || storage.attributes.slot !== slot || sizeOf(operand.shape) === sizeOf(kernel.shape);
  });
}
