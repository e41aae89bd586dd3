/** The state of a run in its checkpoints: slots as tensors, the rest as metadata. */
import { type Checkpoint, writeCheckpoint } from "../checkpoint/checkpoints.ts";
import { tensorsOf, valuesOf } from "../checkpoint/layout.ts";
import { DataError } from "../core/errors.ts";
import type { TrainingState } from "../gan/train.ts";
import type { Store } from "../graph/store.ts";
import type { PlanIdentity } from "./engine.ts";

/** Writes a state as a checkpoint. @returns its path. @throws DataError if it can't be written. */
export async function saveState(
  directory: string,
  { step, rollbacks, rateFactor, slots }: TrainingState,
  store: Store,
  plan: PlanIdentity,
): Promise<string> {
  return await writeCheckpoint(directory, step, tensorsOf(store.slots(), ({ name }) => slots.get(name)!), {
    rollbacks: String(rollbacks),
    rateFactor: String(rateFactor),
    kernels: plan.kernels,
    plan: plan.digest,
  });
}

/** The state in a checkpoint. @throws DataError if it belongs to another model. */
export function stateOf({ path, step, tensors, metadata }: Checkpoint, store: Store): TrainingState {
  const rollbacks = Number(metadata.rollbacks);
  const rateFactor = Number(metadata.rateFactor);
  if (!Number.isSafeInteger(rollbacks) || rollbacks < 0 || !(rateFactor > 0 && rateFactor <= 1)) {
    throw new DataError(`cannot use ${path}: its metadata lack rollbacks and rateFactor; expected those of a run`);
  }
  try {
    return { step, rollbacks, rateFactor, slots: valuesOf(store.slots(), tensors) };
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`cannot use ${path}: ${error.message}`);
    throw error;
  }
}

/** Whether a checkpoint was computed with the same roundings. */
export function samePlan({ metadata }: Checkpoint, plan: PlanIdentity): boolean {
  return metadata.kernels === plan.kernels && metadata.plan === plan.digest;
}
