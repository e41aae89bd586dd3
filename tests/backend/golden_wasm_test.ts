/**
 * The WASM backend against PyTorch: operations, losses, optimisers and whole training runs, on both builds of the
 * kernels. `deno task test` runs this file in both V8 modes.
 */
import assert from "node:assert/strict";
import type { Compile } from "../../src/backend/backend.ts";
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
        (store, programs) => compileWasm(store, programs, { threads: 2, build, forms: "none" }),
        goldenTolerance.exactFloat32,
      ));
  }
}

/** Steps of a run that are compared: behind the fourth of train_dcgan rounding decides, see `tests/golden/README.md`. */
const FAST_STEPS = 4;

// All other files have too few channels for fast forms: their plans are the same with and without them.
for (const name of ["train_dcgan", "train_rpgan_r1r2"]) {
  for (const build of builds) {
    Deno.test(`the first steps of ${name} on WASM (${build}) with fast forms agree with PyTorch`, () => {
      const compile: Compile = async (store, programs) => {
        const engine = await compileWasm(store, programs, { threads: 2, build, forms: "all" });
        const used = new Set(
          programs.flatMap((program) =>
            engine.plan(program).instructions.map(({ instruction }) => instruction.mnemonic)
          ),
        );
        for (const mnemonic of ["fastFilter", "fastConvolution", "fastGradient", "fastFilterGrad"] as const) {
          assert.ok(used.has(mnemonic), `no plan has ${mnemonic}`);
        }
        return engine;
      };
      return checkGolden(name, compile, goldenTolerance.fastFloat32, FAST_STEPS);
    });
  }
}
