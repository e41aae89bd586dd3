/**
 * The WASM backend against PyTorch: operations, losses, optimisers and whole training runs, on both builds of the
 * kernels. `deno task test` runs this file in both V8 modes.
 */
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import type { KernelBuild } from "../../src/backend/wasm/module.ts";
import { goldenNames } from "../support/golden.ts";
import { checkGolden } from "../support/golden_check.ts";
import { goldenTolerance } from "../support/tolerance.ts";

const builds: readonly KernelBuild[] = ["plain", "relaxed"];

for (const name of goldenNames()) {
  for (const build of builds) {
    Deno.test(`${name} on WASM (${build}) agrees with PyTorch`, () =>
      checkGolden(
        name,
        (store, programs) => compileWasm(store, programs, { threads: 2, build }),
        goldenTolerance.exactFloat32,
      ));
  }
}
