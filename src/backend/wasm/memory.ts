/** The one shared memory of a run: control block and workbenches first, then the planned regions. */
import { PlanError } from "../../core/errors.ts";
import { ARENA_BASE } from "../../plan/control.ts";

const PAGE_BYTES = 65536;
/** All that a 32-bit address can reach. */
const ALL_PAGES = 65536;

export interface ReservedMemory {
  readonly memory: WebAssembly.Memory;
  /**
   * Whether all 4 GiB of addresses are reserved, so that an access beyond the grown part faults instead of touching
   * something else. Native-speed mode needs it.
   */
  readonly reserved: boolean;
}

/**
 * Makes a shared memory that reaches up to the byte address `end` (at least to `ARENA_BASE`).
 * @throws PlanError if the computer cannot give that much.
 */
export function createMemory(end: number): ReservedMemory {
  const initial = Math.ceil(Math.max(end, ARENA_BASE) / PAGE_BYTES);
  try {
    return { memory: new WebAssembly.Memory({ initial, maximum: ALL_PAGES, shared: true }), reserved: true };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  try {
    return { memory: new WebAssembly.Memory({ initial, maximum: initial, shared: true }), reserved: false };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const megabytes = Math.ceil(initial * PAGE_BYTES / 2 ** 20);
    throw new PlanError(`this computer cannot give ${megabytes} MiB of memory; take a smaller batch or model`);
  }
}
