/** The reference backend against PyTorch: operations, losses, optimisers and whole training runs. */
import { compileReference } from "../src/backend/reference/engine.ts";
import { goldenNames } from "./support/golden.ts";
import { checkGolden } from "./support/golden_check.ts";
import { goldenTolerance } from "./support/tolerance.ts";

for (const name of goldenNames()) {
  Deno.test(`${name} agrees with PyTorch`, () => checkGolden(name, compileReference, goldenTolerance.float64));
}
