/** The Store: the named, typed state that outlives a program run. */
import { DuelError, InternalError, ShapeError } from "../core/errors.ts";
import { sameShape, type Shape, showShape, sizeOf } from "../core/shape.ts";

/**
 * What a slot is for. Slots of one kind (and one owner) lie side by side in memory, in the order they were made.
 * parameter: trained · moment: an optimiser's memory · statistic: batch-norm running values and the like ·
 * average: the moving average of a generator · control: step counter, finite-flag.
 */
export type SlotKind = "parameter" | "moment" | "statistic" | "average" | "control";

const slotKinds: readonly SlotKind[] = ["parameter", "moment", "statistic", "average", "control"];

/** Fills the values of a new slot: a pure function of the slot's name and the Store's seed. */
export type Initializer = (
  values: Float32Array,
  shape: Shape,
  random: { readonly seed: number; readonly stream: string },
) => void;

export interface Slot {
  /** Dotted path, for instance `G.block1.conv.weight`; the first part is the owner. */
  readonly name: string;
  readonly shape: Shape;
  readonly kind: SlotKind;
  /** What axes mean to PyTorch: files hold filters as OIHW (`filter`) or, for transposed ones, IOHW (`transposedFilter`). */
  readonly layout: SlotLayout;
  /** Fills `values` with what it starts with: computed anew by each call, so that nobody keeps them. */
  fill(values: Float32Array): void;
}

/** What a slot starts with, as a new array. */
export function initialValues(slot: Slot): Float32Array {
  const values = new Float32Array(sizeOf(slot.shape));
  slot.fill(values);
  return values;
}

export type SlotLayout = "plain" | "filter" | "transposedFilter";

/** Holds slots by name. Slots are made while programs are traced; the first compilation seals the Store. */
export class Store {
  readonly #slots = new Map<string, Slot>();
  #sealed = false;

  /** @param seed of all initial values. */
  constructor(readonly seed: number) {}

  /**
   * The slot called `name`, made if there is none yet.
   * @throws ShapeError if it exists with another shape or kind; InternalError if it does not and the Store is sealed.
   */
  slot(name: string, shape: Shape, kind: SlotKind, initializer: Initializer, layout: SlotLayout = "plain"): Slot {
    const known = this.#slots.get(name);
    if (known) {
      if (!sameShape(known.shape, shape) || known.kind !== kind) {
        throw new ShapeError(
          `slot ${name} is a ${known.kind} of shape ${showShape(known.shape)}, but is used as a ${kind} of shape ` +
            `${showShape(shape)}; expected one shape a name; give the second layer another name`,
        );
      }
      return known;
    }
    if (this.#sealed) throw new InternalError(`slot ${name} was made after the Store had been compiled; trace first`);
    const fill = (values: Float32Array) => {
      if (values.length !== sizeOf(shape)) throw new InternalError(`${name} has not ${values.length} values`);
      initializer(values, shape, { seed: this.seed, stream: name });
    };
    const slot: Slot = { name, shape, kind, layout, fill };
    this.#slots.set(name, slot);
    return slot;
  }

  /** @throws DuelError if there is no such slot. */
  get(name: string): Slot {
    const slot = this.#slots.get(name);
    if (!slot) throw new DuelError(`there is no slot called ${name}; known: ${[...this.#slots.keys()].join(", ")}`);
    return slot;
  }

  /** Whether a slot of this name has been made. */
  has(name: string): boolean {
    return this.#slots.has(name);
  }

  /** All slots, grouped by kind, then owner, then in the order they were made: the order they have in memory. */
  slots(): Slot[] {
    const owner = (slot: Slot) => slot.name.split(".", 1)[0];
    const owners = [...new Set([...this.#slots.values()].map(owner))];
    return [...this.#slots.values()].sort((a, b) =>
      slotKinds.indexOf(a.kind) - slotKinds.indexOf(b.kind) || owners.indexOf(owner(a)) - owners.indexOf(owner(b))
    );
  }

  /** Fixes the set of slots, because programs have been placed around it: making another one is an error from now on. */
  seal(): void {
    this.#sealed = true;
  }
}
