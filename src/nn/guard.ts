/** The finite-flag: what a program assigns is committed only if the numbers that judge it are finite. */
import { abs, lessEqual, mul, select } from "../graph/ops.ts";
import type { Tensor } from "../graph/tensor.ts";
import { assign, assignedSlots, currentStore, initialValue, read } from "../graph/trace.ts";
import { ones } from "./initializers.ts";

/** Name of the control slot: 1 while all was finite, 0 from the first program run that was not, until the host resets it. */
export const FINITE_FLAG = "finite";

const LARGEST_FLOAT = 3.4028234663852886e38;

/**
 * Makes all assignments of this trace depend on `witnesses` (scalars: losses, gradient norms). If one of them is not
 * finite, or the flag had fallen before, every slot keeps the value it had when the program started. Call it last.
 * @returns the flag's new value, a scalar.
 */
export function commitIfFinite(witnesses: readonly Tensor[]): Tensor {
  const flag = currentStore().slot(FINITE_FLAG, [], "control", ones);
  // NaN compares as 0.
  const finite = witnesses.map((witness) => lessEqual(abs(witness), LARGEST_FLOAT));
  const ok = finite.reduce(mul, read(flag));
  for (const slot of assignedSlots()) assign(slot, select(ok, read(slot), initialValue(slot)));
  assign(flag, ok);
  return ok;
}
