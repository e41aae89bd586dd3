/** One golden file of any kind, checked on any engine. */
import type { Compile } from "../../src/backend/backend.ts";
import { readGolden } from "./golden.ts";
import { checkOperation, isOperation } from "./golden_operations.ts";
import { checkOptimizer, isOptimizer } from "./golden_optimizers.ts";
import { checkTraining, isTraining } from "./golden_training.ts";

/**
 * @param iterations of a training run, all when left out; see `checkTraining`.
 * @throws AssertionError where the engine's results differ, Error for a file that nothing here interprets.
 */
export async function checkGolden(
  name: string,
  compile: Compile,
  tolerance: number,
  iterations?: number,
): Promise<void> {
  const golden = readGolden(name);
  if (isOperation(golden.op)) return await checkOperation(golden, compile, tolerance);
  if (isOptimizer(golden.op)) return await checkOptimizer(golden, compile, tolerance);
  if (isTraining(golden.op)) return await checkTraining(golden, compile, tolerance, iterations);
  throw new Error(`${name}: no test interprets the operation ${golden.op}`);
}
