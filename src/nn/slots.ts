/** Finding the slots that belong to a network. */
import type { Slot, SlotKind } from "../graph/store.ts";
import { currentStore } from "../graph/trace.ts";

/** The first part of a slot's name: the network it belongs to. */
export function ownerOf(slot: Slot): string {
  return slot.name.split(".", 1)[0];
}

/**
 * The slots of a network, for instance the parameters of `G`, in the order they have in memory. Those that exist:
 * trace the network first.
 */
export function slotsOf(owner: string, kind: SlotKind): Slot[] {
  return currentStore().slots().filter((slot) => slot.kind === kind && ownerOf(slot) === owner);
}
