/**
 * The WASM backend against the reference: every case of every primitive, planned, verified and run by real teams, on
 * both builds of the kernels, with equal bits for 1, 2 and 3 threads. `deno task test` runs this file in both V8 modes.
 */
import assert from "node:assert/strict";
import { compileReference } from "../../src/backend/reference/engine.ts";
import { compileWasm } from "../../src/backend/wasm/engine.ts";
import type { KernelBuild } from "../../src/backend/wasm/module.ts";
import type { Op } from "../../src/graph/primitives.ts";
import type { Program } from "../../src/graph/trace.ts";
import type { PlanOptions } from "../../src/plan/compile.ts";
import type { Mnemonic } from "../../src/plan/instructions.ts";
import { allCases } from "../cases/cases.ts";
import { type Case, operandValues, programOf } from "../cases/case.ts";
import { contractionCases, convolutions } from "../cases/contraction.ts";
import { assertClose } from "../support/assert.ts";
import { toleranceOf } from "../support/tolerance.ts";

const draw = { seed: 7, draw: 3 };
/** Whether this process has the flags of native-speed mode: then its loops are the ones for paired vectors. */
const native = Deno.env.get("DUEL_TEST_MODE") === "native";
const builds: readonly KernelBuild[] = ["plain", "relaxed"];

/** How a case is run, and which instructions its plans must and which they must not have. */
interface How extends Omit<PlanOptions, "threads"> {
  readonly has: readonly Mnemonic[];
  readonly hasNot: readonly Mnemonic[];
}

/** Results of all variants of a case on one team; programs with slots of their own get a team each. */
async function run(
  op: Op,
  { variants }: Case,
  programs: readonly Program[],
  { forms = "all", has, hasNot }: How,
  build: KernelBuild,
  threads: number,
) {
  const groups = programs.every(({ store }) => store.slots().length === 0)
    ? [programs]
    : programs.map((program) => [program]);
  const results: Float32Array[] = [];
  for (const group of groups) {
    const engine = await compileWasm(group[0].store, group, { threads, build, forms, native });
    for (const program of group) {
      const variant = variants[programs.indexOf(program)];
      const found = new Set(engine.plan(program).instructions.map(({ instruction }) => instruction.mnemonic));
      for (const mnemonic of has) assert.ok(found.has(mnemonic), `${op} ${variant.label} has no ${mnemonic}`);
      for (const mnemonic of hasNot) assert.ok(!found.has(mnemonic), `${op} ${variant.label} has ${mnemonic}`);
      const { y } = await engine.run(program, operandValues(op, variant), draw);
      results.push(y as Float32Array);
    }
    await engine.close();
  }
  return results;
}

async function checkCase(op: Op, testCase: Case, how: How): Promise<void> {
  const programs = testCase.variants.map((variant) => programOf(op, variant));
  const expected: (Float32Array | Float64Array)[] = [];
  for (const [i, program] of programs.entries()) {
    const reference = await compileReference(program.store, [program]);
    expected.push((await reference.run(program, operandValues(op, testCase.variants[i]), draw)).y);
  }
  for (const build of builds) {
    const found = await run(op, testCase, programs, how, build, 1);
    testCase.variants.forEach(({ label, reductionLength }, i) => {
      const { shape } = programs[i].outputs.get("y")!;
      const tolerance = toleranceOf("float32", testCase.rounding, reductionLength);
      assertClose(`${op} ${label} (${build})`, shape, found[i], expected[i], tolerance);
    });
    for (const threads of [2, 3]) {
      const again = await run(op, testCase, programs, how, build, threads);
      testCase.variants.forEach(({ label }, i) => {
        const bits = (values: Float32Array) => new Uint8Array(values.buffer);
        assert.deepEqual(bits(again[i]), bits(found[i]), `${op} ${label} (${build}): ${threads} threads against 1`);
      });
    }
  }
}

const fastMnemonics = ["fastFilter", "fastConvolution", "fastGradient", "fastFilterGrad"] as const;

for (const [op, testCase] of allCases) {
  Deno.test(`${op} on WASM agrees with the reference, on any number of threads`, () =>
    checkCase(op, testCase, { forms: "none", has: [], hasNot: fastMnemonics }));
}

const fastLabels = new Set(convolutions.filter(({ fast }) => fast).map(({ label }) => label));

/** The variants of a convolution that have (or have not) a fast form. */
function variantsOf(op: "conv2d" | "conv2dInputGrad" | "conv2dFilterGrad", fast: boolean): Case {
  const { rounding, variants } = contractionCases[op];
  return {
    rounding: fast ? "transformed" : rounding,
    variants: variants.filter(({ label }) => fastLabels.has(label) === fast),
  };
}

for (
  const [op, has] of [
    ["conv2d", ["fastFilter", "fastConvolution"]],
    ["conv2dInputGrad", ["fastFilter", "fastConvolution"]],
    ["conv2dFilterGrad", ["fastGradient", "fastFilterGrad"]],
  ] as const
) {
  Deno.test(`${op} by fast forms agrees with the reference, on any number of threads`, () =>
    checkCase(op, variantsOf(op, true), { has, hasNot: ["contract"] }));

  Deno.test(`${op} takes fast forms only where there are some`, () =>
    checkCase(op, variantsOf(op, false), { has: [], hasNot: fastMnemonics }));
}
